"""What people wrote under the channel's films; never who.

commentThreads.list for all of the channel, newest first: threads, each with some of the answers in
it. An answer in a thread that is older than what was read last is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bridges.google.api import Api
from bridges.video.comments import Cursor, moment, replied
from bridges.video.youtube import films
from bridges.video.youtube.answers import listed, next_page, part, untold
from bridges.video.youtube.channels import Channel
from relay.ports import Instant, Later, Replied, Reply, Stopped

PAGE: Final = 50
MOST_PAGES: Final = 10
MOST_ID: Final = 128
PATH: Final = (
    "/youtube/v3/commentThreads?part=snippet,replies&order=time&textFormat=plainText"
    f"&maxResults={PAGE}&allThreadsRelatedToChannelId="
)


async def since(api: Api, channel: Channel, cursor: Cursor) -> Replied | Later | Stopped:
    """The comments after the cursor, oldest first."""
    found: list[Reply] = []
    more = ""
    for _ in range(MOST_PAGES):
        answer = await api.ask("GET", f"{PATH}{channel.id}{more}")
        rows = listed(answer)
        if rows is None:
            return untold(answer, api.now())
        for row in rows:
            found += _in_thread(row, channel.id)
        more = next_page(answer)
        if not more or min(map(_date, rows), default=0) < cursor.since:
            break
    return replied(found, cursor)


def _in_thread(row: Mapping[str, Any], own: str) -> Iterator[Reply]:
    thread = part(row, "snippet")
    film = films.id_of(thread.get("videoId"))
    below = part(row, "replies").get("comments")
    every = [thread.get("topLevelComment"), *(below if isinstance(below, list) else [])]
    for one in every if film else ():
        reply = _reply(one, film, own) if isinstance(one, Mapping) else None
        if reply is not None:
            yield reply


def _reply(one: Mapping[str, Any], film: str, own: str) -> Reply | None:
    said = part(one, "snippet")
    id, text, made = one.get("id"), said.get("textDisplay"), moment(said.get("publishedAt"))
    writer = part(said, "authorChannelId").get("value")  # only to leave out ourselves
    if not isinstance(id, str) or not 0 < len(id) <= MOST_ID or not isinstance(text, str):
        return None
    if writer == own or made is None or not text.strip():
        return None
    return Reply(id, film, text.strip(), made)


def _date(row: Mapping[str, Any]) -> Instant:
    first = part(part(row, "snippet"), "topLevelComment")
    return moment(part(first, "snippet").get("publishedAt")) or 0
