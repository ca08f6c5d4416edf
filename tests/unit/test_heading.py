"""Where a platform has no titles, a Subject is the first paragraph."""

from __future__ import annotations

import pytest

from relay.rules.heading import with_heading


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("Water is cut off", "Since noon.", "Water is cut off\n\nSince noon."),
        ("آب قطع شد", "از ظهر.", "آب قطع شد\n\nاز ظهر."),
        ("", "Since noon.", "Since noon."),
        ("Water is cut off", "", "Water is cut off"),
        ("", "", ""),
    ],
)
def test_a_title_stands_above_its_text(title: str, text: str, shown: str) -> None:
    assert with_heading(title, text) == shown


@pytest.mark.parametrize("after", ["", ".", "\n\nSince noon.", " since noon.", "، از ظهر"])
def test_a_text_that_begins_with_its_title_does_not_say_it_twice(after: str) -> None:
    assert (
        with_heading("Water is cut off", "Water is cut off" + after) == "Water is cut off" + after
    )


@pytest.mark.parametrize(
    ("title", "text"), [("A", "All is well"), ("12", "125 people"), ("م", "متن")]
)
def test_a_word_that_begins_like_the_title_is_not_the_title(title: str, text: str) -> None:
    assert with_heading(title, text) == f"{title}\n\n{text}"
