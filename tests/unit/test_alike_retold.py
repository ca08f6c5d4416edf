"""Copies of stories are grouped with their story, and no two stories together.

The copies are made by ``parts/retold.py``, without a look at how they are grouped.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from retold import Story, Told, bridges, retold, stories

from relay.rules.alike import Alike

SEEDS = range(3)


def grouped(told: Sequence[Told]) -> dict[int, list[Told]]:
    """The texts by the group they end up in."""
    alike = Alike()
    for key, one in enumerate(told):
        alike.add(key, one.text)
    groups: dict[int, list[Told]] = defaultdict(list)
    for key, one in enumerate(told):
        groups[alike.group_of(key)].append(one)
    return groups


def mixed(groups: dict[int, list[Told]]) -> list[tuple[Told, Told]]:
    """Two of each group that are of two stories."""
    found = []
    for members in groups.values():
        of = {one.story: one for one in members if one.story is not None}
        if len(of) > 1:
            first, second, *_ = of.values()
            found.append((first, second))
    return found


def recall(groups: dict[int, list[Told]]) -> tuple[float, Counter[str]]:
    """How many of the copies stand where their story does, and how the others were made."""
    home = {
        one.story: group
        for group, members in groups.items()
        for one in members
        if one.how == "first"
    }
    there, missed = 0, Counter[str]()
    for group, members in groups.items():
        for one in members:
            if one.story is not None and one.how != "first":
                if home[one.story] == group:
                    there += 1
                else:
                    missed[one.how] += 1
    return there / (there + missed.total()), missed


def told_of(seed: int, many: int = 1200, of: int = 120) -> tuple[list[Story], list[Told]]:
    chance = random.Random(seed)
    made = stories(of, chance)
    return made, retold(many, made, chance)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_group_has_two_stories_and_most_copies_stand_with_theirs(seed: int) -> None:
    _, told = told_of(seed)
    groups = grouped(told)
    assert mixed(groups) == []
    part, missed = recall(groups)
    assert part >= 0.8, missed


@pytest.mark.parametrize("seed", SEEDS)
def test_what_fits_two_stories_does_not_bring_them_together(seed: int) -> None:
    made, told = told_of(seed, many=700)
    chance = random.Random(seed)
    told += bridges(made, chance)
    chance.shuffle(told)
    assert mixed(grouped(told)) == []


@pytest.mark.parametrize("how", ["forwarded", "shortened", "cut", "retyped", "other letters"])
def test_no_way_to_tell_a_story_again_is_missed_as_a_whole(how: str) -> None:
    _, told = told_of(7)
    _, missed = recall(grouped(told))
    made = sum(one.how == how for one in told)
    assert missed[how] < made / 2
