"""What the canary knows after a restart: when each name last worked, and what it has yet to take
back. ``remember`` keeps it under "canary NAME", and under "canary" the key of its lines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged, SpoolFull
from relay.model import Attempt, Instant
from relay.ports import Spool
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY

NAME: Final = "canary"

DAMAGED: Final = "what the canary remembered was damaged, and is forgotten"


@dataclass(frozen=True, slots=True, repr=False)
class Posting:
    """A post that is to be taken back. ``ref``: what it has there, empty while that is not known:
    it may be public or not."""

    attempt: Attempt
    ref: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """Of one name. ``last_good`` is an hour; ``took`` tenths of a second."""

    last_good: Instant | None = None
    took: int | None = None
    posting: Posting | None = None


class Memory:
    """What is kept of every name."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._by_name: dict[str, Kept] = {}
        self.key = token_bytes(KEY)
        """That of the lines: it recognises them, and is good for nothing else."""
        self.notices: list[str] = []
        """What was odd about what was kept."""

    async def load(self, names: Collection[str]) -> None:
        """Take up what is there; forget what is of other names, or damaged. The key is made if
        there are names and none is there."""
        found = await self._spool.remembered()
        key = found.get(NAME, b"")
        if len(key) == KEY:
            self.key = key
        elif names:
            self.notices += [DAMAGED] * bool(key)
            await self._remember(NAME, self.key)
        for name, kept in _of_names(found).items():
            try:
                self._by_name[name] = unpack(Kept, kept)
            except Damaged:
                self.notices.append(DAMAGED)
                await self._remember(f"{NAME} {name}", b"")
            else:
                if name not in names and self._by_name[name].posting is None:
                    del self._by_name[name]
                    await self._remember(f"{NAME} {name}", b"")

    def of(self, name: str) -> Kept:
        """What is known of a name."""
        return self._by_name.get(name, Kept())

    async def save(self, name: str, kept: Kept) -> bool:
        """Keep that. False: the disk is full, and it is known until a restart only."""
        if self.of(name) == kept:
            return True
        self._by_name[name] = kept
        return await self._remember(f"{NAME} {name}", pack(kept))

    async def _remember(self, name: str, value: bytes) -> bool:
        with contextlib.suppress(SpoolFull):
            await self._spool.remember(name, value)
            return True
        return False


def _of_names(found: Mapping[str, bytes]) -> dict[str, bytes]:
    begins = f"{NAME} "
    return {name[len(begins) :]: value for name, value in found.items() if name.startswith(begins)}
