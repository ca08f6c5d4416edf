"""``relay destinations replies``: what people answered to the posts of one account; never who.

It is read from the platform at this moment and kept nowhere. A cursor says up to where.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.common import NotBuilt, common, said
from relay.cli.destinations.opened import named, opened
from relay.cli.owner import as_owner_of
from relay.cli.posting import in_words
from relay.cli.tables import show_table
from relay.cli.trying import why_failed
from relay.config import Destination, Settings
from relay.errors import OutwordError
from relay.model import Later, Replied, Reply, Stopped, hour_of
from relay.reader.text import clean, clean_line

MAX_CURSOR = 4096
"""Bytes of a cursor (``relay.ports.Replies``)."""


class NotNow(OutwordError):
    """The platform could not be asked; nothing was missed, so ask again with the same cursor."""

    exit_code = 69


class TurnedAway(OutwordError):
    """The platform will not say it to this account."""

    exit_code = 65


@click.command()
@click.argument("name")
@click.option("--after", default="", metavar="CURSOR", help="Only what came after that.")
@common
def replies(name: str, after: str, path: Path, as_json: bool) -> None:
    """Print what was answered to our posts at a destination, oldest first, at most 100."""
    cursor = _cursor(after)
    destination, settings = named(path, name)
    with as_owner_of(settings.base):
        replied = trio.run(_replied, name, destination, settings, cursor)
    following = base64.urlsafe_b64encode(replied.cursor).decode().rstrip("=")
    if as_json:
        said({"replies": [_line(one) for one in replied.replies], "cursor": following})
        return
    rows = [(clean_line(r.ref), clean_line(r.to), clean_line(r.text)) for r in replied.replies]
    if rows:
        show_table(("ref", "to", "text"), rows)
    else:
        click.echo("There are no replies" + (" after that." if after else "."))
    if following:
        click.echo(f"What comes later: --after {following}")


def _cursor(after: str) -> bytes:
    """Raises UsageError."""
    try:
        cursor = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise click.UsageError("--after takes a cursor that was printed before") from None
    if len(cursor) > MAX_CURSOR:
        raise click.UsageError("--after takes a cursor that was printed before")
    return cursor


def _line(one: Reply) -> dict[str, Any]:
    return {
        "ref": clean_line(one.ref),
        "to": clean_line(one.to),
        "text": clean(one.text),
        "date": None if one.date is None else hour_of(one.date),
    }


async def _replied(
    name: str, destination: Destination, settings: Settings, cursor: bytes
) -> Replied:
    """Raises NotBuilt, TurnedAway or NotNow.

    The bridge itself is asked whether it reads answers: of some only the settings say (Slack's bot
    does, its webhook does not).
    """
    async with opened(name, destination, settings) as there:
        if there.bridge is not None and not hasattr(there.bridge, "replies"):
            what = f"the bridge {destination.bridge}, as it is set here, reads no answers"
            raise NotBuilt(f"{name}: {what}: see docs/platforms.md")
        if there.bridge is None or there.trouble:
            raise (TurnedAway if there.reached else NotNow)(there.trouble)
        got = await _asked(there.bridge, cursor, destination.deadline)
    if isinstance(got, Replied):
        return got
    raise (NotNow if isinstance(got, Later) else TurnedAway)(in_words(got))


async def _asked(bridge: Any, cursor: bytes, deadline_s: float) -> Replied | Later | Stopped:
    got: object = Later("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            got = await bridge.replies(cursor)
    except Exception as error:
        return Later(why_failed(error))
    if isinstance(got, Later | Stopped) or (isinstance(got, Replied) and _whole(got)):
        return got
    return Later("its bridge gave no replies that we know")


def _whole(got: Replied) -> bool:
    """A plug-in may give anything."""
    words = [word for one in got.replies for word in (one.ref, one.to, one.text)]
    return isinstance(got.cursor, bytes) and all(isinstance(word, str) for word in words)
