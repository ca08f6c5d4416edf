"""Files of a stand-in: announced, uploaded, completed, and then worked on for a while.

Facts: docs.slack.dev, "files.getUploadURLExternal" and "files.completeUploadExternal" (May 2026):
an upload is raw bytes or a form; the rest is done by and by, after the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from mimetypes import guess_type
from secrets import token_hex, token_urlsafe
from typing import Any

from relay.ports import Clock
from relay.testing.fediverse.forms import Unclear, said
from relay.testing.loopback import Request
from relay.testing.slack.messages import Medium
from relay.testing.slack.says import No
from relay.testing.slack.tables import MAX_ALT, MAX_FILE_BYTES


class Files:
    """All files. ``takes_s``: so long a file is worked on after it was completed."""

    def __init__(self, clock: Clock) -> None:
        self.takes_s = 0
        self._clock = clock
        self._files: dict[str, Medium] = {}
        self._tickets: dict[str, str] = {}

    def announce(self, name: str, size: int, alt: str) -> tuple[str, str]:
        """A file that is to come: its id, and the path it is to be sent to. Raises No."""
        if len(alt) > MAX_ALT:
            raise No("alt_txt_too_large")
        if size == 0:
            raise No("missing_argument")
        if size > MAX_FILE_BYTES:
            raise No("file_upload_size_restricted")
        kind = guess_type(name)[0] or "application/octet-stream"
        id, ticket = f"F0{token_hex(5).upper()}", token_urlsafe(24)
        self._files[id] = Medium(id, kind, b"", name, alt, size)
        self._tickets[ticket] = id
        return id, f"/upload/v1/{ticket}"

    def upload(self, ticket: str, request: Request) -> int:
        """The bytes of a file; how many. Raises No where there is no such upload, or it is not as
        long as was announced."""
        one = self._files.get(self._tickets.get(ticket, ""))
        content = _content(request)
        if one is None or len(content) != one.size:
            raise No("upload_failed")
        self._files[one.id] = replace(one, content=content, ready=self._clock.now())
        return len(content)

    def complete(self, asked: Iterable[dict[str, Any]]) -> list[Medium]:
        """The uploads of these are ended; all, or none. Raises No."""
        found = [self._files.get(one["id"]) for one in asked]
        done = [one for one in found if one and one.ready is not None and not one.done]
        if len(done) < len(found):
            raise No("file_not_found")
        ready = self._clock.now() + self.takes_s
        made = [replace(one, ready=ready, done=True) for one in done]
        self._files |= {one.id: one for one in made}
        return made

    def get(self, id: str) -> Medium:
        """A file whose upload was ended. Raises No."""
        one = self._files.get(id)
        if one is None or not one.done:
            raise No("file_not_found")
        return one

    def ready(self, id: str) -> Medium:
        """A file that can be shown in a message. Raises No."""
        one = self._files.get(id)
        if one is None or not one.done or one.ready is None or one.ready > self._clock.now():
            raise No("invalid_blocks")
        return one

    def delete(self, id: str) -> None:
        """A file is gone. Raises No."""
        del self._files[self.get(id).id]


def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return request.body
    try:
        files = list(said(request).files.values())
    except Unclear:
        return b""
    return files[0].content if files else b""
