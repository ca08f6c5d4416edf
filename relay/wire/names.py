"""Names derived from secrets: what recognises without telling.

A plain hash of a number or a text could be tested by whoever has guesses (a billion phone numbers
take an hour and a half), so each of these is an HMAC under a key with one job. 16 bytes are kept.
"""

from __future__ import annotations

import uuid

from relay.model import Instant
from relay.wire import primitives
from relay.wire.epochs import DAY_S

SHORT = 16


def day_number(now: Instant) -> int:
    """The UTC day, counted from 1970: names the day tables and the day keys."""
    return now // DAY_S


def repeat_key(node_secret: bytes, transport: str, provider_id: bytes, channel: str = "") -> bytes:
    """Recognises what a provider hands over again under the same id."""
    parts = (b"repeat", transport.encode(), channel.encode(), provider_id)
    return primitives.mac(node_secret, *parts)[:SHORT]


def second_key(
    join_secret: bytes, sender: bytes, text: bytes, claimed_at: bytes, channel: str = ""
) -> bytes:
    """Recognises what a gateway hands over again under a new id; useless after two days."""
    parts = (b"again", channel.encode(), sender, text, claimed_at)
    return primitives.mac(join_secret, *parts)[:SHORT]


def author_tag(day_key: bytes, sender: bytes) -> bytes:
    """Groups what one sender wrote within two days; says nothing afterwards."""
    return primitives.mac(day_key, b"author", sender)[:SHORT]


def network_tag(day_key: bytes, network: bytes) -> bytes:
    """Groups what came from one network (``rules.networks``) within two days; says nothing
    afterwards."""
    return primitives.mac(day_key, b"network", network)[:SHORT]


def account_secret(message_secret: bytes, account: str) -> bytes:
    """What a bridge is given to make keys of parts from: 32 bytes for one message, one account.

    Two exits that open the same envelope get the same, and nobody else can make it.
    """
    return primitives.mac(message_secret, b"account", account.encode())


def item_id(message_secret: bytes) -> str:
    """The id of the page's item: "urn:uuid:" and a version 8 UUID (RFC 9562)."""
    raw = bytearray(primitives.mac(message_secret, b"item")[:SHORT])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(raw)).urn


def join_key(
    join_secret: bytes, transport: str, sender: bytes, recipient: bytes, reference: bytes, of: int
) -> bytes:
    """Recognises the segments of one SMS; useless after two days."""
    parts = (b"join", transport.encode(), sender, recipient, reference, b"%d" % of)
    return primitives.mac(join_secret, *parts)[:SHORT]


def join_name(desk_secret: bytes, channel: str, key: bytes) -> bytes:
    """By what the spool finds the segments of a join key in a channel: not the key itself, which is
    a door's and would let its secrets be tried on numbers."""
    return primitives.mac(desk_secret, b"join", channel.encode(), key)[:SHORT]


def correction_name(desk_secret: bytes, first: bytes) -> bytes:
    """By what the spool finds what corrects the message with this id."""
    return primitives.mac(desk_secret, b"correction", first)[:SHORT]


def code_name(desk_secret: bytes, code: str) -> bytes:
    """By what the spool finds the message of a code; the caller normalises it first."""
    return primitives.mac(desk_secret, b"code", code.encode())[:SHORT]


def given_name(desk_secret: bytes, code: str) -> bytes:
    """By what the spool finds the message of a code that a transport of ours has given: nobody
    else chooses that one."""
    return primitives.mac(desk_secret, b"given", code.encode())[:SHORT]


def ref_name(desk_secret: bytes, destination: str, ref: str) -> bytes:
    """By what the spool finds the message that was posted under this ref."""
    return primitives.mac(desk_secret, b"ref", destination.encode(), ref.encode())[:SHORT]


def shown_name(desk_secret: bytes, hour: Instant) -> bytes:
    """By what the spool finds what came on the page in this hour."""
    return primitives.mac(desk_secret, b"shown", b"%d" % hour)[:SHORT]


def replied_name(desk_secret: bytes) -> bytes:
    """By what the spool finds what somebody has replied to."""
    return primitives.mac(desk_secret, b"replied")[:SHORT]


def withdrawn_name(desk_secret: bytes, channel: str, day: int) -> bytes:
    """By what the spool counts what senders took off a channel on this day, without a person."""
    return primitives.mac(desk_secret, b"withdrawn", channel.encode(), b"%d" % day)[:SHORT]


def deed_name(desk_secret: bytes, token: str) -> bytes:
    """By what the spool finds the messages that a deed of the desk has moved."""
    return primitives.mac(desk_secret, b"deed", token.encode())[:SHORT]


def content_id(desk_secret: bytes, text: str) -> bytes:
    """Recognises the same text by another road; the caller normalises it first."""
    return primitives.mac(desk_secret, b"content", text.encode())[:SHORT]
