"""What we say to a centre: PDUs, made by aiosmpplib.

Its session is not used (``session`` says why), so that nothing is ever logged by it. A text or a
password stands in some of these values: none is shown or raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import randbelow
from struct import Struct
from typing import Any, Final, Literal

from aiosmpplib import (
    NPI,
    TON,
    BindReceiver,
    BindTransceiver,
    EnquireLink,
    PhoneNumber,
    SubmitSm,
    Unbind,
)
from aiosmpplib.codec import GSM7BitCodec

from relay.transports.smpp.coding import Default
from relay.transports.smpp.pdu import HEADER, RESPONSE, Deliver

MOST_PASSWORD: Final = 8
"""Characters of a password: nine octets with the NUL (SMPP 3.4, 4.1.1)."""

ONE_SEPTETS, ONE_OCTETS, ONE_UNITS = 160, 140, 70
PART_UNITS: Final = 67
"""UCS-2 units of each of two parts: 140 octets without the six of the header (3GPP TS 23.040)."""

_HEADER: Final = Struct("!BBBBBB")
_HAS_HEADER: Final = 0x40
_UCS2: Final = "ucs2"
_WAY: Final = Struct("!BBBBB")


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """With what we bind, as the provider gave it."""

    user: str
    password: str
    system_type: str = ""
    bind: Literal["transceiver", "receiver"] = "transceiver"
    address_range: str = ""


def bind(account: Account) -> Any:
    """The request that opens a session. Raises ValueError for what SMPP has no room for."""
    kind = BindReceiver if account.bind == "receiver" else BindTransceiver
    return kind(
        system_id=account.user,
        password=account.password,
        system_type=account.system_type,
        address_range=account.address_range,
    )


def enquire() -> Any:
    """Are you there?"""
    return EnquireLink()


def unbind() -> Any:
    """We go."""
    return Unbind()


def taken(command: int, sequence: int, status: int) -> bytes:
    """The answer to a deliver_sm or a data_sm: its message_id is unused, and empty (4.6.2)."""
    return HEADER.pack(HEADER.size + 1, command | RESPONSE, status, sequence) + b"\0"


def bare(command: int, sequence: int, status: int = 0) -> bytes:
    """A PDU without a body."""
    return HEADER.pack(HEADER.size, command, status, sequence)


# ---------------------------------------------------------------- answers


def way_back(it: Deliver) -> bytes:
    """Where an answer to a message goes, and from what number of ours: the same, turned round."""
    to, at = it.source, it.destination
    lengths = _WAY.pack(to.ton, to.npi, at.ton, at.npi, len(to.written))
    return lengths + to.written + at.written


def submits(way: bytes, text: str, default: Default) -> Sequence[Any]:
    """An answer as one submit_sm, or as the two parts of one text. No receipt is asked for: it
    would be one more trace. Raises ValueError for a longer one, or a way back that is none."""
    if len(way) < _WAY.size:
        raise ValueError("no way back")
    to_ton, to_npi, at_ton, at_npi, length = _WAY.unpack_from(way)
    to, at = way[_WAY.size :][:length], way[_WAY.size :][length:]
    one = SubmitSm(
        short_message=text,
        source=_number(at_ton, at_npi, at),
        destination=_number(to_ton, to_npi, to),
        registered_delivery=0,
    )
    return _parts(one, text, default)


def _number(ton: int, npi: int, written: bytes) -> Any:
    return PhoneNumber(written.decode("ascii"), TON(ton), NPI(npi))


def _parts(one: Any, text: str, default: Default) -> Sequence[Any]:
    """The text in the centre's own alphabet where it fits, else in UCS-2."""
    written = _by_default(text, default)
    if written is not None:
        one.set_encoded_message(written)
        return [one]
    one.encoding = _UCS2
    written = text.encode("utf-16-be")
    if len(written) <= 2 * ONE_UNITS:
        one.set_encoded_message(written)
        return [one]
    cut = 2 * PART_UNITS
    if len(written) > 2 * cut:
        raise ValueError("too long")
    reference = randbelow(256)
    one.esm_class = _HAS_HEADER
    parts = [one, one.clone()]
    for number, (part, octets) in enumerate(
        zip(parts, (written[:cut], written[cut:]), strict=True), start=1
    ):
        part.set_encoded_message(_HEADER.pack(5, 0, 3, reference, 2, number) + octets)
    return parts


def _by_default(text: str, default: Default) -> bytes | None:
    """What data_coding 0 means there: None where it has not all letters, or it is too long."""
    try:
        if default == "latin1":
            octets = text.encode("latin-1")
            return octets if len(octets) <= ONE_OCTETS else None
        septets: bytes = GSM7BitCodec().encode(text)[0]
        return septets if len(septets) <= ONE_SEPTETS else None
    except UnicodeEncodeError:
        return None
