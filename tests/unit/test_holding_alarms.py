"""A release takes as long as it was asked to: no alarm, unless its platform is in the way."""

from __future__ import annotations

from pathlib import Path

import trio
from holding_parts import NAME, Node, Platform, window
from trio.testing import MockClock

from relay.config import parse
from relay.model import Later
from relay.node.board import Board
from relay.node.overview import Overview

HOUR = 3600
SETTINGS = {
    "channels": {"news": {"destinations": ["box"]}},
    "destinations": {"box": {"bridge": "webhook", "url": "https://box.example/"}},
}


async def overview(node: Node) -> tuple[Overview, Board]:
    """What the operator of this node sees."""
    board = Board(node.spool, node.clock)
    await board.load([NAME])
    settings = parse(SETTINGS, Path("relay.toml"))
    found = Overview(node.spool, board, node.brake, node.clock, settings, lambda: "ok", lambda: 0)
    found.calendar = node.calendar
    found.windows = node.holding.shown
    found.releases = node.holding.releases
    return found, board


async def alarms(found: Overview) -> set[str]:
    return {one.key for one in await found.troubles()} & {f"waiting {NAME}", f"blocked {NAME}"}


async def test_what_goes_out_as_it_was_asked_is_not_waiting_too_long(
    autojump_clock: MockClock,
) -> None:
    node = Node(Platform(), window(10, 12 * HOUR, every_s=HOUR))
    found, board = await overview(node)
    board.state(NAME, "works")
    async with node.running():
        await trio.sleep(20)
        await node.accepts(20)
        await trio.sleep_until(11 * HOUR)
        assert await alarms(found) == set()
        await trio.sleep_until(20 * HOUR)
        said = "releasing: 12 left, oldest first, 1/h, the next at 05:00 UTC"
        assert (await found.board())[NAME]["why"] == said
        assert await alarms(found) == set()
        board.told(NAME, Later("no connection", scope="host"))
        await trio.sleep(HOUR)
        assert await alarms(found) == {f"waiting {NAME}", f"blocked {NAME}"}
