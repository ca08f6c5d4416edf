"""``relay init``: a working folder with safe settings, or a way in more for the one there is.

Afterwards nothing has to be edited: what it cannot know it asks for on a terminal, and what only
the operator can do stands in ``todo/``. The secrets of others are asked for by ``relay login``.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from relay.cli.common import common, said
from relay.cli.init_settings import TRANSPORTS, Wanted, addition, new_file
from relay.cli.init_todo import own_address, ssh_port, tasks
from relay.cli.login import new_key
from relay.cli.owner import as_owner_of
from relay.clock import SystemClock
from relay.config import Settings, SmsIn, load, parse
from relay.errors import OutwordError
from relay.journal import Journal
from relay.keyfiles import read_secret, write_secret
from relay.node.making import folder, make_keys
from relay.plugins import secrets_of
from relay.spool.files import sync_folder
from relay.wire.item import key_words
from relay.wire.keys import exit_public

UNIT = Path("/etc/systemd/system/outword.service")
"""What `make install` makes: the node is then started as a service."""


class Exists(OutwordError):
    """This folder has a relay.toml already: nothing was changed; to add a way in name it with
    --transport, or choose another folder."""

    exit_code = 73


@click.command()
@click.argument("where", type=click.Path(path_type=Path), default=Path(), metavar="[FOLDER]")
@click.option("--transport", type=click.Choice(TRANSPORTS), help="The way in. [default: mail]")
@click.option("--domain", default="", help="mail: your domain; takes post@ and every other name.")
@click.option("--imap", default="", metavar="HOST", help="mailbox: the provider's IMAP host.")
@click.option("--user", default="", metavar="NAME", help="mailbox: the user, mostly the address.")
@click.option("--address", default="", help="mailbox: what people write to, if not the user.")
@click.option("--folder", "box", default="", help="mailbox: its folder.  [default: INBOX]")
@click.option("--number", default="", help="phone: its number, with + and the country.")
@click.option("--url", default="", help="How the public reaches the page: https://...")
@click.option("--mastodon", default="", metavar="URL", help="Also post to an account there.")
@click.option("--channel", default="", help="The channel, in a folder that has several.")
@click.option("--public", is_flag=True, help="Tell readers of this way in, on /send.")
@common
def init(
    where: Path,
    transport: str | None,
    domain: str,
    imap: str,
    user: str,
    address: str,
    box: str,
    number: str,
    url: str,
    mastodon: str,
    channel: str,
    public: bool,
    path: Path,
    as_json: bool,
) -> None:
    """Make a working folder: settings, keys, and what only you can do, printed.

    In a folder that has settings: add another way in with --transport, or --mastodon.
    """
    there = (where / "relay.toml").exists()
    if there and not transport and not mastodon:
        raise Exists
    asks = _terminal() and not as_json
    kind = transport or ("" if there else _one_of(TRANSPORTS) if asks else "mail")
    wanted = Wanted(
        kind, domain, url.rstrip("/"), imap, user, address, box, number,
        mastodon.rstrip("/"), public,
    )  # fmt: skip
    if asks:
        wanted = _asked_for(wanted, new=not there)
    wanted.check()
    with as_owner_of(where):
        made, hints = _add(where, wanted, channel) if there else (_make(where, wanted, asks), [])
        logins = _without_secret(made)
        _own_secrets(made)
        todo = _written_out(made, where / "todo")
    _tell(where, made, todo, hints, logins, as_json)


def _terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _one_of(transports: tuple[str, ...]) -> str:
    click.echo("mailbox: fetch mail from a provider (no domain, no open port)")
    click.echo("phone:   an Android phone with a SIM passes its SMS on")
    click.echo("mail:    your own mail domain, this machine takes its mail")
    chosen: str = click.prompt("The first way in", type=click.Choice(transports), default="mailbox")
    return chosen


def _asked_for(wanted: Wanted, *, new: bool) -> Wanted:
    """What is missing, asked on the terminal; an empty answer leaves it out."""

    def ask(about: str, known: str) -> str:
        return known or click.prompt(about, default="", show_default=False).strip()

    if wanted.transport == "mailbox":
        imap = ask("IMAP host of the provider", wanted.imap)
        user = ask("User there (the address)", wanted.user)
        box = ask("Its folder (empty: INBOX; all mail that comes there is taken)", wanted.folder)
        wanted = replace(wanted, imap=imap, user=user, folder=box)
    if wanted.transport == "mail":
        wanted = replace(wanted, domain=ask("Your mail domain", wanted.domain))
    if wanted.transport == "phone" or new:
        url = ask("Web address of this node, https://... (empty: none)", wanted.url).rstrip("/")
        wanted = replace(wanted, url=url)
    if new:
        server = ask("Mastodon server to post to, https://... (empty: none)", wanted.mastodon)
        wanted = replace(wanted, mastodon=server.rstrip("/"))
    return wanted


def _make(where: Path, wanted: Wanted, asks: bool) -> Settings:
    """A new node."""
    file = where / "relay.toml"
    written = new_file(wanted)
    parse(tomllib.loads(written), file)  # before anything is there
    chosen = _chosen() if asks else None
    folder(where)
    write_secret(file, written.encode())
    made = load(file)
    make_keys(made, SystemClock(), Journal("init"), chosen=chosen)
    return made


def _add(where: Path, wanted: Wanted, channel: str) -> tuple[Settings, list[str]]:
    """A section more at the end of the file; what is there stays as it is, byte for byte."""
    file = where / "relay.toml"
    before = load(file)
    channel = channel or (next(iter(before.channels)) if len(before.channels) == 1 else "")
    if channel not in before.channels:
        raise click.UsageError("name a channel of the settings with --channel")
    table = tomllib.loads(file.read_text("utf-8-sig"))
    more = addition(wanted, table, channel)
    parse(tomllib.loads(file.read_text("utf-8-sig") + "\n" + more), file)
    with open(file, "ab") as end:
        end.write(b"\n" + more.encode())
        end.flush()
        os.fsync(end.fileno())
    sync_folder(where)
    return load(file), _hints(wanted, table, channel)


def _hints(wanted: Wanted, table: dict[str, Any], channel: str) -> list[str]:
    """What an addition cannot do, since it changes no line that is there."""
    said = []
    if wanted.mastodon:
        said.append(f'in relay.toml, [channels.{channel}]: add "mastodon" to destinations')
    if wanted.url and "http" in table and table["http"].get("url", "") != wanted.url:
        said.append(f'in relay.toml, [http]: url = "{wanted.url}"')
    return said


def _without_secret(made: Settings) -> list[str]:
    """Every transport and destination that names a secret file which is not there yet."""
    named = {**made.transports, **made.destinations}
    return [
        name
        for name, one in named.items()
        if any(not file.exists() for file in secrets_of(one, made).values())
    ]


def _own_secrets(made: Settings) -> None:
    """A gateway's key is ours to choose: the node starts, and `relay login` shows a new one."""
    for transport in made.transports.values():
        if isinstance(transport, SmsIn) and not made.at(transport.secret_file).exists():
            write_secret(made.at(transport.secret_file), new_key())


