"""Keys as people compare them, and days as people count them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from relay.cli.qr import can_draw, qr_lines
from relay.model import Instant
from relay.wire.epochs import days_ahead
from relay.wire.item import key_words
from relay.wire.linkkeys import LinkKey, identity_text

ENDED: Final = "This exit has ended: nothing is sealed to it any more, and no entry goes back."
UNSIGNED: Final = (
    "The identity key is kept on another machine: `relay keys export --request FILE`, there `relay"
    " keys sign`, and here `relay keys import` with what it gives."
)


def words(key: bytes) -> str:
    """A public key, or anything else that two people are to compare, as eight words."""
    return key_words(key).replace("-", " ")


def day(at: Instant) -> str:
    """A day of UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def lasts(until: Instant, now: Instant) -> str:
    """How long there are keys to seal to, in a sentence."""
    if until <= now:
        return "There is no key to seal to: entries take nothing for this exit."
    return f"There are keys for today and {days_ahead(until, now)} days more, until {day(until)}."


def for_settings(link: LinkKey, identity: bytes) -> list[str]:
    """The lines of ``relay.toml`` at the other side."""
    lines = [f'link = "{link.written}"']
    return [*lines, f'identity = "{identity_text(identity)}"'] if identity else lines


def code(lines: list[str]) -> Iterator[str]:
    """The same lines as a QR code, where one can be drawn."""
    if can_draw():
        yield from qr_lines("\n".join(lines))
