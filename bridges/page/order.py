"""``items/order``: one line of 37 bytes an item, in the order of posting, appended and synced.

Nothing else could keep the order: names are random, and all file times are set to hours. A line
stays for ever, also when its item is taken away, so that what is made of full pages never changes.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator, Sequence
from typing import Final

from relay.ports import Instant

LINE: Final = 37
"""Bytes of a line of the order: a UUID and a newline."""

AT_ONCE: Final = 50
"""Lines that are read together."""


class Order:
    """The lines of an open and locked ``items/order``. Raises OSError."""

    def __init__(self, opened: int) -> None:
        self._opened = opened

    def __len__(self) -> int:
        return os.fstat(self._opened).st_size // LINE

    def lines(self, start: int, stop: int) -> list[str]:
        """The UUIDs on lines ``start`` to ``stop`` (not included), oldest first."""
        read = os.pread(self._opened, max(stop - start, 0) * LINE, start * LINE)
        return read.decode("ascii", "replace").splitlines()

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """The line numbers of those names that have a line."""
        if not names:
            return {}
        whole = os.pread(self._opened, len(self) * LINE, 0)  # 4 MB at 100,000 items
        found = {name: whole.find(name.encode()) for name in names}
        return {name: at // LINE for name, at in found.items() if at >= 0}

    def newest_first(self) -> Iterator[tuple[int, str]]:
        """Line numbers and UUIDs from the end, read 50 at a time."""
        stop = len(self)
        while stop > 0:
            start = max(stop - AT_ONCE, 0)
            yield from zip(
                range(stop - 1, start - 1, -1), reversed(self.lines(start, stop)), strict=True
            )
            stop = start

    def append(self, names: Sequence[str], when: Instant) -> None:
        """Add lines, all of them or none, durably."""
        if not names:
            return
        before = os.fstat(self._opened).st_size
        added = "".join(f"{name}\n" for name in names).encode()
        try:
            if os.write(self._opened, added) != len(added):  # the disk became full on the way
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.utime(self._opened, (when, when))
            os.fsync(self._opened)
        except OSError:
            os.ftruncate(self._opened, before)
            raise

    def cut_half_a_line(self) -> None:
        """Half a line is what a power cut left: its item was not yet said to be posted."""
        os.ftruncate(self._opened, len(self) * LINE)

    def feed_id(self) -> str:
        """The feed's own id, fixed from its first item on, whatever its address becomes."""
        first = self.lines(0, 1)
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uuid:{first[0]}" if first else "urn:empty").urn
