"""What the canary knows after a restart: when each name last worked, and what it has yet to take
back. ``remember`` keeps it under "canary NAME", and under "canary" the key of its lines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged, SpoolFull
from relay.model import Attempt, Instant
from relay.ports import Clock, Spool
from relay.wire.pack import pack, unpack
from relay.wire.primitives import KEY

NAME: Final = "canary"

FORGOTTEN_S: Final = 86400
"""Seconds after which a post is given up that cannot be taken back, or found: a platform that could
tell has told by then, and so has the board."""

DAMAGED: Final = (
    'what the canary remembered was damaged, and is forgotten: where canary = "post" look whether '
    "a test stands there, and delete it"
)

LOST: Final = (
    "a test post may be public where [destinations.{name}] went, to which nothing is sent any "
    "more: look there, and delete it"
)


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
    """What is kept of every name. ``frozen``: whether the clock is not to be believed."""

    def __init__(
        self, spool: Spool, clock: Clock, frozen: Callable[[], bool] = lambda: False
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._frozen = frozen
        self._by_name: dict[str, Kept] = {}
        self._unwritten: set[str] = set()
        self.key = token_bytes(KEY)
        """That of the lines: it recognises them, and is good for nothing else."""
        self.notices: list[str] = []
        """What was odd about what was kept."""

    async def load(self, names: Collection[str], destinations: Collection[str]) -> None:
        """Take up what is there; forget what is of other names, or damaged, but of none of the
        ``destinations`` what is to be taken back. The key is made if there are names and none is
        there."""
        found = await self._spool.remembered()
        key = found.get(NAME, b"")
        if len(key) == KEY:
            self.key = key
        elif names:
            self.notices += [DAMAGED] * bool(key)
            await self._remember(NAME, self.key)
        for name, value in _of_names(found).items():
            try:
                kept = unpack(Kept, value)
            except Damaged:
                self.notices.append(DAMAGED)
                keep = False
            else:
                keep = self._keeps(name, kept, name in names, name in destinations)
            if not keep:
                await self._remember(f"{NAME} {name}", b"")

    def _keeps(self, name: str, kept: Kept, named: bool, there: bool) -> bool:
        """Take it up, if it is of use; whether it stays on the disk."""
        if kept.posting is not None and not there:
            self.notices.append(LOST.format(name=name))
            return not self.is_old(kept.posting)  # it is told at each start of a day
        if named or kept.posting is not None:
            self._by_name[name] = kept
            return True
        return False

    def left(self) -> list[str]:
        """The destinations where something is to be taken back."""
        return [name for name, kept in self._by_name.items() if kept.posting is not None]

    def is_old(self, posting: Posting) -> bool:
        """Whether it is given up: by a clock that jumped it is not."""
        age_s = self._clock.now() - posting.attempt.first
        return age_s >= FORGOTTEN_S and not self._frozen()

    def of(self, name: str) -> Kept:
        """What is known of a name."""
        return self._by_name.get(name, Kept())

    async def save(self, name: str, kept: Kept) -> bool:
        """Keep that. False: the disk is full, and it is known until a restart only."""
        if self.of(name) == kept and name not in self._unwritten:
            return True
        self._by_name[name] = kept
        written = await self._remember(f"{NAME} {name}", pack(kept))
        (self._unwritten.discard if written else self._unwritten.add)(name)
        return written

    async def notes(self, name: str, posting: Posting | None) -> bool:
        """Keep what is to be taken back there; None: nothing is. Else as ``save``."""
        return await self.save(name, replace(self.of(name), posting=posting))

    async def _remember(self, name: str, value: bytes) -> bool:
        with contextlib.suppress(SpoolFull):
            await self._spool.remember(name, value)
            return True
        return False


def _of_names(found: Mapping[str, bytes]) -> dict[str, bytes]:
    begins = f"{NAME} "
    return {name[len(begins) :]: value for name, value in found.items() if name.startswith(begins)}
