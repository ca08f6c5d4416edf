"""Files that are sent to a stand-in: what is taken, and the ids by which it is sent again."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, Final

from relay.testing.fediverse.forms import File
from relay.testing.telegram.chats import Medium
from relay.testing.telegram.reads import ATTACHED, Asked
from relay.testing.telegram.says import No
from relay.testing.telegram.tables import ALBUM, FILE_BYTES, PHOTO_BYTES

PHOTOS: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
ALIKE: Final = (frozenset({"photo", "video"}), frozenset({"audio"}), frozenset({"document"}))
"""What an album may mix."""


class Shelf:
    """All files of a stand-in."""

    def __init__(self) -> None:
        self._known: dict[str, Medium] = {}

    def take(self, kind: str, named: str, asked: Asked) -> Medium:
        """A file that was sent now, or an earlier one by its id. Raises No."""
        if named.startswith(ATTACHED):
            file = asked.files.get(named.removeprefix(ATTACHED))
            if file is None:
                raise No(400, f"there is no {kind} in the request")
            return self.add(kind, file)
        if named.startswith(("http://", "https://")):
            raise No(400, "failed to get HTTP URL content")
        known = self._known.get(named)
        if known is None:
            raise No(400, "wrong file identifier/HTTP URL specified")
        if known.kind != kind:
            raise No(400, f"can't use file of type {known.kind} as {kind}")
        return known

    def add(self, kind: str, file: File) -> Medium:
        """Keep a file. Raises No."""
        _judge(kind, file)
        made = Medium(kind, file.type, file.content, file.name, token_urlsafe(24))
        self._known[made.file_id] = made
        return made

    def album(self, asked: Asked) -> list[tuple[Medium, dict[str, Any]]]:
        """The files of an album with what was said of each; all of them, or none. Raises No."""
        items: list[dict[str, Any]] = asked["media"]
        if len(items) not in ALBUM:
            few = "few" if len(items) < ALBUM.start else "many"
            raise No(400, f"too {few} messages to send as an album")
        kinds = {one["type"] for one in items}
        if not any(kinds <= alike for alike in ALIKE):
            raise No(400, "can't use the media of the specified type in the album")
        return [(self.take(one["type"], one["media"], asked), one) for one in items]


def _judge(kind: str, file: File) -> None:
    if len(file.content) > FILE_BYTES:
        raise No(413, "Request Entity Too Large")
    if not file.content:
        raise No(400, "file must be non-empty")
    if kind != "photo":
        return
    if len(file.content) > PHOTO_BYTES:
        raise No(400, "file is too big")
    if file.type not in PHOTOS:
        raise No(400, "IMAGE_PROCESS_FAILED")
