"""``relay keys show`` and ``relay keys encrypted``: what senders encrypt their mail to."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from relay.cli.common import common, said
from relay.cli.keys.stopped import changed, must_open
from relay.config import Settings, load
from relay.errors import OutwordError
from relay.keyfiles import read_secret
from relay.wire.exitfile import exit_public
from relay.wire.keys import ExitKeys
from relay.wire.mailkeys import (
    MailKeys,
    MailPublic,
    can_be_made,
    is_address,
    make_mail_keys,
    with_addresses,
)
from relay.wire.rolling import with_bundle

_BY_MAIL = frozenset({"smtp", "lmtp", "imap"})


class NoLibraries(OutwordError):
    """Keys for encrypted mail need more libraries: make install WITH=encrypted, or pip install
    'outword[encrypted]'."""

    exit_code = 69


class NoAddress(OutwordError):
    """That is no mail address, or there are more than eight."""

    exit_code = 64


@click.command()
@common
def show(path: Path, as_json: bool) -> None:
    """Show what senders encrypt to: an age recipient and an OpenPGP certificate.

    Neither is secret, and no passphrase is needed. Give the fingerprint and the age recipient out
    where people can trust that they are yours.
    """
    settings = load(path)
    must_open(settings, "encrypt to")
    mail = exit_public(read_secret(settings.keys / "exit.key")).mail
    if as_json:
        said(_as_json(mail))
    elif mail is None:
        click.echo("exit.key has no keys for encrypted mail: `relay keys encrypted` adds them.")
    else:
        click.echo(f"age recipient: {mail.recipient}")
        click.echo(f"OpenPGP fingerprint: {_in_groups(mail.fingerprint)}")
        click.echo(mail.certificate.rstrip("\n"))


@click.command()
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
    must_open(settings, "add to")
    mail = _added(settings, addresses)
    if as_json:
        said(_as_json(mail))
        return
    click.echo(f"exit.key opens mail that is encrypted to {mail.recipient}")
    click.echo(f"or to the OpenPGP certificate {_in_groups(mail.fingerprint)}.")
    click.echo("`relay keys show` prints both. Make a new copy of the folder of keys now.")


def _added(settings: Settings, addresses: Iterable[str]) -> MailPublic:
    """Put a new exit.key in place of the old one, in one step; nothing has changed if it raises."""
    wanted, now = list(addresses) or _of_transports(settings), int(time.time())

    def change(keys: ExitKeys) -> ExitKeys:
        try:
            if keys.mail is not None:
                mail: MailKeys | None = with_addresses(keys.mail, wanted)
            else:
                mail = make_mail_keys(wanted)
        except ValueError:
            raise NoAddress from None
        newer = replace(keys, mail=mail)
        return with_bundle(newer, now, settings.node.road_s) if keys.bundle else newer

    mail = changed(settings, change).mail
    assert mail is not None  # the libraries are there, and it was made
    return mail.public


def _of_transports(settings: Settings) -> list[str]:
    """The addresses that people write to, as far as the settings say."""
    told = [one.told() for one in settings.transports.values() if one.kind in _BY_MAIL]
    found = dict.fromkeys(one for each in told for one in each if is_address(one))
    return [one for one in found if not one.startswith("*")][:8]


def _as_json(mail: MailPublic | None) -> dict[str, object]:
    if mail is None:
        return {"age": None, "openpgp": None}
    openpgp = {"fingerprint": mail.fingerprint, "certificate": mail.certificate}
    return {"age": mail.recipient, "openpgp": openpgp}


def _in_groups(fingerprint: str) -> str:
    """Four by four, as people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
