"""A row of Gammu's inbox, and what it says (Gammu manual, "Description of the tables"). Pure.

Gammu holds back the parts of a long SMS until it has them all, or for its MultipartTimeout, and
then writes a row for each of them. So a row is a whole SMS or a segment, and the exit joins.
``Text`` is what counts, of every row alike, and not ``TextDecoded``: there the first of all parts
has the whole and the others have nothing, some of the parts have each its own with broken letters,
and after a first failure to write it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.transports.gateways.said import is_a_person
from relay.transports.userdata import NATIONAL, NO_HEADER, WHOLE, Part, header_of

_BINARY: Final = "8bit"
_UNICODE: Final = "Unicode"  # what such a Coding begins with: it has all letters by itself


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """``at`` is the network's time, as Gammu wrote it; ``text`` UTF-16BE in hex, ``decoded`` the
    same as a text; ``udh`` the user data header in hex; ``phone`` the PhoneID of the receiver."""

    id: int
    at: str
    text: str
    decoded: str
    sender: str
    coding: str
    udh: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """A text of a person, or a segment of one: UTF-16BE."""

    content: bytes
    part: Part
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """From a name or a short number, for a program, or with nothing in it."""


def said(row: Row) -> Heard | Service:
    """What a row is, by what it says of itself."""
    udh = _octets(row.udh)
    header = header_of(udh) if udh else NO_HEADER
    if not is_a_person(row.sender) or row.coding == _BINARY:
        return Service()
    if header.for_a_program or header.waiting:
        return Service()
    content = _octets(row.text)
    if header.part == WHOLE:
        content = content or row.decoded.encode("utf-16-be", "replace")
        if not content:
            return Service()
    garbled = header.national and not row.coding.startswith(_UNICODE)
    return Heard(content, header.part, (NATIONAL,) * garbled)


def _octets(written: str) -> bytes:
    """Of hex; nothing where it is none."""
    try:
        return bytes.fromhex(written)
    except ValueError:
        return b""
