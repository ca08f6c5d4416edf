"""``relay run``, ``check`` and ``unlock``."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import click

from relay.cli.common import asked, common, passphrase_of, said
from relay.config import Settings, load, odd_windows, warnings
from relay.confine import possible
from relay.errors import SettingsError
from relay.node.start import start
from relay.plugins import expiring, keys_ending, mistakes, notes


def warn(settings: Settings) -> None:
    """Name each unsafe choice on standard error."""
    _name([*warnings(settings), *odd_windows(settings, int(time.time())), *_unconfined()])


def _unconfined() -> Iterable[tuple[str, str]]:
    lacks = possible().lacks
    if lacks:
        yield "node", f"{lacks}: its processes are not kept from each other by the kernel"


def _name(unsafe: Iterable[tuple[str, str]]) -> None:
    with contextlib.suppress(OSError):  # a full disk under the log keeps no node from starting
        for key, meaning in unsafe:
            click.echo(f"warning: {key}: {meaning}", err=True)


@click.command()
@click.option(
    "--paused",
    is_flag=True,
    help="Post nothing before `relay resume`: after a machine was restored from a copy.",
)
@common
def run(path: Path, as_json: bool, paused: bool) -> None:
    """Run the node: accept, review, post. Ends on SIGTERM or Ctrl-C."""
    try:
        settings = load(path)
    except SettingsError:
        load(path, mistakes)  # it does not start: then with all that is wrong, bridges asked too
        raise
    raise click.exceptions.Exit(start(path, settings, warn, paused=paused))


@click.command()
@common
def check(path: Path, as_json: bool) -> None:
    """Check the settings file and the secret files it names; no network."""
    try:
        settings = load(path, mistakes)
    except SettingsError as error:
        if as_json:
            found = [{"key": m.key, "what": m.what, "remedy": m.remedy} for m in error.mistakes]
            said({"good": False, "mistakes": found})
            raise click.exceptions.Exit(error.exit_code) from None
        raise
    now = int(time.time())
    said_of = [*warnings(settings), *odd_windows(settings, now), *notes(settings)]
    said_of += [*expiring(settings, now), *keys_ending(settings, now)]
    unsafe = [{"key": key, "meaning": meaning} for key, meaning in said_of]
    if as_json:
        said({"good": True, "mistakes": [], "warnings": unsafe})
        return
    _name(said_of)
    click.echo(f"{path}: good")


@click.command()
@common
def unlock(path: Path, as_json: bool) -> None:
    """Open exit.key of a running node: the passphrase is asked for, or read from a pipe."""
    order = {"do": "unlock", "passphrase": passphrase_of("exit.key")}
    for answer in asked(path, order):
        said(answer) if as_json else click.echo("exit.key is open")
