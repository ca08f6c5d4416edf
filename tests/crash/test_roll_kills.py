"""Killed with -9 between any two steps of a roll, on a real disk: all that is there still opens,
and the next process ends what this one began."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from kept_rows import EVERY_KIND, LARGE, SetClock, fill, opened
from seized_exit import Exit
from trio.testing import MockClock

from relay import keyfiles
from relay.model import HOUR
from relay.node.rolling import anew
from relay.spool.store import Store
from relay.wire.epochs import DAY_S

NOON = 20_255 * DAY_S + 12 * HOUR
ROAD_S = 2 * DAY_S
LATER = NOON + 4 * DAY_S
"""When also the epochs of the first day go."""

STEPS: list[tuple[Any, str]] = [
    (Store, "commit"),
    (keyfiles.os, "fsync"),
    (Path, "rename"),
    (keyfiles, "_write_over"),
]
FEWEST = 14
"""How many steps a roll of these rows has at the least, so that this looks at a roll at all."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """An exit with a row of every kind, closed; and their seqs."""
    folder = tmp_path_factory.mktemp("rolled") / "exit"
    at = Exit(folder, SetClock(NOON), ROAD_S)

    async def main() -> list[int]:
        at.open()
        seqs = await fill(at.spool, at.keys, NOON, large=LARGE)
        at.spool.close()
        return seqs

    return folder, trio.run(main)


async def roll(at: Exit) -> None:
    """A day begins: everything that a roll does, to its end."""
    at.open()
    await at.rolling.begin()
    for _ in range(2):
        await at.rolling.look()
        await trio.sleep(anew.QUIET_S)
    at.spool.close()


def killed_at(nth: int, after: bool, folder: Path) -> bool:
    """Roll in a process that kills itself before or after its nth step; False: it has fewer."""
    child = os.fork()
    if child == 0:
        try:
            _die_at(nth, after)
            at = Exit(folder, SetClock(LATER), ROAD_S)
            trio.run(partial(roll, at), clock=MockClock(autojump_threshold=0))
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_at(nth: int, after: bool) -> None:
    left = iter(range(nth - 1, -1, -1))
    for owner, name in STEPS:
        setattr(owner, name, _dying(getattr(owner, name), left, after))


def _dying(step: Callable[..., Any], left: Iterator[int], after: bool) -> Callable[..., Any]:
    def done(*args: Any, **more: Any) -> Any:
        last = next(left, None) == 0
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        made = step(*args, **more)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return done


def all_is_there(folder: Path, seqs: list[int]) -> None:
    async def main() -> None:
        at = Exit(folder, SetClock(LATER), ROAD_S)
        at.open()
        assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND
        at.spool.close()
        await roll(at)
        at.open()
        assert await at.spool.self_check() == []
        assert len(at.keys.storage) == 1
        assert min(one.not_before for one in at.keys.epochs) > NOON - DAY_S
        assert await opened(at.spool, seqs, at.keys.storage) == EVERY_KIND
        at.spool.close()

    trio.run(main, clock=MockClock(autojump_threshold=0))


def kills(filled: tuple[Path, list[int]], tmp_path: Path, step: int) -> int:
    """Kill it at each ``step``th step, before and after; how many there were."""
    folder, seqs = filled
    for nth in range(1, 200, step):
        for after in (False, True):
            copy = tmp_path / f"{nth}{after}"
            shutil.copytree(folder, copy)
            if not killed_at(nth, after, copy):
                return nth - 1
            all_is_there(copy, seqs)
            shutil.rmtree(copy)
    raise AssertionError("a roll never ends")


def test_killed_at_some_steps_of_a_roll_nothing_is_lost(
    filled: tuple[Path, list[int]], tmp_path: Path
) -> None:
    assert kills(filled, tmp_path, step=8) >= FEWEST


@pytest.mark.slow
def test_killed_at_any_step_of_a_roll_nothing_is_lost(
    filled: tuple[Path, list[int]], tmp_path: Path
) -> None:
    assert kills(filled, tmp_path, step=1) >= FEWEST
