"""Who did what: written down before it is done, by handles, and without a word of any text.

It lies in ``data/audit``, sealed under a key of ``exit.key``. While that is locked, what is done at
the terminal waits in memory.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from relay.errors import Asked, Damaged, SpoolFull
from relay.model import Instant, hour_of
from relay.node.desk.auditfile import Anchor, Entry, Link, anchor_of
from relay.node.desk.auditfolder import Folder, day_of
from relay.ports import Clock, Spool
from relay.wire import primitives
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack

REMEMBERED: Final = "audit"
"""Under which name the spool has the anchor."""

MOST_WAITING: Final = 1000
"""Entries that wait until ``exit.key`` is open; then the oldest are lost."""

NOT_WRITTEN: Final = "data/audit cannot be written: nothing was done"

ALTERED: Final = "data/audit was altered or cut: what is left lies there, and a new one was begun"


@dataclass(frozen=True, slots=True, repr=False)
class _Deed:
    hour: Instant
    handle: str
    deed: str
    ids: tuple[str, ...]
    said: str


class Audit:
    """The audit of one node. ``frozen``: the time is in doubt, and nothing is destroyed by it."""

    def __init__(
        self, path: Path, spool: Spool, clock: Clock, keep_s: int, frozen: Callable[[], bool]
    ) -> None:
        self._path = path
        self._spool = spool
        self._clock = clock
        self._keep_s = keep_s
        self._frozen = frozen
        self._key: bytes | None = None
        self._folder: Folder | None = None
        self._link = Link()
        self._gone = 0
        self._turn = trio.Lock()
        self._waiting: deque[_Deed] = deque(maxlen=MOST_WAITING)
        self.altered = False
        """Whether what lay there at the start was not what had been written."""

    def unlock(self, keys: ExitKeys) -> None:
        """From now on it can be written."""
        self._key = primitives.derive(keys.desk_secret, b"outword/1/audit")

    async def open(self) -> None:
        """Take up what was written before; then write what has waited. Raises Asked: then whoever
        does the next thing tries again."""
        async with self._turn:
            await self._catch_up()

    async def _catch_up(self) -> Folder | None:
        """The folder, and all written that has waited; None while the key is not there."""
        if self._key is None:
            return None
        if self._folder is None:
            await self._take_up(Folder(self._path, self._key))
        while self._waiting:
            await self._append(self._waiting[0])
            self._waiting.popleft()
        return self._folder

    async def _take_up(self, folder: Folder) -> None:
        written = (await self._spool.remembered()).get(REMEMBERED, b"")
        try:
            anchor = anchor_of(written)
            link = await trio.to_thread.run_sync(folder.taken_up, anchor)
        except Damaged:
            anchor, link = Anchor(), None
        except OSError:
            raise Asked(NOT_WRITTEN) from None
        self._gone = anchor.gone
        self._folder = folder
        if link is not None:
            self._link = link
            return
        await self._begin_anew(folder, anchor)

    async def _begin_anew(self, folder: Folder, anchor: Anchor) -> None:
        """What is there was altered: new entries have higher numbers than any of it."""
        try:
            newest = await trio.to_thread.run_sync(folder.read, 1 << 62, 1)
            last = max([anchor.n, *(one.n for one in newest)])
            await trio.to_thread.run_sync(folder.set_aside)
        except OSError:
            self._folder = None
            raise Asked(NOT_WRITTEN) from None
        self.altered = True
        self._link, self._gone = Link(last), last
        await self._append(_Deed(hour_of(self._clock.now()), "relay", "audit altered", (), ALTERED))

    # ------------------------------------------------------------ writing

    async def write(
        self,
        handle: str,
        deed: str,
        ids: Sequence[str] = (),
        said: str = "",
        *,
        anyway: bool = False,
    ) -> None:
        """Write down what somebody is about to do; durable when this returns. ``anyway``: it is
        done also where this fails. Raises Asked."""
        one = _Deed(hour_of(self._clock.now()), handle, deed, tuple(ids), said)
        async with self._turn:
            try:
                if await self._catch_up() is None:
                    self._waiting.append(one)
                else:
                    await self._append(one)
            except Asked:
                if not anyway:
                    raise

    async def _append(self, one: _Deed) -> None:
        assert self._folder is not None
        entry = Entry(self._link.n + 1, one.hour, one.handle, one.deed, one.ids, one.said)
        day = day_of(self._clock.now())
        with trio.CancelScope(shield=True):  # the chain in memory is that on the disk
            try:
                self._link = await trio.to_thread.run_sync(
                    self._folder.append, entry, self._link, day
                )
            except OSError:
                raise Asked(NOT_WRITTEN) from None
            with contextlib.suppress(SpoolFull):  # one that lies behind the chain does no harm
                await self._remember(self._gone)

    async def _remember(self, gone: int) -> None:
        anchor = Anchor(self._link.n, self._link.digest, gone)
        await self._spool.remember(REMEMBERED, pack(anchor))

    # ------------------------------------------------------------ reading, letting go

    async def read(self, before: int, limit: int) -> Sequence[Entry]:
        """The newest entries of a smaller number than ``before``, newest first. Raises Asked."""
        if self._folder is None:
            raise Asked("exit.key is locked: unlock it first")
        try:
            return await trio.to_thread.run_sync(self._folder.read, before, limit)
        except OSError:
            raise Asked("data/audit cannot be read") from None

    async def purge(self) -> None:
        """Let go of what is older than it is kept."""
        async with self._turn:
            if self._folder is None or self._frozen():
                return
            day = day_of(max(0, self._clock.now() - self._keep_s))
            with contextlib.suppress(OSError, SpoolFull):  # then the next time
                old = await trio.to_thread.run_sync(self._folder.older, day)
                if old:
                    gone = max(self._gone, self._folder.gone_with(old, self._link.n))
                    await self._remember(gone)  # first: what is missing then was let go of
                    self._gone = gone
                    await trio.to_thread.run_sync(self._folder.let_go, old)
