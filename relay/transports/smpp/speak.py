"""What we say to a centre: PDUs, made by aiosmpplib.

Its session is not used (``session`` says why), so that nothing is ever logged by it. A text or a
password stands in some of these values: none is shown or raised.
"""

from __future__ import annotations

import contextlib
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

from relay.rules import gsm
from relay.transports.smpp.coding import Default
from relay.transports.smpp.pdu import HEADER, RESPONSE, Deliver
from relay.transports.smpp.said import spelt

MOST_PASSWORD: Final = 8
"""Characters of a password: nine octets with the NUL (SMPP 3.4, 4.1.1)."""

MOST_PARTS: Final = 2
"""SMS that an answer may be."""

ONE_OCTETS, PART_OCTETS = 140, 134
"""Octets of an SMS, and of a part: without the six of the header (3GPP TS 23.040)."""

_HEADER: Final = Struct("!BBBBBB")
_HAS_HEADER: Final = 0x40
_UCS2: Final = "ucs2"
_TYPES: Final = Struct("!BBBB")


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
    """Where an answer to a message goes, and from what number of ours. First stands who it is, up
    to a zero byte: a door counts its answers by that."""
    to, at = it.source, it.destination
    return spelt(to) + b"\0" + _TYPES.pack(to.ton, to.npi, at.ton, at.npi) + at.written


def submits(way: bytes, text: str, default: Default) -> Sequence[Any]:
    """An answer as one submit_sm, or as the two parts of one text. No receipt is asked for: it
    would be one more trace. Raises ValueError for a longer one, or a way back that is none."""
    to, _, rest = way.partition(b"\0")
    if len(rest) < _TYPES.size:
        raise ValueError("no way back")
    to_ton, to_npi, at_ton, at_npi = _TYPES.unpack_from(rest)
    one = SubmitSm(
        short_message=text,
        source=_number(at_ton, at_npi, rest[_TYPES.size :]),
        destination=_number(to_ton, to_npi, to),
        registered_delivery=0,
    )
    return _parts(one, text, default)


def _number(ton: int, npi: int, written: bytes) -> Any:
    """An international number is written without its plus (5.2.5 says it already)."""
    plain = written.removeprefix(b"+") if ton == TON.INTERNATIONAL else written
    return PhoneNumber(plain.decode("ascii"), TON(ton), NPI(npi))


def _parts(one: Any, text: str, default: Default) -> Sequence[Any]:
    """One request for each part. Raises ValueError for more than ``MOST_PARTS``."""
    one.encoding, contents = _written(text, default)
    if not 1 <= len(contents) <= MOST_PARTS:
        raise ValueError("too long, or nothing")
    if len(contents) == 1:
        one.set_encoded_message(contents[0])
        return [one]
    one.esm_class = _HAS_HEADER
    parts = [one, *(one.clone() for _ in contents[1:])]
    reference = randbelow(256)
    for number, (part, octets) in enumerate(zip(parts, contents, strict=True), start=1):
        header = _HEADER.pack(5, 0, 3, reference, len(parts), number)
        part.set_encoded_message(header + octets)
    return parts


def _written(text: str, default: Default) -> tuple[str | None, Sequence[bytes]]:
    """The library's word for an alphabet (None: data_coding 0, what the centre means by it), and
    the contents of the parts."""
    if default == "latin1":
        with contextlib.suppress(UnicodeEncodeError):
            octets = text.encode("latin-1")
            most = ONE_OCTETS if len(octets) <= ONE_OCTETS else PART_OCTETS
            return None, [octets[at : at + most] for at in range(0, len(octets), most)]
        return _UCS2, gsm.segments(text)[1]
    alphabet, parts = gsm.segments(text)
    return (None if alphabet == "gsm" else _UCS2), parts
