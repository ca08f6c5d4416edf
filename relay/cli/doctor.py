"""``relay doctor``: this machine, its neighbours and the world, and what ``relay check`` does.

Everything that is wrong is told with what it does to you and how to mend it. It changes nothing and
posts nothing. Root looks as the owner of the folder, since the node has no other eyes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import trio
from rich.console import Console

from relay.cli.common import common, said
from relay.cli.doctoring import desk, folder, machine, neighbours, ports, reaches, shares, world
from relay.cli.doctoring.finding import Finding
from relay.cli.doctoring.host import Host
from relay.cli.init_todo import UNKNOWN_ADDRESS, own_address
from relay.cli.look import status_of
from relay.cli.owner import as_owner_of, must_read_program
from relay.config import Settings, load, odd_windows, warnings
from relay.errors import Mistake, OutwordError, SettingsError
from relay.plugins import expiring, keys_ending, mistakes
from relay.reach.http import HttpOut

EX_UNAVAILABLE = 69
EX_CONFIG = 78

ORDER = ("wrong", "mind", "good")


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="Also what is as it should be.")
@click.option("--resolver", default="", metavar="HOST:PORT", help="The DNS server that dig asks.")
@common
def doctor(verbose: bool, resolver: str, path: Path, as_json: bool) -> None:
    """Look at this machine and the world: what is wrong, why it matters, what to do."""
    if resolver and not resolver.rpartition(":")[2].isdecimal():
        raise click.UsageError("--resolver takes host:port")
    with as_owner_of(path.parent), Console(stderr=True).status("Looking ..."):
        must_read_program()
        wrong, settings = _read(path)
        unsafe = _unsafe(settings) if settings else []
        found = sorted(_look(path, settings, resolver), key=lambda f: ORDER.index(f.state))
    faults = [one for one in found if one.state == "wrong"]
    if as_json:
        _as_json(wrong, unsafe, found)
    else:
        _print(path, wrong, unsafe, found, verbose)
    raise click.exceptions.Exit(EX_CONFIG if wrong else EX_UNAVAILABLE if faults else 0)


def _read(path: Path) -> tuple[Sequence[Mistake], Settings | None]:
    """Every mistake, and the settings if they can be read at all."""
    try:
        return (), load(path, mistakes)
    except SettingsError as error:
        found = error.mistakes
    try:
        return found, load(path)
    except SettingsError:
        return found, None


def _unsafe(settings: Settings) -> list[tuple[str, str]]:
    now = int(time.time())
    ending = (*expiring(settings, now), *keys_ending(settings, now))
    return [*warnings(settings), *odd_windows(settings, now), *ending]


def _look(path: Path, settings: Settings | None, resolver: str) -> Iterator[Finding]:
    host = Host()
    yield from machine.look(host, settings)
    yield from neighbours.look(host)
    if settings is None:
        return
    status = _status(path)
    yield from folder.look(path.absolute(), settings)
    yield from reaches.look(settings)
    yield from shares.look(settings)
    yield from desk.look(settings, status)
    yield from ports.look(host, settings, runs=status is not None)
    yield from world.board(status)
    yield from trio.run(_world, host, settings, resolver, status)


def _status(path: Path) -> dict[str, Any] | None:
    try:
        return status_of(path)
    except OutwordError:
        return None


async def _world(
    host: Host, settings: Settings, resolver: str, status: dict[str, Any] | None
) -> list[Finding]:
    own = own_address()
    async with HttpOut(None, connect_s=world.LOOK_S) as http:
        there = world.World(host, http, own="" if own == UNKNOWN_ADDRESS else own, dns=resolver)
        return await world.look(settings, there, status)


def _as_json(wrong: Sequence[Mistake], unsafe: list[tuple[str, str]], found: list[Finding]) -> None:
    said(
        {
            "good": not wrong and all(one.state != "wrong" for one in found),
            "mistakes": [{"key": m.key, "what": m.what, "remedy": m.remedy} for m in wrong],
            "warnings": [{"key": key, "meaning": meaning} for key, meaning in unsafe],
            "findings": [
                {"check": f.check, "state": f.state, "what": f.what, "why": f.why,
                 "remedy": f.remedy}
                for f in found
            ],
        }
    )  # fmt: skip


def _print(
    path: Path,
    wrong: Sequence[Mistake],
    unsafe: list[tuple[str, str]],
    found: list[Finding],
    verbose: bool,
) -> None:
    for mistake in wrong:
        click.echo(f"wrong  {path}: {mistake.said}\n       -> {mistake.remedy}")
    for one in found:
        if one.state != "good" or verbose:
            click.echo(f"{one.state:5}  {one.check}: {one.what}")
        if one.state != "good":
            for line in (one.why, f"-> {one.remedy}" if one.remedy else ""):
                click.echo(f"       {line}") if line else None
    for key, meaning in unsafe:
        click.echo(f"mind   {key}: {meaning}")
    counts = {state: sum(one.state == state for one in found) for state in ORDER}
    click.echo(
        f"{counts['wrong'] + len(wrong)} wrong, {counts['mind'] + len(unsafe)} to mind,"
        f" {counts['good']} good" + ("" if verbose else " (-v shows those)"),
        file=sys.stdout,
    )
