"""What a message would look like wherever it goes: the real parts, counted as each platform counts.

Each outlet prepares it and says what people would see; nothing of that is kept or leaves it. It is
given another message secret and an item signed with a key made for it and forgotten, so that what
lies in an outlet for a moment can be published by nobody as ours.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

import trio

from relay.errors import Asked
from relay.exit.assign import post_of
from relay.exit.chosen import only_these
from relay.exit.clean import publishable
from relay.exit.guard import guarded
from relay.exit.record import Record
from relay.exit.wording import with_text
from relay.model import Fits, Media, Post, Row
from relay.node import decisions
from relay.node.desk.words import text_of
from relay.rules.fitting import JPEG, fits_as_it_is, takes_none
from relay.rules.policy import Policy
from relay.wire import frames
from relay.wire.keys import ExitKeys

Answer = Mapping[str, Any]

PREVIEW_S: Final = 15.0
"""Seconds that a destination has for it: a person waits."""

MOST_AT_ONCE: Final = 2
"""Messages that are shown so at a time: one with media may be some 14 MB."""

CANNOT: Final = "its bridge cannot show it"
NO_MEDIA: Final = "it takes no media"
NOT_TAKEN: Final = "it takes no such medium"


class Shows(Protocol):
    """The bridge of a destination, as far as it is needed here."""

    @property
    def fits(self) -> Fits: ...
    async def preview(self, post: Post, deadline_s: float) -> frames.Previewed | str: ...


class Places(Protocol):
    """The destinations of a node."""

    def bridge(self, name: str) -> Shows: ...


class Node(decisions.Node, Protocol):
    """What previews need of the core."""

    @property
    def outward(self) -> Places: ...
    @property
    def settings(self) -> Any: ...


class Previews:
    """Shows messages of one node before they go out."""

    def __init__(self, core: Node, decides: decisions.Decisions) -> None:
        self._core = core
        self._decides = decides
        self._turn = trio.CapacityLimiter(MOST_AT_ONCE)

    async def preview(self, rows: Sequence[Row], order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """One answer for each destination of its channel, in their order: with other words where
        the order has ``title`` or ``text``, with no other media than ``only``. Raises Asked."""
        message = rows[0]
        policy = self._core.policies.get(message.name)
        if policy is None:
            raise Asked("its channel is not in the settings: add it and start the relay again")
        if self._core.keys is None:
            raise Asked("exit.key is locked: unlock it first")
        keys = replace(self._core.keys, page=secrets.token_bytes(32))
        names = list(dict.fromkeys(policy.destinations))
        async with self._turn:
            record = self._as_asked(await self._decides.record_of(message), policy, order)
            told = await self._all(names, record, keys)
        for name in names:
            yield told[name]

    async def _all(
        self, names: Sequence[str], record: Record, keys: ExitKeys
    ) -> Mapping[str, Answer]:
        """What each destination makes of it: together, but with media one after the other."""
        turns = trio.CapacityLimiter(1 if publishable(record) else len(names) or 1)
        told: dict[str, Answer] = {}

        async def one(name: str) -> None:
            async with turns:
                told[name] = await self._of(name, record, keys)

        async with trio.open_nursery() as nursery:
            for name in names:
                nursery.start_soon(one, name)
        return told

    def _as_asked(self, record: Record, policy: Policy, order: Mapping[str, Any]) -> Record:
        if "text" in order or "title" in order:
            title, text = text_of(order)
            record = with_text(record, title, text, policy)
        elif policy.danger == "redact":  # it may have begun to after this was held
            record = guarded(record, policy)
        only = order.get("only")
        if isinstance(only, list):
            record = only_these(record, frozenset(one for one in only if type(one) is int))
        return replace(record, secret=secrets.token_bytes(32))

    async def _of(self, name: str, record: Record, keys: ExitKeys) -> Answer:
        destination = self._core.settings.destinations.get(name)
        if destination is None:
            return _told(name, trouble="it is not in the settings any more")
        bridge = self._core.outward.bridge(name)
        media, shrunk, left_out = _sorted(publishable(record), bridge.fits)
        signed = destination.bridge == "feed"
        now = self._core.clock.now()
        post = post_of(record, "preview", keys, now, signed=signed, media=media)
        found = await bridge.preview(post, PREVIEW_S)
        if isinstance(found, str):
            return _told(name, trouble=found)
        return _told(name, found, len(media), shrunk, left_out)


def _sorted(media: Sequence[Media], fits: Fits) -> tuple[tuple[Media, ...], int, list[str]]:
    """The media that a destination is given, how many of them are made smaller first, and why
    others are left out."""
    if takes_none(fits):
        return (), 0, [NO_MEDIA] if media else []
    made = [one if fits_as_it_is(one, fits) else _cut_to(one, fits) for one in media]
    shrunk = sum(after not in (None, before) for before, after in zip(media, made, strict=True))
    left_out = [NOT_TAKEN] if None in made else []
    return tuple(one for one in made if one is not None), shrunk, left_out


def _cut_to(medium: Media, fits: Fits) -> Media | None:
    """As large as what a cleaner would make of it, which takes it minutes; nobody looks inside. A
    film that is not taken is shown by its poster."""
    kind = medium.type.partition("/")[0]
    if kind == "video" and not fits.film_bytes and medium.poster:
        medium, kind = replace(medium, type=JPEG, content=medium.poster, seconds=0), "image"
    most = {"image": fits.image_bytes, "video": fits.film_bytes}.get(kind, fits.sound_bytes)
    if not most:
        return None
    side = fits.image_side if kind == "image" else fits.film_side
    long = fits.film_seconds if kind == "video" else fits.sound_seconds
    taken = kind != "image" or medium.type in fits.image_types
    return replace(
        medium,
        type=medium.type if taken else JPEG,
        content=medium.content[:most],
        poster=medium.poster if kind == "video" else b"",
        width=min(medium.width, side),
        height=min(medium.height, side),
        seconds=min(medium.seconds, long),
    )


def _told(
    name: str,
    found: frames.Previewed | None = None,
    media: int = 0,
    shrunk: int = 0,
    left_out: Sequence[str] = (),
    trouble: str = "",
) -> Answer:
    """``parts`` are those that can be shown, ``of`` how many there are; ``made_smaller`` how many
    of its ``media`` are made to fit first."""
    parts = () if found is None else found.parts
    refused = next((one.refuse for one in parts if one.refuse), "")
    cannot = CANNOT if found is not None and not found.shown else ""
    return {
        "destination": name,
        "of": 0 if found is None else found.of,
        "parts": [
            {"text": one.text, "count": one.count, "most": one.most, "media": one.media}
            for one in parts
            if not one.refuse
        ],
        "media": media,
        "made_smaller": shrunk,
        "left_out": list(left_out),
        "trouble": trouble or refused or cannot,
    }
