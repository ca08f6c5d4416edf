"""The files of the audit: found, appended to, let go of. Everything here waits for the disk.

A file is named by the number of its first entry, and the day: ``0000000123.2026-11-29``. One that
was altered keeps its place under the ending ``altered``, and is read as far as it goes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from relay.errors import Damaged
from relay.model import Instant
from relay.node.desk.auditfile import (
    Anchor,
    Entry,
    Link,
    entries,
    first_link,
    head_of_file,
    sealed,
    whole,
)
from relay.spool.files import coarsen, make_folder, sync_folder, write_all

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a file, before the next one of that day is begun: each is read whole."""

ALTERED: Final = ".altered"

_NAME: Final = re.compile(r"(\d{10})\.(\d{4}-\d\d-\d\d)(\.altered)?", re.ASCII)


def day_of(now: Instant) -> str:
    """The day of an instant, as files are named by it."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


class Folder:
    """The folder of one audit; ``key`` seals its entries. Raises OSError."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._open: Path | None = None
        self._size = 0

    # ------------------------------------------------------------ at the start

    def taken_up(self, anchor: Anchor) -> Link | None:
        """Where the chain stands, each entry looked at; None if it is not what was written."""
        make_folder(self._path)
        link: Link | None = None
        files = self._unaltered()
        for file in files:
            content = self._without_torn_end(file) if file == files[-1] else file.read_bytes()
            if not content and file == files[-1]:
                file.unlink()  # it was begun, and nothing had been done yet
                break
            try:
                first = first_link(content)
                if first != link if link is not None else first.n > anchor.gone:
                    return None
                link = self._last(content, first)
            except Damaged:
                return None
            self._open, self._size = file, len(content)
        return _standing(link, anchor)

    def _last(self, content: bytes, link: Link) -> Link:
        """Where the chain stands after a file. Raises Damaged."""
        for _, after in entries(content, self._key):
            link = after
        return link

    def _without_torn_end(self, file: Path) -> bytes:
        """What stands in the newest file, without an entry that was not written to its end."""
        content = file.read_bytes()
        if (end := whole(content)) < len(content):
            os.truncate(file, end)
            content = content[:end]
        return content

    def set_aside(self) -> None:
        """Whatever is there was altered: no new entry is bound to it."""
        for file in self._unaltered():
            file.rename(file.with_name(file.name + ALTERED))
        sync_folder(self._path)
        self._open = None

    # ------------------------------------------------------------ at work

    def append(self, entry: Entry, before: Link, day: str) -> Link:
        """Make an entry durable; gives where the chain stands then."""
        made, after = sealed(entry, before, self._key)
        at = self._open
        if at is None or self._size >= MOST_BYTES or not at.name.endswith(day):
            at = self._path / f"{entry.n:010d}.{day}"
            self._open, self._size = None, 0
            made = head_of_file(before) + made
        self._write(at, made)
        if self._size == 0:
            sync_folder(self._path)
        self._open, self._size = at, self._size + len(made)
        return after

    def _write(self, at: Path, made: bytes) -> None:
        """Behind what is known to stand there; what an earlier try has left is overwritten."""
        file = os.open(at, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(file, self._size)
            os.lseek(file, self._size, os.SEEK_SET)
            write_all(file, made)
            os.fsync(file)
        finally:
            os.close(file)
        coarsen(at)

    def read(self, before: int, limit: int) -> Sequence[Entry]:
        """The newest entries of a smaller number than this, newest first."""
        found: list[Entry] = []
        for file in reversed(self.files()):
            if len(found) >= limit:
                break
            if int(file.name[:10]) < before:
                found += [one for one in reversed(self._opening(file)) if one.n < before]
        return found[:limit]

    def _opening(self, file: Path) -> list[Entry]:
        """The entries of a file, up to the first that does not open."""
        found: list[Entry] = []
        try:
            found.extend(entry for entry, _ in entries(file.read_bytes(), self._key))
        except (Damaged, FileNotFoundError):  # it may have been let go of meanwhile
            return found
        return found

    # ------------------------------------------------------------ letting go

    def older(self, day: str) -> Sequence[Path]:
        """Every file of a day before this one."""
        return [file for file in self.files() if _day(file) < date.fromisoformat(day)]

    def gone_with(self, old: Sequence[Path], last: int) -> int:
        """The number up to which no entry is left without these; ``last``: that of the newest."""
        left = [int(file.name[:10]) for file in self._unaltered() if file not in old]
        return min(left) - 1 if left else last

    def let_go(self, old: Sequence[Path]) -> None:
        """Keep these no longer."""
        for file in old:
            file.unlink(missing_ok=True)
            if file == self._open:
                self._open, self._size = None, 0
        sync_folder(self._path)
        coarsen(self._path)

    def files(self) -> Sequence[Path]:
        """All of them, in the order of their entries."""
        return sorted(self._all())

    def _unaltered(self) -> Sequence[Path]:
        return [file for file in self.files() if file.suffix != ALTERED]

    def _all(self) -> Iterator[Path]:
        for file in self._path.iterdir():
            if _NAME.fullmatch(file.name) and not file.is_symlink():
                yield file


def _standing(link: Link | None, anchor: Anchor) -> Link | None:
    """Where a chain stands that ends so; None if its end was cut off, or is another one."""
    if link is None:
        return Link(anchor.n, anchor.digest) if anchor.gone >= anchor.n else None
    if link.n < anchor.n or (link.n == anchor.n and link.digest != anchor.digest):
        return None
    return link


def _day(file: Path) -> date:
    try:
        return date.fromisoformat(file.name[11:21])
    except ValueError:  # a name like one of ours, of a day that is none: nothing is lost with it
        return date.min
