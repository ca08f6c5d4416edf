"""Whose films they are (channels.list, mine)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bridges import kit
from bridges.google.api import Api
from bridges.video.youtube import answers
from relay.ports import Later, Stopped

MINE: Final = "/youtube/v3/channels?part=contentDetails&mine=true"


@dataclass(frozen=True, slots=True)
class Channel:
    """The channel's id, and the id of the list of all its uploads."""

    id: str
    uploads: str


Mine = Callable[[], Awaitable[Channel | Later | Stopped]]
"""Tells the channel, which is asked for once."""


async def asked(api: Api) -> Channel | Later | Stopped:
    """The channel that the token is for."""
    answer = await api.ask("GET", MINE)
    rows = answers.listed(answer)
    if rows is None:
        return answers.untold(answer, api.now())
    if not rows:
        return Stopped("the account has no channel", answers.CHANNEL)
    lists = answers.part(answers.part(rows[0], "contentDetails"), "relatedPlaylists")
    id, uploads = rows[0].get("id"), lists.get("uploads")
    if not kit.is_ref(id) or not kit.is_ref(uploads):
        return Later("YouTube does not say which channel it is")
    return Channel(str(id), str(uploads))
