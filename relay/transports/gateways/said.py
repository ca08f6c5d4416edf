"""What a gateway's request says, and the checks that all gateways share. Pure.

A signature is checked on the raw bytes before anything is parsed, in constant time, and every way
to be wrong looks the same from outside.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from relay.model import Instant

WINDOW_S: Final = 300
"""How old or how early a signature may be, both ends included. A retry is signed anew."""

TEXT_BYTES: Final = 64 * 1024
"""The longest text in UTF-8: 255 joined SMS hold 39,015 GSM characters, or 34,170 bytes of UCS-2
that become at most 51,255 here. What is longer is no SMS."""

FEWEST_DIGITS: Final = 7
"""A number with fewer is a service (operator, bank, log-in codes), not a person."""

_CLOCK = re.compile(r"[0-9]{1,12}")
_NUMBER = re.compile(r"\+?[0-9]+")
_PUNCTUATION = str.maketrans("", "", " -()./\u00a0\u200e\u202a\u202c")


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """An SMS from a person. ``id`` is the gateway's, or empty; ``at`` its time as it wrote it."""

    text: bytes
    sender: bytes
    recipient: bytes
    id: bytes
    at: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """An SMS from a name or a short number: never a post, but the operator sees that it came."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well made, and nothing to publish: an event of another kind, or an empty text."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not what this gateway sends. It will be the same when it comes again."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """The text is longer than any SMS."""


Said = Heard | Service | Ignored | Malformed | TooLong


class Gateway(Protocol):
    """One kind of gateway. Header names are lower case."""

    repeats_without_id: bool
    """Whether it sends old messages again under new ids."""

    answer: bytes
    """The body of a 200."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: Instant) -> bool:
        """Whether the request was signed with our secret, not long ago."""
        ...

    def said(self, body: bytes) -> Said:
        """What a verified request says."""
        ...


def signed(
    secret: bytes, message: bytes, given: str | None, timestamp: str | None, now: Instant
) -> bool:
    """Whether ``given`` is the lower-case hex HMAC-SHA256 of the message, and the time is near."""
    expected = hmac.new(secret, message, sha256).hexdigest().encode()
    same = hmac.compare_digest(expected, (given or "").encode("utf-8", "replace"))
    return same and is_near(timestamp, now)


def is_near(timestamp: str | None, now: Instant) -> bool:
    """Whether a Unix time in decimal digits is within WINDOW_S of now."""
    if timestamp is None or not _CLOCK.fullmatch(timestamp):
        return False
    return abs(int(timestamp) - now) <= WINDOW_S


def table(body: bytes) -> dict[str, Any] | None:
    """The JSON object that the body is; None for anything else, however deep or long."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def heard(text: object, sender: object, *, recipient: object, id: object, at: object) -> Said:
    """An SMS of its parts, each as JSON gave it; recipient, id and at may be missing."""
    parts = [_plain(one) for one in (recipient, id, at)]
    if not isinstance(text, str) or not isinstance(sender, str) or None in parts:
        return Malformed()
    if not text.strip():
        return Ignored()
    if not is_a_person(sender):
        return Service()
    written = octets(text)
    if len(written) > TEXT_BYTES:
        return TooLong()
    to, known_as, when = (octets(one or "") for one in parts)
    return Heard(written, octets(_spelt(sender)), to, known_as, when)


def _plain(value: object) -> str | None:
    """A string or a whole number as a string, "" for null; None for what it must not be."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else None


def is_a_person(sender: str) -> bool:
    """Whether an SMS is from a number that people have: FEWEST_DIGITS digits or more."""
    number = _spelt(sender)
    return bool(_NUMBER.fullmatch(number)) and len(number.lstrip("+")) >= FEWEST_DIGITS


def _spelt(sender: str) -> str:
    """A number without blanks and punctuation; digits of any script become ASCII."""
    bare = sender.translate(_PUNCTUATION)
    return "".join(str(int(c)) if c.isdecimal() else c for c in bare)


def octets(text: str) -> bytes:
    """UTF-8. The halves of a surrogate pair are joined; one without its other half is U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.encode()
