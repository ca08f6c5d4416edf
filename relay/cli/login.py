"""``relay login``: one secret, asked for without echo, tried where it can be, put in place 0600.

The old secret stays until the new one has been found good; none is ever shown, but for a gateway's
key that was made here, once. A node that runs is told to take the new one up.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.common import common, control_of, said
from relay.cli.init_todo import phone
from relay.cli.owner import as_owner_of
from relay.cli.trying import health_of, mailbox_trouble
from relay.config import Destination, ImapIn, Settings, SmsIn, load
from relay.control import ask
from relay.errors import Asked, NoNode, OutwordError, SettingsError
from relay.keyfiles import write_secret
from relay.model import Health
from relay.plugins import how_to_get, mistakes, secrets_of
from relay.reach.http import HttpOut

MAX_BYTES = 8192
"""Of a secret; bridges read no longer ones."""

SHORTEST_KEY = 8
"""Characters of a gateway's key. The app makes them that short itself; ours have 64."""


class NotGood(OutwordError):
    """It was refused: the old secret stays in force."""

    exit_code = 65


class NotReached(OutwordError):
    """The other side could not be asked: the old secret stays; --unchecked puts it in all the
    same."""

    exit_code = 69


@click.command()
@click.argument("name")
@click.option("--setting", default="", help="Which secret, where the section names several.")
@click.option("--new", "fresh", is_flag=True, help="Gateways: make a new random key, show it once.")
@click.option("--unchecked", is_flag=True, help="Put it in place without trying it.")
@common
def login(name: str, setting: str, fresh: bool, unchecked: bool, path: Path, as_json: bool) -> None:
    """Put in place the secret of a destination or a transport.

    It is asked for without echo, or is the first line of standard input.
    """
    settings = load(path)
    section = _section(settings, name)
    key, file = _chosen(secrets_of(section, settings), setting)
    if fresh and not isinstance(section, SmsIn):
        raise click.UsageError("--new is for the key of a gateway; this secret is made elsewhere")
    secret = b"" if fresh else _asked(_how(section, key))
    made = not secret and isinstance(section, SmsIn)
    secret = new_key() if made else _plain(secret, section, _else(file))
    with as_owner_of(path.parent):
        account = "" if unchecked or made else _tried(section, key, secret, file, settings)
        write_secret(file, secret.strip() + b"\n")
        then = _told(path, settings, section)
    if as_json:
        shown = {"secret": secret.decode().strip()} if made else {}
        said({"name": name, "file": str(file), "account": account, "node": then, **shown})
        return
    click.echo(f"It is in place: {file}" + (f" (account: {account})" if account else ""))
    if made and isinstance(section, SmsIn):
        click.echo(f"The key, shown this once: {secret.decode().strip()}\n")
        if section.gateway == "android":
            url = settings.http.url if settings.http else ""
            click.echo(phone(name, url, section.silent_after > 0))
    click.echo(_SAID[then])


def new_key() -> bytes:
    """A random key of 256 bits for a gateway, in digits that can be typed."""
    return os.urandom(32).hex().encode() + b"\n"


def _section(settings: Settings, name: str) -> Any:
    named = {**settings.transports, **settings.destinations}
    with_secret = [one for one, section in named.items() if secrets_of(section, settings)]
    if name not in with_secret:
        names = ", ".join(sorted(with_secret)) or "nothing"
        raise click.UsageError(f"{name} has no secret file in the settings; {names} has")
    return named[name]


def _chosen(files: Mapping[str, Path], setting: str) -> tuple[str, Path]:
    if setting:
        if setting not in files:
            raise click.UsageError(f"--setting takes one of: {', '.join(files)}")
        return setting, files[setting]
    if len(files) > 1:
        raise click.UsageError(f"it has several secrets: add --setting {' or '.join(files)}")
    return next(iter(files.items()))


