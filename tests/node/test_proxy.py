"""What the core makes of an outlet that ends while it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import trio
import trio.testing

from relay.model import Attempt, Health, Once, Part, Stopped
from relay.node.calls import Outlet
from relay.node.process import DiedMeanwhile, Gone
from relay.node.proxy import BridgeProxy
from relay.wire import frames


class FakeOutlet:
    def __init__(self, error: Exception | None = None) -> None:
        self.process = self
        self.dead = trio.Event()
        self._error = error

    async def call(self, ask: Callable[[int], Any]) -> object:
        if isinstance(self._error, DiedMeanwhile):
            self.dead.set()
        if self._error is not None:
            raise self._error
        return frames.Checked(ask(1).n, Health("loft"))


def serve(bridge: BridgeProxy, outlet: FakeOutlet, trouble: str = "") -> None:
    bridge.served(cast(Outlet, outlet), frames.Serves("loft", Once("none"), 1, trouble))


async def checked(first: FakeOutlet, *more: FakeOutlet) -> Health:
    bridge = BridgeProxy("loft")
    serve(bridge, first)
    found: list[Health] = []

    async def check() -> None:
        found.append(await bridge.healthy(5.0))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(check)
        for outlet in more:
            await trio.testing.wait_all_tasks_blocked()
            serve(bridge, outlet)
    return found[0]


async def test_an_outlet_that_dies_while_it_checks_is_no_trouble_of_the_account() -> None:
    assert await checked(FakeOutlet(DiedMeanwhile()), FakeOutlet()) == Health("loft")


async def test_a_check_that_ends_two_outlets_is_a_trouble() -> None:
    assert (await checked(FakeOutlet(DiedMeanwhile()), FakeOutlet(DiedMeanwhile()))).trouble


async def test_a_bridge_that_fails_is_not_asked_twice() -> None:
    assert (await checked(FakeOutlet(Gone("its bridge failed")))).trouble == "its bridge failed"


async def test_a_send_to_a_bridge_that_did_not_start_again_is_in_no_doubt() -> None:
    async def keep(kept: bytes) -> None: ...

    bridge = BridgeProxy("loft")
    serve(bridge, FakeOutlet(), "its folder holds too much")
    outcome = await bridge.send(Attempt(Part("key", 0, 1, b"text"), 1, 0), keep)
    assert isinstance(outcome, Stopped) and outcome.why == "its folder holds too much"
