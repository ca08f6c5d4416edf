"""The folder of the page: puts items on it durably, keeps their order, renews what shows them.

The order of posting stands in ``items/order``, one line of 37 bytes an item, oldest first, appended
and synced. Nothing else could keep it: names are random, and all file times are set to an item's
hour (of one that was corrected that of the correction), since seconds could name a sender. Line n
belongs to archive page n // 50 + 1 for ever, also when its item is taken away, so a full page never
changes. Only the lines needed are read, under a lock on that file, so an old process may still be
ending while a new one has begun.

What an item shows is durable before it (``bridges.page.gallery``), and stays as long as it does.
What is made from items is written after them, each file by rename. A crash between the two, other
settings, a file deleted by hand: ``_open`` makes it good before the first item is put.
"""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page.gallery import LISTED, Gallery, Lacking
from bridges.page.item import UUID, Item, NotAnItem, read_item
from bridges.page.look import Look, Older
from bridges.page.ways import Ways
from relay.ports import Instant, Later, Outcome, Posted, Refused

SHOWN: Final = 50
"""Items on the newest page and on an archive page: a few minutes' reading, and a feed that stays
under a megabyte while items are a few thousand characters long."""

GONE: Final = ".gone"
"""The end of the name that marks an item as withdrawn."""

LACKING: Final = Refused("a picture, film or sound that it shows did not come along")

LINE: Final = 37
"""Bytes of a line of the order: a UUID and a newline."""


