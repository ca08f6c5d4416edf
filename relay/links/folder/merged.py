"""Many short receipts as few long ones: a stick with thousands of files gets a handful of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from relay.wire.batch import MOST_ANSWERS, MOST_IDS, Batch, Returned

T = TypeVar("T")


def merged(backs: Iterable[Batch]) -> Iterator[Batch]:
    """What goes back for several batches, in as few as can be: the ids and answers of all of them,
    each once, and the last bundle and serial. ``whole`` of a single one is left out: what crosses
    by folder is known by its ids."""
    durable: dict[bytes, None] = {}
    heard: dict[bytes, None] = {}
    answers: dict[bytes, Returned] = {}
    bundle, serial = b"", 0
    for back in backs:
        durable |= dict.fromkeys(back.durable)
        heard |= dict.fromkeys(back.heard)
        answers |= {one.token: one for one in back.answers}
        bundle, serial = back.bundle or bundle, max(serial, back.serial)
    while durable or heard or answers or bundle:
        yield Batch(
            durable=tuple(_some(durable, MOST_IDS)),
            heard=tuple(_some(heard, MOST_IDS)),
            answers=tuple(_some(answers, MOST_ANSWERS).values()),
            bundle=bundle,
            serial=serial,
        )
        bundle = b""


def _some(left: dict[bytes, T], most: int) -> dict[bytes, T]:
    """The first of these, taken out."""
    return {key: left.pop(key) for key in list(islice(left, most))}
