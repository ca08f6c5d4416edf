"""A long text is searched for dangers in time that grows with its length alone."""

from __future__ import annotations

import time

import pytest

from relay.rules.danger import marks


@pytest.mark.parametrize("unit", ["1", "۱", "1 ", " -", "a@", "@", "+", "1-----", "code "])
def test_ten_times_the_longest_text_is_searched_at_once(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    begun = time.process_time()
    marks(text)
    assert time.process_time() - begun < 2  # 0.1 to 0.4 s measured; squares would take minutes
