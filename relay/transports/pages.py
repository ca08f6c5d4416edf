"""The page's folder, served: plain files, nothing listed, nothing outside of it.

A path is made of plain names only (no percent sign, no dot in front, no "..") and is walked folder
by folder without following a symbolic link, so it cannot lead out of the folder even while somebody
changes it. What has no known kind is not there; a folder with an index.html that is asked for
without its slash is a step away (301), since the links in it are relative. There is no Range: files
are small, and requests with ten thousand ranges are not.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import OrderedDict
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 32 * 1024 * 1024
"""A larger file is not served: it would be held in memory whole."""

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
    ".ogg": "audio/ogg",
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

_NOT_THERE: Final = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EACCES,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENXIO,
}

_TAGS: Final = 256
"""Files whose tag is remembered: more than a page and its newest items have."""

Headers = tuple[tuple[str, str], ...]


class Pages:
    """Serves a folder. Its methods block; they may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tags: OrderedDict[tuple[int, ...], str] = OrderedDict()

    def answer(self, path: bytes, if_none_match: str = "") -> tuple[int, Headers, bytes]:
        """Status, headers and body for the raw path of a GET. Raises OSError if the disk fails."""
        names = _names(path)
        if names is None:
            return 404, (), b""
        kind = _KINDS.get(os.path.splitext(names[-1])[1])
        opened = self._there(names if kind else [*names, "index.html"])
        if opened is None:
            return 404, (), b""
        try:
            if kind is None:  # relative, so that it holds behind a proxy with a path of its own
                return 301, (("location", f"{names[-1]}/"), *_ALWAYS), b""
            return self._told(opened, kind, if_none_match)
        finally:
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

    def _told(self, opened: int, kind: str, if_none_match: str) -> tuple[int, Headers, bytes]:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            return 404, (), b""
        # ctime as well: times are set to hours, and the number of a file is given again soon.
        changed = (found.st_mtime_ns, found.st_ctime_ns)
        known_as = (found.st_dev, found.st_ino, found.st_size, *changed)
        tag = self._tags.get(known_as)
        body = b""
        if tag is None or not _matches(tag, if_none_match):
            with open(opened, "rb", closefd=False) as file:
                body = file.read(MOST_BYTES)
            tag = self._tags[known_as] = f'"{sha256(body).hexdigest()[:32]}"'
            while len(self._tags) > _TAGS:
                self._tags.popitem(last=False)
        made = (("etag", tag), ("last-modified", formatdate(int(found.st_mtime), usegmt=True)))
        if _matches(tag, if_none_match):
            return 304, made + _ALWAYS, b""
        return 200, (("content-type", kind), *made, *_ALWAYS), body


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
