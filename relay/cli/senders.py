"""``relay senders``: the people who are known by a code word."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from relay.cli.common import asked, common, said
from relay.errors import OutwordError

MOST_BYTES = 256
"""Of a code word, before the node looks at it."""


class NoWord(OutwordError):
    """No code word was given, or not the same twice; nothing was changed."""

    exit_code = 65


@click.group()
def senders() -> None:
    """People who are known by a code word: the last line of a message of theirs."""


@senders.command()
@click.argument("name")
@common
def add(path: Path, as_json: bool, name: str) -> None:
    """Know who ends a message with a code word, and call them NAME at the desk.

    The word is asked for twice without echo, or is the first line of standard input. It is kept
    nowhere; agree on it where nobody listens.
    """
    order = {"do": "senders", "add": name, "word": _word()}
    for answer in asked(path, order):
        if as_json:
            said(answer)
            continue
        click.echo(f"{name} is known from now on.")
        click.echo("Who writes the word as the last line: CODE and the word, or # and its digits.")
        click.echo("By SMS the telephone company reads it: there it changes nothing but the lane.")


@senders.command("list")
@common
def list_(path: Path, as_json: bool) -> None:
    """Every known sender by name; the words are kept nowhere."""
    names = list(asked(path, {"do": "senders"}))
    for one in names:
        said(one) if as_json else click.echo(one["name"])
    if not names and not as_json:
        click.echo("Nobody is known.")


@senders.command()
@click.argument("name")
@common
def remove(path: Path, as_json: bool, name: str) -> None:
    """Know a sender no more: their word is a code like any other."""
    for answer in asked(path, {"do": "senders", "remove": name}):
        said(answer) if as_json else click.echo(f"{name} is not known any more.")


def _word() -> str:
    """The code word. Raises NoWord."""
    if sys.stdin.isatty():
        word = _asked_for("Code word")
        if word != _asked_for("The same again"):
            raise NoWord("these are two words; nothing was changed")
    else:
        line = sys.stdin.buffer.readline(MOST_BYTES)
        try:
            word = line.decode().strip()
        except UnicodeDecodeError:
            raise NoWord("a code word is written in UTF-8; nothing was changed") from None
    if not word:
        raise NoWord("no code word was given; nothing was changed")
    return word


def _asked_for(what: str) -> str:
    answer: str = click.prompt(what, hide_input=True, default="", show_default=False, err=True)
    return answer.strip()
