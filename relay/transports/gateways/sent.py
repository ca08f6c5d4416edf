"""The call by which a gateway sends one SMS for us, and what its answer means. Pure.

An answer to a sender is no promise: nobody tries one again. What counts for the operator is whether
the account can send at all.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, runtime_checkable
from urllib.parse import urlencode

from relay.model import Instant, Later, Outcome, Posted, Refused, Stopped, Unsure
from relay.ports import Answer

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One request to a gateway."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Sent:
    """How a call ended. ``state`` is one for the board: "works", "spent", "login", or empty where
    it tells nothing about the account."""

    outcome: Outcome
    state: Literal["works", "spent", "login", ""] = ""


@runtime_checkable
class Sends(Protocol):
    """What a gateway has besides, where it can send."""

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        """The call that sends one SMS from ``sender``, a number of ours or empty."""
        ...

    def sent(self, answer: Answer) -> Sent:
        """What came of it."""
        ...


@runtime_checkable
class Queues(Protocol):
    """What a gateway has instead that fetches what it is to send."""

    def queue(self, to: str, text: str, now: Instant) -> Outcome:
        """Let it wait until the gateway comes."""
        ...


WENT: Final = Sent(Posted(""), "works")
SPENT: Final = Sent(
    Stopped("the account at the gateway has no credit for answers", "top it up there"), "spent"
)
LOGIN: Final = Sent(
    Stopped("the gateway refuses our login for answers", "put it right with `relay login`"), "login"
)
REFUSED: Final = Sent(Refused("the gateway does not send this"))
LATER: Final = Sent(Later("the gateway cannot send now"))
UNSURE: Final = Sent(Unsure("the gateway did not say whether it sends"))


def by_status(status: int) -> Sent:
    """What an HTTP status alone tells (RFC 9110 section 15)."""
    if 200 <= status < 300:
        return WENT
    if status == 402:
        return SPENT
    if status in (401, 403):
        return LOGIN
    if status == 429:
        return LATER
    return REFUSED if 400 <= status < 500 else UNSURE


def basic(user: str, secret: bytes) -> str:
    """A header of Basic authentication (RFC 7617)."""
    return "Basic " + b64encode(user.encode() + b":" + secret).decode()


def form_call(
    url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Call:
    """A POST of a form."""
    return Call(url, urlencode(fields).encode(), {"content-type": FORM, **(headers or {})})


def json_call(url: str, whole: object, headers: Mapping[str, str] | None = None) -> Call:
    """A POST of JSON."""
    return Call(url, json.dumps(whole).encode(), {"content-type": JSON, **(headers or {})})
