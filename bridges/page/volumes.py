"""Which items stand together: the newest 50, and archive pages of 50 that are written once.

Line n of the order belongs to archive page n // 50 + 1 for ever, also when its item is taken away,
so a full page never changes but for a correction or a withdrawal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page.files import whole
from bridges.page.item import Item
from bridges.page.look import Look, Older
from bridges.page.order import Order
from relay.ports import Instant

SHOWN: Final = 50
"""Items on the newest page and on an archive page: a few minutes' reading, and a feed that stays
under a megabyte while items are a few thousand characters long."""


class Volumes:
    """The archive pages below one folder. Every method blocks, and may raise OSError. ``latest`` is
    the time that files made from some items show."""

    def __init__(
        self,
        folder: Path,
        look: Look,
        load: Callable[[str], Item | None],
        latest: Callable[[Sequence[Item]], Instant],
    ) -> None:
        self._folder = folder
        self._look = look
        self._load = load
        self._latest = latest

    def newest(self, order: Order) -> tuple[list[Item], list[Item], Older | None]:
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

    def fill(self, order: Order) -> None:
        """Write the archive pages that became full."""
        for number in range(len(order) // SHOWN, 0, -1):
            if self.kept(number):
                break  # those below it are older still
            self.write(number, order)

    def write_those_of(self, places: Iterable[int], order: Order) -> None:
        """Write anew the archive pages on which these lines stand, as far as they are full; no
        power cut brings back what stood on them."""
        numbers = {place // SHOWN + 1 for place in places if place < len(order) // SHOWN * SHOWN}
        for number in sorted(numbers):
            self.write(number, order)
        if numbers:
            kit.sync_folder(self._folder)

    def write(self, number: int, order: Order, *, sync: bool = True) -> None:
        """Write an archive page, and its feeds. Without ``sync`` a power cut may leave them empty,
        and a restart makes them again."""
        items = self.on(number, order)
        when = self._latest(items)
        for name, content in self._look.archive(items, number, order.feed_id()).items():
            kit.write_file(self._folder, name, content, when=when, sync=sync)

    def on(self, number: int, order: Order) -> list[Item]:
        """The items of an archive page, the newest first."""
        names = order.lines((number - 1) * SHOWN, number * SHOWN)
        return [item for name in reversed(names) if (item := self._load(name))]

    def kept(self, number: int) -> bool:
        """Whether an archive page is there with its feeds."""
        return all(whole(self._folder / f"archive-{number}.{k}") for k in ("html", "json", "xml"))
