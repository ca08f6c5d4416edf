"""``relay window``: times in which a destination is not posted to as always."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from relay.cli.common import asked, common, said
from relay.cli.tables import show_table
from relay.cli.window_told import does, in_both, state, waits, when, why
from relay.config import load
from relay.errors import OutwordError


@click.group()
def window() -> None:
    """Planned times in which what is for a destination waits, or goes to another."""


def _settings_of(ctx: click.Context) -> Path:
    return Path(ctx.params.get("path") or "relay.toml")


def _destinations(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of destinations that begin like this; none where the settings cannot be read."""
    try:
        names = {*load(_settings_of(ctx)).destinations, "page"}
    except OutwordError:
        return []
    return [CompletionItem(name) for name in sorted(names) if name.startswith(begun)]


def _zones(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    from zoneinfo import available_timezones

    names = sorted(name for name in available_timezones() if name[:1].isupper())
    begins = begun.casefold()
    return [CompletionItem(name) for name in names if name.casefold().startswith(begins)]


def _removable(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of windows that are in no file; none where no node runs."""
    try:
        lines = list(asked(_settings_of(ctx), {"do": "window"}))
    except OutwordError:
        return []
    names = [line["name"] for line in lines if line["origin"] != "settings"]
    return [CompletionItem(name) for name in names if name.startswith(begun)]


def _one_of(*words: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Completes one of these words."""
    return lambda _, __, begun: [CompletionItem(one) for one in words if one.startswith(begun)]


@window.command()
@click.argument("destinations", nargs=-1, metavar="DEST...", shell_complete=_destinations)
@click.option("--from", "begins", metavar="TIME", help='"2026-11-23 01:00", "23:00" or "now".')
@click.option("--until", metavar="TIME", help='"2026-11-23 02:30", "07:00" or "+90m".')
@click.option("--zone", help="By whose clocks: Asia/Tehran, UTC.", shell_complete=_zones)
@click.option(
    "--do",
    "does_",
    help="hold (what is for it waits), reroute, or page.",
    shell_complete=_one_of("hold", "reroute", "page"),
)
@click.option("--to", help="With reroute: who has it instead.", shell_complete=_destinations)
@click.option("--why", "reason", help="Shown on the board and in alarms.")
@click.option(
    "--first",
    help="What goes out first afterwards: oldest, or newest.",
    shell_complete=_one_of("oldest", "newest"),
)
@click.option("--rate", help='How fast it goes out afterwards: "60/h".')
@click.option("--days", help="Where it comes again: mon,tue. Without this every day.")
@click.option("--name", default="", help="What to call it.")
@common
def add(path: Path, as_json: bool, name: str, **given: Any) -> None:
    """Plan a window. From 23:00 it comes again each day; from a date, or now, it is there once.

    Given the name of one that was added, it takes its place: so it is made longer or shorter.
    """
    for line in asked(path, {"do": "window", "name": name, "add": _written(given)}):
        if as_json:
            said(line)
            continue
        again = ", in place of what it was" if line["replaced"] else ""
        reason = f": {told}" if (told := why(line)) else ""
        click.echo(f"{line['name']}: {does(line)}, {in_both(line)}{reason}{again}")
        if line["recurs"] is not None:
            click.echo(f"It comes again: {when(line)} {line['zone']}.")
        click.echo(_how_it_stands(line))
        for note in line["notes"]:
            click.echo(f"warning: {note}", err=True)


def _written(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as a table of the settings."""
    called = {"begins": "from", "does_": "do", "reason": "why"}
    written = {called.get(key, key): value for key, value in given.items() if value is not None}
    if "days" in written:
        written["days"] = [day.strip() for day in written["days"].lower().split(",")]
    return written


def _how_it_stands(line: Mapping[str, Any]) -> str:
    if line["frozen"]:
        return f"The clock is not trusted: no window begins or ends now; {waits(line)}."
    began = line["state"] == "now"
    return f"{'in force' if began else 'begins'} {state(line)}, {waits(line)}"


@window.command("list")
@common
def list_(path: Path, as_json: bool) -> None:
    """Every window: when, what it does, how it stands and where it comes from."""
    lines = list(asked(path, {"do": "window"}))
    if as_json:
        for line in lines:
            said(line)
        return
    heads = ("name", "when", "zone", "what", "state", "from", "why")
    rows = [
        (line["name"], when(line), line["zone"], does(line), state(line), line["origin"], why(line))
        for line in lines
    ]
    if rows:
        show_table(heads, rows)
    else:
        click.echo("There is no window.")
    for line in lines:
        for said_of in _odd(line):
            click.echo(said_of)
    if any(line["frozen"] for line in lines):
        click.echo("The clock is not trusted: no window begins or ends until `relay clock accept`.")


def _odd(line: Mapping[str, Any]) -> list[str]:
    """What is to be known of a window beyond its row."""
    found = [
        f"{line['name']}: nothing is posted to {name}"
        + (", so it holds" if name == line["to"] else "")
        for name in line["unknown"]
    ]
    if line["state"] == "shadowed":
        found.append(f"{line['name']}: the settings have a window of this name, which counts")
    return found


@window.command()
@click.argument("name", shell_complete=_removable)
@common
def remove(path: Path, as_json: bool, name: str) -> None:
    """Take away a window that was added, or, by its destination, one that was learned.

    One that is in force ends, and what waits goes out in its order.
    """
    for line in asked(path, {"do": "window", "remove": name}):
        if as_json:
            said(line)
            continue
        ended = line["state"] == "now"
        after = f" and over, {waits(line)}" if ended else ""
        click.echo(f"{line['name']} is removed{after}.")
        for destination, other in line["still"].items():
            click.echo(f"{destination}: {other} is in force there.")
