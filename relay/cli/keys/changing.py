"""``relay keys roll`` and ``relay keys revoke``: by the running node or, where none runs, by us."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from relay.cli.common import asked, common, said
from relay.cli.keys.stopped import changed, must_open
from relay.cli.keys.told import ENDED, UNSIGNED, lasts
from relay.cli.owner import as_owner_of
from relay.config import Settings, load
from relay.errors import Asked, NoNode
from relay.keyfiles import read_secret
from relay.node.key_orders import OFFLINE, UNKNOWN
from relay.node.rolling.said import about
from relay.wire.exitfile import exit_public
from relay.wire.keys import ExitKeys
from relay.wire.rolling import ended, replaced, rolled

LEAST_DIGITS = 4


@click.command()
@common
def roll(path: Path, as_json: bool) -> None:
    """Make the keys of this day and of those to come now; they roll by themselves each day.

    Of a stopped node the passphrase of exit.key is asked for, or read from a pipe.
    """
    settings, now = load(path), int(time.time())
    must_open(settings, "roll")
    road_s = settings.node.road_s
    tell(_done(path, settings, {"do": "roll"}, lambda keys: rolled(keys, now, road_s)), as_json)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "whole", is_flag=True, help="End this exit, once and for all.")
@click.option("--each-key", is_flag=True, help="Every key to seal to; others take their place.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@common
def revoke(
    path: Path, as_json: bool, ids: Sequence[str], whole: bool, each_key: bool, yes: bool
) -> None:
    """Have entries seal nothing more to these keys; others take their place at once.

    ID is what `relay keys list --epochs` prints, or its first digits. What is on its way is still
    opened. With --all nothing is sealed to this exit ever again.
    """
    settings, now = load(path), int(time.time())
    must_open(settings, "revoke")
    if bool(ids) + whole + each_key != 1:
        raise click.UsageError("name ids, or --each-key, or --all")
    if whole and not yes:
        click.confirm("No entry ever seals to this exit again. Go on?", abort=True, err=True)
    if whole:
        tell(_done(path, settings, {"do": "revoke", "ids": [], "all": True}, _ended(now)), as_json)
        return
    full = _full(settings, ids)
    order = {"do": "revoke", "ids": [one.hex() for one in full]}
    tell(_done(path, settings, order, _without(full, now, settings.node.road_s)), as_json)


def _done(
    path: Path,
    settings: Settings,
    order: Mapping[str, Any],
    change: Callable[[ExitKeys], ExitKeys],
) -> Mapping[str, Any]:
    """What the node says, or what is so now where none runs."""
    try:
        [answer] = asked(path, order)
        return dict(answer)
    except NoNode:
        return about(changed(settings, change))


def tell(now_so: Mapping[str, Any], as_json: bool) -> None:
    """Say what is so now."""
    if as_json:
        said(now_so)
        return
    if now_so.get("ended"):
        click.echo(ENDED)
        return
    if now_so["unsigned"]:
        click.echo("What entries seal to stays as it was until the new keys are signed.")
    click.echo(lasts(now_so["until"], int(time.time())))
    if now_so["serial"]:
        click.echo(
            f"Bundle {now_so['serial']}; where a link is up, entries have it within minutes."
        )
    if now_so["unsigned"]:
        click.echo(f"{now_so['unsigned']} more wait for a signature. {UNSIGNED}")


def _full(settings: Settings, begun: Sequence[str]) -> frozenset[bytes]:
    """The ids that begin like these; every one where none is named. Raises Asked."""
    with as_owner_of(settings.keys):
        public = exit_public(read_secret(settings.keys / "exit.key"))
    there = {one.id.hex(): one.id for one in public.epochs}
    found = set() if begun else set(there.values())
    for digits in begun:
        fit = [id for text, id in there.items() if text.startswith(digits.lower())]
        if len(fit) != 1 or len(digits) < LEAST_DIGITS:
            raise Asked(f"{UNKNOWN}: `relay keys list --epochs` shows them")
        found.update(fit)
    return frozenset(found)


def _ended(now: int) -> Callable[[ExitKeys], ExitKeys]:
    def change(keys: ExitKeys) -> ExitKeys:
        if not keys.identity:
            raise Asked(OFFLINE)
        return keys if keys.ended else ended(keys, now)

    return change


def _without(ids: frozenset[bytes], now: int, road_s: int) -> Callable[[ExitKeys], ExitKeys]:
    return lambda keys: replaced(keys, ids, now, road_s)
