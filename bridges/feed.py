"""The page that is ours: signed items in a folder, and an index and feeds made from them.

The truth is one file an item, ``items/<uuid>.json``, with the bytes the core signed and their
signature; it is durable before a send ends, and there is one of it however often it is sent. What
it shows besides its text are files in ``media/``, named by the digests that were signed; they are
there before it, and stay as long as it does. All else is made from those: ``index.html``,
``feed.json`` (JSON Feed 1.1) and ``feed.xml`` (Atom, RFC 4287) with the newest 50, a page for each
item, and ``archive-1`` and up (.html .json .xml; RFC 5005) with 50 items each, written once when
full. ``send/`` says where people may write, from a statement that the core signed as well. An item
that was corrected stands where it stood, with the same id and date and a later revision.

Sends that are under way together share one pass over the folder: their items, one fsync of its
names, one making of the newest page. That costs about the same at 10 and at 100,000 items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import trio
from pydantic import BaseModel, ConfigDict, Field

from bridges import kit
from bridges.page.item import UUID, Item, NotAnItem, item_part, read_part
from bridges.page.look import Look
from bridges.page.shelf import Shelf
from bridges.page.ways import NotWays, read_ways
from bridges.page.withdrawn import NotWithdrawn, read_withdrawn
from relay.ports import (
    Absent,
    Attempt,
    Clock,
    Fits,
    Found,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

NO_ITEM = "no item of this page"


class Feed:
    """The signed page and its feeds. Uses ``item`` and ``signature`` of a post, not its text."""

    api = 1
    shows_edits: ClassVar[bool] = False  #: of an item whose signed bytes say that it hides them
    tested: ClassVar[str] = "real server"
    again: ClassVar[str] = "an item is a file named by its key: written twice, it is one"
    once: Once = Once("exact", everywhere=True)
    fits: Fits = Fits()  #: all that a cleaner makes: it is our own page

    class Settings(BaseModel):
        """``[destinations.page]`` with ``bridge = "feed"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        folder: str  #: made, if the folder above it is there
        tick: str = Field("10m", pattern=r"^\d{1,6}[smhd]$")  #: the relay releases items so often
        title: str = Field("News", min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
        url: str = Field(
            "", pattern=r"^(https?://[^\s?#]+)?$"
        )  #: how the public reaches the folder
        language: str = Field("en", pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")  #: of our words

    @staticmethod
    def hosts(settings: Feed.Settings) -> Collection[str]:
        """None: the page is a folder."""
        return ()

    def __init__(self, settings: Feed.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 50
        self._look = Look(settings.title, settings.url.rstrip("/"), settings.language)
        self._shelf = Shelf(Path(settings.folder), self._look, clock.now)
        self._turn = trio.Lock()
        self._waiting: list[_Sending] = []

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One part: the item's file as it will be, and what it shows."""
        payload = item_part(post.item, post.signature, post.media)
        return [Part(kit.part_key(post.secret, 0), 0, 1, payload)]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        try:
            item, _ = read_part(part.payload)
        except NotAnItem as error:
            return Said("", 0, refuse=str(error))
        titled = [item.title] if item.titled else []
        return Said("\n\n".join([*titled, item.text]), len(item.text), media=len(item.media))

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Posted: the item is durable, and stands on the page and in the feeds."""
        try:
            sending = _Sending(*read_part(attempt.part.payload))
        except NotAnItem as error:
            return Refused(str(error))
        self._waiting.append(sending)
        try:
            async with self._turn:
                if not sending.taken:
                    await self._put_all_that_wait()
        finally:
            if not sending.taken:  # cancelled before its turn: nothing was written
                self._waiting.remove(sending)
        return sending.outcome

    async def _put_all_that_wait(self) -> None:
        batch, self._waiting = self._waiting, []
        for one in batch:
            one.taken = True
        # A thread, since a disk may hang. It is never left behind: a cancelled send waits for it.
        files = {name: content for one in batch for name, content in one.files.items()}
        ended = await trio.to_thread.run_sync(self._shelf.put, [one.item for one in batch], files)
        for one, outcome in zip(batch, ended, strict=True):
            one.outcome = outcome

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the item's file."""
        try:
            item, _ = read_part(attempt.part.payload)
            there = await trio.to_thread.run_sync(self._shelf.has, item)
        except NotAnItem as error:
            return Unknown(str(error))
        except OSError as error:
            return Unknown(kit.disk_trouble(error))
        return Found(item.id, self._look.at(item.path)) if there else Absent(strong=True)

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Put the later revision of an item in its place: same id, same date, the new text."""
        try:
            item, files = read_part(item_part(post.item, post.signature, post.media))
        except NotAnItem as error:
            return Refused(str(error))
        if item.id != ref:
            return Refused(NO_ITEM)
        async with self._turn:
            return await trio.to_thread.run_sync(self._shelf.revise, item, files)

    async def remove(self, ref: str) -> Removal:
        """Take the item off the page, its feeds and archives; it does not come back."""
        scheme, _, name = ref.rpartition(":")
        if scheme != "urn:uuid" or not UUID.fullmatch(name):
            return Refused(NO_ITEM)
        async with self._turn:
            try:
                await trio.to_thread.run_sync(self._shelf.take_away, name)
            except OSError as error:
                return Later(kit.disk_trouble(error))
        return Removed()

    async def check(self) -> Health:
        """Makes the page where it is missing or could not be made the last time."""
        async with self._turn:
            return Health("page", await trio.to_thread.run_sync(self._shelf.check))

    async def ways(self, document: bytes, signature: bytes) -> str:
        """Show where people may write, in ``send``, in place of what stood there."""
        try:
            ways = read_ways(document, signature)
        except NotWays as error:
            return str(error)
        async with self._turn:
            return await trio.to_thread.run_sync(self._shelf.ways, ways)

    async def withdrawn(self, document: bytes, signature: bytes) -> str:
        """Show the list of what was withdrawn, and take down what is on it."""
        try:
            gone = read_withdrawn(document, signature)
        except NotWithdrawn as error:
            return str(error)
        async with self._turn:
            return await trio.to_thread.run_sync(self._shelf.withdrawn, gone)


class _Sending:
    """One send and its end; until then, its end if the batch breaks off and nobody knows why."""

    def __init__(self, item: Item, files: Mapping[str, bytes]) -> None:
        self.item = item
        self.files = files
        self.taken = False
        self.outcome: Outcome = Unsure("the page broke off while it was written")
