"""What a group does as messages come and go."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.rules.alike import Alike

SHIRAZ = "Last night three people were shot dead in Shiraz near the old bazaar"
TABRIZ = SHIRAZ.replace("Shiraz", "Tabriz")
NEITHER = "Last night three people were shot dead near the old bazaar"
SHORT = "Last night three people were shot dead in Shiraz"


def partition(alike: Alike, keys: list[int]) -> set[frozenset[int]]:
    return {frozenset(alike.members(alike.group_of(key))) for key in keys}


def test_a_copy_that_fits_two_stories_joins_neither() -> None:
    texts = {1: SHIRAZ, 2: TABRIZ, 3: NEITHER, 4: SHORT}
    for order in permutations(texts):
        alike = Alike()
        for key in order:
            alike.add(key, texts[key])
        assert partition(alike, [*texts]) == {frozenset({1, 4}), frozenset({2}), frozenset({3})}


def test_a_copy_that_fits_two_stories_does_not_bring_them_together() -> None:
    rest = "Nine families are still waiting for the mayor to open the gate of the camp."
    texts = {1: f"{SHIRAZ}. {rest}", 2: f"{TABRIZ}. {rest}", 3: rest}
    for order in permutations(texts):
        alike = Alike()
        for key in order:
            alike.add(key, texts[key])
        assert alike.group_of(1) != alike.group_of(2)


def test_two_groups_that_a_third_brings_together_are_told_as_moved() -> None:
    begin = "The water in Shiraz has been off for nine days and families stand in line at the well."
    end = "Soldiers check every car at the bridge and have taken telephones from the drivers."
    alike = Alike()
    assert alike.add(1, begin) != alike.add(2, end)
    assert alike.add(3, f"{begin} {end}") == alike.group_of(1) == alike.group_of(2)
    assert [change.key for change in alike.changes() if change.key != 3] in ([1], [2])
    assert alike.changes() == []


def test_the_longer_text_brings_its_two_parts_together() -> None:
    begin = "The water in Shiraz has been off for nine days and families stand in line at the well"
    end = "families stand in line at the well while the mayor speaks of twelve more weeks of work"
    whole = begin + " while the mayor speaks of twelve more weeks of work"
    for order in permutations([begin, end, whole]):
        alike = Alike()
        for key, text in enumerate(order):
            alike.add(key, text)
        assert len(partition(alike, [0, 1, 2])) == 1


def test_a_list_of_stories_joins_none_of_them() -> None:
    other = "The bridge on the road to Karaj is closed and soldiers take telephones from drivers"
    third = "Nine students of the art school have been on hunger strike since Monday in Yazd"
    alike = Alike()
    for key, text in enumerate([f"{SHIRAZ}. {other}. {third}", other, third]):
        alike.add(key, text)
    assert alike.group_of(1) != alike.group_of(2)


def test_a_message_that_is_removed_is_in_no_group() -> None:
    alike = Alike()
    group = alike.add(7, SHIRAZ)
    alike.add(8, SHIRAZ)
    alike.remove(7)
    assert alike.members(group) == (8,)
    with pytest.raises(KeyError):
        alike.group_of(7)
    with pytest.raises(KeyError):
        alike.remove(7)
    alike.remove(8)
    assert alike.members(group) == ()


def test_a_key_is_added_once() -> None:
    alike = Alike()
    alike.add(1, SHIRAZ)
    with pytest.raises(KeyError):
        alike.add(1, TABRIZ)


@pytest.mark.parametrize("text", ["", " ", "\n", "🙏🙏", "!!", "\u200c", "\ud800", "please share"])
def test_a_text_without_a_word_is_alone_or_with_its_like(text: str) -> None:
    alike = Alike()
    assert alike.add(1, text) == alike.add(2, text)
    assert alike.add(3, SHIRAZ) != alike.group_of(1)


WORDS = st.lists(
    st.sampled_from(
        ["fire", "in", "the", "market", "of", "Shiraz", "Tabriz", "3", "5", "men", "hurt"]
    ),
    min_size=1,
    max_size=14,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS | st.text(max_size=60), max_size=14), st.data())
def test_whatever_comes_and_goes_each_message_has_one_group(
    texts: list[str], data: st.DataObject
) -> None:
    alike = Alike()
    told: dict[int, int] = {}
    for key, text in enumerate(texts):
        told[key] = alike.add(key, text)
        told |= {change.key: change.group for change in alike.changes()}
    for key in data.draw(st.permutations(range(len(texts)))):
        for there, group in told.items():
            assert alike.group_of(there) == group
            assert there in alike.members(group)
        assert sum(len(alike.members(group)) for group in set(told.values())) == len(told)
        alike.remove(key)
        del told[key]
        told |= {change.key: change.group for change in alike.changes()}


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=10))
def test_the_same_messages_in_the_same_order_make_the_same_groups(texts: list[str]) -> None:
    one, other = Alike(), Alike()
    for key, text in enumerate(texts):
        assert one.add(key, text) == other.add(key, text)
    assert one.changes() == other.changes()
