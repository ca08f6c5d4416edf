"""Before prepare: the media of a message are made to fit a destination, each by itself.

A film may take minutes. So the work is done beside the deliveries, and one whose media are not
ready goes back to wait for them: the texts behind it go first. What was made is kept in memory
until its delivery asks again; a process that ends makes it anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from relay.model import Fits, Media, Row, Unclean
from relay.ports import Cleaner
from relay.rules.fitting import fits_as_it_is, takes_none

WAIT_S: Final = 3.0
"""Seconds that a delivery waits for its media before it lets others go first: a picture is ready by
then."""

AGAIN_S: Final = 20
"""Seconds until it asks again."""

MOST: Final = 4
"""Deliveries whose media are made to fit, or are kept for them: each is up to 28 MB of memory."""

FORGOTTEN_S: Final = 600.0
"""Seconds after which media are let go that nobody has asked for again."""

MAKING: Final = "its media are being made to fit"
"""Why a delivery waits."""


@dataclass(frozen=True, slots=True, repr=False)
class Fitted:
    """What a destination is given of some media, and why others are left out, a reason each."""

    media: tuple[Media, ...]
    left_out: tuple[str, ...] = ()


Fit = Callable[[Row, Sequence[Media]], Awaitable[Fitted | None]]
"""The media of a delivery, as its destination takes them; None: they are not ready yet."""


async def as_they_are(row: Row, media: Sequence[Media]) -> Fitted | None:
    """A destination that takes whatever a cleaner makes."""
    return Fitted(tuple(media))


@dataclass(eq=False, repr=False)
class _Job:
    media: Sequence[Media]
    fits: Fits
    done: trio.Event = field(default_factory=trio.Event)
    made: Fitted | None = None
    asked: float = field(default_factory=trio.current_time)


class Fitting:
    """Makes media fit for all destinations of one node, one delivery after the other."""

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self._jobs: dict[int, _Job] = {}
        self._came = trio.Event()

    async def run(self) -> None:
        """Do what is asked for, until cancelled."""
        while True:
            came = self._came
            for job in [job for job in self._jobs.values() if not job.done.is_set()][:1]:
                job.made = await self._made(job)
                job.done.set()
                break
            else:
                await came.wait()

    async def fitted(self, row: Row, media: Sequence[Media], fits: Fits) -> Fitted | None:
        """What of these media goes to a destination that takes such; None: ask again later. What
        is nothing but text there is not asked about: it goes without them."""
        if takes_none(fits):
            return Fitted(())
        if all(fits_as_it_is(medium, fits) for medium in media):
            return Fitted(tuple(media))
        job = self._job(row.seq, media, fits)
        if job is None:
            return None
        job.asked = trio.current_time()
        with trio.move_on_after(WAIT_S):
            await job.done.wait()
        if job.made is not None:
            self._jobs.pop(row.seq, None)
        return job.made

    def _job(self, seq: int, media: Sequence[Media], fits: Fits) -> _Job | None:
        job = self._jobs.get(seq)
        if job is not None and job.fits == fits:
            return job
        before = trio.current_time() - FORGOTTEN_S
        for old in [seq for seq, one in self._jobs.items() if one.asked < before]:
            del self._jobs[old]
        if len(self._jobs) >= MOST:
            return None
        job = self._jobs[seq] = _Job(media, fits)
        self._came.set()
        self._came = trio.Event()
        return job

    async def _made(self, job: _Job) -> Fitted:
        made = [await self._cleaner.fitted(medium, job.fits) for medium in job.media]
        media = tuple(one for one in made if isinstance(one, Media))
        return Fitted(media, tuple(one.why for one in made if isinstance(one, Unclean)))
