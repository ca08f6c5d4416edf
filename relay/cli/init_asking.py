"""What ``relay init`` asks on a terminal. A wrong answer is asked for again: none of the others
is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from relay.cli.init_settings import TRANSPORTS, Wanted


def one_of_the_ways() -> str:
    """The first way in, chosen."""
    click.echo("mailbox: fetch mail from a provider (no domain, no open port)")
    click.echo("phone:   an Android phone with a SIM passes its SMS on")
    click.echo("mail:    your own mail domain, this machine takes its mail")
    chosen: str = click.prompt("The first way in", type=click.Choice(TRANSPORTS), default="mailbox")
    return chosen


def asked_for(wanted: Wanted, *, new: bool) -> Wanted:
    """What is missing, asked; an empty answer leaves out what may be left out."""

    def ask(field: str, about: str, *, needed: bool = False) -> None:
        nonlocal wanted
        if not getattr(wanted, field):
            answer: dict[str, Any] = {field: _answer(field, about, needed)}
            wanted = replace(wanted, **answer)

    if wanted.transport == "mailbox":
        ask("imap", "IMAP host of the provider", needed=True)
        ask("user", "User there (the address)", needed=True)
        ask("folder", "Its folder (empty: INBOX; all mail that comes there is taken)")
    if wanted.transport == "mail":
        ask("domain", "Your mail domain")
    if wanted.transport == "phone" or new:
        ask("url", "Web address of this node, https://... (empty: none)")
    if new and wanted.role != "entry":
        ask("mastodon", "Mastodon server to post to, https://... (empty: none)")
    return wanted


def _answer(field: str, about: str, needed: bool) -> str:
    return str(
        click.prompt(about, default="", show_default=False, value_proc=_judge(field, needed))
    )


def _judge(field: str, needed: bool) -> Callable[[str], str]:
    def judged(written: str) -> str:
        text = written.strip()
        if field in ("url", "mastodon"):
            text = text.rstrip("/")
        if needed and not text:
            raise click.UsageError("it is needed; Ctrl-C leaves everything as it was")
        answer: dict[str, Any] = {field: text}
        replace(Wanted(), **answer).check_written()
        return text

    return judged


def chosen_passphrase() -> bytes | None:
    """A passphrase that a person chose; None where nothing was said."""
    click.echo("A passphrase for exit.key (empty: a random one is kept in secrets/passphrase)")
    said: str = click.prompt(
        "Passphrase", hide_input=True, default="", show_default=False, confirmation_prompt=True
    )
    return said.encode() or None
