"""PDUs as they come from a centre (SMPP 3.4, sections 3.2, 4.6 and 4.7). Pure.

The library that makes ours cannot read these: it decodes each text at once, and so breaks a letter
that two segments share; it reads a reference of 16 bits as one of 32; and it gives up a session for
a data_coding or a status that it has no name for. Here octets stay octets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

HEADER: Final = Struct("!IIII")
"""command_length, command_id, command_status, sequence_number."""

RESPONSE: Final = 0x8000_0000
DELIVER_SM: Final = 0x0000_0005
DATA_SM: Final = 0x0000_0103

MOST_ADDRESS: Final = 65
"""Octets of an address with its NUL: 21 in deliver_sm, 65 in data_sm (4.7.1)."""


class Malformed(ValueError):
    """It is not as the specification has it. Says nothing of what stood there."""


@dataclass(frozen=True, slots=True, repr=False)
class Pdu:
    """One PDU: ``command`` and ``status`` as numbers, its body as octets."""

    command: int
    status: int
    sequence: int
    body: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A number or a name: type of number, numbering plan (5.2.5, 5.2.6) and what was written."""

    ton: int
    npi: int
    written: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Deliver:
    """A deliver_sm, or a data_sm that says the same. ``user_data`` is short_message, or the TLV
    message_payload where that is empty; ``tlvs`` are all optional parameters by their tag.
    ``protocol_id`` is that of the network (5.2.9), 0 in a data_sm, which has none."""

    source: Address
    destination: Address
    esm_class: int
    data_coding: int
    user_data: bytes
    tlvs: dict[int, bytes]
    protocol_id: int = 0


MESSAGE_PAYLOAD: Final = 0x0424


def deliver(pdu: Pdu) -> Deliver:
    """What a deliver_sm or a data_sm says. Raises Malformed."""
    read = _Octets(pdu.body)
    read.string(6)  # service_type
    source, destination = read.address(), read.address()
    esm_class = read.octet()
    short, protocol_id = b"", 0
    if pdu.command == DATA_SM:
        read.octet()  # registered_delivery
        data_coding = read.octet()
    else:
        protocol_id = read.octet()
        read.octet()  # priority_flag
        read.string(17)  # schedule_delivery_time
        read.string(17)  # validity_period
        read.some(2)  # registered_delivery, replace_if_present_flag
        data_coding = read.octet()
        read.octet()  # sm_default_msg_id
        short = read.some(read.octet())
    tlvs = dict(read.tlvs())
    user_data = short or tlvs.get(MESSAGE_PAYLOAD, b"")
    return Deliver(source, destination, esm_class, data_coding, user_data, tlvs, protocol_id)


class _Octets:
    """Reads a body from its beginning. Each call raises Malformed where it ends too soon."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def some(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise Malformed
        taken = self._body[self._at : end]
        self._at = end
        return taken

    def octet(self) -> int:
        return self.some(1)[0]

    def string(self, most: int) -> bytes:
        """A C-Octet String of at most so many octets, its NUL included."""
        end = self._body.find(b"\0", self._at, self._at + most)
        if end < 0:
            raise Malformed
        taken = self._body[self._at : end]
        self._at = end + 1
        return taken

    def address(self) -> Address:
        return Address(self.octet(), self.octet(), self.string(MOST_ADDRESS))

    def tlvs(self) -> Iterator[tuple[int, bytes]]:
        """To the end. One octet that is left over is none: some centres pad."""
        while len(self._body) - self._at >= 4:
            tag = int.from_bytes(self.some(2), "big")
            yield tag, self.some(int.from_bytes(self.some(2), "big"))
