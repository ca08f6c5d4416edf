"""``relay login``: one secret, asked for without echo, tried where it can be, put in place 0600.

Where a platform's secrets cannot be pasted its bridge leads to them (``login_led``). The old ones
stay until the new ones have been found good; none is ever shown, but for a gateway's key that was
made here, once. A node that runs is told to take the new ones up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.common import common, control_of, said
from relay.cli.going_out import health_of
from relay.cli.init_todo import phone
from relay.cli.login_asked import (
    MAX_BYTES,
    SHORTEST_KEY,
    NotGood,
    NotReached,
    asked,
    how_to_get_it,
    in_force,
    may_make,
    new_key,
    plain,
)
from relay.cli.login_files import grown, put_together, tried_beside
from relay.cli.login_led import leads, led, where_to_get
from relay.cli.owner import as_owner_of
from relay.cli.plugged import say_whose
from relay.cli.trying import bot_trouble, mailbox_trouble
from relay.config import Destination, ImapIn, Settings, SmsIn, load
from relay.config.inward import TelegramIn
from relay.config.linking import MailLink
from relay.control import ask
from relay.errors import Asked, NoNode, SettingsError
from relay.plugins import Unusable, mistakes, secrets_of

__all__ = ["MAX_BYTES", "SHORTEST_KEY", "NotGood", "NotReached", "login", "new_key"]


@click.command()
@click.argument("name")
@click.option("--setting", default="", help="Ask for this one secret, and lead through no login.")
@click.option("--new", "fresh", is_flag=True, help="Gateways: make a new random key, show it once.")
@click.option("--unchecked", is_flag=True, help="Put it in place without trying it.")
@common
def login(name: str, setting: str, fresh: bool, unchecked: bool, path: Path, as_json: bool) -> None:
    """Put in place the secret of a destination, a transport, a route or a link.

    It is asked for without echo, or is the first line of standard input. Where its bridge leads
    through a login, each question it asks takes an answer, or a line.
    """
    settings = load(path)
    section = _section(settings, name)
    files = secrets_of(section, settings)
    if fresh and not may_make(section, _chosen(files, setting)):
        raise click.UsageError("--new is for the key of a gateway; this secret is made elsewhere")
    with as_owner_of(path.parent):
        _say_whose(section)
        secrets = {} if setting or fresh else _led(name, section, settings)
        made = b""
        if not secrets:
            key = _chosen(files, setting)
            given = b"" if fresh else asked(_how(section, key))
            made = new_key() if not given and may_make(section, key) else b""
            secrets = {key: made or plain(given, section, key, in_force([files[key]]))}
        files = {key: files[key] for key in secrets}
        unchecked = unchecked or bool(made)
        account = _put(name, section, secrets, files, settings, unchecked=unchecked)
        then = _told(path, settings, section)
    shown = {key: str(file) for key, file in files.items()}
    done = {"name": name, "file": next(iter(shown.values())), "files": shown, "account": account}
    done["node"] = then
    if made:
        done["secret"] = made.decode().strip()
    said(done) if as_json else _say(done, section, settings)


def _say(done: Mapping[str, Any], section: Any, settings: Settings) -> None:
    account = f" (account: {done['account']})" if done["account"] else ""
    click.echo(f"It is in place: {', '.join(done['files'].values())}{account}")
    if "secret" in done:
        click.echo(f"The key, shown this once: {done['secret']}\n")
        if isinstance(section, SmsIn):
            click.echo(_to_type(done, section, settings))
    click.echo(_SAID[done["node"]])


def _to_type(done: Mapping[str, Any], section: SmsIn, settings: Settings) -> str:
    """Where the new key goes, and what else is typed there."""
    name, url = done["name"], settings.http.url if settings.http else ""
    if section.gateway == "android" and not section.path_secret_file:
        return phone(name, url, section.silent_after > 0)
    address = section.address(url, name)
    if "path_secret_file" in done["files"]:
        address = section.address(url, name, done["secret"])
    return f"For its console: POST {address}: {section.of.console}\n"


def _section(settings: Settings, name: str) -> Any:
    ways = {**settings.links, **settings.transports}
    named = {**ways, **settings.destinations, **settings.routes}
    with_secret = [one for one, section in named.items() if secrets_of(section, settings)]
    if name not in with_secret:
        names = ", ".join(sorted(with_secret)) or "nothing"
        raise click.UsageError(f"{name} has no secret file in the settings; these have: {names}")
    return named[name]


def _chosen(files: Mapping[str, Path], setting: str) -> str:
    if setting:
        if setting not in files:
            raise click.UsageError(f"--setting takes one of: {', '.join(files)}")
        return setting
    if len(files) > 1:
        raise click.UsageError(f"it has several secrets: add --setting {' or '.join(files)}")
    return next(iter(files))


def _how(section: Any, key: str) -> str:
    strangers = where_to_get(section, key) if isinstance(section, Destination) else ""
    return strangers or how_to_get_it(section, key)


def _say_whose(section: Any) -> None:
    """Whose code is about to run here, before it does. That there is none is said where it is
    tried, unless nobody wants it to be."""
    if isinstance(section, Destination):
        with contextlib.suppress(Unusable):
            say_whose(section.bridge)


def _led(name: str, section: Any, settings: Settings) -> dict[str, bytes]:
    """The secrets that its bridge leads to; none, where it does not lead.

    Raises Unusable, NotGood or NoMore.
    """
    cls = leads(section) if isinstance(section, Destination) else None
    files = secrets_of(section, settings)
    return trio.run(led, name, cls, section, settings, files) if cls else {}


# ---------------------------------------------------------------- trying it


def _put(
    name: str,
    section: Any,
    secrets: Mapping[str, bytes],
    files: Mapping[str, Path],
    settings: Settings,
    *,
    unchecked: bool,
) -> str:
    """Try them and put them in place; the account they open, empty where that cannot be told.

    Raises NotGood or NotReached, and OSError; then nothing has changed.
    """
    contents = {files[key]: secret.strip() for key, secret in secrets.items()}
    account, more = "", {}
    if not unchecked and _is_mailbox(section) and "password_file" in files:
        [secret] = contents.values()
        trouble, reached = mailbox_trouble(section, secret, settings)
        _judged(trouble, reached, files)
    elif not unchecked and isinstance(section, TelegramIn):
        [secret] = contents.values()
        account, trouble, reached = bot_trouble(section, secret, settings)
        _judged(trouble, reached, files)
    elif not unchecked and isinstance(section, Destination):
        named = section.rest.get("folder")
        folder = settings.at(named) if isinstance(named, str) else None
        with tried_beside(contents, folder) as there:
            tried = {key: str(there[file]) for key, file in files.items()}
            one = section.model_copy(update=tried)
            looked = trio.run(partial(health_of, name, one, settings, asked=True))
            _judged(looked.health.trouble, looked.reached, files)
            account, more = looked.health.account, grown(there, folder)
    put_together({**more, **{file: content + b"\n" for file, content in contents.items()}})
    return account


def _is_mailbox(section: Any) -> bool:
    """Whether it fetches by IMAP."""
    return isinstance(section, ImapIn) or (isinstance(section, MailLink) and bool(section.imap))


def _judged(trouble: str, reached: bool, files: Mapping[str, Path]) -> None:
    """Raises NotGood or NotReached where there is trouble."""
    stays = in_force(files.values())
    if trouble and reached:
        raise NotGood(f"{trouble}; {stays}")
    if trouble:
        raise NotReached(f"{trouble}; {stays}; --unchecked puts it in place all the same")


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
    if _is_mailbox(section):
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