def _how(section: Any, key: str) -> str:
    """Where the operator gets it."""
    if isinstance(section, SmsIn):
        return "The signing key of the phone's app or of your script; empty: a new one is made."
    if isinstance(section, Destination):
        return how_to_get(section, key) or "What the platform gave you for this account."
    return "The password of the mailbox; an app password, where the provider has such."


def _asked(how: str) -> bytes:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.readline(MAX_BYTES + 2).strip()
    click.echo(how, err=True)
    answer: str = click.prompt("Secret", hide_input=True, default="", show_default=False, err=True)
    return answer.encode().strip()


def _plain(secret: bytes, section: Any, otherwise: str) -> bytes:
    """Raises NotGood for what can be no secret."""
    if not secret:
        raise NotGood(f"nothing was given: {otherwise}")
    if len(secret) > MAX_BYTES:
        raise NotGood(f"a secret has at most {MAX_BYTES} bytes: {otherwise}")
    try:
        one_line = secret.decode().isprintable()
    except UnicodeDecodeError:
        one_line = False
    if not one_line:
        raise NotGood(f"a secret is one line of text: {otherwise}")
    if isinstance(section, SmsIn) and len(secret) < SHORTEST_KEY:
        raise NotGood(f"a key has at least {SHORTEST_KEY} characters: {otherwise}; use --new")
    return secret


def _else(file: Path) -> str:
    """What is in force where the new secret is not taken."""
    return "the old secret stays" if file.exists() else "nothing was put in place"


# ---------------------------------------------------------------- trying it


def _tried(section: Any, key: str, secret: bytes, file: Path, settings: Settings) -> str:
    """The account it opens, empty where that cannot be told. Raises NotGood or NotReached."""
    if isinstance(section, SmsIn):
        return ""
    account = ""
    if isinstance(section, ImapIn):
        trouble, reached = mailbox_trouble(section, secret, settings)
    else:
        with _candidate(file, secret) as candidate:
            table = {"bridge": section.bridge, **section.rest, key: str(candidate)}
            one = Destination.model_validate(table)
            health, reached = trio.run(_health, one, settings)
        account, trouble = health.account, health.trouble
    if trouble:
        if reached:
            raise NotGood(f"{trouble}; {_else(file)}")
        raise NotReached(f"{trouble}; {_else(file)}; --unchecked puts it in place all the same")
    return account


@contextlib.contextmanager
def _candidate(file: Path, secret: bytes) -> Iterator[Path]:
    """The secret in a file of its own beside its place, until the block ends."""
    path = file.with_name(f".{file.name}.tried")
    write_secret(path, secret)
    try:
        yield path
    finally:
        path.unlink()


async def _health(destination: Destination, settings: Settings) -> tuple[Health, bool]:
    async with HttpOut(None) as out:
        return await health_of(destination, settings, out)


# ---------------------------------------------------------------- telling the node

_SAID = {
    "none": "No node runs here: start it with `systemctl start outword`, or with `relay run`"
    " where it is no service.",
    "reloading": "The node takes it up now: `relay board` shows how it fares.",
    "next": "The node uses it from its next look at the mailbox on.",
    "settings": "The node goes on as it was: `relay check` says what is still missing.",
    "locked": "exit.key was unlocked by hand: take it up with `systemctl reload outword` (or"
    " SIGHUP), then `relay unlock`.",
}


def _told(path: Path, settings: Settings, section: Any) -> str:
    """What the node does about it, as a key of ``_SAID``."""
    control = control_of(settings)
    try:
        list(ask(control, {"do": "status"}, timeout_s=10))
    except NoNode:
        return "none"
    if isinstance(section, ImapIn):
        return "next"  # its password is read at each connection
    try:
        load(path, mistakes)
    except SettingsError:
        return "settings"
    try:
        list(ask(control, {"do": "reload"}, timeout_s=10))
    except Asked:
        return "locked"  # new processes would wait for the passphrase
    except NoNode:
        return "none"
    return "reloading"
