"""Three nodes in three countries, an entry and two exits: whatever breaks, each message is posted
once.

Quick: sixty messages while links are cut and one exit is killed. Slow: two thousand, and all of the
nodes are killed, and it goes on all the while.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from apart import Apart, Story, counted, story
from countries import missing
from looking import soon, status

from relay.testing.cutting import WHOLE, always, at_random

NOWHERE: Final = missing()
SEED: Final = 9

pytestmark = pytest.mark.skipif(bool(NOWHERE), reason=NOWHERE)


def sums_add_up(made: Story, times: int) -> None:
    """What the entry took is with the exits, and nothing is anywhere else."""
    entry = made.entry
    soon(lambda: counted(entry, "accepted", "handed", "waiting") == (times, times, 0), 60)
    taken = [counted(node, "accepted")[0] for node in made.exits.values()]
    assert sum(taken) >= times
    for node in made.nodes:
        assert counted(node, "lost", "quarantined", "refused", "expired") == (0, 0, 0, 0)


def test_sixty_messages_are_posted_once_though_links_are_cut_and_an_exit_killed(
    tmp_path: Path,
) -> None:
    with story(tmp_path, ("b", "c"), after={"c": "2s"}) as made:
        made.start()
        for number, line in enumerate(made.lines.values()):
            line.fates = at_random(SEED + number, 40_000)
        first = made.exits["b"]
        with ThreadPoolExecutor(1) as pool:
            coming_back: list[Future[Apart]] = []

            def each() -> None:
                if len(made.ledger.acknowledged) == 20:
                    first.killed()
                    coming_back.append(pool.submit(first.goes))

            made.send(60, each)
            coming_back[0].result(60)
        healed(made)
        verdicts = made.all_are_posted(60)
        assert verdicts.acknowledged == 60 and verdicts.good, made.told()
        sums_add_up(made, 60)


def healed(made: Story) -> None:
    """The links hold from here on."""
    for line in made.lines.values():
        line.fates = always(WHOLE)
        line.blocked = False
        line.cut()


# ---------------------------------------------------------------- slow


class Misfortune:
    """Cuts and kills at random, by a seed, until it is told to end."""

    def __init__(self, made: Story, seed: int) -> None:
        self._made = made
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self.kills = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Misfortune:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(120)
        if self._failed:
            raise self._failed[0]

    def _run(self) -> None:
        try:
            while not self._over.wait(self._chance.uniform(0.2, 2.5)):
                self._chance.choice(self._deeds())()
        except BaseException as error:
            self._failed.append(error)

    def _deeds(self) -> list[Callable[[], None]]:
        return [self._kill, self._kill, self._cut, self._cut, self._block, self._spoil]

    def _kill(self) -> None:
        self.kills += 1
        node = self._chance.choice(self._made.nodes)
        node.killed()
        self._over.wait(self._chance.uniform(0, 3))
        node.goes(wait_s=60)

    def _line(self) -> str:
        return self._chance.choice(sorted(self._made.lines))

    def _cut(self) -> None:
        self._made.lines[self._line()].cut()

    def _block(self) -> None:
        line = self._made.lines[self._line()]
        line.blocked = not line.blocked
        line.cut()

    def _spoil(self) -> None:
        thens = ("reset", "close", "half", "swallow", "corrupt")
        seed, most = self._chance.randint(0, 10**9), self._chance.choice([300, 5000, 200_000])
        self._made.lines[self._line()].fates = at_random(seed, most, thens, 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_two_thousand_messages_are_posted_once_whatever_happens(tmp_path: Path, seed: int) -> None:
    times, senders = 2000, 4
    with story(tmp_path, ("b", "c"), after={"c": "5s"}) as made:
        made.start()
        failed: list[BaseException] = []

        def send() -> None:
            try:
                made.send(times // senders, lambda: time.sleep(0.25))
            except BaseException as error:
                failed.append(error)

        with Misfortune(made, seed) as misfortune:
            threads = [threading.Thread(target=send) for _ in range(senders)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert not failed, failed
        assert misfortune.kills >= 10
        healed(made)
        verdicts = made.all_are_posted(600)
        assert verdicts.acknowledged == times and verdicts.good, made.told()
        sums_add_up(made, times)
        time.sleep(5)
        assert made.verdicts().good
        assert status(made.entry)["repeats"] >= 0
