"""Several relays at the same time, where one that is slow must not hold up the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

import trio

PATIENCE_S: Final = 60.0
"""So long any of them may take, whatever it does: half of what a call has by default."""

LINGER_S: Final = 10.0
"""When enough have answered, the others have so long."""

Told = TypeVar("Told")


async def together(
    addresses: Iterable[str],
    ask: Callable[[str], Awaitable[Told]],
    enough: Callable[[dict[str, Told]], bool] = lambda told: False,
    within_s: float = PATIENCE_S,
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
            nursery.cancel_scope.deadline = trio.current_time() + within_s
            for address in addresses:
                nursery.start_soon(one, address, nursery.cancel_scope)
    except BaseExceptionGroup as several:
        if len(several.exceptions) == 1:
            raise several.exceptions[0] from None
        raise
    return told
