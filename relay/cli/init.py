"""``relay init``: a working folder with safe settings, or a way in more for the one there is.

Afterwards nothing has to be edited: what it cannot know it asks for on a terminal, and what only
the operator can do stands in ``todo/``. The secrets of others are asked for by ``relay login``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from relay.cli.common import common
from relay.cli.init_asking import asked_for, chosen_passphrase, one_of_the_ways
from relay.cli.init_settings import ROLES, TRANSPORTS, Wanted, addition, new_file
from relay.cli.init_todo import own_address, ssh_port, tasks
from relay.cli.init_told import next_commands, tell
from relay.cli.login import new_key
from relay.cli.owner import as_owner_of
from relay.clock import SystemClock
from relay.config import Settings, SmsIn, load, parse
from relay.errors import CannotMake, OutwordError
from relay.journal import Journal
from relay.keyfiles import write_secret
from relay.node.making import folder, make_keys
from relay.plugins import secrets_of
from relay.spool.files import sync_folder


class Exists(OutwordError):
    """This folder has a relay.toml already: nothing was changed; to add a way in name it with
    --transport, or choose another folder."""

    exit_code = 73


@click.command()
@click.argument("where", type=click.Path(path_type=Path), default=Path(), metavar="[FOLDER]")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="entry: takes in and forwards; exit: opens and posts.  [default: both]",
)
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
    role: str | None,
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

    In a folder that has settings: add another way in with --transport, or --mastodon. A form, a
    bot and other kinds are written by hand: docs/ways-in.md.
    """
    there = (where / "relay.toml").exists()
    if there and not transport and not mastodon:
        raise Exists
    asks = _terminal() and not as_json
    if role and there:
        raise click.UsageError("--role is for a new folder: change node.role in relay.toml")
    none = there or role == "exit"
    kind = transport or ("" if none else one_of_the_ways() if asks else "mail")
    wanted = Wanted(
        kind, domain, url.rstrip("/"), imap, user, address, box, number,
        mastodon.rstrip("/"), public, role or "both",
    )  # fmt: skip
    if asks:
        wanted = asked_for(wanted, new=not there)
    wanted.check()
    if channel and not there:
        raise click.UsageError("--channel is for a folder that has settings already")
    with as_owner_of(where), contextlib.nullcontext() if there else _all_or_nothing(where):
        made, hints = _add(where, wanted, channel) if there else (_make(where, wanted, asks), [])
        logins = _without_secret(made)
        _own_secrets(made)
        todo, fresh = _written_out(_as_wanted(made, wanted), where / "todo")
    then = next_commands(where, made, logins, there=there)
    tell(where, made, todo, hints, then, fresh, as_json)


def _terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


@contextlib.contextmanager
def _all_or_nothing(where: Path) -> Iterator[None]:
    """A disk that is full or a Ctrl-C leaves nothing half made: the command may be given again.

    Raises CannotMake in place of OSError.
    """

    def ours() -> set[Path]:
        made = {
            where / name for name in ("relay.toml", ".relay.toml.new", "keys", "secrets", "todo")
        }
        inside = {one for path in made if path.is_dir() for one in path.iterdir()}
        return {path for path in {*made, *inside, where} if path.exists()}

    before = ours()
    try:
        yield
    except BaseException as error:
        for path in sorted(ours() - before, reverse=True):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            said = f"{where.absolute()}: {error.strerror}; nothing was made, so mend that and try"
            raise CannotMake(f"{said} again") from None
        raise


def _make(where: Path, wanted: Wanted, asks: bool) -> Settings:
    """A new node."""
    file = where / "relay.toml"
    written = new_file(wanted)
    parse(tomllib.loads(written), file)  # before anything is there
    chosen = chosen_passphrase() if asks and wanted.role != "entry" else None
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
    length = file.stat().st_size
    try:
        with open(file, "ab") as end:
            end.write(b"\n" + more.encode())
            end.flush()
            os.fsync(end.fileno())
    except OSError:
        os.truncate(file, length)
        raise
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


def _as_wanted(made: Settings, wanted: Wanted) -> Settings:
    """The settings as they are once the operator has done by hand what we change no line for."""
    if not wanted.url or made.http is None:
        return made
    return made.model_copy(update={"http": made.http.model_copy(update={"url": wanted.url})})


def _written_out(made: Settings, place: Path) -> tuple[dict[str, str], set[str]]:
    """Every task with its text, and the names of those that were not there in these words."""
    todo = tasks(made, own_address(), ssh_port())
    folder(place)
    fresh = set()
    for name, text in todo.items():
        file = place / name
        if not file.exists() or file.read_bytes() != text.encode():
            write_secret(file, text.encode())
            fresh.add(name)
    return todo, fresh
