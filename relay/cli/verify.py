"""``relay verify``: is this page, feed, item or statement of the ways in ours, and unchanged?"""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from relay.cli.common import common, said
from relay.cli.verified_files import Files, hashed
from relay.config import load
from relay.errors import KeyFileError, OutwordError, SettingsError
from relay.keyfiles import read_secret
from relay.wire.copied import is_copy, verify_copy
from relay.wire.exitfile import exit_public
from relay.wire.item import Verified, are_key_words, key_words, verify_document
from relay.wire.ways import VerifiedWays, is_ways_file, verify_ways
from relay.wire.withdrawn import is_withdrawn_file, verify_carried, verify_withdrawn

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of the largest document that is looked at."""

OLD_DAYS = 3
"""Days after which a statement of the ways in is said to be old."""


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
    """Check every item of a feed.json, feed.xml, item file or copy.html, or send/ways.json, or
    withdrawn.json, against the page key; and the pictures, films and sounds that lie in media/, or
    in copy-media.zip, beside a file."""
    if words and not are_key_words(words):
        raise click.UsageError("--key has a slip of the pen: it takes eight words of five letters")
    key = words or _own_key(path)
    document = _fetched(what)
    if is_ways_file(document):
        _ways(document, key, as_json)
        return
    if is_withdrawn_file(document):
        _withdrawn(document, key, as_json)
        return
    verified = verify_copy(document, key) if is_copy(document) else _feed(document, key)
    media = hashed(what, verified.media, of_a_copy=is_copy(document))
    faults = [*verified.faults, *(f"{name}: it is not what was signed" for name in media.altered)]
    if as_json:
        kind = "copy" if is_copy(document) else "items"
        shown = {"good": not faults, "items": verified.count, "faults": faults, "kind": kind}
        if kind == "copy" and not faults:
            shown |= {"day": verified.day, "listed": verified.listed}
        said({**shown, "media": media.good, "media_elsewhere": media.elsewhere})
    else:
        for fault in faults:
            click.echo(f"not good: {fault}", err=True)
        if not verified.count:
            click.echo("it has no items: there is nothing to check")
        elif not faults:
            click.echo(f"good: {_many(verified.count, 'item')}, signed with the key {_words(key)}")
            _say_media(media)
            _say_age(verified)
            click.echo("(only the items are signed: the titles and links around them are not)")
    if verified.faults:
        number = len(verified.faults)
        are = "is not as it was" if number == 1 else "are not as they were"
        raise NotOurs(f"{number} of the things in it {are} signed")
    if media.altered:
        number = len(media.altered)
        are = "is" if number == 1 else "are"
        raise NotOurs(f"{_many(number, 'file')} in media/ {are} not what was signed")


def _feed(document: bytes, key: bytes | str) -> Verified:
    """Every item of a feed or of an item's file, and the list of what was withdrawn it carries."""
    verified = verify_document(document, key)
    carried = verify_carried(document, key)
    gone = carried.listed.items if carried.listed else ()
    faults = [f"the list of what was withdrawn: {carried.fault}"] if carried.fault else []
    faults += [f"{one}: it was withdrawn" for one in verified.ids if one in gone]
    return replace(verified, faults=(*verified.faults, *faults))


def _say_media(media: Files) -> None:
    if media.good:
        files, were = _many(media.good, "file"), "it was" if media.good == 1 else "they were"
        click.echo(f"good: {files} of pictures, films and sounds, as {were} signed")
    if media.elsewhere:
        do = "does" if media.elsewhere == 1 else "do"
        files = _many(media.elsewhere, "file")
        click.echo(f"not looked at: {files} of pictures, films and sounds that {do} not lie here;")
        click.echo("the name of each is its SHA-256, and that was signed")


def _say_age(verified: Verified) -> None:
    """Of a copy, since an older one is as good as the newest for whoever knows no other."""
    if not verified.day:
        return
    click.echo(f"It knows nothing newer than {verified.day}: no correction and no withdrawal.")
    if verified.listed:
        click.echo(f"Its list of what was withdrawn is of {verified.listed}.")
    else:
        click.echo("It has no list of what was withdrawn: somebody may have taken it out.")


def _withdrawn(document: bytes, key: bytes | str, as_json: bool) -> None:
    """What a page has taken back, and whether it is the page that says so."""
    verified = verify_withdrawn(document, key)
    listed = verified.listed
    if as_json:
        shown: dict[str, Any] = {"good": listed is not None, "items": 0, "kind": "withdrawn"}
        shown |= {"faults": [verified.fault] if verified.fault else []}
        said(shown | ({"day": listed.day, "withdrawn": listed.items} if listed else {}))
    elif listed is not None:
        many = _many(len(listed.items), "item")
        click.echo(f"good: {many} withdrawn, by a list of {listed.day} with the key {_words(key)}")
        for one in listed.items:
            click.echo(f"  {one}")
    else:
        click.echo(f"not good: {verified.fault}", err=True)
    if listed is None:
        raise NotOurs("this list was changed, or was not signed with this key")


def _ways(document: bytes, key: bytes | str, as_json: bool) -> None:
    """Where people are told to write, and whether it is we who say so."""
    verified = verify_ways(document, key)
    statement = verified.statement
    if as_json:
        said(_as_json(verified))
    elif statement is not None:
        click.echo(f"good: the ways in, signed on {statement.day} with the key {_words(key)}")
        for way in statement.ways:
            click.echo(f"  {way.kind}  {way.shown}")
        if not statement.ways:
            click.echo("  none: who names one in the name of this page is not the page")
        age = (datetime.now(UTC).date() - date.fromisoformat(statement.day)).days
        if age > OLD_DAYS:
            click.echo(
                f"It is {age} days old, and a relay that runs signs a new one each day: what it"
            )
            click.echo("names may be in other hands by now.")
    else:
        click.echo(f"not good: {verified.fault}", err=True)
    if statement is None:
        raise NotOurs("these ways in were changed, or were not signed with this key")


def _as_json(verified: VerifiedWays) -> dict[str, Any]:
    if verified.statement is None:
        return {"good": False, "items": 0, "faults": [verified.fault], "kind": "ways"}
    ways = [asdict(one) for one in verified.statement.ways]
    shown = {"day": verified.statement.day, "ways": ways}
    return {"good": True, "items": 0, "faults": [], "kind": "ways", **shown}


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


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
