"""How a record lies in the spool: under a random key of its own, wrapped by the storage key.

::

    version 1 | storage key id 8 | wrapped record key 60 | sealed record

Destroying the record destroys its key with it. Both the wrap and the record are bound to their row
by ``bind``, so that one moved to another row does not open; the record is not bound to its wrap, so
that rolling the storage key wraps anew 60 bytes, not the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.keys import StorageKey
from relay.wire.padding import CLASSES, class_for, pad, unpad
from relay.wire.primitives import KEY, NONCE, TAG

_PADDED, _PLAIN = b"\x01", b"\x02"
_KEY_ID = 8
_WRAPPED = NONCE + KEY + TAG
_HEAD = 1 + _KEY_ID + _WRAPPED
_AROUND = _HEAD + TAG


def keep(record: bytes, key: StorageKey, *, bind: bytes, padded: bool = True) -> bytes:
    """Seal a record for the spool, filling a size class unless its size tells nothing.

    Raises TooLarge.
    """
    version = _PADDED if padded else _PLAIN
    record_key = token_bytes(KEY)
    if padded:
        record = pad(record, class_for(len(record), _AROUND), _AROUND)
    head = version + key.id
    wrapped = primitives.seal(key.key, record_key, b"outword/1/record-key" + head + bind)
    return head + wrapped + primitives.seal_once(record_key, record, _bound(version, bind))


def reveal(kept: bytes, keys: Sequence[StorageKey], *, bind: bytes) -> bytes:
    """The record again. Raises Damaged, also where its storage key is gone."""
    version, head, wrapped = kept[:1], kept[: 1 + _KEY_ID], kept[1 + _KEY_ID : _HEAD]
    if version not in (_PADDED, _PLAIN) or len(kept) < _AROUND:
        raise Damaged
    if version == _PADDED and len(kept) not in CLASSES:
        raise Damaged
    key = next((key.key for key in keys if key.id == head[1:]), None)
    if key is None:
        raise Damaged
    record_key = primitives.open_(key, wrapped, b"outword/1/record-key" + head + bind)
    record = primitives.open_once(record_key, memoryview(kept)[_HEAD:], _bound(version, bind))
    return unpad(record) if version == _PADDED else record


def _bound(version: bytes, bind: bytes) -> bytes:
    return b"outword/1/record" + version + bind
