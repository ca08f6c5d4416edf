"""The core's side of the cleaner: what it says is believed within bounds, and it ends alone."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

import pytest
import trio
from media_path_parts import FILM, PHOTO
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.model import NO_MEDIA, Fits, Media, Unclean
from relay.node import pipes
from relay.node.cleaners import CLEAN_S, Cleaners
from relay.node.process import TO_CORE, Process
from relay.wire import frames

NEW = Media("image/jpeg", b"new", "another word", width=640, height=480)
GOOD = frames.WasCleaned(NEW)


class Scripted:
    """Cleaners that say what they are told to, one thing a life: an answer, a status with which
    it ends instead, or None: nothing, until it is killed."""

    def __init__(self, *lives: Any) -> None:
        self.cleaners = Cleaners(self.kill)
        self.asked: list[Any] = []
        self.killed: list[int] = []
        self._lives = lives
        self._now: Process | None = None

    async def kill(self, pid: int) -> None:
        self.killed.append(pid)
        assert self._now is not None
        self._now.status = signal.SIGKILL
        self._now.dead.set()

    async def run(self) -> None:
        for pid, life in enumerate(self._lives):
            ours, theirs = pipes.pair()
            self._now = process = Process("cleaner", pid, pipes.Pipe(ours, TO_CORE["cleaner"]))
            process.began.set()
            self.cleaners.connected(process)
            pipe = pipes.Pipe(theirs, (frames.Clean, frames.Fit))
            try:
                await self._live(process, pipe, life)
            finally:
                pipe.close()
                process.pipe.close()

    async def _live(self, process: Process, pipe: pipes.Pipe, life: Any) -> None:
        self.asked.append(await pipe.receive())
        if isinstance(life, int):
            process.status = life
            pipe.close()
        elif life is not None:
            await pipe.send(life)
            await wait_all_tasks_blocked()
        if life is not None:
            process.dead.set()
        await process.dead.wait()


async def cleaned(scripted: Scripted, medium: Media = PHOTO) -> Media | Unclean:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scripted.run)
        made = await scripted.cleaners.clean(medium)
        nursery.cancel_scope.cancel()
    return made


async def test_what_was_made_has_the_words_that_came_with_it() -> None:
    assert await cleaned(Scripted(GOOD)) == replace(NEW, alt=PHOTO.alt)


async def test_a_cleaner_that_is_killed_is_no_judgement_about_a_medium() -> None:
    scripted = Scripted(signal.SIGKILL, 0, GOOD)
    assert isinstance(await cleaned(scripted), Media)
    assert len(scripted.asked) == 3


@pytest.mark.parametrize(
    ("lives", "why"),
    [
        ([signal.SIGXCPU], "too much work to clean"),
        ([signal.SIGABRT], "too much memory to clean"),
        ([signal.SIGSEGV] * 3, "its cleaner was killed three times"),
        ([frames.WasCleaned(Unclean("damaged\x1b[31m"))], "damaged?[31m"),
    ],
)
async def test_what_ends_its_cleaner_is_set_aside(lives: list[Any], why: str) -> None:
    assert await cleaned(Scripted(*lives)) == Unclean(why)


async def test_a_cleaner_that_does_not_come_to_an_end_is_killed(autojump_clock: MockClock) -> None:
    scripted = Scripted(None)
    assert await cleaned(scripted, FILM) == Unclean("too much work to clean")
    assert (scripted.killed, trio.current_time() >= CLEAN_S) == ([0], True)


@pytest.mark.parametrize(
    "lie",
    [
        replace(NEW, type="text/html"),
        replace(NEW, type="image/svg+xml"),
        replace(NEW, content=b""),
        replace(NEW, content=bytes(8_000_001)),
        replace(NEW, width=-1),
        replace(NEW, height=10**9),
        replace(NEW, poster=b"p"),
        replace(NEW, type="video/mp4", content=b"f", seconds=-1),
    ],
)
async def test_a_cleaner_that_was_taken_over_is_not_believed(lie: Media) -> None:
    scripted = Scripted(frames.WasCleaned(lie))
    assert await cleaned(scripted) == Unclean("its cleaner answered in no way we know")
    assert scripted.killed == [0]


async def test_who_no_longer_waits_leaves_no_answer_to_the_next(autojump_clock: MockClock) -> None:
    scripted = Scripted(None, GOOD)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scripted.run)
        with trio.move_on_after(1):
            await scripted.cleaners.clean(FILM)
        assert scripted.killed == [0]
        assert isinstance(await scripted.cleaners.clean(PHOTO), Media)
        nursery.cancel_scope.cancel()


async def test_nobody_is_asked_about_what_fits() -> None:
    assert await Cleaners(_nobody).fitted(NEW, Fits()) is NEW


async def _nobody(pid: int) -> None:
    raise AssertionError


async def test_what_a_cleaner_says_to_fit_is_measured(autojump_clock: MockClock) -> None:
    scripted = Scripted(GOOD)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scripted.run)
        made = await scripted.cleaners.fitted(NEW, NO_MEDIA)
        nursery.cancel_scope.cancel()
    assert made == Unclean("it cannot be made to fit")
    assert scripted.asked == [frames.Fit(NEW, NO_MEDIA)]
