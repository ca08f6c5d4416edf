"""PDUs of SMPP 3.4 as a centre makes and reads them, from the specification's tables."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK, DATA_SM = 0x04, 0x05, 0x06, 0x15, 0x103
ANSWER: Final = 0x8000_0000
GENERIC_NACK: Final = 0x8000_0000

OK, INVALID_COMMAND, NOT_BOUND, BOUND_ALREADY = 0x00, 0x03, 0x04, 0x05
BIND_FAILED, WRONG_PASSWORD, WRONG_USER = 0x0D, 0x0E, 0x0F
QUEUE_FULL, THROTTLED, COME_AGAIN, NEVER = 0x14, 0x58, 0x64, 0x65

PAYLOAD, PORT = 0x0424, 0x020B
REFERENCE, TOTAL, SEGMENT = 0x020C, 0x020E, 0x020F
RECEIPTED, STATE = 0x001E, 0x0427


@dataclass(frozen=True, slots=True)
class Heard:
    """A PDU that came: section 3.2."""

    command: int
    status: int
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Sms:
    """A message from a phone (table 4-12). ``header``: a user data header, without the octet that
    says its length; ``payload``: the text goes into message_payload; ``data``: as data_sm."""

    text: bytes
    sender: bytes = b"989120000001"
    recipient: bytes = b"30001"
    ton: int = 1
    npi: int = 1
    data_coding: int = 8
    esm_class: int = 0
    header: bytes = b""
    tlvs: tuple[tuple[int, bytes], ...] = ()
    payload: bool = False
    data: bool = False
    protocol_id: int = 0

    @property
    def user_data(self) -> bytes:
        """What the phone sent: header and text."""
        before = bytes([len(self.header)]) + self.header if self.header else b""
        return before + self.text

    @property
    def command(self) -> int:
        """Of the PDU that brings it."""
        return DATA_SM if self.data else DELIVER_SM

    def body(self) -> bytes:
        """Of that PDU."""
        esm_class = self.esm_class | (0x40 if self.header else 0)
        tlvs = self.tlvs
        inside = self.user_data
        if self.payload or self.data:
            tlvs, inside = ((PAYLOAD, inside), *tlvs), b""
        made = b"\0" + bytes([self.ton, self.npi]) + self.sender + b"\0"
        made += b"\x03\x01" + self.recipient + b"\0" + bytes([esm_class])
        if self.data:
            made += bytes([0, self.data_coding])
        else:
            made += bytes([self.protocol_id, 0]) + b"\0" + b"\0" + b"\0\0"
            made += bytes([self.data_coding, 0, len(inside)])
            made += inside
        return made + b"".join(struct.pack("!HH", tag, len(v)) + v for tag, v in tlvs)


def eight(reference: int, total: int, number: int) -> bytes:
    """The header of a part with a reference of 8 bits (TS 23.040, 9.2.3.24.1)."""
    return bytes([0, 3, reference, total, number])


def sixteen(reference: int, total: int, number: int) -> bytes:
    """The header of a part with a reference of 16 bits (TS 23.040, 9.2.3.24.8)."""
    return struct.pack("!BBHBB", 8, 4, reference, total, number)


def sar(reference: int, total: int, number: int) -> tuple[tuple[int, bytes], ...]:
    """The same as optional parameters (5.3.2.22 to 24)."""
    two = struct.pack("!H", reference)
    return ((REFERENCE, two), (TOTAL, bytes([total])), (SEGMENT, bytes([number])))


def pdu(command: int, sequence: int, body: bytes = b"", status: int = OK) -> bytes:
    """A whole PDU."""
    return struct.pack("!IIII", 16 + len(body), command, status, sequence) + body


@dataclass(frozen=True, slots=True)
class Binding:
    """What a client says when it binds (tables 4-3 and 4-7)."""

    command: int
    user: str
    password: str
    system_type: str
    version: int


def binding(heard: Heard) -> Binding:
    """Of a bind's body."""
    user, password, kind, rest = heard.body.split(b"\0", 3)
    return Binding(heard.command, user.decode(), password.decode(), kind.decode(), rest[0])


@dataclass(frozen=True, slots=True)
class Submitted:
    """An SMS that a client wants sent (table 4-10)."""

    sender: bytes
    recipient: bytes
    esm_class: int
    data_coding: int
    registered_delivery: int
    user_data: bytes
    tlvs: dict[int, bytes] = field(default_factory=dict)


def submitted(body: bytes) -> Submitted:
    """Of a submit_sm's body."""
    at = body.index(b"\0") + 3
    end = body.index(b"\0", at)
    sender, at = body[at:end], end + 3
    end = body.index(b"\0", at)
    recipient, esm_class, at = body[at:end], body[end + 1], end + 4
    at = body.index(b"\0", at) + 1
    at = body.index(b"\0", at) + 1
    registered, _, data_coding, _, length = body[at : at + 5]
    inside, rest = body[at + 5 : at + 5 + length], body[at + 5 + length :]
    tlvs = {}
    while rest:
        tag, size = struct.unpack("!HH", rest[:4])
        tlvs[tag], rest = rest[4 : 4 + size], rest[4 + size :]
    return Submitted(sender, recipient, esm_class, data_coding, registered, inside, tlvs)
