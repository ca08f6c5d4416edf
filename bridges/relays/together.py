"""Several relays at the same time, where one that is slow must not hold up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

import trio

LINGER_S: Final = 10.0
"""When enough have answered, the others have so long."""

Told = TypeVar("Told")


async def together(
    addresses: Iterable[str],
    ask: Callable[[str], Awaitable[Told]],
    enough: Callable[[dict[str, Told]], bool] = lambda told: False,
) -> dict[str, Told]:
    """What each said, by its address; without those that had not answered by the end.

    What one of them raises is raised as it is, and ends the others."""
    told: dict[str, Told] = {}

    async def one(address: str, until: trio.CancelScope) -> None:
        told[address] = await ask(address)
        if enough(told):
            until.deadline = min(until.deadline, trio.current_time() + LINGER_S)

    try:
        async with trio.open_nursery() as nursery:
            for address in addresses:
                nursery.start_soon(one, address, nursery.cancel_scope)
    except BaseExceptionGroup as several:
        if len(several.exceptions) == 1:
            raise several.exceptions[0] from None
        raise
    return told