class Shelf:
    """The page's folder. Every method blocks; one thread at a time."""

    def __init__(self, folder: Path, look: Look, now: Callable[[], Instant]) -> None:
        self._folder = folder
        self._items = folder / "items"
        self._gallery = Gallery(folder)
        self._look = look
        self._now = now
        self._opened = False
        self._behind = False  # an item is durable that the newest page may not show yet

    def put(self, items: Sequence[Item], files: Mapping[str, bytes] | None = None) -> list[Outcome]:
        """How each of them ended: Posted when it is durable, and shown. ``files`` are what came
        along with any of them, by names that their digests gave them."""
        try:
            with self._ready() as order:
                ended = self._store(items, files or {}, order)
                self._renew(order)
                return ended
        except OSError as error:
            later = Later(kit.disk_trouble(error), scope="destination")
            return [later for _ in items]

    def revise(self, item: Item, files: Mapping[str, bytes]) -> Posted | Later | Refused:
        """Put a corrected item where it stood before, on the page, its archive and in the feeds.

        What stands there already, or is later still, stays; so it may be done again. What only the
        earlier text showed goes."""
        try:
            with self._ready() as order:
                if (self._items / f"{item.uuid}{GONE}").exists():
                    return Refused("it was withdrawn")
                place = order.places([item.uuid]).get(item.uuid)
                if place is None:
                    return Refused("no such item stands on the page")
                there = self._load(item.uuid)
                if there is None or there.revision < item.revision:
                    self._gallery.hang(item.uuid, item.shows, files, item.when)
                    kit.write_file(self._items, f"{item.uuid}.json", item.file, when=item.when)
                    kit.sync_folder(self._items)
                    there = item
                self._behind = True
                self._show(there)
                if place < len(order) // SHOWN * SHOWN:
                    self._archive(place // SHOWN + 1, order)
                self._renew(order)
                self._gallery.keep_only(there.uuid, there.shows, there.when)
        except Lacking:
            return LACKING
        except OSError as error:
            return Later(kit.disk_trouble(error), scope="destination")
        return Posted(item.id, self._look.at(item.path))

    def has(self, item: Item) -> bool:
        """Whether the item is there. Raises OSError where nobody can tell."""
        self._folder.stat()
        return self._load(item.uuid) is not None

    def take_away(self, name: str) -> None:
        """Take the item of that UUID off the page and out of the feeds, for good. Raises OSError.

        It leaves an empty file, so that the same item does not come back: from an older copy of
        the spool, or from another exit.
        """
        with self._ready() as order:
            item = self._load(name)
            when = item.when if item else self._latest([])
            kit.write_file(self._items, f"{name}{GONE}", b"", when=when)
            for shown in (f"{name}.json", f"{name}.html"):
                (self._items / shown).unlink(missing_ok=True)
            kit.sync_folder(self._items)
            self._gallery.keep_only(name, (), when)
            self._behind = True
            place = order.places([name]).get(name)
            if place is not None and place < len(order) // SHOWN * SHOWN:
                self._archive(place // SHOWN + 1, order)
            self._renew(order)

    def check(self) -> str:
        """What is wrong with the page, empty for nothing. Makes the page where it is missing."""
        try:
            with self._ready() as order:
                if self._behind:
                    self._renew(order)
                kit.write_file(self._items, ".check", b"-\n")
                (self._items / ".check").unlink()
                self._coarsen(self._latest(self._newest(order)[0]))
        except OSError as error:
            return kit.disk_trouble(error)
        return ""

    def ways(self, ways: Ways) -> str:
        """Show where people may write. Gives what is in the way, empty for nothing."""
        folder = self._folder / "send"
        try:
            with self._ready() as order:
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)
                linked = _whole(folder / "index.html")
                for name, content in self._look.ways(ways).items():
                    if _content(folder / name) != content:
                        kit.write_file(folder, name, content, when=ways.when)
                kit.sync_folder(folder)
                os.utime(folder, (ways.when, ways.when))
                if not linked:
                    self._renew(order)
                self._coarsen(self._latest(self._newest(order)[0]))
        except OSError as error:
            return kit.disk_trouble(error)
        return ""

    @contextmanager
    def _ready(self) -> Iterator[Order]:
        """The order, ours alone while this lasts, of a folder that is in order."""
        for folder in (self._folder, self._items):
            # Not its parents: an unmounted disk is not to be filled in its place.
            folder.mkdir(exist_ok=True)
            if not self._opened:
                folder.chmod(0o755)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        opened = os.open(self._items / "order", flags, 0o644)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            order = Order(opened)
            if not self._opened:
                self._open(order)
                self._opened = True
            yield order
        finally:
            os.close(opened)

    # -------------------------------------------------------- the truth

    def _store(
        self, items: Sequence[Item], files: Mapping[str, bytes], order: Order
    ) -> list[Outcome]:
        """Make items durable: what they show, their files, the folder that names them, their
        lines."""
        ended: list[Outcome] = []
        new: list[Item] = []
        for item in items:
            try:
                if (self._items / f"{item.uuid}{GONE}").exists():
                    ended.append(Refused("it was withdrawn"))
                    continue
                there = self._load(item.uuid)
                # Of one that stands there (perhaps corrected since) what was lost comes back.
                shown = there.shows.intersection(files) if there else item.shows
                self._gallery.hang(item.uuid, shown, files, item.when)
                if there is None:
                    name = f"{item.uuid}.json"
                    kit.write_file(self._items, name, item.file, when=item.when)
                    new.append(item)
                ended.append(Posted(item.id, self._look.at(item.path)))
            except Lacking:
                ended.append(LACKING)
            except OSError as error:
                ended.append(Later(kit.disk_trouble(error), scope="destination"))
        # An item that was damaged or taken away comes back to the line that is its own.
        places = order.places([item.uuid for item in new])
        try:
            kit.sync_folder(self._items)
            order.append([i.uuid for i in new if i.uuid not in places], self._latest(new))
        except OSError:  # no line, no item: it is put again as a whole
            for item in new:
                (self._items / f"{item.uuid}.json").unlink(missing_ok=True)
            raise
        self._behind = True
        for item, outcome in zip(items, ended, strict=True):
            if isinstance(outcome, Posted) and not _whole(self._folder / item.path):
                self._show(item)
        for number in {place // SHOWN + 1 for place in places.values()}:
            if number <= len(order) // SHOWN:
                self._archive(number, order)
        return ended

    def _load(self, name: str) -> Item | None:
        """The item of that UUID; None if it is not there, or damaged."""
        content = _content(self._items / f"{name}.json") if UUID.fullmatch(name) else None
        try:
            return None if content is None else read_item(content)
        except NotAnItem:
            return None

    # -------------------------------------------------------- what shows it

    def _show(self, item: Item) -> None:
        content = self._look.item(item)
        kit.write_file(self._items, f"{item.uuid}.html", content, when=item.when, sync=False)

    def _renew(self, order: Order) -> None:
        """The newest page, and the archive pages that became full."""
        for number in range(len(order) // SHOWN, 0, -1):
            if self._kept(number):
                break  # those below it are older still
            self._archive(number, order)
        shown, between, older = self._newest(order)
        when = self._latest(shown)
        told = _whole(self._folder / "send" / "index.html")
        made = self._look.newest(shown, between, older, order.feed_id(), told=told)
        for name, content in reversed(made.items()):  # what is linked to stands before the link
            kit.write_file(self._folder, name, content, when=when, sync=False)
        self._coarsen(when)
        self._behind = False

    def _newest(self, order: Order) -> tuple[list[Item], list[Item], Older | None]:
        """The newest 50, newest first; what of the next archive page follows; and where that is.

        At least 50 lines come after the first that is not shown, so its archive page is full.
        """
        shown: list[Item] = []
        between: list[Item] = []
        older: Older | None = None
        for place, name in order.newest_first():
            if older is not None and place < (older.number - 1) * SHOWN:
                break
            item = self._load(name)
            if item is None:
                continue
            if len(shown) < SHOWN:
                shown.append(item)
                continue
            if older is None:
                older = Older(place // SHOWN + 1, item.uuid)
                if place % SHOWN == SHOWN - 1:
                    break  # all of that archive page follows, so it can follow itself
            between.append(item)
        return shown, between, older

    def _archive(self, number: int, order: Order) -> None:
        items = self._on_archive(number, order)
        when = self._latest(items)
        for name, content in self._look.archive(items, number, order.feed_id()).items():
            kit.write_file(self._folder, name, content, when=when)

    def _on_archive(self, number: int, order: Order) -> list[Item]:
        names = order.lines((number - 1) * SHOWN, number * SHOWN)
        return [item for name in reversed(names) if (item := self._load(name))]

    def _kept(self, number: int) -> bool:
        return all(_whole(self._folder / f"archive-{number}.{k}") for k in ("html", "json", "xml"))

    def _latest(self, items: Sequence[Item]) -> Instant:
        """The time that files made from these items show; without any, this hour."""
        return max((item.when for item in items), default=self._now() // 3600 * 3600)

    def _coarsen(self, when: Instant) -> None:
        """A folder's own time tells to the second when something was last put into it."""
        for folder in (self._items, self._folder):
            os.utime(folder, (when, when))

    # -------------------------------------------------------- made good at the start

    def _open(self, order: Order) -> None:
        sizes = {entry.name: entry.stat().st_size for entry in os.scandir(self._items)}
        for name in sizes:
            if name.startswith(".") and name.endswith(".tmp"):
                (self._items / name).unlink(missing_ok=True)
        there = {n.removesuffix(".json") for n in sizes if n.endswith(".json")}
        lined = self._mend(order, there)
        style = self._look.style
        if _content(self._folder / "style.css") != style:
            kit.write_file(self._folder, "style.css", style, when=self._latest([]))
        self._gallery.sweep()
        self._take_down([name.removesuffix(LISTED) for name in sizes if name.endswith(LISTED)])
        changed = not self._looks_so(order)
        for name in there:
            if (changed or not sizes.get(f"{name}.html")) and (item := self._load(name)):
                self._show(item)
        # The first page last: while that one looks as it should, all the others do.
        for number in range(len(lined) // SHOWN, 0, -1):
            gap = not there.issuperset(lined[(number - 1) * SHOWN : number * SHOWN])
            if changed or gap or not self._kept(number):
                self._archive(number, order)
        self._renew(order)

    def _take_down(self, names: Sequence[str]) -> None:
        """What is not shown, or no longer, where a kill came before it was taken away."""
        for name in names:
            item = self._load(name)
            if item is not None or not (self._items / f"{name}.json").exists():
                shows, when = (item.shows, item.when) if item else (frozenset(), self._latest([]))
                self._gallery.keep_only(name, shows, when)

    def _mend(self, order: Order, there: set[str]) -> list[str]:
        """The whole order, after half a line was cut and items without a line were given one."""
        order.cut_half_a_line()
        lined = order.lines(0, len(order))
        lost = [item for name in there.difference(lined) if (item := self._load(name))]
        lost.sort(key=lambda item: (item.date, item.uuid))
        order.append([item.uuid for item in lost], self._latest(lost))
        return lined + [item.uuid for item in lost]

    def _looks_so(self, order: Order) -> bool:
        """Whether what stands there was made with this title, address, language and templates."""
        first = self._on_archive(1, order)
        made = {item.path: self._look.item(item) for item in first[-1:]}
        if len(order) >= SHOWN:
            made |= self._look.archive(first, 1, order.feed_id())
        return all(_content(self._folder / name) == content for name, content in made.items())


class Order:
    """The lines of an open and locked ``items/order``. Raises OSError."""

    def __init__(self, opened: int) -> None:
        self._opened = opened

    def __len__(self) -> int:
        return os.fstat(self._opened).st_size // LINE

    def lines(self, start: int, stop: int) -> list[str]:
        """The UUIDs on lines ``start`` to ``stop`` (not included), oldest first."""
        read = os.pread(self._opened, max(stop - start, 0) * LINE, start * LINE)
        return read.decode("ascii", "replace").splitlines()

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """The line numbers of those names that have a line."""
        if not names:
            return {}
        whole = os.pread(self._opened, len(self) * LINE, 0)  # 4 MB at 100,000 items
        found = {name: whole.find(name.encode()) for name in names}
        return {name: at // LINE for name, at in found.items() if at >= 0}

    def newest_first(self) -> Iterator[tuple[int, str]]:
        """Line numbers and UUIDs from the end, read 50 at a time."""
        stop = len(self)
        while stop > 0:
            start = max(stop - SHOWN, 0)
            yield from zip(
                range(stop - 1, start - 1, -1), reversed(self.lines(start, stop)), strict=True
            )
            stop = start

    def append(self, names: Sequence[str], when: Instant) -> None:
        """Add lines, all of them or none, durably."""
        if not names:
            return
        before = os.fstat(self._opened).st_size
        added = "".join(f"{name}\n" for name in names).encode()
        try:
            if os.write(self._opened, added) != len(added):  # the disk became full on the way
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.utime(self._opened, (when, when))
            os.fsync(self._opened)
        except OSError:
            os.ftruncate(self._opened, before)
            raise

    def cut_half_a_line(self) -> None:
        """Half a line is what a power cut left: its item was not yet said to be posted."""
        os.ftruncate(self._opened, len(self) * LINE)

    def feed_id(self) -> str:
        """The feed's own id, fixed from its first item on, whatever its address becomes."""
        first = self.lines(0, 1)
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uuid:{first[0]}" if first else "urn:empty").urn


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _whole(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
