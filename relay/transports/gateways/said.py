"""What a gateway's request says. Pure: requests in, values out.

A request is checked before anything in it is used (``proof``), and every way to be wrong looks the
same from outside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from relay.model import Instant
from relay.transports.entity import Medium
from relay.transports.inlet import Request

TEXT_BYTES: Final = 64 * 1024
"""The longest text in UTF-8: 255 joined SMS hold 39,015 GSM characters, or 34,170 bytes of UCS-2
that become at most 51,255 here. What is longer is no SMS."""

SEGMENT_BYTES: Final = 320
"""The longest segment: 160 septets are 160 octets of kind "gsm", and twice that where a gateway
gives them as text."""

FEWEST_DIGITS: Final = 7
"""A number with fewer is a service (operator, bank, log-in codes), not a person."""

MOST_SEGMENTS: Final = 255
"""Of one SMS (3GPP TS 23.040, 9.2.3.24.1)."""

_NUMBER = re.compile(r"\+?[0-9]+")
_PUNCTUATION = str.maketrans("", "", " -()./\u00a0\u200e\u202a\u202c")


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """A medium that waits at the gateway: its type, as far as it is told, and its address."""

    type: str
    url: str


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """An SMS or an MMS from a person.

    ``text`` is as its ``kind`` says (``model.Kind``). ``id`` is the gateway's, or empty; ``at`` its
    time as it wrote it. A part of a long SMS is ``segment`` of ``segments`` under ``reference``.
    ``media`` came along, ``links`` wait at the gateway; ``lacking``: one of them was not to be had.
    ``flags`` are what else the exit must know of it.
    """

    text: bytes
    sender: bytes
    recipient: bytes
    id: bytes
    at: bytes
    kind: Literal["text", "gsm", "ucs2"] = "text"
    segment: int = 0
    segments: int = 0
    reference: bytes = b""
    media: tuple[Medium, ...] = ()
    links: tuple[Link, ...] = ()
    lacking: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """An SMS from a name or a short number: never a post, but the operator sees that it came."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well made, and nothing to publish: an event of another kind, or an empty text."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life, and nothing else."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not what this gateway sends. It will be the same when it comes again."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """The text is longer than any SMS."""


Said = Heard | Service | Ignored | Alive | Malformed | TooLong


class Gateway(Protocol):
    """One kind of gateway, with what our account there has."""

    repeats_without_id: bool
    """Whether it sends old messages again under new ids."""

    def verify(self, request: Request, now: Instant) -> bool:
        """Whether it comes from our account there, unchanged, and not too long ago."""
        ...

    def said(self, request: Request) -> Sequence[Said]:
        """What a verified request says, each message by itself. At least one."""
        ...

    def taken(self, request: Request, now: Instant) -> Answered:
        """The answer to a request that was verified and taken whole."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Answered:
    """What stands in a 200: its body, and of what type that is."""

    body: bytes = b""
    type: str = ""


NOTHING: Final = Answered()
"""An empty 200."""


def heard(
    text: object,
    sender: object,
    *,
    recipient: object,
    id: object,
    at: object,
    media: tuple[Medium, ...] = (),
    links: tuple[Link, ...] = (),
    lacking: bool = False,
) -> Said:
    """A message of its parts, each as JSON or a form gave it; recipient, id and at may be missing.
    Without media a text must have something in it."""
    known = _known(sender, recipient, id, at)
    if known is None or not isinstance(text, str):
        return Malformed()
    if not (text.strip() or media or links or lacking):
        return Ignored()
    if not is_a_person(known[0]):
        return Service()
    written = octets(text)
    if len(written) > TEXT_BYTES:
        return TooLong()
    return Heard(written, *_octets(known), media=media, links=links, lacking=lacking)


def segment_heard(
    content: bytes,
    kind: Literal["gsm", "ucs2"],
    sender: object,
    *,
    number: int,
    of: int,
    reference: bytes,
    recipient: object,
    id: object,
    at: object,
) -> Said:
    """A part of a long SMS, its octets as ``kind`` says. Blanks alone are a part, too."""
    known = _known(sender, recipient, id, at)
    if known is None or not 1 <= number <= of <= MOST_SEGMENTS or not reference:
        return Malformed()
    if not is_a_person(known[0]):
        return Service()
    if len(content) > SEGMENT_BYTES:
        return TooLong()
    return Heard(
        content,
        *_octets(known),
        kind=kind,
        segment=number,
        segments=of,
        reference=reference,
    )


def _known(sender: object, *others: object) -> tuple[str, str, str, str] | None:
    """Sender, recipient, id and time as strings; None if one is what it must not be."""
    to, id, at = (_plain(one) for one in others)
    if not isinstance(sender, str) or to is None or id is None or at is None:
        return None
    return sender, to, id, at


def _octets(known: tuple[str, str, str, str]) -> tuple[bytes, bytes, bytes, bytes]:
    sender, to, id, at = known
    return octets(spelt(sender)), octets(to), octets(id), octets(at)


def _plain(value: object) -> str | None:
    """A string or a whole number as a string, "" for null; None for what it must not be."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else None


def is_a_person(sender: str) -> bool:
    """Whether an SMS is from a number that people have: FEWEST_DIGITS digits or more."""
    number = spelt(sender)
    return bool(_NUMBER.fullmatch(number)) and len(number.lstrip("+")) >= FEWEST_DIGITS


def spelt(sender: str) -> str:
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
