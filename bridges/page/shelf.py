"""The folder of the page: puts items on it durably, keeps their order, renews what shows them.

The order of posting stands in ``items/order`` (``bridges.page.order``). All file times are set to
an item's hour (of one that was corrected that of the correction), since seconds could name a
sender. Line n belongs to archive page n // 50 + 1 for ever, also when its item is taken away, so a
full page never changes. Only the lines needed are read, under a lock on that file, so an old
process may still be ending while a new one has begun.

What an item shows is durable before it (``bridges.page.gallery``), and stays as long as it does; so
does what it said before (``bridges.page.earlier``), unless a correction hides that. What is on the
list of what was withdrawn is not shown, whether or not its removal was heard of. What is made from
items is written after them, each file by rename. A crash between the two, other settings, a file
deleted by hand: ``_open`` makes it good before the first item is put.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page import withdrawn
from bridges.page.changes import changes
from bridges.page.copies import MEDIA as PACKED
from bridges.page.copies import NAME as COPY
from bridges.page.copies import Copy
from bridges.page.earlier import NAME as EARLIER
from bridges.page.earlier import Earlier
from bridges.page.files import held, whole
from bridges.page.gallery import LISTED, Gallery, Lacking
from bridges.page.item import UUID, Item, NotAnItem, read_item
from bridges.page.lists import Lists
from bridges.page.look import OLDER, Around, Look
from bridges.page.order import Order
from bridges.page.volumes import SHOWN, Volumes
from bridges.page.ways import Ways
from bridges.page.withdrawn import Withdrawn
from relay.ports import Instant, Later, Outcome, Posted, Refused

GONE: Final = ".gone"
"""The end of the name that marks an item as withdrawn."""

DUE: Final = ".due"
"""The end of the name that marks an item which is being corrected, until all shows its new text."""

LACKING: Final = Refused("a picture, film or sound that it shows did not come along")


class Shelf:
    """The page's folder. Every method blocks; one thread at a time."""

    def __init__(self, folder: Path, look: Look, now: Callable[[], Instant]) -> None:
        self._folder = folder
        self._items = folder / "items"
        self._gallery = Gallery(folder)
        self._earlier = Earlier(self._items)
        self._look = look
        self._lists = Lists(folder, look, self._load)
        self._volumes = Volumes(folder, look, self._load, self._latest)
        self._copy = Copy(folder, look, self._load)
        self._taking: set[str] = set()  # what a list named, and a disk that failed may still show
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
                    if there is not None and self._earlier.follows(there, item):
                        self._earlier.keep(there)
                    kit.write_file(self._items, f"{item.uuid}{DUE}", b"", when=item.when)
                    kit.write_file(self._items, f"{item.uuid}.json", item.file, when=item.when)
                    kit.sync_folder(self._items)
                    there = item
                if not self._earlier.of(there):
                    self._earlier.forget(there.uuid, before=there.revision)
                self._behind = True
                self._copy.outdated()
                self._lists.again(there.uuid)
                self._show(there)
                kit.sync_folder(self._items)  # a power cut brings no earlier page back
                self._volumes.write_those_of([place], order)
                self._renew(order)
                self._gallery.keep_only(there.uuid, there.shows, there.when)
                (self._items / f"{there.uuid}{DUE}").unlink(missing_ok=True)
                self._coarsen(self._latest(self._volumes.newest(order)[0]))
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
            self._take_away([name], order)
            self._renew(order)

    def _take_away(self, names: Sequence[str], order: Order) -> None:
        """All of them together: their marks are durable with one sync of the folder's names."""
        whens: dict[str, Instant] = {}
        unknown: set[str] = set()
        for name in names:
            item = self._load(name)
            whens[name] = item.when if item else self._latest([])
            kit.write_file(self._items, f"{name}{GONE}", b"", when=whens[name], sync=False)
            for shown in (f"{name}.json", f"{name}.html"):
                (self._items / shown).unlink(missing_ok=True)
            if item:
                self._earlier.forget(name, before=item.revision)
            else:
                unknown.add(name)
        self._earlier.forget_all(unknown)
        kit.sync_folder(self._items)
        self._behind = True
        self._copy.outdated()
        for name, when in whens.items():
            self._gallery.keep_only(name, (), when)
            self._lists.again(name)
        self._volumes.write_those_of(order.places(names).values(), order)

    def withdrawn(self, gone: Withdrawn) -> str:
        """Show what was withdrawn, and nothing of it. Gives what is in the way, empty for nothing.

        What is on the list never comes back, as if each had been taken away by itself."""
        try:
            with self._ready() as order:
                self._taking.update(self._left(gone))
                if held(self._folder / withdrawn.NAME) == gone.file and not self._taking:
                    return ""
                self._take_away(sorted(self._taking), order)
                kit.write_file(self._folder, withdrawn.NAME, gone.file, when=gone.when)
                self._copy.outdated()
                self._renew(order)
                self._taking.clear()
        except OSError as error:
            return kit.disk_trouble(error)
        return ""

    def _left(self, gone: Withdrawn) -> list[str]:
        """Those of the list that bear no mark of being withdrawn yet."""
        return [name for name in sorted(gone.names) if not (self._items / f"{name}{GONE}").exists()]

    def check(self) -> str:
        """What is wrong with the page, empty for nothing. Makes the page where it is missing."""
        try:
            with self._ready() as order:
                if self._behind:
                    self._renew(order)
                self._copy.renew(order)
                kit.write_file(self._items, ".check", b"-\n")
                (self._items / ".check").unlink()
                self._coarsen(self._latest(self._volumes.newest(order)[0]))
        except OSError as error:
            return kit.disk_trouble(error)
        return ""

    def ways(self, ways: Ways) -> str:
        """Show where people may write. Gives what is in the way, empty for nothing."""
        try:
            with self._ready() as order:
                told = self._told()
                self._state("check", self._look.check(ways), ways.when)
                self._state("send", self._look.ways(ways), ways.when)
                self._copy.renew(order)
                if not told:
                    self._renew(order)
                self._coarsen(self._latest(self._volumes.newest(order)[0]))
        except OSError as error:
            return kit.disk_trouble(error)
        return ""

    def _state(self, below: str, made: Mapping[str, bytes], when: Instant) -> None:
        """Put what was stated in a folder of its own."""
        folder = self._folder / below
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        for name, content in made.items():
            if held(folder / name) != content:
                kit.write_file(folder, name, content, when=when)
        kit.sync_folder(folder)
        os.utime(folder, (when, when))

    def _told(self) -> bool:
        return all(whole(self._folder / one / "index.html") for one in ("send", "check"))

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
            if isinstance(outcome, Posted) and not whole(self._folder / item.path):
                self._show(item)
        self._volumes.write_those_of(places.values(), order)
        return ended

    def _load(self, name: str) -> Item | None:
        """The item of that UUID; None if it is not there, or damaged."""
        file = held(self._items / f"{name}.json") if UUID.fullmatch(name) else None
        try:
            return None if file is None else read_item(file)
        except NotAnItem:
            return None

    # -------------------------------------------------------- what shows it

    def _show(self, item: Item) -> None:
        content = self._look.item(item, changes(item, self._earlier.of(item)))
        kit.write_file(self._items, f"{item.uuid}.html", content, when=item.when, sync=False)

    def _renew(self, order: Order) -> None:
        """The newest page, and the archive pages that became full."""
        self._volumes.fill(order)
        shown, between, older = self._volumes.newest(order)
        gone = withdrawn.read_file(held(self._folder / withdrawn.NAME))
        when = self._latest(shown)
        self._lists.renew(order)
        self._copy.renew(order, hourly=when)
        around = Around(
            older,
            order.feed_id(),
            gone,
            self._lists.front(),
            told=self._told(),
            copied=whole(self._folder / COPY),
            packed=whole(self._folder / PACKED),
        )
        made = self._look.newest(shown, between, around)
        for name, content in reversed(made.items()):  # what is linked to stands before the link
            kit.write_file(self._folder, name, content, when=when, sync=False)
        if OLDER not in made:  # what was in it may have been withdrawn since
            (self._folder / OLDER).unlink(missing_ok=True)
        self._coarsen(when)
        self._behind = False

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
        gone = {name.removesuffix(GONE) for name in sizes if name.endswith(GONE)}
        for name in [name for name in sizes if _of(name) in gone and not name.endswith(GONE)]:
            if not name.endswith(LISTED):  # a kill came before these were taken away
                (self._items / name).unlink(missing_ok=True)
                del sizes[name]
        there = {n.removesuffix(".json") for n in sizes if n.endswith(".json")}
        there = {name for name in there if UUID.fullmatch(name)}
        self._forget_what_is_hidden({_of(name) for name in sizes if EARLIER.fullmatch(name)})
        lined = self._mend(order, there)
        style = self._look.style
        if held(self._folder / "style.css") != style:
            kit.write_file(self._folder, "style.css", style, when=self._latest([]))
        self._gallery.sweep()
        self._take_down([name.removesuffix(LISTED) for name in sizes if name.endswith(LISTED)])
        self._finish([name.removesuffix(DUE) for name in sizes if name.endswith(DUE)], order)
        changed = not self._looks_so(order)
        for name in there:
            if (changed or not sizes.get(f"{name}.html")) and (item := self._load(name)):
                self._show(item)
        # The first page last: while that one looks as it should, all the others do.
        for number in range(len(lined) // SHOWN, 0, -1):
            gap = not there.issuperset(lined[(number - 1) * SHOWN : number * SHOWN])
            if changed or gap or not self._volumes.kept(number):
                self._volumes.write(number, order, sync=number == 1)
        self._renew(order)

    def _finish(self, corrected: Sequence[str], order: Order) -> None:
        """What shows an item says what it says now, also where a kill came in between."""
        for name in corrected:
            if item := self._load(name):
                self._show(item)
        self._volumes.write_those_of(order.places(corrected).values(), order)
        for name in corrected:
            (self._items / f"{name}{DUE}").unlink(missing_ok=True)

    def _forget_what_is_hidden(self, names: set[str]) -> None:
        """Earlier texts, where a kill came before they were taken away."""
        items = {name: self._load(name) for name in names}
        hidden = {name for name, one in items.items() if not (one and self._earlier.of(one))}
        self._earlier.forget_all(hidden)

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
        first = self._volumes.on(1, order)
        made = {i.path: self._look.item(i, changes(i, self._earlier.of(i))) for i in first[-1:]}
        if len(order) >= SHOWN:
            made |= self._look.archive(first, 1, order.feed_id())
        return all(held(self._folder / name) == content for name, content in made.items())


def _of(name: str) -> str:
    """The UUID that the name of a file in ``items`` begins with."""
    return name.partition(".")[0]
