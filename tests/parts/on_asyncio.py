"""What a door does, which runs asyncio, in a test that runs trio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

T = TypeVar("T")


async def on_asyncio(made: Callable[[], Awaitable[T]]) -> T:
    """Run it to its end in a loop of its own, in a thread; then its tasks are done as well."""

    async def whole() -> T:
        result = await made()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others)
        return result

    return await trio.to_thread.run_sync(lambda: asyncio.run(whole()))
