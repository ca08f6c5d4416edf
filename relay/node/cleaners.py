"""ports.Cleaner, a process away: one medium at a time, and a hostile one ends only its cleaner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import trio

from relay.errors import Damaged
from relay.model import Fits, Media, Unclean
from relay.node.process import Process
from relay.node.said import plain
from relay.node.solo import Solo, Unanswered
from relay.rules.fitting import fits_as_it_is
from relay.wire import frames
from relay.wire.itemmedia import ENDINGS

CLEAN_S: Final = 600.0
"""Wall seconds a cleaner gets for one medium; its own limits are of CPU."""

MOST_SIDE: Final = 100_000
MOST_SECONDS: Final = 1_000_000
"""No medium has more, whatever a cleaner says that was taken over by what it was given."""


class Cleaners:
    """ports.Cleaner over whichever cleaner process is alive now.

    Of what a cleaner answers only the bytes are believed as they are; they are a picture, a film or
    a sound of a type that we make, and no larger than we make any.
    """

    def __init__(self, kill: Callable[[int], Awaitable[None]]) -> None:
        self._solo = Solo("cleaner", "clean", _believed, kill)
        self._turn = trio.Lock()

    def connected(self, process: Process) -> None:
        """A new cleaner is there."""
        self._solo.connected(process)

    async def clean(self, medium: Media) -> Media | Unclean:
        """As ports.Cleaner; takes as long as it takes to have a cleaner."""
        return await self._made(frames.Clean(medium), medium.alt)

    async def fitted(self, medium: Media, fits: Fits) -> Media | Unclean:
        """As ports.Cleaner. No cleaner is asked about what fits."""
        if fits_as_it_is(medium, fits):
            return medium
        made = await self._made(frames.Fit(medium, fits), medium.alt)
        if isinstance(made, Media) and not fits_as_it_is(made, fits):
            return Unclean("it cannot be made to fit")
        return made

    async def _made(self, asked: frames.Clean | frames.Fit, alt: str) -> Media | Unclean:
        async with self._turn:
            answer = await self._solo.ask(asked, CLEAN_S)
        if isinstance(answer, Unanswered):
            return Unclean(answer.why)
        made = answer.made
        return made if isinstance(made, Unclean) else replace(made, alt=alt)


def _believed(asked: object, answer: object) -> frames.WasCleaned:
    """What was cleaned, as it may go on. Raises Damaged."""
    if not isinstance(answer, frames.WasCleaned):
        raise Damaged
    made = answer.made
    if isinstance(made, Unclean):
        return frames.WasCleaned(Unclean(plain(made.why)))
    good = (
        made.type in ENDINGS
        and made.content
        and fits_as_it_is(replace(made, width=0, height=0, seconds=0), Fits())
        and len(made.poster) <= Fits().image_bytes
        and bool(made.poster) <= made.type.startswith("video/")
        and all(0 <= side <= MOST_SIDE for side in (made.width, made.height))
        and 0 <= made.seconds <= MOST_SECONDS
    )
    if not good:
        raise Damaged
    return answer
