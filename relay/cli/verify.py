"""``relay verify``: is this page, feed or item ours, and unchanged?"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from relay.cli.common import common, said
from relay.config import load
from relay.errors import KeyFileError, OutwordError, SettingsError
from relay.keyfiles import read_secret
from relay.wire.item import are_key_words, key_words, verify_document
from relay.wire.keys import exit_public

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of the largest document that is looked at."""


class NotOurs(OutwordError):
    """Something in it was not signed with this key, or was changed afterwards."""

    exit_code = 65


class NoKey(OutwordError):
    """There is no page key to check with: give its eight words with --key, or -c relay.toml."""

    exit_code = 66


@click.command()
@click.argument("what", metavar="FILE-or-URL")
@click.option("--key", "words", default="", help="The page key as its eight words.")
@common
def verify(what: str, words: str, path: Path, as_json: bool) -> None:
    """Check every item of a feed.json, feed.xml or item file against the page key."""
    if words and not are_key_words(words):
        raise click.UsageError("--key has a slip of the pen: it takes eight words of five letters")
    key = words or _own_key(path)
    verified = verify_document(_fetched(what), key)
    if as_json:
        said({"good": not verified.faults, "items": verified.count, "faults": verified.faults})
    else:
        for fault in verified.faults:
            click.echo(f"not good: {fault}", err=True)
        if not verified.count:
            click.echo("it has no items: there is nothing to check")
        elif not verified.faults:
            click.echo(f"good: {verified.count} items, signed with the key {_words(key)}")
            click.echo("(only the items are signed: the titles and links around them are not)")
    if verified.faults:
        raise NotOurs(f"{len(verified.faults)} of the items in it are not as they were signed")


def _words(key: bytes | str) -> str:
    return key if isinstance(key, str) else key_words(key)


def _own_key(path: Path) -> bytes:
    try:
        return exit_public(read_secret(load(path).keys / "exit.key")).page
    except (SettingsError, KeyFileError):
        raise NoKey from None


def _fetched(what: str) -> bytes:
    if what == "-":
        return sys.stdin.buffer.read(MAX_BYTES)
    if urlsplit(what).scheme in ("http", "https"):
        return _downloaded(what)
    try:
        with open(what, "rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise click.ClickException(f"{what}: {error.strerror}") from None


def _downloaded(url: str) -> bytes:
    import httpx  # a tenth of a second that no other command needs

    document = b""
    try:
        with httpx.stream(
            "GET", url, follow_redirects=False, timeout=30, trust_env=False
        ) as answer:
            if answer.status_code != 200:
                raise click.ClickException(f"that address answers {answer.status_code}")
            for piece in answer.iter_bytes():
                document += piece
                if len(document) > MAX_BYTES:
                    raise click.ClickException("that document is larger than 32 MiB")
    except httpx.HTTPError:
        raise click.ClickException("that address does not answer") from None
    return document
