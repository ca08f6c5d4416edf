"""``relay keys``: what senders encrypt their mail to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from relay.cli.common import Refusing, common, said
from relay.cli.owner import as_owner_of
from relay.config import Settings, load
from relay.errors import CannotMake, OutwordError
from relay.keyfiles import read_secret, write_secret
from relay.node.before import lock
from relay.node.making import folder
from relay.wire.exitfile import exit_public, relocked
from relay.wire.keys import ExitKeys
from relay.wire.mailkeys import (
    MailPublic,
    can_be_made,
    is_address,
    make_mail_keys,
    with_addresses,
)

_BY_MAIL = frozenset({"smtp", "lmtp", "imap"})


class NoLibraries(OutwordError):
    """Keys for encrypted mail need more libraries: make install WITH=encrypted, or pip install
    'outword[encrypted]'."""

    exit_code = 69


class NoAddress(OutwordError):
    """That is no mail address, or there are more than eight."""

    exit_code = 64


class _Keys(Refusing):
    not_built = frozenset({"init", "list", "roll", "export", "import", "revoke"})


@click.group(cls=_Keys)
def keys() -> None:
    """The keys of an exit: what senders encrypt their mail to."""


@keys.command()
@common
def show(path: Path, as_json: bool) -> None:
    """Show what senders encrypt to: an age recipient and an OpenPGP certificate.

    Neither is secret, and no passphrase is needed. Give the fingerprint and the age recipient out
    where people can trust that they are yours.
    """
    settings = load(path)
    mail = exit_public(read_secret(settings.keys / "exit.key")).mail
    if as_json:
        said(_as_json(mail))
    elif mail is None:
        click.echo("exit.key has no keys for encrypted mail: `relay keys encrypted` adds them.")
    else:
        click.echo(f"age recipient: {mail.recipient}")
        click.echo(f"OpenPGP fingerprint: {_in_groups(mail.fingerprint)}")
        click.echo(mail.certificate.rstrip("\n"))


@keys.command()
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="A mail address that the certificate names; by default those of the mail transports.",
)
@common
def encrypted(path: Path, as_json: bool, addresses: tuple[str, ...]) -> None:
    """Add keys for encrypted mail to exit.key; the node must be stopped.

    The passphrase of exit.key is asked for, or read from a pipe. Where the keys are there already
    they stay what they are, and the certificate names the addresses as well.
    """
    settings = load(path)
    if not can_be_made():
        raise NoLibraries
    if not all(map(is_address, addresses)):
        raise NoAddress
    with as_owner_of(settings.keys):
        held = lock(folder(settings.data), wait_s=0.0)
        try:
            mail = _added(settings, addresses)
        finally:
            os.close(held)
    if as_json:
        said(_as_json(mail))
        return
    click.echo(f"exit.key opens mail that is encrypted to {mail.recipient}")
    click.echo(f"or to the OpenPGP certificate {_in_groups(mail.fingerprint)}.")
    click.echo("`relay keys show` prints both. Make a new copy of the folder of keys now.")


def _added(settings: Settings, addresses: Iterable[str]) -> MailPublic:
    """Put a new exit.key in place of the old one, in one step; nothing has changed if it raises."""
    file = settings.keys / "exit.key"
    old = read_secret(file)
    exit_public(old)  # a damaged one is told before anybody types a passphrase
    wanted = list(addresses) or _of_transports(settings)

    def change(keys: ExitKeys) -> ExitKeys:
        try:
            if keys.mail is not None:
                return replace(keys, mail=with_addresses(keys.mail, wanted))
            return replace(keys, mail=make_mail_keys(wanted))
        except ValueError:
            raise NoAddress from None

    new = relocked(old, _passphrase(), change)
    try:
        write_secret(file, new)
    except OSError as error:
        raise CannotMake(f"{file}: cannot be written: {error.strerror}") from None
    mail = exit_public(new).mail
    assert mail is not None  # the libraries are there, and it was made
    return mail


def _of_transports(settings: Settings) -> list[str]:
    """The addresses that people write to, as far as the settings say."""
    told = [one.told() for one in settings.transports.values() if one.kind in _BY_MAIL]
    found = dict.fromkeys(one for each in told for one in each if is_address(one))
    return [one for one in found if not one.startswith("*")][:8]


def _passphrase() -> bytes:
    """As `relay unlock` asks for it."""
    if sys.stdin.isatty():
        return str(click.prompt("Passphrase of exit.key", hide_input=True)).encode()
    return sys.stdin.readline().rstrip("\r\n").encode()


def _as_json(mail: MailPublic | None) -> dict[str, object]:
    if mail is None:
        return {"age": None, "openpgp": None}
    openpgp = {"fingerprint": mail.fingerprint, "certificate": mail.certificate}
    return {"age": mail.recipient, "openpgp": openpgp}


def _in_groups(fingerprint: str) -> str:
    """Four by four, as people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
