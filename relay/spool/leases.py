"""Who holds which row: in memory, so that a claim costs no commit and a crash frees them all."""

from __future__ import annotations

from collections.abc import Container

from relay.model import Row


class Leases(Container[int]):
    """Leased rows, each with the revision that its holder knows."""

    def __init__(self) -> None:
        self._revs: dict[int, int] = {}

    def __contains__(self, seq: object) -> bool:
        return seq in self._revs

    def __len__(self) -> int:
        return len(self._revs)

    def held(self, row: Row) -> bool:
        """Whether this very revision is leased."""
        return self._revs.get(row.seq) == row.rev

    def begin(self, row: Row) -> None:
        """Lease a row, or go on with the lease of the row as it is now."""
        self._revs[row.seq] = row.rev

    def end(self, row: Row) -> None:
        """The row is free; nothing if this revision was not leased."""
        if self.held(row):
            del self._revs[row.seq]
