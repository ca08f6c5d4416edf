"""Files of a homeserver: uploaded, or promised first and uploaded then.

Facts: spec.matrix.org, client-server API, module content repository. An address that was promised
and not filled is gone after a day; one that is filled is never filled again.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from relay.model import Instant
from relay.testing.matrix.says import No, not_found

PROMISED_S: Final = 86_400


@dataclass(slots=True, repr=False)
class File:
    """One file; ``content`` is None while it is only promised, until ``ends``."""

    uri: str
    type: str = ""
    name: str = ""
    content: bytes | None = None
    ends: Instant = 0


class Media:
    """All files of a homeserver. ``most_bytes``: the largest."""

    def __init__(self, server: str) -> None:
        self.most_bytes = 50 * 1024 * 1024
        self._server = server
        self._files: dict[str, File] = {}

    def promise(self, now: Instant) -> File:
        """An address for a file that comes later."""
        uri = f"mxc://{self._server}/{token_urlsafe(18)}"
        self._files[uri] = File(uri, ends=now + PROMISED_S)
        return self._files[uri]

    def put(self, content: bytes, type: str, name: str, now: Instant) -> File:
        """Take an upload. Raises No."""
        self._fits(content)
        return self._filled(self.promise(now), content, type, name)

    def fill(
        self, server: str, id: str, content: bytes, type: str, name: str, now: Instant
    ) -> File:
        """Take an upload to an address that was promised. Raises No."""
        self._fits(content)
        file = self._files.get(f"mxc://{server}/{id}")
        if file is None or (file.content is None and now >= file.ends):
            raise not_found("Unknown media ID")
        if file.content is not None:
            raise No(409, "M_CANNOT_OVERWRITE_MEDIA", "Media already uploaded")
        return self._filled(file, content, type, name)

    def get(self, uri: str) -> File | None:
        """A file that is there."""
        file = self._files.get(uri)
        return file if file and file.content is not None else None

    def _fits(self, content: bytes) -> None:
        if len(content) > self.most_bytes:
            raise No(413, "M_TOO_LARGE", "Upload request body is too large")

    def _filled(self, file: File, content: bytes, type: str, name: str) -> File:
        file.content, file.type, file.name = content, type, name
        return file
