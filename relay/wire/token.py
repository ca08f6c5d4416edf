"""The return token: the way back to a sender, which only the entry opens and only the exit holds.

::

    day key id 4 | nonce 12 | sealed: answer key 32, length 2, address, zeros up to 512 | tag 16

The address is the name of the transport, a zero byte, and what that transport calls a way back.

All tokens are of one length, so that it tells nothing. The return key of a day lives in memory for
14 days at most, so an old token opens nothing. The answer itself travels under the answer key,
single use, and is padded: what is said to who asks for what is not there is as long as all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.primitives import KEY

KEY_ID = 4
"""Bytes of the id of a day's key, with which a token begins."""

MAX_ADDRESS = 512
"""Bytes of the longest way back (RFC 5321 allows 256 of a path)."""

ROOM = 1024
"""Bytes that an answer fills, with its mark; a longer one (none of ours by SMS) fills it twice, or
more often."""

_MARK = b"\x80"


@dataclass(frozen=True, slots=True, repr=False)
class ReturnKey:
    """The return key of one day: 4 bytes of id, 32 of key."""

    id: bytes
    key: bytes


def make_token(key: ReturnKey, answer_key: bytes, address: bytes) -> bytes:
    """A token for an address: 578 bytes. Raises ValueError for an address that is too long."""
    if len(address) > MAX_ADDRESS or len(answer_key) != KEY or len(key.id) != KEY_ID:
        raise ValueError("no way back is so long, or no key is")
    padded = len(address).to_bytes(2, "big") + address.ljust(MAX_ADDRESS, b"\x00")
    return key.id + primitives.seal(key.key, answer_key + padded, b"outword/1/token" + key.id)


def open_token(token: bytes, keys: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    """The answer key and the address of a token. Raises Damaged, also for a day that is over."""
    key = keys.get(token[:KEY_ID])
    if key is None:
        raise Damaged
    plain = primitives.open_(key, token[KEY_ID:], b"outword/1/token" + token[:KEY_ID])
    length = int.from_bytes(plain[KEY : KEY + 2], "big")
    address, rest = plain[KEY + 2 :][:length], plain[KEY + 2 :][length:]
    if len(plain) != KEY + 2 + MAX_ADDRESS or len(address) != length or rest.strip(b"\x00"):
        raise Damaged
    return plain[:KEY], address


def seal_answer(answer_key: bytes, text: bytes) -> bytes:
    """An answer on its way back to the entry, padded; the key is used this once."""
    marked = text + _MARK
    padded = marked.ljust(-(-len(marked) // ROOM) * ROOM, b"\x00")
    return primitives.seal_once(answer_key, padded, b"outword/1/answer")


def open_answer(answer_key: bytes, sealed: bytes) -> bytes:
    """The answer, at the entry. Raises Damaged."""
    padded = primitives.open_once(answer_key, sealed, b"outword/1/answer")
    text, mark, rest = padded.rpartition(_MARK)
    if not mark or rest.strip(b"\x00") or len(padded) % ROOM:
        raise Damaged
    return text
