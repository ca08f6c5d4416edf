"""Files: how large the server takes them, and bringing one there before the event that names it.

A file that no event names is seen by nobody, so that a second upload of it does no harm; the
address of the first is kept, all the same.
"""

from __future__ import annotations

from typing import Final

import regex

from bridges import kit
from bridges.rooms import answers
from bridges.rooms.api import Api
from bridges.rooms.events import name_of
from relay.ports import Answer, Keep, Later, Media, Refused, Stopped

LIMITS: Final = ("/_matrix/client/v1/media/config", "/_matrix/media/v3/config")
"""Since 1.11, and before it."""

NOT_ALLOWED: Final = "the server does not let the account upload this file"
_URL: Final = regex.compile(r"mxc://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9_-]{1,255}")


async def most_bytes(api: Api) -> int | None:
    """The largest file the server takes; None if it does not say."""
    for path in LIMITS:
        answer = await api.read(path)
        if isinstance(answer, Answer) and answer.status == 200:
            said = (kit.json_object(answer) or {}).get("m.upload.size")
            plain = isinstance(said, int) and not isinstance(said, bool) and said > 0
            return said if plain else None
        if not isinstance(answer, Answer) or answer.status not in (400, 404, 405):
            break
    return None


def kept(written: bytes) -> str:
    """The address that an earlier try kept; "" if there is none."""
    url = written.decode("ascii", "replace")
    return url if _URL.fullmatch(url) else ""


async def uploaded(api: Api, medium: Media, so_far: str, keep: Keep) -> str | _Not:
    """Where the file lies (mxc), kept; or why not now, or never."""
    if so_far:
        return so_far
    answer = await api.upload(medium.type, name_of(medium), medium.content)
    if isinstance(answer, Answer) and answer.status == 200:
        url = (kit.json_object(answer) or {}).get("content_uri")
        if isinstance(url, str) and _URL.fullmatch(url):
            await keep(url.encode())
            return url
    if isinstance(answer, Answer) and answers.code_of(answer) == "M_FORBIDDEN":
        return Refused(NOT_ALLOWED)
    return answers.harmless(answer, api.now())


_Not = Later | Refused | Stopped
