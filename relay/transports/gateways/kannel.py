"""Kannel 1.4: its smsbox posts the text as it is, and headers about it.

It signs nothing, ever. So it is heard from this machine only, and knows a long random segment of
our address (``path_secret_file``); from elsewhere only behind a proxy that asks for a client
certificate (``remote``). A text of UCS-2 comes as UTF-16BE, named by the charset of Content-Type or
of ``charset=%C`` in the address; a header of the segment (UDH) is there where Kannel did not join.
Of the national language tables it knows nothing, and reads the default alphabet.
Who wrote is told with ``send-sender = true`` only, or by ``from=%p`` in the address.

An answer that is not empty would be sent to the sender. Answers of ours go by sendsms, with
everything in headers and body: an address is written into logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from relay.model import Instant
from relay.ports import Answer
from relay.rules import gsm
from relay.transports.gateways.fields import fields_of
from relay.transports.gateways.said import (
    NOTHING,
    Answered,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    heard,
    segment_heard,
)
from relay.transports.gateways.sent import LATER, LOGIN, Call, Sent, by_status
from relay.transports.inlet import Request
from relay.transports.userdata import NATIONAL, WHOLE, header_of

_CHARSET: Final = re.compile(r"""charset\s*=\s*"?([A-Za-z0-9_.:-]{1,40})""", re.I)
_UDH: Final = re.compile(r"(?:^|&)udh=([^&]*)")
_WIDE: Final = frozenset({"UTF-16BE", "UTF-16", "UCS-2", "UCS-2BE", "ISO-10646-UCS-2"})
_NARROW: Final = {"UTF-8": "utf-8", "ISO-8859-1": "latin-1", "LATIN1": "latin-1"} | {
    "US-ASCII": "ascii", "ASCII": "ascii", "WINDOWS-1252": "cp1252",
}  # fmt: skip


class Kannel:
    """``Gateway`` for it. ``remote``: a proxy with client certificates stands before it."""

    repeats_without_id = False

    def __init__(
        self, remote: bool = False, answer_url: str = "", user: str = "", password: bytes = b""
    ) -> None:
        self._remote = remote
        self._answer_url = answer_url
        self._user = user
        self._password = password

    def verify(self, request: Request, now: Instant) -> bool:
        brought = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        return self._remote or (not request.network and not brought)

    def said(self, request: Request) -> Sequence[Said]:
        query = fields_of(_UDH.sub("", request.query)) or {}
        sender = _header(request, "x-kannel-from") or query.get("from")
        recipient = _header(request, "x-kannel-to") or query.get("to")
        charset = _charset(request, query)
        at = _header(request, "x-kannel-time") or query.get("time")
        known_as = query.get("id")
        if charset is None:
            return (Ignored(),)  # eight bits: ring tones, settings, no text
        header = header_of(_udh(request))
        if header.for_a_program or header.waiting:
            return (Service(),)
        part = header.part
        if part is WHOLE:
            text = _decoded(request.body, charset)
            said = heard(text, sender, recipient=recipient, id=known_as, at=at)
            return (_flagged(said, header.national and charset not in _WIDE),)
        content = _ucs2(request.body, charset)
        if content is None:
            return (Malformed(),)
        said = segment_heard(
            content,
            "ucs2",
            sender,
            number=part.segment,
            of=part.segments,
            reference=part.reference,
            recipient=recipient,
            id=known_as,
            at=at,
        )
        return (_flagged(said, header.national and charset not in _WIDE),)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        headers = {
            "content-type": "text/plain; charset=UTF-8",
            "x-kannel-username": self._user,
            "x-kannel-password": self._password.decode("utf-8", "replace"),
            "x-kannel-to": to,
            "x-kannel-charset": "UTF-8",
            "x-kannel-coding": "0" if gsm.size(text).alphabet == "gsm" else "2",
        }
        more = {"x-kannel-from": sender} if sender else {}
        return Call(self._answer_url, text.encode(), headers | more)

    def sent(self, answer: Answer) -> Sent:
        if answer.status == 503:
            return LATER
        return LOGIN if b"uthorization failed" in answer.body else by_status(answer.status)


def _flagged(said: Said, national: bool) -> Said:
    return replace(said, flags=(NATIONAL,)) if national and isinstance(said, Heard) else said


def _header(request: Request, name: str) -> str:
    return unquote(request.headers.get(name, "")).strip()


def _udh(request: Request) -> bytes:
    """From the address, where ``udh=%u`` stands in it; else from its header."""
    found = _UDH.search(request.query)
    written = found[1] if found else request.headers.get("x-kannel-udh", "")
    return unquote_to_bytes(written.replace("+", " "))


def _charset(request: Request, query: Mapping[str, str]) -> str | None:
    """In which charset the body is; None for eight bits."""
    coding = query.get("coding") or _header(request, "x-kannel-coding")
    if coding == "1":
        return None
    found = _CHARSET.search(request.headers.get("content-type", ""))
    written = query.get("charset") or (found[1] if found else "")
    return (written or ("UTF-16BE" if coding == "2" else "UTF-8")).upper()


def _decoded(body: bytes, charset: str) -> str | None:
    """The text; None for a charset that nobody has told us of."""
    if charset in _WIDE:
        return body.decode("utf-16-be", "surrogatepass" if len(body) % 2 == 0 else "replace")
    return body.decode(_NARROW[charset], "replace") if charset in _NARROW else None


def _ucs2(body: bytes, charset: str) -> bytes | None:
    """A segment as UTF-16BE, cut wherever it was."""
    if charset in _WIDE:
        return body
    text = _decoded(body, charset)
    return None if text is None else text.encode("utf-16-be", "surrogatepass")
