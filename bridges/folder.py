"""Puts each post as one JSON file into a folder: for a static site, a file share, your own script.

Written to be copied. A post is one part, its file is named by the part's key and made by rename, so
that the same part is the same file however often it is sent: that makes this bridge ``exact``. Its
pictures, films and sounds lie beside it, named by the same key, and are there before it is. The
times of all of them are the hour of the post.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import trio
from pydantic import BaseModel, ConfigDict

from bridges import kit
from bridges.kit import parts
from relay.ports import (
    Absent,
    Attempt,
    Clock,
    Fits,
    Found,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Media,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Said,
    Unknown,
)

NAME = re.compile(r"[0-9a-f]{32}\.json")
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "audio/mp4": "m4a"}


class Folder:
    """One JSON file a post: id, created_at (RFC 3339, the hour), title, text, lang; and media where
    it has any: file, type, bytes, alt, width, height, seconds, poster (what there is of these)."""

    api = 1
    tested: ClassVar[str] = "real server"
    again: ClassVar[str] = "a post is a file named by its key: written twice, it is one"
    once: Once = Once("exact", everywhere=True)
    fits: Fits = Fits()  #: all that a cleaner makes

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "folder"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        folder: str  #: must exist: an unmounted disk is not to be filled in its place

    @staticmethod
    def hosts(settings: Folder.Settings) -> Collection[str]:
        """None."""
        return ()

    def __init__(self, settings: Folder.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 8
        self._folder = Path(settings.folder)

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One part: the file as it will be."""
        key = kit.part_key(post.secret, 0)
        shown: dict[str, Any] = {
            "id": key,
            "created_at": datetime.fromtimestamp(post.date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": post.title,
            "text": post.text,
            "lang": post.language,
        }
        if post.media:
            shown["media"] = [_said(one, f"{key}.{n}") for n, one in enumerate(post.media, 1)]
        written = json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
        payload = parts.frozen({"file": written}, post.media) if post.media else written.encode()
        return [Part(key, 0, 1, payload)]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        written, media = _thawed(part.payload)
        shown = json.loads(written)
        text = "\n\n".join(filter(None, [shown["title"], shown["text"]]))
        return Said(text, len(text), media=len(media))

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Write the file, after what lies beside it; all is durable when this returns Posted."""
        part = attempt.part
        try:
            # A thread, since a disk may hang; it is never left behind, so a cancelled send either
            # wrote the whole file or has not begun.
            await trio.to_thread.run_sync(self._write, part.key, part.payload)
        except OSError as error:
            return Later(kit.disk_trouble(error), scope="destination")
        return Posted(f"{part.key}.json")

    def _write(self, key: str, payload: bytes) -> None:
        written, media = _thawed(payload)
        when = _hour(written)
        for n, one in enumerate(media, 1):
            for name, content in _files(one, f"{key}.{n}"):
                kit.write_file(self._folder, name, content, when=when)
        kit.sync_folder(self._folder)
        kit.write_file(self._folder, f"{key}.json", written, when=when)
        kit.sync_folder(self._folder)

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the file."""
        name = f"{attempt.part.key}.json"
        try:
            there = await trio.to_thread.run_sync(self._has, name)
        except OSError as error:
            return Unknown(kit.disk_trouble(error))
        return Found(name) if there else Absent(strong=True)

    def _has(self, name: str) -> bool:
        self._folder.stat()  # where the whole folder is gone, nobody can tell
        return (self._folder / name).is_file()

    async def remove(self, ref: str) -> Removal:
        """Take the file away, and what lies beside it."""
        if not NAME.fullmatch(ref):
            return Refused("no file of ours")
        try:
            await trio.to_thread.run_sync(self._take_away, ref)
        except OSError as error:
            return Later(kit.disk_trouble(error))
        return Removed()

    def _take_away(self, name: str) -> None:
        self._folder.stat()
        (self._folder / name).unlink(missing_ok=True)
        for beside in self._folder.glob(f"{name.removesuffix('.json')}.*"):
            beside.unlink(missing_ok=True)
        kit.sync_folder(self._folder)

    async def check(self) -> Health:
        """Write a file and take it away again."""
        try:
            await trio.to_thread.run_sync(self._try)
        except OSError as error:
            return Health("folder", kit.disk_trouble(error))
        return Health("folder")

    def _try(self) -> None:
        kit.write_file(self._folder, ".check", b"-\n")
        (self._folder / ".check").unlink()


def _hour(written: bytes) -> int:
    """What the times of its files show: its hour, and nothing finer."""
    return int(datetime.fromisoformat(json.loads(written)["created_at"]).timestamp())


def _said(one: Media, name: str) -> dict[str, str | int]:
    said: dict[str, str | int] = {
        "file": f"{name}.{ENDINGS.get(one.type, 'bin')}",
        "type": one.type,
        "bytes": len(one.content),
        "alt": one.alt,
        "width": one.width,
        "height": one.height,
        "seconds": one.seconds,
        "poster": f"{name}.poster.jpg" if one.poster else "",
    }
    return {key: value for key, value in said.items() if value}


def _files(one: Media, name: str) -> Iterator[tuple[str, bytes]]:
    yield f"{name}.{ENDINGS.get(one.type, 'bin')}", one.content
    if one.poster:
        yield f"{name}.poster.jpg", one.poster


def _thawed(payload: bytes) -> tuple[bytes, Sequence[Media]]:
    """The file of a part, and what lies beside it."""
    try:
        said, media = parts.thawed(payload)
    except ValueError:  # a part without media is the file itself
        return payload, ()
    return str(said["file"]).encode(), media
