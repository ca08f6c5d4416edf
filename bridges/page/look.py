"""How it looks: the front page, archive pages, an item's own page, lists, ``send`` and ``check``.

The HTML shows texts for reading; the feeds carry them exactly. No page loads anything but its style
sheet and the pictures on it; films and sounds only when somebody starts them. Links between pages
are relative, so a copy of the folder works on any mirror, and from a disk.

The front page and its style sheet stay under ``FRONT_BYTES`` together, whatever was written: on a
line of 50 kbit/s that is five seconds. So long texts are begun there and go on elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar

from bridges.page.changes import Changed
from bridges.page.feeds import atom_feed, json_feed
from bridges.page.filed import Filed, Line
from bridges.page.item import Item
from bridges.page.site import Site
from bridges.page.templates import FOLDER, template
from bridges.page.topics import Key
from bridges.page.ways import Ways, safety
from bridges.page.withdrawn import Withdrawn

Dated = TypeVar("Dated", Item, Line)
"""What has a ``date``, RFC 3339."""

FRONT_BYTES: Final = 30_000
"""Bytes of the first screen, all in but pictures: the front page and the style sheet."""

OLDER: Final = "older.json"
"""The feed between ``feed.json`` and an archive page; there only while it has items."""

BEGUN: Final = ((600, 2), (160, 0))
"""How much of an item stands on the front page: characters, and media. What has no room in the
first way may have some in the second."""

HEADING: Final = 160
"""Bytes, and a few more, of what parts two days."""


@dataclass(frozen=True, slots=True)
class Older:
    """Where the items that are older than the newest page go on: an archive page, and an item."""

    number: int
    uuid: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the newest items: ``older`` is where they go on; ``feed`` is the feed's
    id; ``gone`` is what was withdrawn; ``filed`` the languages and topics that the front page
    names; ``told`` says whether ``send/`` and ``check/`` are there (archives and items are made
    when they are), ``copied`` whether the copy is, ``packed`` whether its media are."""

    older: Older | None
    feed: str
    gone: Withdrawn | None = None
    filed: Sequence[Filed] = ()
    told: bool = True
    copied: bool = True
    packed: bool = False


@dataclass(frozen=True, slots=True)
class Look(Site):
    """Makes all that people and feed readers see of a page."""

    @property
    def style(self) -> bytes:
        """The style sheet."""
        return (FOLDER / "style.css").read_bytes()

    # ------------------------------------------------------------ the newest, and archives

    def newest(
        self, items: Sequence[Item], between: Sequence[Item], around: Around
    ) -> dict[str, bytes]:
        """The newest page and the front page by file name. ``items`` newest first.

        ``between`` are those of the archive page ``older`` that the newest page does not show: who
        follows ``next_url`` finds them in ``older.json``, and so meets no item twice. (Feed readers
        know an item by its id; who counts items does not want to.)
        """
        older = around.older
        number = older.number if older else 0
        following = "older" if between else f"archive-{number}" if number else ""
        html = template("index.html").render(
            look=self,
            days=self._days(items),
            older=older,
            number=0,
            up="",
            told=around.told,
            copied=around.copied,
            packed=around.packed,
            listed=around.gone is not None,
        )
        made = {
            "index.html": self._front(items, around),
            "newest.html": html.encode(),
            "feed.json": json_feed(self, items, "feed", following, around.gone),
            "feed.xml": atom_feed(self, items, "feed", number, around.feed, around.gone),
        }
        if between:
            below = f"archive-{number - 1}" if number > 1 else ""
            made[OLDER] = json_feed(self, between, "older", below)
        return made

    def _front(self, items: Sequence[Item], around: Around) -> bytes:
        """As many of the newest as have room, each begun at least."""
        left = FRONT_BYTES - len(self.style) - len(self._front_of([], around, items[:1]))
        begun: list[tuple[Item, str]] = []
        for item in items:
            shown = self._begun(item, left)
            if not shown:
                break
            left -= len(shown.encode())
            if not begun or begun[-1][0].date[:10] != item.date[:10]:
                left -= HEADING
            begun.append((item, shown))
        return self._front_of(begun, around, items[len(begun) :])

    def _begun(self, item: Item, room: int) -> str:
        macro: Any = template("article.html").module
        for most, media in BEGUN:
            shown = str(macro.article(item, self, "", 3, most, media))
            if len(shown.encode()) + HEADING <= room:
                return shown
        return ""

    def _front_of(
        self, begun: Sequence[tuple[Item, str]], around: Around, more: Sequence[Item]
    ) -> bytes:
        made = template("front.html").render(
            look=self,
            days=[
                (day, [shown for _, shown in of])
                for day, of in groupby(begun, key=lambda one: one[0].date[:10])
            ],
            more=more[0].uuid if more else "",
            older=around.older,
            filed=around.filed,
            up="",
            told=around.told,
            copied=around.copied,
            packed=around.packed,
            listed=around.gone is not None,
        )
        return made.encode()

    def archive(self, items: Sequence[Item], number: int, feed: str) -> dict[str, bytes]:
        """An archive page by file name; it names no newer one, so it never changes."""
        name = f"archive-{number}"
        older = Older(number - 1, "") if number > 1 else None
        html = template("index.html").render(
            look=self, days=self._days(items), older=older, number=number, up=""
        )
        return {
            f"{name}.html": html.encode(),
            f"{name}.json": json_feed(self, items, name, f"archive-{number - 1}" if older else ""),
            f"{name}.xml": atom_feed(self, items, name, number - 1, feed),
        }

    def item(self, item: Item, changes: Sequence[Changed] = ()) -> bytes:
        """An item's own page, which stands in ``items``, with what corrections changed in it."""
        return (
            template("item.html").render(look=self, item=item, changes=changes, up="../").encode()
        )

    # ------------------------------------------------------------ by language and topic

    def lines(self, key: Key, lines: Sequence[Line]) -> bytes:
        """The newest items of a language or of a topic, a line each."""
        return (
            template("list.html")
            .render(look=self, key=key, days=self._days(lines), up="../")
            .encode()
        )

    def filed(self, filed: Sequence[Filed]) -> bytes:
        """All languages and topics that have a page."""
        languages = [one for one in filed if not one.key.topic]
        topics = [one for one in filed if one.key.topic]
        made = template("by.html").render(look=self, languages=languages, topics=topics, up="../")
        return made.encode()

    # ------------------------------------------------------------ what is stated

    def ways(self, ways: Ways) -> dict[str, bytes]:
        """What stands in ``send``, by file name."""
        checked, sentences = safety(self.language)
        html = template("send.html").render(
            look=self, ways=ways, up="../", checked=checked, safety=sentences
        )
        return {"ways.json": ways.file, "index.html": html.encode()}

    def check(self, ways: Ways) -> dict[str, bytes]:
        """What stands in ``check``, by file name: how to tell that all this is ours."""
        return {
            "index.html": template("check.html").render(look=self, ways=ways, up="../").encode()
        }

    @staticmethod
    def _days(items: Iterable[Dated]) -> list[tuple[str, list[Dated]]]:
        return [(day, list(of)) for day, of in groupby(items, key=lambda item: item.date[:10])]
