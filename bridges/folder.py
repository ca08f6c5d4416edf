"""Puts each post as one JSON file into a folder: for a static site, a file share, your own script.

Written to be copied. A post is one part, its file is named by the part's key and made by rename, so
that the same part is the same file however often it is sent: that makes this bridge ``exact``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import trio
from pydantic import BaseModel, ConfigDict

from bridges import kit
from relay.ports import (
    Absent,
    Attempt,
    Clock,
    Found,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Unknown,
)

NAME = re.compile(r"[0-9a-f]{32}\.json")


class Folder:
    """One JSON file a post: id, created_at (RFC 3339, the hour), title, text, lang."""

    api = 1
    tested: ClassVar[str] = "real server"
    again: ClassVar[str] = "a post is a file named by its key: written twice, it is one"
    once: Once = Once("exact")

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
        shown = {
            "id": key,
            "created_at": datetime.fromtimestamp(post.date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": post.title,
            "text": post.text,
            "lang": post.language,
        }
        payload = json.dumps(shown, ensure_ascii=False, indent=1).encode() + b"\n"
        return [Part(key, 0, 1, payload)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Write the file; it is durable when this returns Posted."""
        name = f"{attempt.part.key}.json"
        try:
            # A thread, since a disk may hang; it is never left behind, so a cancelled send either
            # wrote the whole file or has not begun.
            await trio.to_thread.run_sync(self._write, name, attempt.part.payload)
        except OSError as error:
            return Later(kit.disk_trouble(error), scope="destination")
        return Posted(name)

    def _write(self, name: str, content: bytes) -> None:
        kit.write_file(self._folder, name, content)
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
        """Take the file away."""
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
