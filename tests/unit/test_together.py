"""Many changes at once share a commit, and one that finds no room stops no other."""

from __future__ import annotations

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from relay.errors import SpoolFull
from relay.exit.settle import together


async def test_they_are_under_way_at_the_same_time(autojump_clock: MockClock) -> None:
    began = trio.current_time()
    await together(partial(trio.sleep, 1) for _ in range(1000))
    assert trio.current_time() - began == 1
    await together([])


async def test_where_one_finds_no_room_the_others_are_made_and_it_is_said() -> None:
    made: list[int] = []

    async def change(n: int) -> None:
        if n % 2:
            raise SpoolFull
        made.append(n)

    with pytest.raises(SpoolFull):
        await together(partial(change, n) for n in range(6))
    assert sorted(made) == [0, 2, 4]
