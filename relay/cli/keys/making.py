"""``relay keys init``: the keys that are missing, or an identity that is kept elsewhere."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from pathlib import Path

import click

from relay.cli.common import common, said
from relay.cli.keys.files import CannotRead, carry
from relay.cli.keys.stopped import must_open, stopped
from relay.cli.keys.told import words
from relay.clock import SystemClock
from relay.config import load
from relay.errors import CannotMake, Damaged, KeyFileError
from relay.journal import Journal
from relay.keyfiles import read_secret, write_secret
from relay.node.making import folder, make_keys
from relay.wire import primitives
from relay.wire.bundle import make_revocation
from relay.wire.exitfile import exit_public
from relay.wire.identityfile import lock_identity, make_identity
from relay.wire.linkkeys import identity_of, identity_text

FILES = ("door.key", "link.key", "exit.key")
_IDENTITY = re.compile(r'(?:^|")([A-Za-z0-9_-]{43})(?:"|$)', re.ASCII | re.MULTILINE)
_PUB = '# The identity of an exit: {words}\nidentity = "{written}"\n'


@click.command()
@click.option(
    "--offline",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Make an identity in FOLDER, on a machine that no network reaches; needs no settings.",
)
@click.option(
    "--identity",
    metavar="KEY",
    help="Of a new exit.key: the identity that was made so, or the file identity.pub with it.",
)
@click.option("--ask", is_flag=True, help="Choose a passphrase for a new exit.key.")
@common
def init(path: Path, as_json: bool, offline: Path | None, identity: str | None, ask: bool) -> None:
    """Make the keys of a node that are missing. What is there stays as it is."""
    if offline is not None:
        if identity or ask:
            raise click.UsageError("--offline makes an identity, and nothing of a node")
        _offline(offline, as_json=as_json)
        return
    settings = load(path)
    if identity or ask:
        must_open(settings, "make")
    public = _public(identity) if identity else b""
    with stopped(settings):
        there = {name for name in FILES if (settings.keys / name).exists()}
        if "exit.key" in there and (public or ask):
            _refuse(exit_public(read_secret(settings.keys / "exit.key")).identity, public)
        chosen = _chosen("exit.key") if ask and "exit.key" not in there else None
        making = Journal("keys")
        make_keys(settings, SystemClock(), making, chosen=chosen, identity=public, anew=True)
        made = [n for n in FILES if n not in there and (settings.keys / n).exists()]
    if as_json:
        said({"made": made})
        return
    click.echo(f"Made: {', '.join(made)}." if made else "Nothing was missing.")
    click.echo("`relay keys list` prints what the other side needs.")


def _offline(at: Path, *, as_json: bool) -> None:
    file = at / "identity.key"
    if file.exists():
        raise CannotMake(f"{file}: an identity is there already, and another one is another exit")
    passphrase = _chosen("identity.key")
    seed = make_identity()
    public = primitives.signing_public(seed)
    try:
        folder(at)
        write_secret(file, lock_identity(seed, passphrase))
    except OSError as error:
        raise CannotMake(f"{file}: cannot be written: {error.strerror}") from None
    shown = _PUB.format(words=words(public), written=identity_text(public))
    carry(at / "identity.pub", shown.encode())
    carry(at / "identity.revocation", make_revocation(seed, int(time.time())), for_all=False)
    if as_json:
        said({"identity": identity_text(public), "words": words(public)})
        return
    click.echo(f"The identity in words: {words(public)}")
    click.echo("identity.key signs, under the passphrase; make a copy of it that lies elsewhere.")
    click.echo("identity.pub goes to the exit: relay keys init --identity identity.pub")
    click.echo("identity.revocation ends the exit: keep a copy where you can get at it in an hour.")


def _refuse(there: bytes, wanted: bytes) -> None:
    """Raises CannotMake: an exit.key is there, and these options are of one that is made."""
    if wanted and wanted != there:
        raise CannotMake(
            "exit.key is there, and is of another identity: an exit with a new identity begins in"
            " an empty folder"
        )
    if not wanted:
        raise CannotMake("exit.key is there already: its passphrase is not changed by this")


def _public(told: str) -> bytes:
    """The identity, as it was typed or as it lies in a file. Raises KeyFileError or CannotRead."""
    text = told
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", told):
        try:
            with open(told, encoding="utf-8", errors="replace") as file:
                text = file.read(4096)
        except (OSError, ValueError):
            raise CannotRead("--identity is neither 43 characters nor a file of them") from None
    with contextlib.suppress(Damaged):
        if found := _IDENTITY.search(text):
            return identity_of(found[1])
    raise KeyFileError("that is no identity key: it has 43 characters, as in identity.pub")


def _chosen(name: str) -> bytes:
    """A passphrase that a person chooses, or a line from a pipe."""
    if sys.stdin.isatty():
        asked: str = click.prompt(
            f"A passphrase for {name}", hide_input=True, confirmation_prompt=True
        )
        return asked.encode()
    line = sys.stdin.readline().rstrip("\r\n").encode()
    if not line:
        raise click.UsageError(f"a passphrase for {name} is needed: on a terminal, or in a pipe")
    return line
