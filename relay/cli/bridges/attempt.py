"""``relay bridges try``: how a bridge splits a text, and with ``--send`` how one send of it goes.

It is for a bridge's author, and for whoever wants to see what goes over the wire. Nothing leaves
but the question for the account, until ``--send`` is given; then each part is sent once.
"""

from __future__ import annotations

import contextlib
import sys
import tomllib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.bridges.mask import Mask
from relay.cli.bridges.shown import Shown
from relay.cli.bridges.watched import Watched
from relay.cli.common import common
from relay.cli.going_out import started
from relay.cli.owner import as_owner_of
from relay.cli.plugged import say_whose
from relay.cli.posting import (
    EX_DATA,
    EX_UNAVAILABLE,
    SIGNED,
    parts_of,
    post_of,
    sent_once,
    status_of,
)
from relay.cli.send import NotText
from relay.cli.trying import NotStarted
from relay.config import Destination, Settings, load
from relay.errors import OutwordError
from relay.model import Message
from relay.plugins import secrets_of
from relay.plugins.sessions import ENDING, HELD, beside
from relay.reader.read import read
from relay.transports.local import MAX_BYTES, is_text


class NotPrepared(OutwordError):
    """The bridge made no parts of this text, or not as a node wants them: what it raised is not
    shown, since it may quote; its tests are the place to see it."""

    exit_code = 65


@click.command("try")
@click.argument("name")
@click.option("--text", default="-", metavar="-", help="The text: - is standard input.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A setting of the bridge.")
@click.option("--secret", "files", multiple=True, metavar="KEY=FILE", help="A file with a secret.")
@click.option("--send", is_flag=True, help="Send each part once. Without it nothing is posted.")
@common
def attempt(
    name: str,
    text: str,
    given: tuple[str, ...],
    files: tuple[str, ...],
    send: bool,
    path: Path,
    as_json: bool,
) -> None:
    """Show how a text would be split; with --send, post it once and show all that is said.

    NAME is a destination of the settings, or else an installed bridge, which --set and --secret
    are for; over a destination's section they count more. Secrets are shown as ***.
    """
    if text != "-":
        raise click.UsageError("a text comes from standard input: process lists show arguments")
    what = _named(name, _table(given), _files(files), path)
    if what.destination.bridge == SIGNED and send:
        raise click.UsageError("what is for the page is signed by the node: use `relay send`")
    say_whose(what.destination.bridge)
    message = _message()
    shown = Shown(name, what.destination.bridge, as_json)
    with as_owner_of(what.settings.base) if what.named else contextlib.nullcontext():
        status = trio.run(_tried, what, message, send, shown)
    shown.end()
    raise click.exceptions.Exit(status)


# ---------------------------------------------------------------- what is tried


@dataclass(frozen=True, slots=True, repr=False)
class _What:
    """A section as a node would have it. ``named``: it stands in the settings."""

    name: str
    destination: Destination
    settings: Settings
    named: bool
    mask: Mask = field(default_factory=Mask)


def _named(name: str, given: dict[str, Any], files: dict[str, str], path: Path) -> _What:
    """A destination of the settings, else a bridge. Raises SettingsError, Unusable, NotStarted."""
    settings = load(path) if path.exists() else Settings()
    section = settings.destinations.get(name)
    if not path.exists():
        settings.lies_at(Path("relay.toml"))
    written = {"bridge": section.bridge, **section.rest} if section else {"bridge": name}
    destination = Destination.model_validate({**_own(section), **written, **given, **files})
    what = _What(name, destination, settings, section is not None)
    folder = destination.rest.get("folder")
    for file in secrets_of(destination, settings).values():
        own = [settings.at(folder) / f"{file.name}{ENDING}"] if isinstance(folder, str) else []
        for one in (file, beside(file), beside(file) / HELD, *own):
            with contextlib.suppress(OSError):
                what.mask.learn(one.read_bytes()[:MAX_BYTES])
    return what


def _own(section: Destination | None) -> dict[str, Any]:
    """What the relay itself needs of a section to reach its platform."""
    if section is None:
        return {}
    ways = {"routes": [*section.routes], "pins": [*section.pins], "ca_file": section.ca_file}
    return {"deadline": f"{section.deadline}s", **ways}


def _table(given: Sequence[str]) -> dict[str, Any]:
    """``--set``: a value is TOML where it can be read as that, else a text as it stands."""
    table: dict[str, Any] = {}
    for one in given:
        key, value = _pair(one, "--set")
        if key == "bridge":
            raise click.UsageError("--set takes settings of the bridge; which one is NAME")
        try:
            table[key] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            table[key] = value
    return table


def _files(files: Sequence[str]) -> dict[str, str]:
    """``--secret``: files, from the folder in which the command was given."""
    pairs = [_pair(one, "--secret") for one in files]
    for key, file in pairs:
        if not key.endswith("_file"):
            raise click.UsageError(f"--secret takes a setting that ends in _file, not {key}")
        if not Path(file).is_file():
            raise click.UsageError(f"--secret {key} names no file")
    return {key: str(Path(file).absolute()) for key, file in pairs}


def _pair(one: str, option: str) -> tuple[str, str]:
    key, between, value = one.partition("=")
    if not (between and key.isidentifier()):
        raise click.UsageError(f"{option} takes KEY=VALUE")
    return key, value


def _message() -> Message:
    """The text as a reader of the node would have it. Raises UsageError or NotText."""
    if sys.stdin.isatty():
        click.echo("The text, and then Ctrl-D:", err=True)
    given = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(given) > MAX_BYTES:
        raise click.UsageError(f"a message has at most {MAX_BYTES} bytes")
    message = read(given, "text")
    if not given.strip() or not isinstance(message, Message):
        raise click.UsageError("there is no text on standard input")
    if not is_text(given):
        raise NotText
    return message


# ---------------------------------------------------------------- trying it


async def _tried(what: _What, message: Message, send: bool, shown: Shown) -> int:
    """The exit status: of the check, of the split, or of the last send. Raises NotStarted."""
    deadline_s = what.destination.deadline
    tells = partial(Watched, mask=what.mask, asked=shown.asks, answered=shown.answered)
    async with AsyncExitStack() as stack:
        try:
            one = started(what.name, what.destination, what.settings, tells)
            there = await stack.enter_async_context(one)
        except NotStarted as error:
            raise NotStarted(f"{error}{'' if what.named else _OF_NO_SECTION}") from None
        bridge, watched = there.bridge, there.http
        assert isinstance(watched, Watched)
        watched.open = True
        health, reached = await there.health()
        watched.open = send
        shown.health(health, reached, what.mask)
        parts = await parts_of(bridge, post_of(message), deadline_s)
        if not parts:
            raise NotPrepared(_TURNED_AWAY if watched.turned_away else "")
        shown.parts(parts, bridge)
        if health.trouble:
            return EX_DATA if reached else EX_UNAVAILABLE
        if not send:
            return 0
        done = await sent_once(
            bridge, parts, deadline_s, lambda tried: shown.tried(tried, bridge.once, what.mask)
        )
        return status_of(done[-1].outcome)


_OF_NO_SECTION = "; --secret KEY=FILE and --set KEY=VALUE are its settings here"

_TURNED_AWAY = (
    "the bridge asks its platform before it can split a text, and nothing leaves without --send"
)
