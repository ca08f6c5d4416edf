"""What an item said before it was corrected: ``items/<uuid>.<revision>.json``, signed files too.

They are kept so that a reader can see what was changed, and anybody can check it. Where a
correction hides what stood there before, or a revision between the two never came here (it may have
hidden something), none of them stays. An item that is taken away takes them with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page.item import Item, NotAnItem, read_item

KEPT: Final = 5
"""Earlier texts of one item that are kept and shown."""

NAME: Final = re.compile(r"([0-9a-f-]{36})\.[1-9][0-9]{0,3}\.json")


class Earlier:
    """The earlier texts below one folder of items. Every method blocks, and may raise OSError."""

    def __init__(self, items: Path) -> None:
        self._items = items

    def follows(self, before: Item, after: Item) -> bool:
        """Whether what was said before may be shown beside what is said now."""
        return not after.hides and after.revision == before.revision + 1

    def keep(self, before: Item) -> None:
        """Keep this text, which another is about to replace."""
        name = _name(before.uuid, before.revision)
        kit.write_file(self._items, name, before.file, when=before.when)
        (self._items / _name(before.uuid, before.revision - KEPT)).unlink(missing_ok=True)

    def forget(self, uuid: str, before: int) -> None:
        """None of them stays. ``before`` is the revision of the item."""
        for revision in range(1, before):
            (self._items / _name(uuid, revision)).unlink(missing_ok=True)

    def forget_all(self, uuids: Collection[str]) -> None:
        """The same of items whose revision is not known: the whole folder is looked through."""
        found = [entry.name for entry in os.scandir(self._items)] if uuids else []
        for name in found:
            if name.partition(".")[0] in uuids and NAME.fullmatch(name):
                (self._items / name).unlink(missing_ok=True)

    def of(self, item: Item) -> list[Item]:
        """Those that may be shown beside it, the newest first: each the one before the last, up to
        the one that hid what was before it."""
        found: list[Item] = []
        after = item
        while not after.hides and after.revision > 1 and len(found) < KEPT:
            before = self._load(item.uuid, after.revision - 1)
            if before is None:
                break
            found.append(before)
            after = before
        return found

    def _load(self, uuid: str, revision: int) -> Item | None:
        try:
            read = read_item((self._items / _name(uuid, revision)).read_bytes())
        except (FileNotFoundError, NotAnItem):
            return None
        return read if (read.uuid, read.revision) == (uuid, revision) else None


def _name(uuid: str, revision: int) -> str:
    return f"{uuid}.{revision}.json"
