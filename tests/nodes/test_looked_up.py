"""Two exits post to a server that knows no repeat: what the other may have posted is looked for.

A look is made half a minute after a message came and ten minutes later; libfaketime lets that time
go by.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest
from apart import LIBRARY, Story, counted, leap, story
from looking import soon, status

from relay.testing.cutting import WHOLE, always, at_random

TIMES: Final = 60
LOOKS: Final = 700
"""Seconds after which each look of one round is due."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LIBRARY is None, reason="apt-get install faketime"),
]


def all_is_quiet(made: Story) -> None:
    """No exit has anything to do by itself before time goes on."""

    def quiet() -> bool:
        for node in made.exits.values():
            told = status(node)
            under_way = {"waiting", "sending", "prepared"} & told["deliveries"].keys()
            if under_way or told["queues"].keys() & {"inbox", "read", "clean", "review", "deliver"}:
                return False
        return True

    soon(quiet, 120)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_two_exits_have_is_posted_once_where_it_must_be_looked_up(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with story(tmp_path, ("b", "c"), after={"c": "1s"}, apart=False, looked_up=True) as made:
        made.start()
        for number, line in enumerate(made.lines.values()):
            line.fates = at_random(seed + number, 30_000)

        def each() -> None:
            if chance.random() < 0.15:
                chance.choice([*made.lines.values()]).cut()
            if len(made.ledger.acknowledged) == TIMES // 2:
                made.exits["b"].killed()
                made.exits["b"].goes()

        made.send(TIMES, each)
        for line in made.lines.values():
            line.fates = always(WHOLE)
            line.cut()
        soon(lambda: counted(made.entry, "handed", "waiting") == (TIMES, 0), 120)
        assert sum(counted(one, "accepted")[0] for one in made.exits.values()) >= TIMES
        for n in range(1, 4):
            all_is_quiet(made)
            leap([*made.exits.values()], n * LOOKS / 86400)
        verdicts = made.all_are_posted(120)
        assert verdicts.good and verdicts.acknowledged == TIMES, made.told()
        soon(lambda: not any("unsure" in status(one)["deliveries"] for one in made.exits.values()))
        assert made.verdicts().good
        for node in made.exits.values():
            assert counted(node, "held", "refused", "quarantined") == (0, 0, 0)
