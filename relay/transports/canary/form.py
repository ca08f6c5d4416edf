"""The form: its page is fetched, filled in and sent, as a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from relay.transports.canary.end import End
from relay.transports.canary.note import Note, Unheard
from relay.transports.canary.web import Call, answered

_ONCE: Final = re.compile(rb'name="once" value="([0-9a-f]{32})"')
_TAKEN: Final = re.compile(rb'class="code" dir="ltr">[0-9 ]+<')


@dataclass(frozen=True, slots=True)
class Forms:
    """Fills in the form at /in/``name``."""

    end: End
    name: str

    async def __call__(self, note: Note) -> None:
        """As ``note.Write``. The page must say what it says to people: that it was taken."""
        page = await answered(self.end, Call(f"/in/{self.name}", method="GET"))
        once = _ONCE.search(page)
        if once is None:
            raise Unheard("its page has no form")
        boundary = token_hex(16)
        headers = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "sec-fetch-site": "same-origin",
        }
        body = _parts(boundary, once=once[1].decode(), text=note.line)
        shown = await answered(self.end, Call(f"/in/{self.name}", body, headers))
        if not _TAKEN.search(shown):
            raise Unheard("its page does not say that it was taken")


def _parts(boundary: str, **fields: str) -> bytes:
    """The fields in parts, and a field for pictures that was left empty (RFC 7578)."""
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append('name="pictures"; filename=""\r\ncontent-type: application/octet-stream\r\n\r\n')
    body = "".join(f"--{boundary}\r\ncontent-disposition: form-data; {p}\r\n" for p in parts)
    return f"{body}--{boundary}--\r\n".encode()
