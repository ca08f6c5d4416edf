"""``relay init``: a working folder, with safe settings, in which ``relay run`` works as it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from relay.cli.common import common, said
from relay.clock import SystemClock
from relay.config import load
from relay.errors import OutwordError
from relay.journal import Journal
from relay.keyfiles import read_secret, write_secret
from relay.node.making import folder, make_keys
from relay.wire.item import key_words
from relay.wire.keys import exit_public

SETTINGS = """\
# Made by `relay init`. Every key, with its default and what it does: relay.toml.example

[node]
name = "n1"

[http]
listen = "127.0.0.1:8080"

[channels.news]
destinations = ["page"]
# review = "all" and danger = "hold" are the defaults: nothing appears unread.

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:2525"
channel = "news"
addresses = ["{address}"]

[destinations.page]
bridge = "feed"
folder = "public"
"""


class Exists(OutwordError):
    """This folder has a relay.toml already: nothing was changed; choose another folder."""

    exit_code = 73


@click.command()
@click.argument("where", type=click.Path(path_type=Path), default=Path(), metavar="[FOLDER]")
@click.option("--domain", default="", help="Your mail domain; takes post@ and every other name.")
@click.option("--transport", default="mail", show_default=True, help="The first way in: mail.")
@common
def init(where: Path, domain: str, transport: str, path: Path, as_json: bool) -> None:
    """Make a working folder: settings, keys, and what only you can do, printed."""
    if transport != "mail":
        raise click.UsageError(f"--transport {transport} is not built yet: use mail")
    if domain and not re.fullmatch(r"[a-z0-9.-]{1,253}", domain, re.ASCII | re.IGNORECASE):
        raise click.UsageError("--domain takes a domain name like example.org")
    settings = where / "relay.toml"
    if settings.exists():
        raise Exists
    folder(where)
    address = f"*@{domain.lower()}" if domain else "post@example.org"
    write_secret(settings, SETTINGS.format(address=address).encode())
    made = load(settings)
    make_keys(made, SystemClock(), Journal("init"), chosen=_chosen())
    if as_json:
        said({"settings": str(settings), "keys": str(made.keys)})
        return
    click.echo(f"Made {settings} and the keys in {made.keys}.")
    words = key_words(exit_public(read_secret(made.keys / "exit.key")).page)
    click.echo(f"The key of your page, by which people know it: {words}")
    if made.at(made.node.passphrase_file).exists():
        click.echo(
            "exit.key is opened by secrets/passphrase: the node starts by itself after a reboot,\n"
            "and whoever takes this disk can open what lies on it. Keep a copy of keys/ and\n"
            "secrets/ elsewhere: without them nothing that waits can be opened."
        )
    click.echo(_yours(address, settings))


def _chosen() -> bytes | None:
    """A passphrase that a person chose; None where there is nobody to ask, or nothing was said."""
    if not sys.stdin.isatty():
        return None
    click.echo("A passphrase for exit.key (empty: a random one is kept in secrets/passphrase)")
    said_: str = click.prompt(
        "Passphrase", hide_input=True, default="", show_default=False, confirmation_prompt=True
    )
    return said_.encode() or None


def _yours(address: str, settings: Path) -> str:
    return (
        "\nWhat only you can do:\n"
        f"  mail     let your mail server hand mail for {address} to 127.0.0.1:2525\n"
        "  web      let your web server pass the page on to 127.0.0.1:8080, its logs off\n"
        f"  then     relay run -c {settings}\n"
        f"  and      relay queue list -c {settings}\n"
        f"           relay queue release ID -c {settings}: nothing appears before you release it"
    )
