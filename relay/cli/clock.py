"""``relay clock``: what the node thinks of the clock of this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from relay.cli.common import asked, common, said
from relay.rules.clock_said import Jump, jumped, length


@click.group()
def clock() -> None:
    """The node's time, and what to do when the clock of this machine has jumped."""


@clock.command()
@common
def show(path: Path, as_json: bool) -> None:
    """What time it is for the node, and whether it believes the clock of this machine."""
    for now in asked(path, {"do": "clock"}):
        if as_json:
            said(now)
            continue
        jump = jump_of(now)
        if jump is None:
            click.echo(f"It is {_time(now['now'])}, as the clock of this machine says.")
            continue
        there = now["now"] + jump.seconds
        click.echo(f"{jumped(jump)}.")
        click.echo(f"It says {_time(there)}; the node goes on with {_time(now['now'])}.")
        click.echo("Messages are taken and posted. Nothing expires, is purged or held as too old,")
        click.echo("and no window begins or ends. Set the machine right; if it is right by now:")
        click.echo("relay clock accept")


@clock.command()
@common
def accept(path: Path, as_json: bool) -> None:
    """The clock of this machine is right, whatever it said before."""
    for now in asked(path, {"do": "clock", "accept": True}):
        if as_json:
            said(now)
        elif not now["accepted"]:
            click.echo(f"There is nothing to accept: it is {_time(now['now'])} for both.")
        else:
            by, way = length(abs(now["moved_s"])), "later" if now["moved_s"] > 0 else "earlier"
            click.echo(f"It is {_time(now['now'])} from now on, {by} {way} than a moment ago.")
            click.echo("What was due soon is due as soon by the new time.")


def jump_of(now: Mapping[str, Any]) -> Jump | None:
    """What an answer of the node says of its clock; None while all is well."""
    if now.get("state") != "frozen":
        return None
    return Jump(now["jumped_s"], now["since"], now["at_start"])


def _time(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
