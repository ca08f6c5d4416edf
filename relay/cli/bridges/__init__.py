"""``relay bridges``: which there are, and for their authors: a new one, and one tried.

The list imports bridges of ours only. Of a third party's it says what its package says of itself,
since to know more its module would have to be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from relay.cli.bridges.attempt import attempt
from relay.cli.bridges.new import new
from relay.cli.common import common, said
from relay.cli.tables import show_table
from relay.config import load
from relay.errors import SettingsError
from relay.plugins import Listed, page_of
from relay.plugins import bridges as every_bridge
from relay.reader.text import clean_line

BY_ITS_AUTHOR = "by its author"
"""What is said of a third party's bridge: that it was tested, and how, only its author knows."""


@click.group(invoke_without_command=True)
@common
@click.pass_context
def bridges(ctx: click.Context, path: Path, as_json: bool) -> None:
    """The bridges that are installed: whose each is, how it was tested, what repeating does."""
    if ctx.invoked_subcommand is None:
        _list(every_bridge(), _used(path), as_json)
    elif as_json or ctx.get_parameter_source("path") is not ParameterSource.DEFAULT:
        where = f"`relay bridges {ctx.invoked_subcommand}`"
        raise click.UsageError(f"put -c and --json after {where}: here they would be for the list")


bridges.add_command(new)
bridges.add_command(attempt)


def _used(path: Path) -> Mapping[str, list[str]] | None:
    """The destinations that are written, by their bridge; None without settings, or good ones.

    A bridge's author has none, and for who has a mistake in them this list may be the remedy.
    """
    if not path.exists():
        return None
    try:
        settings = load(path)
    except SettingsError:
        hint = f"{path} has mistakes (relay check), so what it uses is not known"
        click.echo(f"relay: {hint}", err=True)
        return None
    used: dict[str, list[str]] = {}
    for name, one in {**settings.destinations, "page": page_of(settings)}.items():
        used.setdefault(one.bridge, []).append(name)
    return used


def _list(found: list[Listed], used: Mapping[str, list[str]] | None, as_json: bool) -> None:
    lines = [_line(one, used) for one in found]
    if as_json:
        for line in lines:
            said(line)
        return
    use = () if used is None else ("used by",)
    heads = ("name", "package", *use, "tested", "repeating", "which rests on")
    rows = [
        (
            line["name"],
            f"{line['package']} {line['version']}"
            + (" (hidden by another)" if line["hidden"] else ""),
            *(", ".join(line["used_by"]) for _ in use),
            line["tested"],
            line["once"],
            line["again"],
        )
        for line in lines
    ]
    show_table(heads, rows)


def _line(one: Listed, used: Mapping[str, list[str]] | None) -> dict[str, Any]:
    uses = None if used is None else [] if one.hidden else used.get(one.name, [])
    return {
        "name": clean_line(one.name),
        "package": clean_line(one.distribution),
        "version": clean_line(one.version),
        "ours": one.ours,
        "hidden": one.hidden,
        "tested": one.tested if one.ours else BY_ITS_AUTHOR,
        "once": one.once,
        "again": one.again,
        "used_by": uses,
    }
