"""``relay status`` and ``relay board``: how the node is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from relay.cli.brake import still
from relay.cli.clock import jump_of
from relay.cli.common import asked, common, said
from relay.cli.tables import show_table
from relay.errors import NoNode
from relay.model import State
from relay.reader.text import clean_line
from relay.rules.bidi import apart
from relay.rules.clock_said import jumped
from relay.rules.spending import plain


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
    click.echo(f"page key: {now['page_key']}")
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
    places = now["board"]
    money = ("spent",) if any(map(_spent, places.values())) else ()
    via = ("via",) if any(len(place.get("routes", ())) > 1 for place in places.values()) else ()
    tried = ("canary",) if any(place.get("canary") for place in places.values()) else ()
    heads = ("name", "state", "since (UTC)", "waiting", "oldest", "posted", "last (UTC)")
    rows = [
        (
            name,
            place["state"],
            _hour(place["since"]),
            str(place["waiting"] or ""),
            _age(place["oldest_s"]),
            str(place["posted"] or ""),
            _hour(place["last"]),
            *(_spent(place) for _ in money),
            *(place.get("route") or "" for _ in via),
            *(_canary(place) for _ in tried),
            _why(place),
        )
        for name, place in places.items()
    ]
    show_table((*heads, *money, *via, *tried, "why"), rows)
    for line in stopped(now):
        click.echo(line)


def _spent(place: Mapping[str, Any]) -> str:
    """Every budget; of answers, which every way in that answers has, only where some went."""
    return "; ".join(
        f"{plain(one['spent'])} / {plain(one['limit'])} "
        f"{one['unit'] or one['what']} {'today' if one['per'] == 'day' else 'this month'}"
        for one in place.get("budgets", ())
        if one["spent"] or one["what"] != "answers"
    )


def _canary(place: Mapping[str, Any]) -> str:
    """How the self test there ended: how long it took, or when it last worked."""
    tried = place.get("canary")
    if not tried:
        return ""
    state = tried["state"] or "not yet"
    if state in ("works", "slow") and tried["took_s"] is not None:
        return f"{state}, {max(tried['took_s'], 0.1):g} s"
    good = _hour(tried["last_good"])
    return f"{state}, good {good}" if good else state


def _why(place: Mapping[str, Any]) -> str:
    stale = place.get("stale", 0)
    held = f"{stale} held: waited too long" if stale else ""
    tried = (place.get("canary") or {}).get("why", "")
    canary = f"canary: {tried}" if tried else ""
    all_of_it = map(clean_line, (place["why"], _ways(place), held, canary))
    return "; ".join(apart(said) for said in all_of_it if said)


def _ways(place: Mapping[str, Any]) -> str:
    """What is wrong with the routes that are better than the one in use."""
    used, routes = place.get("route"), list(place.get("routes", {}).items())
    better = routes[: next((n for n, (name, _) in enumerate(routes) if name == used), 0)]
    return "; ".join(f"{name}: {state}" for name, state in better)


def _hour(at: int | None) -> str:
    return time.strftime("%Y-%m-%d %Hh", time.gmtime(at)) if at else ""


def _age(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds else ""
