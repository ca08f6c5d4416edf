"""Copies come together, and two stories never: on a corpus in ten languages."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from relay.rules.alike import Alike
from tests.parts.hearsay import TONGUES, Told, corpus

ENOUGH = 0.85
"""The part of the copies that must be with their story; somebody else's corpus asks for 0.8."""


def grouped(messages: list[Told]) -> dict[int, list[Told]]:
    alike = Alike()
    for key, message in enumerate(messages):
        alike.add(key, message.text)
    groups = defaultdict(list)
    for key, message in enumerate(messages):
        groups[alike.group_of(key)].append(message)
    return groups


def recall(groups: dict[int, list[Told]]) -> float:
    """The part of the copies that stand where most copies of their story stand; of those only that
    say which story they tell."""
    of_story: dict[int, Counter[int]] = defaultdict(Counter)
    for group, messages in groups.items():
        for message in messages:
            if len(message.fits) == 1:
                of_story[message.story][group] += 1
    together = sum(max(counts.values()) for counts in of_story.values())
    return together / sum(sum(counts.values()) for counts in of_story.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_no_group_mixes_two_stories_and_most_copies_are_with_their_own(seed: int) -> None:
    groups = grouped(corpus(seed))
    for messages in groups.values():
        assert frozenset.intersection(*(message.fits for message in messages))
    assert recall(groups) >= ENOUGH


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 30))
def test_no_group_mixes_two_stories_however_they_come_in(seed: int) -> None:
    groups = grouped(corpus(seed, copies=12))
    for messages in groups.values():
        assert frozenset.intersection(*(message.fits for message in messages))
    assert recall(groups) >= ENOUGH


@pytest.mark.parametrize("language", TONGUES)
def test_another_place_or_number_is_another_group(language: str) -> None:
    whole = [one for one in corpus(3, copies=0) if one.language == language]
    assert len(grouped(whole)) == len(whole)


@pytest.mark.parametrize("language", TONGUES)
def test_what_is_put_around_a_forward_makes_no_other_group(language: str) -> None:
    tongue = TONGUES[language]
    for sentences in tongue.stories:
        text = " ".join(sentences).format(p=tongue.places[0], n=3, m=15)
        alike = Alike()
        copies = [*(one + text for one in tongue.before), *(text + one for one in tongue.after)]
        assert {alike.add(key, copy) for key, copy in enumerate([text, *copies])} == {1}
