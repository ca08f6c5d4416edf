"""What differs between two tellings, word by word."""

from __future__ import annotations

import pytest

from relay.desk.index.differs import differs


def said(first: str, second: str) -> str:
    signs = {"same": "{}", "gone": "-[{}]", "more": "+[{}]"}
    return "".join(signs[one.kind].format(one.text) for one in differs(first, second))


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("same words", "same words", "same words"),
        (
            "20 people in Mill street",
            "30 people in Mill street",
            "-[20]+[30] people in Mill street",
        ),
        ("shots were heard", "shots were heard. share", "shots were heard+[. share]"),
        ("我们在长江路", "我们在黄河路", "我们在-[长江]+[黄河]路"),
        ("", "all new", "+[all new]"),
        ("all gone", "", "-[all gone]"),
        ("", "", ""),
    ],
)
def test_words_that_differ_stand_beside_each_other(first: str, second: str, shown: str) -> None:
    assert said(first, second) == shown


@pytest.mark.parametrize("pair", [("a\nb c", "a\nd"), ("ကောင်း သည်", "ကောင်းပါသည်"), ("x" * 9, "y")])
def test_nothing_of_either_is_lost(pair: tuple[str, str]) -> None:
    pieces = differs(*pair)
    assert "".join(one.text for one in pieces if one.kind != "more") == pair[0]
    assert "".join(one.text for one in pieces if one.kind != "gone") == pair[1]


def test_the_end_of_what_is_very_long_is_compared_as_a_whole() -> None:
    first, second = "w " * 5000, "w " * 4999 + "v "
    pieces = differs(first, second)
    assert "".join(one.text for one in pieces if one.kind != "gone") == second


@pytest.mark.parametrize(
    "words", ["same ", "one two ", "a b c d e f g ", "x" * 40, " \n", "中", "\u1000\u103b"]
)
def test_texts_of_few_words_again_and_again_are_not_compared_in_detail(words: str) -> None:
    pieces = differs(words * 4000, "begin " + words * 3000 + "end")
    assert len(pieces) <= 5, "a page has thirty of these, and the time grows with their product"
