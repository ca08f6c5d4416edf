"""A destination of the settings, its bridge started in this process, its account looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from relay.cli.going_out import started
from relay.cli.plugged import say_whose
from relay.cli.posting import EX_DATA, EX_UNAVAILABLE
from relay.cli.trying import NotStarted
from relay.config import Destination, Settings, load
from relay.model import Health
from relay.node.roles import opens_messages
from relay.plugins import page_of
from relay.ports import Bridge
from relay.reader.text import clean_line


@dataclass(frozen=True, slots=True)
class Opened:
    """``bridge`` is None where it did not start. ``reached``: the platform could be asked.
    ``failures`` are those of routes so far, as a line for people."""

    bridge: Bridge | None
    account: str
    trouble: str
    reached: bool
    told: Callable[[], str] = str

    @property
    def failures(self) -> str:
        """What is wrong with its routes by now; empty if nothing is."""
        return self.told()

    @property
    def status(self) -> int:
        """Of a command that only looks: 0 good, 65 refused, 69 could not be asked."""
        if not self.trouble:
            return 0
        return EX_DATA if self.reached else EX_UNAVAILABLE


def named(path: Path, name: str) -> tuple[Destination, Settings]:
    """A destination by its name, said whose code it is. Raises SettingsError or UsageError."""
    settings = load(path)
    page = {"page": page_of(settings)} if opens_messages(settings) else {}
    every = {**settings.destinations, **page}
    if name not in every:
        raise click.UsageError(f"name a destination of {path}: {', '.join(sorted(every))}")
    say_whose(every[name].bridge)
    return every[name], settings


@asynccontextmanager
async def opened(name: str, destination: Destination, settings: Settings) -> AsyncIterator[Opened]:
    """Its bridge, after one check, while the block lasts."""
    async with AsyncExitStack() as stack:
        try:
            there = await stack.enter_async_context(started(name, destination, settings))
        except NotStarted as error:
            yield _told(None, Health("", str(error)), True)
            return
        health, reached = await there.health()
        yield _told(there.bridge, health, reached, lambda: there.failures)


def _told(
    bridge: Bridge | None, health: Health, reached: bool, failures: Callable[[], str] = str
) -> Opened:
    account, trouble = clean_line(health.account), clean_line(health.trouble)
    return Opened(bridge, account, trouble, reached, failures)
