"""What ``relay init`` says at its end: what only the operator can do, and the next commands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import click

from relay.cli.common import said
from relay.cli.owner import as_owner_of
from relay.config import Settings
from relay.keyfiles import read_secret
from relay.node.roles import opens_messages
from relay.wire.exitfile import exit_public
from relay.wire.item import key_words

UNIT = Path("/etc/systemd/system/outword.service")
"""What `make install` makes: the node is then started as a service."""


def next_commands(where: Path, made: Settings, logins: Sequence[str], *, there: bool) -> list[str]:
    """The commands that come next. Only a node whose passphrase lies here unlocks by
    itself. ``there``: it may be running already."""
    at = "" if where == Path() else f" -c {where / 'relay.toml'}"
    then = [f"relay {one}{at}" for one in (*(f"login {name}" for name in logins), "doctor")]
    service = "systemctl reload-or-restart outword" if there else "systemctl start outword"
    then.append(service if UNIT.exists() and not at else f"relay run{at}")
    if made.node.role != "both" and not there:
        then.insert(0, f"relay keys list{at}")
    if opens_messages(made) and not made.at(made.node.passphrase_file).exists():
        then.append(f"relay unlock{at}")
    if made.desk is not None and not there:
        then.append(f"relay users add NAME --role editor{at}")
    return then


def tell(
    where: Path,
    made: Settings,
    todo: Mapping[str, str],
    hints: Sequence[str],
    then: Sequence[str],
    fresh: Collection[str],
    as_json: bool,
) -> None:
    """Print it. Of ``todo``, a file's name to its text, only what is ``fresh`` is written out."""
    file = where / "relay.toml"
    words = ""
    if opens_messages(made):
        with as_owner_of(where):
            words = key_words(exit_public(read_secret(made.keys / "exit.key")).page)
    if as_json:
        files = [str(where / "todo" / name) for name in todo]
        said({"settings": str(file), "keys": str(made.keys), "page_key": words,
              "todo": files, "by_hand": hints, "next": then})  # fmt: skip
        return
    place = where.absolute()
    for name in todo:
        if name in fresh:
            click.echo(f"---- {place / 'todo' / name}\n{todo[name]}")
    click.echo(f"The settings are {place / 'relay.toml'}, the keys lie in {made.keys}.")
    if opens_messages(made):
        click.echo(f"The key of your page, by which people know it: {words}")
        by_itself = made.at(made.node.passphrase_file).exists()
        click.echo(_BY_ITSELF if by_itself else _BY_HAND)
    if made.node.role != "both":
        click.echo(_APART)
    click.echo(f"\nWhat only you can do is above, and in {place / 'todo'}. Then:")
    for line in (*hints, *then):
        click.echo(f"  {line}")
    if not opens_messages(made):
        return
    click.echo(_READ_THERE if any("users add" in line for line in then) else _READ_HERE)


_APART = """\
It needs the keys of a node on the other side, and that one its keys: `relay keys list` prints the
lines of each for the relay.toml of the other. Until then nothing crosses (docs/operate.md)."""

_READ_HERE = "Then `relay queue list` and `relay queue release ID`: nothing appears unread."
_READ_THERE = """\
The last prints a link: by it NAME reads and releases in a browser (docs/desk.md). At the terminal:
`relay queue list` and `relay queue release ID`. Nothing appears unread."""

_BY_ITSELF = """\
exit.key is opened by secrets/passphrase: the node starts by itself after a reboot,
and whoever takes this disk can open what lies on it. Keep a copy of keys/ and
secrets/ elsewhere: without them nothing that waits can be opened."""
_BY_HAND = """\
exit.key is under a passphrase that does not lie here: after each start the node takes messages
and opens none until `relay unlock`. Keep a copy of keys/ and the passphrase, in two other places:
without both nothing that waits can be opened."""