def _chosen() -> bytes | None:
    """A passphrase that a person chose; None where nothing was said."""
    click.echo("A passphrase for exit.key (empty: a random one is kept in secrets/passphrase)")
    said_: str = click.prompt(
        "Passphrase", hide_input=True, default="", show_default=False, confirmation_prompt=True
    )
    return said_.encode() or None


def _written_out(made: Settings, place: Path) -> dict[str, str]:
    todo = tasks(made, own_address(), ssh_port())
    folder(place)
    for name, text in todo.items():
        write_secret(place / name, text.encode())
    return todo


def _tell(
    where: Path,
    made: Settings,
    todo: dict[str, str],
    hints: list[str],
    logins: list[str],
    as_json: bool,
) -> None:
    file = where / "relay.toml"
    at = "" if where == Path() else f" -c {file}"
    then = [f"relay {one}{at}" for one in (*(f"login {name}" for name in logins), "doctor")]
    then.append("systemctl start outword" if UNIT.exists() and not at else f"relay run{at}")
    with as_owner_of(where):
        words = key_words(exit_public(read_secret(made.keys / "exit.key")).page)
    if as_json:
        files = [str(where / "todo" / name) for name in todo]
        said({"settings": str(file), "keys": str(made.keys), "page_key": words,
              "todo": files, "by_hand": hints, "next": then})  # fmt: skip
        return
    for name, text in todo.items():
        click.echo(f"---- {where / 'todo' / name}\n{text}")
    click.echo(f"The settings are {file}, the keys lie in {made.keys}.")
    click.echo(f"The key of your page, by which people know it: {words}")
    if made.at(made.node.passphrase_file).exists():
        click.echo(
            "exit.key is opened by secrets/passphrase: the node starts by itself after a reboot,\n"
            "and whoever takes this disk can open what lies on it. Keep a copy of keys/ and\n"
            "secrets/ elsewhere: without them nothing that waits can be opened."
        )
    click.echo(f"\nWhat only you can do is above, and in {where / 'todo'}. Then:")
    for line in (*hints, *then):
        click.echo(f"  {line}")
    click.echo("  relay queue list, then relay queue release ID: nothing appears unread")
