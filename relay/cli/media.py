"""``relay queue media``: the cleaned pictures, films and sounds of a message, to be looked at."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from relay.cli.common import asked, common, said
from relay.rules.alarm import length


@click.command()
@click.argument("id")
@click.argument("number", type=click.IntRange(min=1), required=False, metavar="[N]")
@common
def media(path: Path, as_json: bool, id: str, number: int | None) -> None:
    """Write a medium of a message to standard output, as it would be published.

    N is its number, as `show` has it; none is needed where there is one. It is what was made anew:
    what came is opened by nobody. Nothing is written to the disk here, and a terminal cannot show
    it: give it to a program (`| feh -`, `| ffplay -`) or, if it must be, to a file.
    """
    if not as_json and sys.stdout.isatty():
        raise click.UsageError("a terminal cannot show it: give it to a program, as in `| feh -`")
    answers = asked(path, {"do": "media", "id": id, "n": number})
    about = next(answers)
    if as_json:
        said({**about, "content": "".join(one["piece"] for one in answers)})
        return
    for answer in answers:
        click.echo(base64.b64decode(answer["piece"]), nl=False)


def lines_of(message: dict[str, Any]) -> Iterator[str]:
    """What `show` prints of the media of a message, and of what came."""
    for medium in message["media"]:
        yield f"media    {_about(medium)}"
    for one in message["originals"]:
        became = f"not published: {one['why']}" if one["why"] else "made anew"
        yield f"came     {one['type']}, {one['bytes']} bytes: {became}; SHA-256 {one['sha256']}"
    if message["originals"]:
        yield f"kept     {_kept(message)}"


def _about(medium: dict[str, Any]) -> str:
    if medium["n"] is None:
        return f"{medium['type']}, {medium['bytes']} bytes, as it came: not published"
    size = f", {medium['width']} x {medium['height']}" if medium["width"] else ""
    long = f", {medium['seconds']} s" if medium["seconds"] else ""
    lacks = f"; {medium['lacks']}" if "lacks" in medium else ""
    return f"{medium['n']}: {medium['type']}, {medium['bytes']} bytes{size}{long}{lacks}"


def _kept(message: dict[str, Any]) -> str:
    if not message["originals_kept"]:
        return "nothing of what came"
    if message["originals_until"] is None:
        after = length(message["originals_keep_s"])
        return f"what came, sealed, until {after} after the hour in which it is decided about"
    at = datetime.fromtimestamp(message["originals_until"], UTC)
    return f"what came, sealed, until {at:%Y-%m-%d %H:%M} UTC"
