"""What the spool remembers of what persons wrote, by a name of ours: kept as messages are kept.

It is wrapped by the storage key of the day, so that what is forgotten cannot be opened by an older
copy of the disk with keys of today. An older version sealed it under a key that stays; what that
one wrote opens until it is written anew.
"""

from __future__ import annotations

import contextlib
from typing import TypeVar

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.custody import HEAD, keep, reveal, wrapped_anew, wrapped_by
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack, unpack

T = TypeVar("T")


def to_remember(name: str, value: object, keys: ExitKeys) -> bytes:
    """What the spool is to remember under a name: a dataclass, sealed."""
    return keep(pack(value), keys.storage[-1], bind=_bound(name), padded=False)


def remembered(kind: type[T], name: str, sealed: bytes, keys: ExitKeys) -> T:
    """What it was told. Raises Damaged, also for what other keys have sealed."""
    with contextlib.suppress(Damaged):
        return unpack(kind, reveal(sealed, keys.storage, bind=_bound(name)))
    info = b"outword/1/" + name.encode()
    return unpack(kind, primitives.open_(primitives.derive(keys.desk_secret, info), sealed, info))


def remembered_anew(name: str, sealed: bytes, keys: ExitKeys) -> bytes:
    """The same under the newest storage key; as it is where it lies under no older one. Raises
    Damaged."""
    if wrapped_by(sealed) not in {key.id for key in keys.storage[:-1]}:
        return sealed
    return wrapped_anew(sealed[:HEAD], keys.storage, bind=_bound(name)) + sealed[HEAD:]


def _bound(name: str) -> bytes:
    return b"remembered " + name.encode()
