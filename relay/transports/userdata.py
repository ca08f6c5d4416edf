"""The header that may stand before the text of an SMS (3GPP TS 23.040, 9.2.3.24). Pure.

It is the same whoever brings the SMS: a centre, a modem, a gateway that hands on octets. What
cannot be read in it is skipped, as the standard asks, and the text behind it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_CONCATENATED_8, _CONCATENATED_16 = 0x00, 0x08
_SPECIAL, _VOICE_MAIL = 0x01, 0x23
_PORT_8, _PORT_16 = 0x04, 0x05
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25
_SIM = range(0x70, 0x80)


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a long SMS it is: ``segment`` of ``segments`` (from 1). ``reference`` is the
    sender's, of one octet or of two, so that 0x05 and 0x0005 are not the same."""

    segment: int
    segments: int
    reference: bytes


NATIONAL: Final = "national-alphabet"
"""The flag of an SMS whose septets are of a national language table (Turkish, Portuguese, Urdu and
ten more: 3GPP TS 23.038, 6.2.1.2), which are not kept here: some of its letters are others."""

WHOLE: Final = Part(0, 0, b"")
"""An SMS that is no part of another."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. ``for_a_program``: it is addressed to a port (9.2.3.24.3 and .4), or
    secured for a SIM (9.2.3.24); ``waiting``: it tells of a voice mail or a fax (9.2.3.24.2 and
    .13); ``national``: its septets are of a national language table (9.2.3.24.15 and .16)."""

    part: Part = WHOLE
    for_a_program: bool = False
    waiting: bool = False
    national: bool = False


NO_HEADER: Final = Header()


def parted(user_data: bytes) -> tuple[bytes, bytes]:
    """The header (its length octet included) and the text. A length beyond the end is none: then
    all of it is text."""
    end = 1 + user_data[0] if user_data else 0
    return (user_data[:end], user_data[end:]) if end <= len(user_data) else (b"", user_data)


def header_of(header: bytes) -> Header:
    """What a header (its length octet included, or empty) says."""
    elements = dict(_elements(header[1:]))
    of_a_program = (_PORT_8, _PORT_16, *_SIM)
    return Header(
        part=_part(elements),
        for_a_program=not elements.keys().isdisjoint(of_a_program),
        waiting=not elements.keys().isdisjoint((_SPECIAL, _VOICE_MAIL)),
        national=not elements.keys().isdisjoint((_SINGLE_SHIFT, _LOCKING_SHIFT)),
    )


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Each information element: of several of one kind the last counts (9.2.3.24)."""
    at = 0
    while at + 2 <= len(octets):
        end = at + 2 + octets[at + 1]
        if end > len(octets):
            return
        yield octets[at], octets[at + 2 : end]
        at = end


def _part(elements: dict[int, bytes]) -> Part:
    """9.2.3.24.1 and .8: a number that cannot be is as if nothing was said."""
    for kind, width in ((_CONCATENATED_16, 2), (_CONCATENATED_8, 1)):
        said = elements.get(kind, b"")
        if len(said) == width + 2:
            return part(said[:width], segments=said[width], segment=said[width + 1])
    return WHOLE


def part(reference: bytes, *, segments: int, segment: int) -> Part:
    """A part as it was said, ``WHOLE`` where there is only one or the numbers cannot be."""
    if segments < 2 or not 1 <= segment <= segments:
        return WHOLE
    return Part(segment, segments, reference)
