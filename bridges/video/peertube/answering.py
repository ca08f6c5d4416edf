"""What people wrote under the account's films; never who.

GET /users/me/videos/comments, newest first (since PeerTube 6.2; a server before it has no list of
them all). Our own are left out, and those that wait to be approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges.kit.matching import text_of
from bridges.video.comments import Cursor, moment, replied
from bridges.video.peertube import answers, films
from bridges.video.peertube.api import Api
from relay.ports import Answer, Later, Replied, Reply, Stopped

PAGE: Final = 50
MOST_PAGES: Final = 10
OLDER: Final = "the server has no list of comments: it is older than PeerTube 6.2"


async def since(api: Api, own: int, cursor: Cursor) -> Replied | Later | Stopped:
    """The comments after the cursor, oldest first. ``own`` is the account that writes ours."""
    found: list[Reply] = []
    for page in range(MOST_PAGES):
        path = "/api/v1/users/me/videos/comments?sort=-createdAt&isHeldForReview=false"
        answer = await api.read(f"{path}&start={page * PAGE}&count={PAGE}")
        rows = answers.listed(answer)
        if rows is None:
            older = isinstance(answer, Answer) and answer.status in (400, 404)
            return Later(OLDER) if older else answers.untold(answer, api.now())
        found += [one for row in rows if (one := _reply(row, own)) is not None]
        dates = [moment(row.get("createdAt")) or 0 for row in rows]
        if len(rows) < PAGE or min(dates) < cursor.since:
            break
    return replied(found, cursor)


def _reply(row: Mapping[str, Any], own: int) -> Reply | None:
    id, text, video = row.get("id"), row.get("text"), row.get("video")
    to = films.id_of(video.get("uuid")) if isinstance(video, Mapping) else ""
    made = moment(row.get("createdAt"))
    writer = row.get("account")  # only to leave out ourselves
    ours = isinstance(writer, Mapping) and writer.get("id") == own
    if ours or not to or made is None or not isinstance(id, int) or not isinstance(text, str):
        return None
    plain = text_of(text).strip()
    return (
        Reply(str(id), to, plain, made) if plain and row.get("heldForReview") is not True else None
    )
