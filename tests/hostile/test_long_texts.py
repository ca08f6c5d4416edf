"""A megabyte of anything is searched for dangers in time that grows with its length alone."""

from __future__ import annotations

import time

import pytest

from relay.rules.danger import marks


@pytest.mark.parametrize("unit", ["1", "۱", "1 ", " -", "a@", "@", "+", "1-----", "code "])
def test_a_megabyte_is_searched_at_once(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    begun = time.process_time()
    marks(text)
    assert time.process_time() - begun < 1  # 0.07 to 0.18 s measured; squares would take minutes
