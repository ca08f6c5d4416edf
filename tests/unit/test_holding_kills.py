"""The node dies at each step while a window holds, and while what it held goes out.

SIGKILL at every call of the spool and of the platform in turn: what is public in the end is public
once, in the asked order, not before the window was over, and never faster than was asked.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import Any, Literal

import pytest
import trio
from holding_parts import Killed, Node, Platform, window
from trio.testing import MockClock

from relay.model import Once
from relay.node.kept_releases import RELEASE

Means = Literal["exact", "lookup"]

MESSAGES = 3
ENDS_S = 60
EVERY_S = 10


class Fate:
    """Counts the moments of a process, and ends it at one of them."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.passed = 0

    def passes(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Killed


class Dying:
    """A platform, or a spool, in whose n-th call of these the process dies: before or after it has
    done anything."""

    def __init__(self, real: Any, *names: str, fate: Fate) -> None:
        self._real = real
        self._names = names
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in self._names:
            return method

        async def dying(*given: Any, **more: Any) -> Any:
            self._fate.passes()
            result = await method(*given, **more)
            self._fate.passes()
            return result

        return dying


def is_killed(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_killed, error.exceptions))
    return isinstance(error, Killed)


async def lives(node: Node, until: float, at: int = 0) -> tuple[Node, int]:
    """A process that dies at one of its moments, or at a time; and the one after it. Also how many
    moments it had."""
    fate = Fate(at)
    spool = Dying(node.spool, "settle", "take", "remember", "change", "board", fate=fate)
    platform = Dying(node.platform, "send", fate=fate)
    doomed = Node(platform, *node.windows, spool=spool)  # type: ignore[arg-type]
    try:
        async with doomed.running():
            await trio.sleep_until(until)
    except BaseException as error:
        if not is_killed(error):
            raise
    return node.next(), fate.passed


async def world(platform: Platform, begins: int = 0, *releases: int) -> list[int]:
    """Messages of a window, and their release; it dies at these moments of its lives. Gives the
    moments that each of them had."""
    node = Node(platform, window(5, ENDS_S, first="newest", every_s=EVERY_S))
    node, first = await lives(node, 8, begins)
    async with node.running():
        await trio.sleep_until(10)
        for _ in range(MESSAGES):
            await node.accepts(1)
            await trio.sleep(1)
    node, passed = node.next(), [first]
    for at in (*releases, 0):
        node, moments = await lives(node, 1000, at)
        passed.append(moments)
    assert await node.states() == {"posted": MESSAGES}
    assert not [key for key in await node.spool.remembered() if key.startswith(RELEASE)]
    return passed


def lived(once: Means, *deaths: int) -> list[int]:
    """A world of its own, at whose end all is there once, in order, in time and at its pace."""
    platform = Platform(once=Once(once), takes_s=1)
    passed = trio.run(partial(world, platform, *deaths), clock=MockClock(autojump_threshold=0))
    expected = [str(n) for n in range(MESSAGES, 0, -1)]
    assert Counter(platform.texts) == Counter(expected), deaths
    # What is in doubt waits until it was looked for; of all else the order is as it was asked.
    doubted = platform.doubted
    assert [one for one in platform.texts if one not in doubted] == [
        one for one in expected if one not in doubted
    ], deaths
    assert min(platform.asked) >= ENDS_S, deaths
    assert min(platform.gaps) >= EVERY_S, deaths
    return passed


@pytest.mark.parametrize("once", ["exact", "lookup"])
def test_the_node_may_die_at_any_step_of_the_beginning_of_a_window(once: Means) -> None:
    [steps, *_] = lived(once)
    for at in range(1, steps + 1):
        lived(once, at)


@pytest.mark.parametrize("once", ["exact", "lookup"])
def test_the_node_may_die_at_any_step_of_a_release(once: Means) -> None:
    [_, steps] = lived(once)
    for at in range(1, steps + 1):
        lived(once, 0, at)


def test_the_node_may_die_again_and_again() -> None:
    [first, steps] = lived("exact")
    for seed in range(6):
        chance = random.Random(seed)
        deaths = [chance.randint(1, steps) for _ in range(chance.randint(2, 6))]
        lived("exact", chance.randint(0, first), *deaths)
