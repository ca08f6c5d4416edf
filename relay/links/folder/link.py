"""The link by a watched folder: looked into now and then, and written to when there is something.

The folder may be a stick that is not there for weeks: that is no error, it is said on the board and
looked for again. All that touches the disk is done by a thread with a deadline. What was given is
acknowledged by the peer in a batch that comes back, over this link or any other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Final

from relay.links.folder.faults import why
from relay.links.folder.folder import Folder, Survey, Taken
from relay.links.folder.patient import Patient, Stuck
from relay.links.folder.place import Entry
from relay.links.folder.taking import Fault, Whole
from relay.links.port import Came, Given, HandedOver, Later, Opening, Peer
from relay.model import Instant
from relay.wire.batch import Batch

DEADLINE_S: Final = 120.0
"""Seconds that a disk has for one file. A slow stick writes the largest, and reads it back, in
thirty."""

TELL_S: Final = 2.0
"""Seconds after which what was put there is told of on a sheet: several batches on one."""

AT_ONCE: Final = 64
"""Files that are taken in before what goes back for them is written."""

PATIENCE: Final = 3
"""Looks after which a damaged file that has not changed is no longer being copied."""

STUCK: Final = "the disk of the folder does not answer"


class FolderLink:
    """One folder (``relay.links.port.Link``). It is looked into every ``every_s`` seconds; what
    nobody gave for twice ``again_s`` seconds has arrived by another road, and is removed; at most
    ``most_bytes`` of ours lie there for one peer."""

    def __init__(
        self,
        opening: Opening,
        folder: Folder,
        *,
        every_s: float,
        again_s: float,
        most_bytes: int,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._opening = opening
        self._folder = folder
        self._every_s = every_s
        self._again_s = again_s
        self._most = most_bytes
        self._patient = Patient(deadline_s)
        self._said = ("", "")
        self._given: dict[str, Instant] = {}
        self._doubts: dict[Entry, int] = {}
        self._kept: set[Entry] = set()
        self._news = asyncio.Event()

    # ------------------------------------------------------------ what comes

    async def run(self, came: Came, ready: Callable[[], None]) -> None:
        """Look into the folder now and then, until cancelled."""
        ready()
        loop = asyncio.get_running_loop()
        while True:
            await self.look(came)
            next_look = loop.time() + self._every_s
            while (left := next_look - loop.time()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._news.wait()
                        await asyncio.sleep(TELL_S)
                        self._news.clear()
                        await self._tell()

    async def look(self, came: Came) -> None:
        """Take in what lies there for us, once."""
        try:
            survey = await self._patient.do(self._folder.survey)
            self._count(survey)
            for peer in self._folder.peers:
                await self._take(peer, survey, came)
            await self._patient.do(self._tidy)
            self._fares("works")
        except OSError as error:
            self._fares("blocked", why(error))
        except Stuck:
            self._fares("blocked", STUCK)

    async def _take(self, peer: Peer, survey: Survey, came: Came) -> None:
        """All that lies there of one peer; up to the first that cannot be kept now."""
        taken = Taken()
        for seen in survey.of(peer):
            if seen.entry in self._kept or self._doubts.get(seen.entry, 0) >= PATIENCE:
                continue
            found = await self._patient.do(partial(self._folder.read, peer, seen))
            if isinstance(found, Fault):
                self._doubt(seen.entry)
            if not isinstance(found, Whole):
                continue
            back = await came(peer, found.batch)
            if back is None:
                break
            taken.add(found, back)
            if len(taken) >= AT_ONCE:
                await self._settle(peer, taken)
                taken = Taken()
        await self._settle(peer, taken)

    async def _settle(self, peer: Peer, taken: Taken) -> None:
        if not taken:
            return
        self._kept.update(one.entry for one in taken.wholes)  # where it cannot be removed
        await self._patient.do(partial(self._folder.settle, peer, taken))

    def _count(self, survey: Survey) -> None:
        """Tell once of each file that is for us and of nobody; forget those that are gone."""
        there = set(survey.looked.entries.values())
        self._doubts = {one: n for one, n in self._doubts.items() if one in there}
        self._kept &= there
        for entry in survey.strangers:
            if entry not in self._doubts:
                self._doubts[entry] = PATIENCE
                self._opening.turned_away()

    def _doubt(self, entry: Entry) -> None:
        looks = self._doubts[entry] = self._doubts.get(entry, 0) + 1
        if looks == PATIENCE:
            self._opening.turned_away()

    # ------------------------------------------------------------ what goes

    async def hand_over(self, peer: Peer, batch: Batch) -> HandedOver:
        """Put a batch into the folder, but for what lies there already."""
        if not batch:
            return Given()
        try:
            await self._patient.do(partial(self._put, peer, batch))
        except OSError as error:
            return Later(why(error))
        except Stuck:
            return Later(STUCK)
        self._news.set()
        return Given()

    def _put(self, peer: Peer, batch: Batch) -> None:
        self._folder.survey()
        self._folder.check(peer, batch)
        self._folder.put(peer, batch, self._most)
        now = self._opening.clock.now()
        self._given |= {name: now for name in self._folder.shelves[peer.name].holding(batch)}

    async def _tell(self) -> None:
        with contextlib.suppress(OSError, Stuck):  # the next look says so
            await self._patient.do(self._folder.tell)

    def _tidy(self) -> None:
        """Remove what arrived by another road, and tell what is left."""
        now = self._opening.clock.now()
        lying = {
            name: shelf.peer
            for shelf in self._folder.shelves.values()
            for name, one in shelf.lying.items()
            if one.ids
        }
        self._given = {name: self._given.get(name, now) for name in lying}
        old = [name for name, given in self._given.items() if now - given > 2 * self._again_s]
        for name in old:
            self._folder.clear(lying[name], [name])
        self._folder.tell()

    def _fares(self, state: str, because: str = "") -> None:
        if (state, because) != self._said:
            self._said = (state, because)
            self._opening.faring(state, because)
