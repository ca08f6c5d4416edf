"""One secret asked for: where it is got, taken without echo, and looked at for what it can be."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from relay.config import Destination, Route, WayIn
from relay.errors import OutwordError
from relay.plugins import how_to_get

MAX_BYTES = 8192
"""Of a secret; bridges read no longer ones."""

SHORTEST_KEY = 8
"""Characters of a gateway's key. The app makes them that short itself; ours have 64."""


class NotGood(OutwordError):
    """It was refused: the old secret stays in force."""

    exit_code = 65


class NotReached(OutwordError):
    """The other side could not be asked: the old secret stays; --unchecked puts it in all the
    same."""

    exit_code = 69


def new_key() -> bytes:
    """A random key of 256 bits for a gateway, in digits that can be typed."""
    return os.urandom(32).hex().encode() + b"\n"


def how_to_get_it(section: Any, key: str) -> str:
    """Where the operator gets it: a sentence or two to show."""
    if isinstance(section, Destination):
        return how_to_get(section, key) or "What the platform gave you for this account."
    if isinstance(section, Route):
        return "The password that belongs to `user` at this proxy."
    return str(section.how_to_get_it(key))


def may_make(section: Any, key: str) -> bool:
    """Whether this secret may be made here."""
    return isinstance(section, WayIn) and section.makes(key)


def asked(how: str) -> bytes:
    """The first line of standard input; on a terminal, what is typed there without echo."""
    if not sys.stdin.isatty():
        return sys.stdin.buffer.readline(MAX_BYTES + 2).strip()
    click.echo(how, err=True)
    answer: str = click.prompt("Secret", hide_input=True, default="", show_default=False, err=True)
    return answer.encode().strip()


def plain(secret: bytes, section: Any, key: str, otherwise: str) -> bytes:
    """The secret as it is. Raises NotGood for what can be none, and says what is in force."""
    if not secret:
        raise NotGood(f"nothing was given: {otherwise}")
    if len(secret) > MAX_BYTES:
        raise NotGood(f"a secret has at most {MAX_BYTES} bytes: {otherwise}")
    try:
        one_line = secret.decode().isprintable()
    except UnicodeDecodeError:
        one_line = False
    if not one_line:
        raise NotGood(f"a secret is one line of text: {otherwise}")
    if may_make(section, key) and len(secret) < SHORTEST_KEY:
        raise NotGood(f"a key has at least {SHORTEST_KEY} characters: {otherwise}; use --new")
    unfit = section.unfit(key, secret) if isinstance(section, WayIn) else ""
    if unfit:
        raise NotGood(f"{unfit}: {otherwise}")
    return secret


def in_force(files: Iterable[Path]) -> str:
    """What is in force where a new secret is not taken."""
    there = any(file.exists() for file in files)
    return "the old secret stays" if there else "nothing was put in place"
