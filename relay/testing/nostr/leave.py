"""The signed leave of a Blossom request: a kind 24242 event in Authorization (BUD-11)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.model import Instant
from relay.testing.nostr.events import UPLOADS, Event, No, read

VERBS: Final = ("get", "upload", "list", "delete", "media")
HOST: Final = "127.0.0.1"


class Forbidden(Exception):
    """An answer that is an error; ``reason`` is told in X-Reason."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})
        super().__init__(reason)


def _url(text: str) -> bytes:
    if not re.fullmatch(r"[\w-]+", text, re.ASCII):
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _ordinary(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


Decoder = Callable[[str], bytes]

BASE64URL: Final[tuple[Decoder, ...]] = (_url,)
"""What BUD-11 wants since 2026."""

BASE64: Final[tuple[Decoder, ...]] = (_ordinary,)
"""What servers from before that understand."""


@dataclass(frozen=True, slots=True, repr=False)
class Leave:
    """The event, verified, that has not run out."""

    event: Event

    @classmethod
    def read(cls, header: str, encodings: tuple[Decoder, ...], now: Instant) -> Leave:
        """From a header. Raises Forbidden (401)."""
        scheme, _, written = header.partition(" ")
        if scheme != "Nostr" or not written:
            raise Forbidden(401, "Missing Nostr authorization")
        try:
            event = read(_decoded(written, encodings))
        except No as no:
            raise Forbidden(401, f"Invalid event: {no.why}") from None
        if event.kind != UPLOADS:
            raise Forbidden(401, "Invalid event kind")
        if event.created_at > now:
            raise Forbidden(401, "created_at is in the future")
        if event.expires is None or event.expires <= now:
            raise Forbidden(401, "Authorization expired")
        servers = event.values("server")
        if servers and HOST not in servers:
            raise Forbidden(401, "Not for this server")
        return cls(event)

    def holder(self, verb: str, sha256: str | None) -> str:
        """The account, which gave leave for this verb and this blob. Raises Forbidden (401)."""
        if self.event.values("t") != [verb]:
            raise Forbidden(401, f"Missing t tag with {verb}")
        if sha256 is not None and sha256 not in self.event.values("x"):
            raise Forbidden(401, "No x tag for this blob")
        return self.event.pubkey


def _decoded(written: str, encodings: tuple[Decoder, ...]) -> object:
    for decode in encodings:
        try:
            return json.loads(decode(written))
        except (ValueError, binascii.Error, RecursionError):
            continue
    raise Forbidden(401, "Authorization is not base64url of an event")
