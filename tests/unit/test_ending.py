"""A task that loses a cancel is cancelled again; one that hears none is left."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from relay.node import ending
from relay.node.ending import ended


def test_a_task_that_loses_the_first_cancel_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[int] = []

    async def fetches() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(1)

    async def story() -> None:
        task = asyncio.create_task(fetches())
        await asyncio.sleep(0)
        assert await ended([task], 5.0)
        assert task.cancelled() and lost

    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    asyncio.run(story())


def test_one_that_never_ends_is_waited_for_no_longer_than_that() -> None:
    enough = asyncio.Event()

    async def deaf() -> None:
        while not enough.is_set():
            with suppress(asyncio.CancelledError):
                await enough.wait()

    async def story() -> None:
        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        assert not await ended([task], 0.02)
        enough.set()
        await task

    asyncio.run(story())


def test_one_that_has_failed_has_ended() -> None:
    async def fails() -> None:
        raise LookupError

    async def story() -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        assert await ended([task], 1.0)
        assert isinstance(task.exception(), LookupError)

    asyncio.run(story())
