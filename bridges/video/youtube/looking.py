"""Finds a film of ours among the channel's uploads, by its tag, which is of our key.

playlistItems.list on the list of uploads shows them newest first, also those that nobody else sees,
some minutes late; videos.list tells their tags. (search.list is later still, and has a small quota
of its own.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges.google.api import Api
from bridges.video.comments import moment
from bridges.video.found import Seen
from bridges.video.youtube import films
from bridges.video.youtube.answers import listed, next_page, part, untold
from bridges.video.youtube.channels import Channel
from bridges.video.youtube.states import is_spoilt
from relay.ports import Answer, Instant, Later, Stopped

PAGE: Final = 50
MOST_PAGES: Final = 10
BEFORE_S: Final = 120
"""How much earlier than our first try a film may be dated: clocks differ."""


async def seen(api: Api, channel: Channel, key: str, since: Instant) -> Seen | Later | Stopped:
    """What there is of ours, or why YouTube does not tell. ``since`` is when the first try at it
    began."""
    found: list[Mapping[str, Any]] = []
    oldest = since + api.ahead - BEFORE_S
    more = ""
    for _ in range(MOST_PAGES):
        answer = await api.ask("GET", _path(channel, more))
        if isinstance(answer, Answer) and answer.status == 404:
            break  # a channel without an upload has no such list
        rows = listed(answer)
        if rows is None:
            return untold(answer, api.now())
        ours = await _ours(api, rows, films.tag(key))
        if not isinstance(ours, list):
            return ours
        found += ours
        more = next_page(answer)
        if not more or min(map(_date, rows), default=0) < oldest:
            break
    else:
        return _sorted(found, whole=False)
    return _sorted(found, whole=True)


def _sorted(found: list[Mapping[str, Any]], *, whole: bool) -> Seen:
    spoilt = tuple(str(one["id"]) for one in found if is_spoilt(one))
    good = [one for one in found if not is_spoilt(one)]
    hidden = tuple(str(one["id"]) for one in good if films.privacy_of(one) == films.PRIVATE)
    public = tuple(str(one["id"]) for one in good if films.privacy_of(one) != films.PRIVATE)
    return Seen(public, hidden, whole, spoilt)


async def _ours(
    api: Api, rows: list[Mapping[str, Any]], tag: str
) -> list[Mapping[str, Any]] | Later | Stopped:
    ids = [films.id_of(part(row, "contentDetails").get("videoId")) for row in rows]
    wanted = ",".join(filter(None, ids))
    if not wanted:
        return []
    answer = await api.ask("GET", f"{films.VIDEOS}?part=snippet,status&maxResults=50&id={wanted}")
    shown = listed(answer)
    if shown is None:
        return untold(answer, api.now())
    return [film for film in shown if films.id_of(film.get("id")) and tag in _tags(film)]


def _path(channel: Channel, more: str) -> str:
    path = "/youtube/v3/playlistItems?part=snippet,contentDetails"
    return f"{path}&playlistId={channel.uploads}&maxResults={PAGE}{more}"


def _date(row: Mapping[str, Any]) -> Instant:
    """When it was uploaded: then it came to the list."""
    return moment(part(row, "snippet").get("publishedAt")) or 0


def _tags(film: Mapping[str, Any]) -> list[Any]:
    tags = part(film, "snippet").get("tags")
    return tags if isinstance(tags, list) else []
