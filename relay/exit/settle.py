"""Settling a row, also while the disk is full: what was decided is not decided again.

A send that has ended must be written down before its row may be touched again, and a full disk is
no reason to end the process: that would make every other send doubtful. So it waits for room, with
the row leased.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

import trio

from relay.errors import SpoolFull
from relay.model import Change, NewRow, Row
from relay.ports import Spool

FULL_S = 1.0
"""Seconds between two tries to write to a disk that was full."""


async def settle(
    spool: Spool, row: Row, change: Change, *, then: Sequence[NewRow] = (), keep: bool = False
) -> Row | None:
    """As ``ports.Spool.settle``, but it waits for room. Raises SpoolBroken."""
    while True:
        try:
            with trio.CancelScope(shield=True):  # a commit is short, and half of one is not wanted
                return await spool.settle(row, change, then=then, keep=keep)
        except SpoolFull:
            await trio.sleep(FULL_S)


async def settle_with(
    spool: Spool, row: Row, to: Change, others: Sequence[tuple[Row, Change]]
) -> bool:
    """As ``ports.Spool.settle_with``, but it waits for room. Raises SpoolBroken."""
    while True:
        try:
            with trio.CancelScope(shield=True):
                return await spool.settle_with(row, to, others)
        except SpoolFull:
            await trio.sleep(FULL_S)


async def change_free(spool: Spool, row: Row, to: Change, then: Sequence[NewRow]) -> bool:
    """As ``ports.Spool.change``, but it waits for room. Raises SpoolBroken."""
    while True:
        try:
            with trio.CancelScope(shield=True):
                return await spool.change(row, to, then=then)
        except SpoolFull:
            await trio.sleep(FULL_S)


async def together(changes: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Make many changes at once, so that they share a commit: one by one, a hundred thousand of
    them keep a disk busy for minutes. Raises SpoolFull if any did not find room; the others are
    made."""
    full = False

    async def one(change: Callable[[], Awaitable[object]]) -> None:
        nonlocal full
        try:
            await change()
        except SpoolFull:
            full = True

    async with trio.open_nursery() as nursery:
        for change in changes:
            nursery.start_soon(one, change)
    if full:
        raise SpoolFull
