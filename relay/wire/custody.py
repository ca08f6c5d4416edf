"""How a record lies in the spool: under a random key of its own, wrapped by the storage key.

::

    version 1 | storage key id 8 | wrapped record key 60 | sealed record

Destroying the record destroys its key with it. Both the wrap and the record are bound to their row
by ``bind``, so that one moved to another row does not open; the record is not bound to its wrap, so
that rolling the storage key wraps anew 60 bytes, not the record.

Between a record and its storage key lies nothing else: with the wrap of yesterday and the storage
key of yesterday it opens, with either one alone it does not. So a record is destroyed with its wrap
and, where a copy of that was taken, with the storage key of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.epochs import StorageKey
from relay.wire.padding import CLASSES, class_for, pad, unpad
from relay.wire.primitives import KEY, NONCE, TAG

_PADDED, _PLAIN = b"\x01", b"\x02"
_KEY_ID = 8
_WRAPPED = NONCE + KEY + TAG
HEAD: Final = 1 + _KEY_ID + _WRAPPED
"""Bytes that are put anew when the storage key rolls."""

_AROUND = HEAD + TAG
_WRAPS: Final = b"outword/1/record-key"


def keep(record: bytes, key: StorageKey, *, bind: bytes, padded: bool = True) -> bytes:
    """Seal a record for the spool, filling a size class unless its size tells nothing.

    Raises TooLarge.
    """
    version = _PADDED if padded else _PLAIN
    record_key = token_bytes(KEY)
    if padded:
        record = pad(record, class_for(len(record), _AROUND), _AROUND)
    head = version + key.id
    wrapped = primitives.seal(key.key, record_key, _WRAPS + head + bind)
    return head + wrapped + primitives.seal_once(record_key, record, _bound(version, bind))


def reveal(kept: bytes, keys: Sequence[StorageKey], *, bind: bytes) -> bytes:
    """The record again. Raises Damaged, also where its storage key is gone."""
    version, head, wrapped = kept[:1], kept[: 1 + _KEY_ID], kept[1 + _KEY_ID : HEAD]
    if version not in (_PADDED, _PLAIN) or len(kept) < _AROUND:
        raise Damaged
    if version == _PADDED and len(kept) not in CLASSES:
        raise Damaged
    key = _key_of(head, keys)
    record_key = primitives.open_(key, wrapped, _WRAPS + head + bind)
    record = primitives.open_once(record_key, memoryview(kept)[HEAD:], _bound(version, bind))
    return unpad(record) if version == _PADDED else record


def wrapped_by(kept: bytes) -> bytes:
    """The id of the storage key under which something was kept; empty if it was not, or nothing is
    left of it. Its first bytes are enough, ``HEAD`` of them."""
    whole = len(kept) >= HEAD and kept[:1] in (_PADDED, _PLAIN)
    return kept[1 : 1 + _KEY_ID] if whole else b""


def wrapped_anew(head: bytes, keys: Sequence[StorageKey], *, bind: bytes) -> bytes:
    """The first ``HEAD`` bytes of what was kept, under the newest of the keys. Raises Damaged."""
    before, wrapped, newest = head[: 1 + _KEY_ID], head[1 + _KEY_ID : HEAD], keys[-1]
    record_key = primitives.open_(_key_of(before, keys), wrapped, _WRAPS + before + bind)
    after = head[:1] + newest.id
    return after + primitives.seal(newest.key, record_key, _WRAPS + after + bind)


def _key_of(head: bytes, keys: Sequence[StorageKey]) -> bytes:
    for key in keys:
        if key.id == head[1:]:
            return key.key
    raise Damaged


def _bound(version: bytes, bind: bytes) -> bytes:
    return b"outword/1/record" + version + bind
