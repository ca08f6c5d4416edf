"""What a deliver_sm says to us: a text of a person, or one of the things that are never posted.

Pure. A segment stays as it came, since a letter may be cut between two of them: the exit joins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from relay.model import Kind
from relay.rules.join import MOST_BYTES
from relay.transports.gateways.said import is_a_person
from relay.transports.smpp.coding import BINARY, GSM, UCS2, WAITING, Default, alphabet
from relay.transports.smpp.pdu import Address, Deliver
from relay.transports.userdata import NATIONAL, NO_HEADER, WHOLE, Part, header_of, part, parted

_USER_DATA_HEADER = 0x40
_TYPE = 0x3C
_RECEIPTS: Final = {0x04, 0x08, 0x18, 0x20}
"""esm_class (5.2.12): a receipt of the centre or of the phone, an aborted conversation, a receipt
on the way. 0x10 is a receipt that a person wrote, and so a text."""

_RECEIPT: Final = re.compile(
    rb"id:\S{1,65} sub:\d{1,3} dlvrd:\d{1,3} submit date:\d{10,14} done date:\d{10,14}"
    rb" stat:[A-Z]{5,8} err:\S{1,8}(?: text:.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""What centres write into a receipt (appendix B). Some say nowhere else that it is one; and it has
the beginning of what we answered in it, under the number of the person who was answered."""

_SILENT, _OF_THE_NETWORK = 0x40, range(0x7C, 0x80)
"""protocol_id (3GPP TS 23.040, 9.2.3.9): of type 0, which a phone acknowledges and throws away, as
those do who want to know where it is; and data for the phone itself or its SIM."""

_ALPHANUMERIC, _NETWORK, _ABBREVIATED, _INTERNATIONAL = 5, 3, 6, 1

_RECEIPTED_ID, _MESSAGE_STATE = 0x001E, 0x0427
_SAR_REFERENCE, _SAR_TOTAL, _SAR_SEGMENT = 0x020C, 0x020E, 0x020F
_DESTINATION_PORT = 0x020B


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """A text of a person, or a segment of one."""

    kind: Kind
    content: bytes
    part: Part
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """From a name or a short number, for a program, silent, or the network's own: the operator sees
    that it came."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Tells what became of something we sent."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no text in it."""


Said = Heard | Service | Receipt | Nothing


def said(it: Deliver, default: Default) -> Said:
    """What it is, by what it says of itself."""
    if it.esm_class & _TYPE in _RECEIPTS or {_RECEIPTED_ID, _MESSAGE_STATE} <= it.tlvs.keys():
        return Receipt()
    if not is_of_a_person(it.source) or it.protocol_id in (_SILENT, *_OF_THE_NETWORK):
        return Service()
    before, text = b"", it.user_data
    if it.esm_class & _USER_DATA_HEADER:
        before, text = parted(it.user_data)
    header = header_of(before) if before else NO_HEADER
    written = alphabet(it.data_coding, default)
    if header.for_a_program or header.waiting or _DESTINATION_PORT in it.tlvs:
        return Service()
    if written in (BINARY, WAITING):
        return Service()
    place = header.part if header.part != WHOLE else _sar(it.tlvs)
    if len(text) > MOST_BYTES // 2:  # of some alphabets it becomes twice as many
        place = WHOLE
    if place == WHOLE and _RECEIPT.fullmatch(text):
        return Receipt()
    if place == WHOLE and not text:
        return Nothing()
    kind, content = _content(text, written, whole=place == WHOLE)
    return Heard(kind, content, place, (NATIONAL,) * (header.national and written == GSM))


def is_of_a_person(source: Address) -> bool:
    """Whether it is a number that people have; by its type, and by its digits."""
    if source.ton in (_ALPHANUMERIC, _NETWORK, _ABBREVIATED):
        return False
    return is_a_person(source.written.decode("latin-1"))


def spelt(address: Address) -> bytes:
    """A number as it is written everywhere: with a plus where it is international."""
    international = address.ton == _INTERNATIONAL and not address.written.startswith(b"+")
    return b"+" * international + address.written


def _sar(tlvs: dict[int, bytes]) -> Part:
    """The same as a header's, said by optional parameters (5.3.2.22 to 24)."""
    wanted = (_SAR_REFERENCE, _SAR_TOTAL, _SAR_SEGMENT)
    if not tlvs.keys() >= set(wanted):
        return WHOLE
    reference, total, segment = (tlvs[tag] for tag in wanted)
    numbers = (int.from_bytes(one, "big") for one in (total, segment))
    segments, number = numbers
    return part(reference[-2:], segments=segments, segment=number) if segments < 256 else WHOLE


def _content(text: bytes, written: str, *, whole: bool) -> tuple[Kind, bytes]:
    if written == GSM:
        return "gsm", text
    if written == UCS2:
        return "ucs2", text
    decoded = text.decode(written, "replace")
    return ("text", decoded.encode()) if whole else ("ucs2", decoded.encode("utf-16-be"))
