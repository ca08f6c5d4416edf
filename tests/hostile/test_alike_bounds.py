"""What is made to be slow to group takes no longer than it may, counted in steps."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import pytest

from relay.rules.alike import Alike

MOST_CALLS = 40_000
"""Calls of functions for one message, whatever it is and whatever came before."""


def most_calls(texts: Iterable[str]) -> int:
    """The most calls that any of these messages costs; counted for the last ones, which meet all
    the others."""
    alike = Alike()
    counts = 0

    def count(*_: object) -> None:
        nonlocal counts
        counts += 1

    listed = list(texts)
    worst = 0
    for key, text in enumerate(listed):
        if key < len(listed) - 5:
            alike.add(key, text)
            continue
        counts = 0
        sys.setprofile(count)
        try:
            alike.add(key, text)
        finally:
            sys.setprofile(None)
        worst = max(worst, counts)
    return worst


SENTENCE = "last night people were killed by police in the square"


@pytest.mark.parametrize(
    "texts",
    [
        [SENTENCE] * 5_000,
        [f"{SENTENCE} x{n:04d}y" for n in range(400)],
        [f"in place{n % 7} {n} people were held by {n % 5} men" for n in range(400)],
        [" ".join(f"w{(n * k) % 13}" for k in range(30)) for n in range(400)],
        [" ".join(f"w{k * (1 + (n + k) % 2)}" for k in range(400)) for n in range(60)],
        [SENTENCE[: 20 + n % 30] + SENTENCE[n % 20 :] for n in range(400)],
    ],
    ids=["equal", "another end", "a form", "few words", "long", "cut"],
)
def test_no_message_costs_more_the_more_there_are(texts: list[str]) -> None:
    assert most_calls(texts) < MOST_CALLS


@pytest.mark.parametrize(
    "text",
    [
        "word " * 20_000,
        "x" * 100_000,
        "一二" * 50_000,
        "ก" + "่" * 99_999,
        "\n>" * 50_000,
        "请转发" * 33_000,
        "www." * 25_000,
        "from: a\n" * 12_000,
        "1," * 50_000,
        "[12/12/12, 12:1" * 6_000,
    ],
    ids=["words", "letters", "han", "mark", "line", "phrase", "link", "head", "digits", "chat"],
)
def test_a_text_of_100_kb_is_looked_at_in_part(text: str) -> None:
    assert most_calls([text + "1", text + "2", text]) < MOST_CALLS


def test_what_stands_behind_what_is_looked_at_parts_two_texts() -> None:
    alike = Alike()
    assert alike.add(1, "word " * 20_000 + "Shiraz") != alike.add(2, "word " * 20_000 + "Tabriz")
