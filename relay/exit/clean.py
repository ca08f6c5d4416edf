"""clean -> review: of the media that came with a message new ones are made, and only these go on.

The cleaner is another process: what it is given is hostile until proved otherwise. It may take
minutes over a film, so this step has a loop and a queue of its own, and holds no lease: a message
that is taken back or dropped meanwhile is gone at once, and what was made of its media with it.
Whatever goes wrong with a medium is said, and a person sees it; it goes on without that medium.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

import trio

from relay.errors import Damaged
from relay.exit.originals import described, set_aside
from relay.exit.record import Record, restore, store
from relay.exit.unseal import quarantined
from relay.model import Change, Fits, Media, NewRow, Original, Queue, Row, State, Unclean
from relay.ports import Cleaner
from relay.wire.keys import ExitKeys

ROOM: Final = 14_000_000
"""Bytes that the cleaned media of one message have together, posters included. With its text they
must fit into the largest size that the spool keeps (16 MiB), as its record and as the parts that a
bridge makes of it."""

LEAST: Final = 100_000
"""Bytes into which it is worth while to press a medium."""

MOST: Final = 50
"""Media of one message that are published: no transport takes more, and no item shows more."""

WORK_S: Final = 1800.0
"""Seconds after which no further medium of one message is begun: fifty films that were made to take
as long as a film may would hold up everybody else's for hours. What people send takes a tenth, also
on a slow machine while other films are made to fit."""


async def nobody_waits() -> None:
    """Nothing goes before it."""


async def clean(
    row: Row,
    cleaner: Cleaner,
    keys: ExitKeys,
    others_first: Callable[[], Awaitable[None]] = nobody_waits,
) -> tuple[Change, tuple[NewRow, ...]]:
    """What becomes of a message with media as they came, and what is kept beside it. Before each
    medium ``others_first`` does what need not wait for it."""
    try:
        record = restore(row.body, keys.storage, row.id)
    except Damaged:
        return quarantined("damaged record"), ()
    if record.message is None:
        return quarantined("damaged record"), ()
    came = record.message.media
    media, originals = await _made(came, cleaner, others_first)
    whole = replace(
        record, message=replace(record.message, media=media), originals=tuple(originals)
    )
    body = store(whole, keys.storage, row.id)
    to_review = Change(Queue.REVIEW, State.WAITING, due=0, body=body)
    return to_review, (set_aside(row, came, keys.storage),)


async def _made(
    came: Sequence[Media], cleaner: Cleaner, others_first: Callable[[], Awaitable[None]]
) -> tuple[tuple[Media, ...], Sequence[Original]]:
    """The new media, in their order, and what is remembered of all that came."""
    media: list[Media] = []
    originals: list[Original] = []
    room, worked_s = ROOM, 0.0
    for medium in came:
        await others_first()
        began = trio.current_time()
        if len(media) >= MOST:
            made: Media | Unclean = Unclean("one too many")
        elif worked_s >= WORK_S:
            made = Unclean("too much work together")
        else:
            made = await _new(medium, cleaner, room)
        worked_s += trio.current_time() - began
        originals.append(described(medium, made))
        if isinstance(made, Media):
            media.append(made)
            room -= size_of(made)
    return tuple(media), originals


async def _new(medium: Media, cleaner: Cleaner, room: int) -> Media | Unclean:
    """A medium made anew, and once more where it is too large for what is left."""
    made = await cleaner.clean(medium)
    if isinstance(made, Unclean) or size_of(made) <= room:
        return made
    room -= len(made.poster)
    pressed = await cleaner.fitted(made, pressed_into(room)) if room >= LEAST else None
    if isinstance(pressed, Media) and size_of(pressed) <= room:
        return pressed
    return Unclean("too large together")


def size_of(medium: Media) -> int:
    """Bytes of a medium with its poster."""
    return len(medium.content) + len(medium.poster)


def pressed_into(room: int) -> Fits:
    """The same as usual, in no more than so many bytes."""
    usual = Fits()
    return replace(
        usual,
        image_bytes=min(usual.image_bytes, room),
        film_bytes=min(usual.film_bytes, room),
        sound_bytes=min(usual.sound_bytes, room),
    )


def left_out(record: Record) -> tuple[str, ...]:
    """Why nothing is published of some of what came with a message, or of a part of it, a reason
    each; of what an older version read nothing is."""
    if record.message is not None and record.message.media and not record.originals:
        return ("it came before media were cleaned",)
    lacking = [one.lacks for one in publishable(record) if one.lacks]
    return (*(one.why for one in record.originals if one.why), *lacking)


def publishable(record: Record) -> tuple[Media, ...]:
    """The media of a message that a cleaner made."""
    return record.message.media if record.message is not None and record.originals else ()
