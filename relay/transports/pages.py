"""The page's folder, served: plain files, nothing listed, nothing outside of it.

A path is made of plain names only (no percent sign, no dot in front, no "..") and is walked folder
by folder without following a symbolic link, so it cannot lead out of the folder even while somebody
changes it. What has no known kind is not there; a folder with an index.html that is asked for
without its slash is a step away (301), since the links in it are relative.

One range of a file is given (RFC 9110 section 14), so that a film can be watched from its middle
and a load that broke off goes on; more than one is refused, since a request with ten thousand of
them costs the one who asks nothing. A large file is read while it is sent, a piece at a time.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Final

from relay.model import hour_of

MOST_BYTES: Final = 32 * 1024 * 1024
"""A larger file is not served: nothing that the page makes is, and its tag would take long."""

AT_ONCE: Final = 256 * 1024
"""Bytes of a file, or a range of one, up to which it is read before it is sent."""

_PIECE: Final = 64 * 1024

_PATH = re.compile(rb"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,254})*/?")

_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/atom+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".zip": "application/zip",
}

_ALWAYS: Final = (
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),  # kept by readers, but asked for each time: items are withdrawn
)

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII | re.IGNORECASE)

_NOT_THERE: Final = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EACCES,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENXIO,
}

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
"""The name of a file in media/ without its ending: the SHA-256 of its content."""

_TAGS: Final = 256
"""Files whose tag is remembered: more than a page and its newest items have."""

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Stretch:
    """A part of an open file that is yet to be sent. Whoever has it closes it."""

    opened: int
    start: int
    length: int

    def read(self) -> bytes:
        """The next piece; empty at the end. Raises OSError."""
        piece = os.pread(self.opened, min(self.length, _PIECE), self.start)
        self.start += len(piece)
        self.length -= len(piece)
        return piece

    def close(self) -> None:
        """It may be done again."""
        opened, self.opened = self.opened, -1
        if opened >= 0:
            os.close(opened)


class Pages:
    """Serves a folder. Its methods block; they may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tags: OrderedDict[tuple[int, ...], str] = OrderedDict()

    def answer(
        self, path: bytes, if_none_match: str = "", range: str = "", if_range: str = ""
    ) -> tuple[int, Headers, bytes | Stretch]:
        """Status, headers and body for the raw path of a GET, and what three of its headers say.
        Raises OSError if the disk fails."""
        names = _names(path)
        if names is None:
            return 404, (), b""
        kind = _KINDS.get(os.path.splitext(names[-1])[1])
        opened = self._there(names if kind else [*names, "index.html"])
        if opened is None:
            return 404, (), b""
        body: bytes | Stretch = b""
        try:
            if kind is None:  # relative, so that it holds behind a proxy with a path of its own
                return 301, (("location", f"{names[-1]}/"), *_ALWAYS), b""
            named = os.path.splitext(names[-1])[0] if names[0] == "media" else ""
            status, headers, body = self._told(opened, kind, named, if_none_match, range, if_range)
            return status, headers, body
        finally:
            if not isinstance(body, Stretch):
                os.close(opened)

    def _there(self, names: list[str]) -> int | None:
        """A descriptor of the file; None if there is none that may be served."""
        try:
            return self._open(names)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise

    def _open(self, names: list[str]) -> int:
        """A descriptor of the file, each folder on the way opened without following a link."""
        at = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for index, name in enumerate(names):
            last = index == len(names) - 1
            # NONBLOCK: the name of a pipe must not make us wait for its other end
            how = os.O_NONBLOCK if last else os.O_DIRECTORY
            try:
                below = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | how, dir_fd=at)
            finally:
                os.close(at)
            at = below
        return at

    def _told(
        self, opened: int, kind: str, named: str, if_none_match: str, range: str, if_range: str
    ) -> tuple[int, Headers, bytes | Stretch]:
        found = os.fstat(opened)
        size = found.st_size
        if not stat.S_ISREG(found.st_mode) or size > MOST_BYTES:
            return 404, (), b""
        # A film is not hashed for each piece of it that somebody asks for: its name says its tag.
        tag = _tag_of(named) if _DIGEST.fullmatch(named) else self._tag(opened, found)
        made: Headers = (
            ("etag", tag),
            # The hour, also of what somebody laid there by hand.
            ("last-modified", formatdate(hour_of(int(found.st_mtime)), usegmt=True)),
            ("accept-ranges", "bytes"),
            *_ALWAYS,
        )
        if _matches(tag, if_none_match):
            return 304, made, b""
        if not range or if_range not in ("", tag):  # of another content no range is wanted
            return 200, (("content-type", kind), *made), _body(opened, 0, size)
        asked = _range(range, size)
        if asked is None:
            return 416, (("content-range", f"bytes */{size}"), *made), b""
        start, stop = asked
        if stop - start == size:
            return 200, (("content-type", kind), *made), _body(opened, 0, size)
        told = ("content-range", f"bytes {start}-{stop - 1}/{size}")
        return 206, (("content-type", kind), told, *made), _body(opened, start, stop - start)

    def _tag(self, opened: int, found: os.stat_result) -> str:
        # ctime as well: times are set to hours, and the number of a file is given again soon.
        changed = (found.st_mtime_ns, found.st_ctime_ns)
        known_as = (found.st_dev, found.st_ino, found.st_size, *changed)
        tag = self._tags.get(known_as)
        if tag is None:
            hashed, whole = sha256(), Stretch(opened, 0, found.st_size)
            while piece := whole.read():
                hashed.update(piece)
            tag = self._tags[known_as] = _tag_of(hashed.hexdigest())
            while len(self._tags) > _TAGS:
                self._tags.popitem(last=False)
        return tag


def _tag_of(digest: str) -> str:
    return f'"{digest[:32]}"'


def _body(opened: int, start: int, length: int) -> bytes | Stretch:
    stretch = Stretch(opened, start, length)
    return stretch if length > AT_ONCE else b"".join(iter(stretch.read, b""))


def _range(asked: str, size: int) -> tuple[int, int] | None:
    """From where to where (not included); all of it for what is no range of bytes (RFC 9110 section
    14.2). None for one that lies outside, and for more than one."""
    if asked.partition("=")[0].strip().lower() == "bytes" and "," in asked:
        return None
    found = _RANGE.fullmatch(asked)
    if not found or not any(found.groups()):
        return 0, size
    first, last = (int(one) if one else None for one in found.groups())
    if first is None:
        start, stop = max(size - (last or 0), 0), size
    else:
        start, stop = first, size if last is None else min(last + 1, size)
        if last is not None and last < first:
            return 0, size
    return (start, stop) if start < stop else None


def _names(path: bytes) -> list[str] | None:
    """The names a path is made of; a path that ends in a slash means its index.html."""
    if not path.startswith(b"/") or not _PATH.fullmatch(path):
        return None
    names = path.decode("ascii").split("/")[1:]
    return [*names[:-1], names[-1] or "index.html"]


def _matches(tag: str, if_none_match: str) -> bool:
    """Whether the client has this very content (weak comparison, RFC 9110 section 13.1.2)."""
    asked = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in asked or "*" in asked
