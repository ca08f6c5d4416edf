"""``by/``: the newest items of a language, and of a topic, a line each.

They are made from the newest ``WINDOW`` items and from nothing else, so no list has to be kept: a
restart makes the same. A topic has a page once two of those items name it, and the ``TOPICS`` that
are named most have one. A pass writes the pages whose lines changed, and no other. Older items are
on the archive pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from markupsafe import escape

from bridges import kit
from bridges.page.filed import Filed, Line
from bridges.page.files import held
from bridges.page.item import Item
from bridges.page.look import Look
from bridges.page.order import Order
from bridges.page.text import opening
from bridges.page.topics import Key, keys_of
from relay.ports import Instant

WINDOW: Final = 5000
"""Items that are looked at: half a second at the start."""

SHOWN: Final = 60
"""Lines of a page, if they have room."""

ROOM: Final = 23_000
LINE: Final = 360
"""Bytes of all lines, and of what is around the words of one, the heading of its day included: so
a page stays under 30 kB, whatever was written."""

TOPICS: Final = 200
LEAST: Final = 2
FRONT: Final = 12
"""Topics that the front page names."""

_EXCERPT: Final = 120


class Lists:
    """The pages in ``by`` below one folder. Every method blocks, and may raise OSError."""

    def __init__(self, folder: Path, look: Look, load: Callable[[str], Item | None]) -> None:
        self._folder = folder / "by"
        self._look = look
        self._load = load
        self._lines: dict[str, tuple[int, Line | None]] = {}
        self._of: dict[Key, dict[str, Line]] = {}
        self._seen = 0
        self._changed: set[Key] = set()
        self._written: set[str] | None = None

    def again(self, name: str) -> None:
        """The item of that UUID was corrected or taken away."""
        if name in self._lines:
            place, line = self._lines[name]
            self._unfile(name, line)
            self._put(place, name)

    def renew(self, order: Order) -> None:
        """Bring the pages to what the order says now."""
        self._look_at(order)
        filed = self.filed()
        there = {one.key for one in filed}
        if self._written is None:
            self._changed |= there
            self._folder.mkdir(exist_ok=True)
            self._folder.chmod(0o755)
        wanted = {one.key.file for one in filed} | {"index.html"}
        pages = {key.file: self._page(key) for key in self._changed & there}
        latest = self._latest([line for _, line in self._lines.values()])
        pages["index.html"] = self._look.filed(filed), latest
        for name, (made, when) in pages.items():
            if held(self._folder / name) != made:
                kit.write_file(self._folder, name, made, when=when, sync=False)
        for name in (self._written or set(os.listdir(self._folder))) - wanted:
            (self._folder / name).unlink(missing_ok=True)
        os.utime(self._folder, (latest, latest))
        self._written, self._changed = wanted, set()

    def filed(self) -> list[Filed]:
        """What has a page: languages, then topics, those with most items first."""
        counted = [Filed(key, len(lines)) for key, lines in self._of.items() if lines]
        counted.sort(key=lambda one: (-one.count, one.key))
        languages = [one for one in counted if not one.key.topic]
        topics = [one for one in counted if one.key.topic and one.count >= LEAST]
        return languages + topics[:TOPICS]

    def front(self) -> list[Filed]:
        """What the front page names of it."""
        filed = self.filed()
        languages = [one for one in filed if not one.key.topic]
        topics = [one for one in filed if one.key.topic]
        return (languages[:FRONT] if len(languages) > 1 else []) + topics[:FRONT]

    # ------------------------------------------------------------ what is looked at

    def _look_at(self, order: Order) -> None:
        """Also what another process put there: its lines are in the order."""
        count = len(order)
        if count < self._seen:
            self._lines, self._of, self._seen, self._written = {}, {}, 0, None
        start = max(self._seen, count - WINDOW)
        for place, name in enumerate(order.lines(start, count), start):
            self._put(place, name)
        self._seen = count
        while len(self._lines) > WINDOW:
            oldest = next(iter(self._lines))
            self._unfile(oldest, self._lines.pop(oldest)[1])

    def _put(self, place: int, name: str) -> None:
        item = self._load(name)
        line = None if item is None else _line(place, item)
        self._lines[name] = place, line
        if line is None:
            return
        for key in line.keys:
            self._of.setdefault(key, {})[name] = line
            self._changed.add(key)

    def _unfile(self, name: str, line: Line | None) -> None:
        for key in line.keys if line else ():
            del self._of[key][name]
            if not self._of[key]:
                del self._of[key]
            self._changed.add(key)

    # ------------------------------------------------------------ what is made of it

    def _page(self, key: Key) -> tuple[bytes, Instant]:
        newest = _that_fit(sorted(self._of[key].values(), key=lambda one: -one.place)[:SHOWN])
        return self._look.lines(key, newest), self._latest(newest)

    @staticmethod
    def _latest(lines: Iterable[Line | None]) -> Instant:
        return max((one.when for one in lines if one), default=0)


def _that_fit(lines: Sequence[Line]) -> list[Line]:
    room, day, made = ROOM, "", list[Line]()
    for line in lines:
        around = LINE if line.date[:10] != day else LINE // 2
        room -= len(escape(line.title + line.words).encode()) + around
        if room < 0:
            break
        day = line.date[:10]
        made.append(line)
    return made


def _line(place: int, item: Item) -> Line:
    words, _ = opening(item.text, _EXCERPT)
    return Line(
        place,
        item.uuid,
        item.date,
        item.when,
        item.language,
        opening(item.title, _EXCERPT)[0] if item.titled else "",
        words or item.title,
        item.revision > 1,
        keys_of(item),
    )
