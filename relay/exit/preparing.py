"""What a delivery is made into before it is sent: the parts that its bridge makes of its message.

They are made once and kept, so that what is sent again are the same bytes. Nothing is settled here:
whoever asks is told what is to become of the delivery.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from relay.errors import Damaged, TooLarge
from relay.exit.account import Account
from relay.exit.asking import prepared
from relay.exit.assign import post_of
from relay.exit.clean import publishable
from relay.exit.fitting import AGAIN_S, MAKING, Fit, Fitted
from relay.exit.progress import Frozen, Progress, frozen
from relay.exit.record import Record, restore
from relay.model import Later, Media, Part, Row
from relay.ports import Bridge, Clock, Spool
from relay.wire.keys import ExitKeys

PREPARE_TRIES: Final = 5
"""A bridge that fails to prepare a post so often is shown to a person."""

LARGE: Final = 1024 * 1024
"""Bytes of a message that is prepared in its turn: of a film some 100 MB of memory."""

TOO_LARGE: Final = "what its bridge makes of it is too large to be kept"
TOO_LARGE_MEDIA: Final = "its media are too large together for what its bridge makes of them"
NOTHING_LEFT: Final = "it has no text, and none of its media can be posted there"


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """Its parts, and as they lie in its row (``body``)."""

    progress: Progress
    parts: Sequence[Part]
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class ToHold:
    """A person is to decide."""

    progress: Progress
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class ToWait:
    """It is to be tried again."""

    progress: Progress
    later: Later


class Preparing:
    """For one destination. ``fit`` gives the media of a delivery as that takes them; ``large``
    bounds how many large messages are prepared at a time."""

    def __init__(
        self,
        spool: Spool,
        bridge: Bridge,
        account: Account,
        keys: ExitKeys,
        clock: Clock,
        fit: Fit,
        large: trio.CapacityLimiter | None = None,
    ) -> None:
        self._spool = spool
        self._bridge = bridge
        self._account = account
        self._keys = keys
        self._clock = clock
        self._fit = fit
        self._large = large or trio.CapacityLimiter(1)

    async def made(self, row: Row, progress: Progress) -> Made | ToHold | ToWait:
        """The parts of a leased delivery, or why there are none. Raises SpoolBroken."""
        body = await self._spool.body(row.root)
        async with self._large if len(body) > LARGE else contextlib.nullcontext():
            try:
                record = restore(body, self._keys.storage, row.id)
            except Damaged:
                why = "its message is damaged" if body else "nothing is kept of its message"
                return ToHold(progress, why)
            del body  # of a film once is enough
            return await self._of(row, record, progress)

    async def _of(self, row: Row, record: Record, progress: Progress) -> Made | ToHold | ToWait:
        media = await self._media(row, record, progress)
        if isinstance(media, ToHold | ToWait):
            return media
        post = post_of(
            record,
            self._account.id,
            self._keys,
            self._clock.now(),
            signed=self._account.signed,
            media=media,
        )
        progress = replace(progress, date=post.date, revision=record.revision)
        if progress.elsewhere:  # it is not known when another exit tried
            progress = replace(progress, first=min(record.since or row.hour, row.hour))
        try:
            parts = await prepared(self._bridge, post, self._account.deadline_s)
            of = Frozen(tuple(parts), self._account.bridge)
            kept = frozen(of, self._keys.storage, row.id)
        except TooLarge:
            why = TOO_LARGE_MEDIA if media else TOO_LARGE
            return ToHold(replace(progress, n=0, bare=bool(media)), why)
        if not parts:
            return _unprepared(replace(progress, n=0))
        return Made(progress, parts, kept)

    async def _media(
        self, row: Row, record: Record, progress: Progress
    ) -> tuple[Media, ...] | ToHold | ToWait:
        """The media that go along. A person is told of what is left out; who releases it then lets
        it go without."""
        later = replace(progress, n=0)
        came = () if progress.bare else publishable(record)
        fitted = await self._fit(row, came) if came else Fitted(())
        if fitted is None:
            return ToWait(later, Later(MAKING, self._clock.now() + AGAIN_S))
        if fitted.left_out and not progress.unfit:
            why = "media do not fit: " + ", ".join(dict.fromkeys(fitted.left_out))
            return ToHold(replace(later, unfit=True), why)
        if not fitted.media and _says_nothing(record):
            return ToHold(later, NOTHING_LEFT)
        return fitted.media


def _unprepared(progress: Progress) -> ToHold | ToWait:
    failed = replace(progress, tries=progress.tries + 1)
    if failed.tries >= PREPARE_TRIES:
        return ToHold(failed, "its bridge cannot prepare it")
    return ToWait(failed, Later("its bridge could not prepare it"))


def _says_nothing(record: Record) -> bool:
    """Whether what came was media alone."""
    message = record.message
    return message is not None and bool(record.originals) and not (message.text or message.title)
