"""``relay pause`` and ``relay resume``: the brake."""

from __future__ import annotations

import time
from pathlib import Path

import click

from relay.cli.common import asked, common, said

ALL = "relay"
"""What the node calls all of itself."""


@click.command()
@click.argument("name", default=ALL, metavar="[NAME]")
@common
def pause(path: Path, as_json: bool, name: str) -> None:
    """Post nothing more: everywhere, or of a channel, or to a destination. Messages are taken."""
    for answer in asked(path, {"do": "pause", "name": name}):
        if as_json:
            said(answer)
            continue
        already = "" if answer["changed"] else " already"
        click.echo(f"{_called(name)} is paused{already}; messages are accepted as before.")
        if answer["sending"]:
            click.echo(f"{answer['sending']} had begun and may still end.")
        click.echo(f"To go on: relay resume{'' if name == ALL else ' ' + name}")


@click.command()
@click.argument("name", default=ALL, metavar="[NAME]")
@common
def resume(path: Path, as_json: bool, name: str) -> None:
    """Go on posting what was paused; or, after a window, without its order and pace."""
    for answer in asked(path, {"do": "resume", "name": name}):
        if as_json:
            said(answer)
            continue
        done = "goes on" if answer["changed"] else "was not paused"
        if answer["let_go"]:
            done += ": what waited for its window goes out without order and pace"
        click.echo(f"{_called(name)} {done}.")
        for line in still(answer["paused"]):
            click.echo(line)


def still(paused: dict[str, int]) -> list[str]:
    """A line for each thing that is paused."""
    return [
        f"paused since {time.strftime('%Y-%m-%d %Hh UTC', time.gmtime(since))}: {_called(name)}"
        for name, since in paused.items()
    ]


def _called(name: str) -> str:
    return "everything" if name == ALL else name
