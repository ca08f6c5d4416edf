"""Two exits post to a server that knows no repeat: what the other may have posted is looked for.

A look is made half a minute after a message came and ten minutes later; libfaketime lets that time
go by.
"""

from __future__ import annotations

import json
import random
from base64 import b64decode
from pathlib import Path
from typing import Final

import pytest
from apart import LIBRARY, Apart, Story, counted, leap, story
from looking import soon, status

from relay.testing.cutting import WHOLE, always, at_random
from relay.testing.ledger import MARKER

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


def items(node: Apart) -> dict[str, str]:
    """The ids of the items on its page, by what stands in them."""
    found: dict[str, str] = {}
    for path in (node.folder / "public/items").glob("*.json"):
        item = json.loads(b64decode(json.loads(path.read_bytes())["signed"]))
        found |= dict.fromkeys(MARKER.findall(item["text"]), item["id"])
    return found


def test_two_exits_that_get_everything_post_it_once_and_show_the_same_items(tmp_path: Path) -> None:
    times = 15
    with story(tmp_path, ("b", "c"), apart=False, looked_up=True) as made:
        made.start()
        made.send(times)
        for node in made.exits.values():
            soon(lambda node=node: counted(node, "accepted") == (times,), 60)
        for n in range(1, 4):
            all_is_quiet(made)
            leap([*made.exits.values()], n * LOOKS / 86400)
        verdicts = made.all_are_posted(120)
        assert verdicts.good and verdicts.acknowledged == times, made.told()
        for node in made.exits.values():
            soon(lambda node=node: counted(node, "posted") == (times,), 60)
        assert made.verdicts().good
        one, other = map(items, made.exits.values())
        assert one == other and one.keys() == made.ledger.acknowledged


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
