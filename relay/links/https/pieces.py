"""Large batches that are not whole yet: in memory, one for each peer, and bounded for all. Pure.

What is here belongs to peers that the settings name, but even of these one may be in other hands:
a peer has room for one batch, all together for three, and what takes too long makes room for
others as soon as they need it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.batch import MAX_BATCH

MOST_BYTES: Final = 3 * MAX_BATCH
"""Of all batches together."""

KEPT_S: Final = 900.0
"""Seconds after its last byte a batch is forgotten; and after its first, where room is needed."""


@dataclass(slots=True, repr=False)
class _Part:
    digest: bytes
    length: int
    began: float
    grew: float
    body: bytearray = field(default_factory=bytearray)


class Pieces:
    """``now``: seconds that only grow. A peer is named by its link key."""

    def __init__(self, now: Callable[[], float], most_bytes: int = MOST_BYTES) -> None:
        self._now = now
        self._most = most_bytes
        self._parts: dict[bytes, _Part] = {}

    @property
    def held(self) -> int:
        """Bytes that are here, of all peers."""
        return sum(len(part.body) for part in self._parts.values())

    def there(self, peer: bytes, digest: bytes) -> int:
        """How much of this batch is here."""
        part = self._parts.get(peer)
        return len(part.body) if part is not None and part.digest == digest else 0

    def add(self, peer: bytes, digest: bytes, length: int, at: int, more: bytes) -> bool:
        """What stands at this byte of it. False where that is not where the last piece ended, or
        there is no room; then nothing was added. Another batch of this peer is forgotten."""
        self.forget_old()
        part = self._parts.get(peer)
        if part is None or (part.digest, part.length) != (digest, length):
            part = _Part(digest, length, self._now(), self._now())
        if at != len(part.body) or at + len(more) > length:
            return False
        self._parts[peer] = part
        if not self._has_room(peer, len(more)):
            return False
        part.body += more
        part.grew = self._now()
        return True

    def whole(self, peer: bytes, digest: bytes) -> bytes | None:
        """The batch, where all of it is here. Raises Damaged where it is not what its digest says;
        then it is forgotten."""
        part = self._parts.get(peer)
        if part is None or part.digest != digest or len(part.body) < part.length:
            return None
        made = bytes(part.body)
        if primitives.digest(made) != digest:
            del self._parts[peer]
            raise Damaged
        return made

    def forget(self, peer: bytes, digest: bytes) -> None:
        """This batch is durable elsewhere."""
        if self.there(peer, digest):
            del self._parts[peer]

    def forget_old(self) -> None:
        """What has not grown for long."""
        for peer, part in tuple(self._parts.items()):
            if self._now() - part.grew > KEPT_S:
                del self._parts[peer]

    def _has_room(self, peer: bytes, more: int) -> bool:
        slow = [name for name, part in self._parts.items() if self._now() - part.began > KEPT_S]
        for name in slow:
            if self.held + more > self._most and name != peer:
                del self._parts[name]
        return self.held + more <= self._most
