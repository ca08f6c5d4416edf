"""A webhook's address, which is all of its secret, and the requests to it.

discord/discord-api-docs, "Webhook Resource": with ``wait=true`` the message comes back, and without
it one that was not saved is no error. ``allowed_mentions`` is always empty: nobody is called by
what a stranger wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import regex

from bridges import kit
from bridges.guild.composing import Style
from bridges.kit.drafts import Draft
from bridges.kit.forms import multipart
from relay.ports import Answer, Http, Later, Unsure

READ_S: Final = 10.0
POST_S: Final = 60.0
UPLOAD_S: Final = 100.0

NO_PREVIEWS: Final = 1 << 2
"""Message flag SUPPRESS_EMBEDS."""

SILENT: Final = 1 << 12
"""Message flag SUPPRESS_NOTIFICATIONS."""

_PATH: Final = regex.compile(
    r"/api(?:/v[0-9]{1,3})?/webhooks/(?P<id>[0-9]{1,20})/(?P<token>[A-Za-z0-9_-]{1,200})/?"
)


class Hook:
    """One webhook. Its address is in no repr and no reason."""

    def __init__(self, http: Http, url: str, thread: str) -> None:
        self._http = http
        self._url = url
        self._thread = f"thread_id={thread}" if thread else ""

    async def look(self) -> Answer | Later | Unsure:
        """What the webhook is."""
        return await self._ask("GET", "", timeout_s=READ_S)

    async def post(self, draft: Draft, style: Style, boundary: str) -> Answer | Later | Unsure:
        """Make a message of it."""
        said = _said(draft, style)
        if style.name:
            said["username"] = style.name
        if style.silent:
            said["flags"] = said.get("flags", 0) | SILENT
        return await self._send("POST", "?wait=true", said, draft, boundary)

    async def change(
        self, id: str, draft: Draft, style: Style, boundary: str
    ) -> Answer | Later | Unsure:
        """Make a message say this; files it had and that are not named are taken off it."""
        said = {"attachments": [], **_said(draft, style)}
        return await self._send("PATCH", f"/messages/{id}", said, draft, boundary)

    async def delete(self, id: str) -> Answer | Later | Unsure:
        """Take a message back."""
        return await self._ask("DELETE", f"/messages/{id}", timeout_s=READ_S)

    async def _send(
        self, method: str, path: str, said: Mapping[str, Any], draft: Draft, boundary: str
    ) -> Answer | Later | Unsure:
        written = json.dumps(said, ensure_ascii=False)
        form = ("application/json", written.encode())
        if draft.media:
            files = [(f"files[{number}]", one) for number, one in enumerate(draft.media)]
            form = multipart([("payload_json", written)], files, boundary)
        timeout_s = UPLOAD_S if draft.media else POST_S
        return await self._ask(method, path, form, timeout_s=timeout_s)

    async def _ask(
        self,
        method: str,
        path: str,
        form: tuple[str, bytes] | None = None,
        *,
        timeout_s: float,
    ) -> Answer | Later | Unsure:
        headers = {"accept": "application/json"}
        body = b""
        if form is not None:
            headers["content-type"], body = form
        query = ""
        if self._thread and path:
            query = ("&" if "?" in path else "?") + self._thread
        return await kit.ask(
            self._http,
            method,
            self._url + path + query,
            headers=headers,
            body=body,
            timeout_s=timeout_s,
        )


def _said(draft: Draft, style: Style) -> dict[str, Any]:
    said: dict[str, Any] = {"content": draft.text, "allowed_mentions": {"parse": []}}
    if not style.previews:
        said["flags"] = NO_PREVIEWS
    if draft.media:
        said["attachments"] = [
            {"id": number, **({"description": one.alt} if one.alt else {})}
            for number, one in enumerate(draft.media)
        ]
    return said


def address(pasted: str) -> tuple[str, str]:
    """The webhook's id, and its address in version 10 of the API. Raises ValueError."""
    parts = urlsplit(kit.web_address(pasted))
    found = _PATH.fullmatch(parts.path)
    if found is None or parts.query:
        raise ValueError("no webhook of Discord")
    root = f"{parts.scheme}://{parts.netloc}/api/v10/webhooks"
    return found["id"], f"{root}/{found['id']}/{found['token']}"
