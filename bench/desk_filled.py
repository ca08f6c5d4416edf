"""A node's spool, filled with sealed messages as they lie there once they were read."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import trio

from bench.desk_cards import NOW, cards
from relay.clock import SystemClock
from relay.config import load
from relay.exit.record import Record, store
from relay.model import HOUR, Mark, Media, Message, NewRow, Queue, State
from relay.node.exit_key import ExitKey
from relay.spool.sqlite import SqliteSpool
from relay.wire.epochs import StorageKey

AT_ONCE = 500
"""Rows of one commit."""

PICTURE = 150_000
"""Bytes of a picture, as a telephone's are once they were made anew for a messenger."""

FILM = 4_000_000
"""Bytes of a film."""

PICTURES, FILMS = 0.02, 0.0005
"""How many of all messages bring one. Most of what is sent where lines are slow is text."""


def filled(settings_file: Path, n: int) -> int:
    """Put so many messages into the spool of a node that does not run, and has its keys. Gives how
    many of them wait for a person."""
    settings = load(settings_file)
    passphrase = settings.at(settings.node.passphrase_file).read_bytes().strip()
    storage = ExitKey(settings).opened(passphrase).storage
    return trio.run(_fill, settings.data, settings.keys / "seen", n, storage)


async def _fill(data: Path, seen: Path, n: int, storage: tuple[StorageKey, ...]) -> int:
    held = 0
    spool = SqliteSpool.open(
        data, seen, clock=SystemClock(), on_broken=lambda: print("the disk failed")
    )
    try:
        told, rnd = cards(n), Random(2)
        while batch := list(islice(told, AT_ONCE)):
            held += sum(card["held"] for card in batch)
            await spool.put(list(rows(batch, storage, rnd)))
    finally:
        await trio.to_thread.run_sync(spool.close)
    return held


def rows(
    told: Iterable[Mapping[str, Any]], storage: tuple[StorageKey, ...], rnd: Random
) -> Iterator[NewRow]:
    """The rows of these cards, their hours moved to the days before this moment."""
    later = int(time.time()) // HOUR * HOUR - NOW
    for card in told:
        media = tuple(_media(rnd))
        marks = tuple(Mark(kind, 0, 2) for kind in card["kinds"])
        message = Message(card["text"], card["title"], card["language"], marks, media)
        flags = (*card["flags"], *(["known"] if card["known"] else []))
        id, tags = bytes.fromhex(card["id"]), (bytes.fromhex(card["author"]),)
        networks = (bytes.fromhex(card["network"]),)
        way, channel = card["transport"], card["channel"]
        record = Record(bytes(32), "text", way, channel, flags, tags, networks, message=message)
        body = store(record, storage, id)
        queue, state = (Queue.REVIEW, State.HELD) if card["held"] else (Queue.ENDED, State.POSTED)
        why = card["why"]
        yield NewRow(queue, state, id, card["hour"] + later, None, channel, why, body=body)


def _media(rnd: Random) -> Iterator[Media]:
    one = rnd.random()
    if one < FILMS:
        yield Media("video/mp4", rnd.randbytes(FILM))
    elif one < FILMS + PICTURES:
        yield Media("image/jpeg", rnd.randbytes(PICTURE))
