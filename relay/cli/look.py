"""``relay status`` and ``relay board``: how the node is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from relay.cli.board_table import draw
from relay.cli.brake import still
from relay.cli.clock import jump_of
from relay.cli.common import asked, common, said
from relay.cli.exits_told import exits_of
from relay.cli.hiding import least
from relay.errors import NoNode
from relay.model import State
from relay.rules.clock_said import jumped


def status_of(path: Path) -> dict[str, Any]:
    """What a running node says of itself. Raises NoNode."""
    answers: list[dict[str, Any]] = list(asked(path, {"do": "status"}))
    return answers[0]


def stopped(now: Mapping[str, Any]) -> list[str]:
    """A line for each thing that a person stopped, or has to start: why nothing moves."""
    locked = "exit.key is locked: nothing is opened until `relay unlock`"
    jump = jump_of(now.get("clock", {}))
    return [
        *([locked] if now["standing"] == "locked" else []),
        *still(now["paused"]),
        *([f"{jumped(jump)}: see `relay clock show`"] if jump else []),
    ]


@click.command()
@click.option("--check", "checked", is_flag=True, help="Only what is wrong; status 69 if any.")
@common
def status(path: Path, as_json: bool, checked: bool) -> None:
    """The sum: what was accepted, and what became of it."""
    if checked:
        _check(path, as_json)
        return
    now = status_of(path)
    if as_json:
        said(now)
        return
    click.echo(f"node {now['node']}, role {now['role']}: {now['standing']}")
    if now["role"] == "both":
        click.echo("It accepts and opens: who seizes it running gets both.")
    for line in stopped(now):
        click.echo(line)
    table = Table("", "submissions", box=None)
    table.add_row("accepted", str(now["accepted"]))
    for state in State:
        if now[state.value]:
            table.add_row(f"  {state.value}", str(now[state.value]))
    for outside in ("repeats", "turned_away", "lost"):
        if now[outside]:
            table.add_row(outside.replace("_", " "), str(now[outside]))
    Console().print(table)
    for line in least(now):
        click.echo(line)
    if now["page_key"]:
        click.echo(f"page key: {now['page_key']}")
    for line in [*exits_of(now), *now.get("notices", ())]:
        click.echo(line)
    for key, what in (("asked_back", "public, and wanted back"), ("replies", "with replies")):
        if now.get(key):
            click.echo(f"{what}: {now[key]}, see `relay queue list`")
    answers = {what: count for what, count in now.get("answers", {}).items() if count}
    if answers:
        told = ", ".join(f"{count} {what}" for what, count in answers.items())
        click.echo(f"answers to senders since the start: {told}")
    if now["lost"]:
        click.echo("Lost submissions: see docs/operate.md, then `relay queue accept-loss`.")


def _check(path: Path, as_json: bool) -> None:
    """A line for each thing that is wrong: for whoever, or whatever, looks in at times."""
    troubles = list(asked(path, {"do": "check"}))
    for trouble in troubles:
        said(trouble) if as_json else click.echo(trouble["said"])
    if not all(trouble.get("notice") for trouble in troubles):
        raise click.exceptions.Exit(NoNode.exit_code)
    if not as_json:
        click.echo("good")


@click.command()
@common
def board(path: Path, as_json: bool) -> None:
    """Every destination and transport: its state, what waits, what it did last."""
    now = status_of(path)
    if as_json:
        said(now["board"])
        return
    draw(now["board"])
    for line in [*least(now), *exits_of(now), *stopped(now)]:
        click.echo(line)
