"""``media/``: the files that items show, each there before the first item that shows it.

Which of them an item shows is written beside it, in ``items/<uuid>.media``, a name a line, and that
is durable before the first file is: so whatever breaks off, it is known whose the files were, and
they go when their item does. A file goes only when no other item shows it, since one photo may have
been sent by many.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page.media import NAME
from relay.ports import Instant

LISTED: Final = ".media"
"""The end of the name of an item's list."""

LEAST_FREE: Final = 256 * 1024 * 1024
"""Bytes of the disk that films leave free: a page that fills it would stop what comes in, which is
turned away long before (``min_free_bytes``, 64 MiB)."""


class Lacking(Exception):
    """A file that an item shows neither came along nor is there."""


class Gallery:
    """The files below one page's folder. Every method blocks, and may raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._media = folder / "media"
        self._items = folder / "items"

    def hang(
        self, name: str, shown: Collection[str], files: Mapping[str, bytes], when: Instant
    ) -> None:
        """Make durable all that the item of that UUID will show. Raises Lacking.

        What an earlier revision of it shows stays until ``keep_only``."""
        missing = [one for one in shown if not self.has(one)]
        if any(one not in files for one in missing):
            raise Lacking
        listed = self._listed(name)
        if not listed.issuperset(shown):
            self._list(name, listed.union(shown), when)
        if not missing:
            return
        self._leave_room(sum(len(files[one]) for one in missing))
        self._media.mkdir(exist_ok=True)
        self._media.chmod(0o755)
        for one in missing:
            kit.write_file(self._media, one, files[one], when=when)
        kit.sync_folder(self._media)
        os.utime(self._media, (when, when))

    def _leave_room(self, size: int) -> None:
        at = os.statvfs(self._items)
        if at.f_bavail * at.f_frsize - size < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def has(self, file: str) -> bool:
        """Whether a file is there: it was put in place whole."""
        return (self._media / file).is_file()

    def keep_only(self, name: str, shown: Collection[str], when: Instant) -> None:
        """Take away what the item of that UUID showed and shows no longer. It may be repeated."""
        gone = self._listed(name).difference(shown)
        if not gone:
            return
        for one in gone.difference(*(self._listed(other) for other in self._others(name))):
            (self._media / one).unlink(missing_ok=True)
        if self._media.is_dir():
            kit.sync_folder(self._media)
            os.utime(self._media, (when, when))
        if shown:
            self._list(name, set(shown), when)
        else:
            (self._items / f"{name}{LISTED}").unlink(missing_ok=True)

    def sweep(self) -> None:
        """Take away half a file that a kill left."""
        if self._media.is_dir():
            for entry in os.scandir(self._media):
                if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                    os.unlink(entry)

    def _others(self, but: str) -> list[str]:
        """Other items that show something. One that never came to stand there keeps nothing: what
        is put once more brings its files along."""
        names = {entry.name for entry in os.scandir(self._items)}
        found = [name.removesuffix(LISTED) for name in names if name.endswith(LISTED)]
        return [name for name in found if name != but and f"{name}.json" in names]

    def _listed(self, name: str) -> set[str]:
        try:
            written = (self._items / f"{name}{LISTED}").read_text("ascii", "replace")
        except FileNotFoundError:
            return set()
        return {line for line in written.splitlines() if NAME.fullmatch(line)}

    def _list(self, name: str, shown: Collection[str], when: Instant) -> None:
        lines = "".join(f"{one}\n" for one in sorted(shown))
        kit.write_file(self._items, f"{name}{LISTED}", lines.encode(), when=when)
        kit.sync_folder(self._items)
