"""Whoever opens a page goes before what fills the index."""

from __future__ import annotations

import asyncio

import pytest

from relay.desk import turns
from relay.desk.turns import Turns


async def _steps(at: Turns, done: list[str], n: int = 3) -> None:
    for _ in range(n):
        await at.rest()
        done.append("slice")


def test_what_goes_on_behind_waits_for_a_page_that_is_under_way() -> None:
    async def told() -> list[str]:
        at, done = Turns(), list[str]()
        with at.page():
            behind = asyncio.create_task(_steps(at, done))
            for _ in range(20):  # a page takes several turns of the loop
                await asyncio.sleep(0)
            done.append("page")
        await behind
        return done

    assert asyncio.run(told()) == ["page", "slice", "slice", "slice"]


def test_of_two_pages_the_last_one_ends_the_rest() -> None:
    async def told() -> list[str]:
        at, done = Turns(), list[str]()
        with at.page():
            with at.page():
                behind = asyncio.create_task(_steps(at, done, 1))
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not done
        await behind
        return done

    assert asyncio.run(told()) == ["slice"]


def test_pages_without_end_do_not_keep_the_index_from_being_filled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def told() -> list[str]:
        at, done = Turns(), list[str]()
        with at.page():
            await _steps(at, done, 2)
        return done

    monkeypatch.setattr(turns, "REST_S", 0.001)
    assert asyncio.run(told()) == ["slice", "slice"]
