"""YouTube's Data API on loopback: enough of version 3 for a bridge that uploads, and its faults.

``async with youtube() as platform`` serves one channel; tokens and errors are Google's
(``relay.testing.google``). Checked against the discovery document that ``tables`` names; uploads
follow the guide that ``uploads`` names::

    platform.script(faults.cut(), on="PUT /upload/youtube/v3/videos")   # it took the bytes
    ...
    assert [one.privacy for one in platform.drafts] == ["private"]
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from relay.clock import SystemClock
from relay.ports import Clock
from relay.testing.google import Refused, says
from relay.testing.google.server import body, page_at, page_token, query, route
from relay.testing.loopback import Fault, Request, on_loopback
from relay.testing.youtube import tables
from relay.testing.youtube.channel import Channel, described
from relay.testing.youtube.uploads import Session
from relay.testing.youtube.videos import Comment, item, judge, resource, thread, wrong

UPLOAD: Final = "/upload/youtube/v3/videos"
UPLOADS: Final = f"(?:/resumable)?{UPLOAD}"
MAX_BYTES: Final = 256 * 1024**3
SCOPES: Final = ("youtube.upload", "youtube.readonly", "youtube.force-ssl")
"""What the account agreed to, if nothing else is said."""

_FULL: Final = ("youtube", "youtube.force-ssl", "youtubepartner")
_READ: Final = (*_FULL, "youtube.readonly")
COSTS: Final = {"GET": 1, "PUT": 50, "DELETE": 50}


class YouTube(Channel):
    """One channel, served. What it has and what can be set is described at ``Channel``.

    Scopes are those of the discovery document: ``youtube.upload`` alone can neither change a video
    nor list one, and comments are listed only with ``youtube.force-ssl``.
    """

    routes: ClassVar = (
        route("POST", UPLOADS, "_begin", *_FULL, "youtube.upload"),
        route("PUT", UPLOADS, "_put", *_FULL, "youtube.upload"),
        route("GET", "/youtube/v3/videos", "_list", *_READ),
        route("PUT", "/youtube/v3/videos", "_update", *_FULL),
        route("DELETE", "/youtube/v3/videos", "_delete", *_FULL),
        route("GET", "/youtube/v3/channels", "_channels", *_READ, "youtubepartner-channel-audit"),
        route("GET", "/youtube/v3/playlistItems", "_items", *_READ),
        route("GET", "/youtube/v3/commentThreads", "_threads", "youtube.force-ssl"),
    )

    def admit(self, request: Request, scopes: frozenset[str]) -> None:
        """As every service does; then who has no channel or no quota is refused. The address of an
        upload session opens it without a token, though not with a wrong one."""
        session = request.method == "PUT" and re.fullmatch(UPLOADS, request.path)
        if session and "authorization" not in request.headers:
            return
        super().admit(request, scopes)
        if self.suspended:
            message = "The authenticated user's account is suspended."
            reason = "authenticatedUserAccountSuspended"
            raise Refused(403, reason, message, domain="youtube.common")
        if not self.signed_up:
            raise Refused(401, "youtubeSignupRequired", "Unauthorized", domain="youtube.header")
        if request.method == "POST":
            self.quota.insert(self.now)
        elif not session:
            self.quota.charge(self.now, COSTS[request.method])

    # ------------------------------------------------------------ uploads

    def _begin(self, request: Request) -> Fault:
        said = query(request, tables.INSERT)
        if said.get("uploadType") != "resumable":
            message = "The request does not include the video content."
            raise Refused(400, "mediaBodyRequired", message, domain="youtube.video")
        if not self.may_upload:
            raise Refused(403, "forbidden", "Forbidden", domain="youtube.video")
        parts = tables.parts(said, tables.VIDEO_PARTS)
        video = body(request, tables.VIDEO)
        _expected(video, parts)
        judge(video.get("snippet", {}), video.get("status", {}))
        _announced(request)
        session = self.sessions.begin(request, video, parts, self.now)
        asked = {"uploadType": "resumable", "part": ",".join(sorted(parts))}
        where = f"{self.base}{UPLOAD}?{urlencode(asked | {'upload_id': session.id})}"
        return says.empty(200, {"Location": where, "X-GUploader-UploadID": session.id})

    def _put(self, request: Request) -> Fault:
        [id] = parse_qs(urlsplit(request.target).query).get("upload_id", [""])
        session = self.sessions.get(id, self.now)
        if session is None:
            return self.sessions.gone()
        return self.sessions.put(session, request) or self._finished(session)

    def _finished(self, session: Session) -> Fault:
        """What a session that is whole answers, however often it is asked: its one video."""
        if not session.video:
            session.video = self.make(session).id
        if session.video not in self.videos:
            return self.sessions.gone()
        shown = resource(self.videos[session.video], session.parts, self.account, self.now)
        return says.answer(shown)

    # ------------------------------------------------------------ videos

    def _list(self, request: Request) -> Fault:
        said = query(request, tables.LIST)
        parts = tables.parts(said, tables.VIDEO_PARTS)
        by = tables.one_filter(said, "myRating", "id", "chart")
        ids = said["id"] if by == "id" else ()
        found = [self.videos[id] for id in dict.fromkeys(ids) if id in self.videos]
        shown = [resource(one, parts, self.account, self.now) for one in found]
        return _page("youtube#videoListResponse", shown, said, most=50)

    def _update(self, request: Request) -> Fault:
        said = query(request, tables.UPDATE)
        parts = tables.parts(said, tables.VIDEO_PARTS)
        new = body(request, tables.VIDEO)
        _expected(new, parts)
        id = new.get("id")
        if not id:
            raise Refused(400, "required", "Required", domain="youtube.video")
        if id not in self.videos:
            raise _no_video("update")
        snippet, status = new.get("snippet", {}), new.get("status", {})
        if "snippet" in parts and "categoryId" not in snippet:
            raise wrong("invalidCategoryId", "specifies an invalid category ID")
        if "snippet" in parts and "title" not in snippet:
            raise wrong("invalidTitle", "specifies an invalid or empty video title")
        judge(snippet, status)
        self.videos[id] = described(self.videos[id], new, self.unaudited, parts)
        return says.answer(resource(self.videos[id], parts, self.account, self.now))

    def _delete(self, request: Request) -> Fault:
        id = query(request, tables.DELETE)["id"]
        if self.videos.pop(id, None) is None:
            raise _no_video("delete")
        return says.empty()

    # ------------------------------------------------------------ the channel

    def _channels(self, request: Request) -> Fault:
        said = query(request, tables.CHANNELS)
        parts = tables.parts(said, tables.CHANNEL_PARTS)
        names = ("id", "mine", "forHandle", "forUsername", "managedByMe", "mySubscribers")
        by = tables.one_filter(said, *names)
        whole = {
            "kind": "youtube#channel",
            "etag": self.account,
            "id": self.account,
            "snippet": {"title": "relay", "description": "", "thumbnails": {}},
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": self.playlist}},
            "status": {
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": "allowed",
            },
            "statistics": {"videoCount": str(len(self.public))},
        }
        ours = by == "mine" or (by == "id" and self.account in said["id"])
        return _page("youtube#channelListResponse", _cut([whole] if ours else [], parts), said)

    def _items(self, request: Request) -> Fault:
        said = query(request, tables.ITEMS)
        parts = tables.parts(said, tables.ITEM_PARTS)
        if tables.one_filter(said, "id", "playlistId") == "id":
            return _page("youtube#playlistItemListResponse", [], said)
        if said["playlistId"] != self.playlist:
            message = "The playlist identified with the request cannot be found."
            raise Refused(404, "playlistNotFound", message, domain="youtube.playlistItem")
        until, newest = self.listed_until, reversed(list(self.videos.values()))
        found = [
            one for one in newest if one.created <= until and said.get("videoId", one.id) == one.id
        ]
        shown = [item(one, self.playlist, self.account, n) for n, one in enumerate(found)]
        return _page("youtube#playlistItemListResponse", _cut(shown, parts), said)

    def _threads(self, request: Request) -> Fault:
        said = query(request, tables.THREADS)
        parts = tables.parts(said, tables.THREAD_PARTS)
        names = ("videoId", "id", "allThreadsRelatedToChannelId", "channelId")
        by = tables.one_filter(said, *names)
        if by == "videoId" and said["videoId"] not in self.videos:
            message = "The video identified by the videoId parameter could not be found."
            raise Refused(404, "videoNotFound", message, domain="youtube.commentThread")
        plain = said.get("textFormat") == "plainText"
        shown = [
            thread(one, self._answers(one), self.account, plain=plain)
            for one in reversed(self.comments)
            if one.parent is None
            and one.created <= self.listed_until
            and one.status == said.get("moderationStatus", "published")
            and said.get("searchTerms", "").lower() in one.text.lower()
            and self._under(one, by, said[by])
        ]
        return _page("youtube#commentThreadListResponse", _cut(shown, parts), said, usual=20)

    def _answers(self, to: Comment) -> list[Comment]:
        return [one for one in self.comments if one.parent == to.id]

    def _under(self, one: Comment, by: str, value: Any) -> bool:
        if by == "videoId":
            return bool(one.video == value)
        return one.id in value if by == "id" else value == self.account


def _expected(video: dict[str, Any], parts: frozenset[str]) -> None:
    """What a body sets is named in ``part``, and can be set. Raises Refused."""
    for name in sorted(video.keys() - {"id", "kind", "etag"}):
        if name not in parts or name not in tables.WRITABLE:
            raise Refused(400, "unexpectedPart", f"'{name}'", domain="youtube.part", at="part")


def _announced(request: Request) -> None:
    """What the headers say of a file that will come. Raises Refused."""
    kind = request.headers.get("x-upload-content-type", "application/octet-stream")
    if not kind.startswith("video/") and kind != "application/octet-stream":
        message = f"Media type '{kind[:40]}' is not supported."
        raise Refused(400, "badContent", message)
    size = request.headers.get("x-upload-content-length", "1")
    if not (size.isascii() and size.isdigit() and 0 < int(size) <= MAX_BYTES):
        raise Refused(400, "badRequest", "Invalid X-Upload-Content-Length.")


def _no_video(what: str) -> Refused:
    message = f"The video that you are trying to {what} cannot be found."
    return Refused(404, "videoNotFound", message, domain="youtube.video")


def _cut(whole: Sequence[dict[str, Any]], parts: frozenset[str]) -> list[dict[str, Any]]:
    """Resources with only the parts that were asked for."""
    kept = parts | {"kind", "etag", "id"}
    return [{name: one for name, one in each.items() if name in kept} for each in whole]


def _page(
    kind: str, found: Sequence[Any], said: dict[str, Any], *, usual: int = 5, most: int = 0
) -> Fault:
    """One page of a listing. ``usual``: entries if no number is asked for; ``most``: all of them,
    where a number is not heard of."""
    size = most or said.get("maxResults") or usual
    start = page_at(said.get("pageToken", ""))
    more = {"nextPageToken": page_token(start + size)} if start + size < len(found) else {}
    info = {"totalResults": len(found), "resultsPerPage": size}
    shown = {"kind": kind, "etag": f"{len(found)}", "items": list(found[start : start + size])}
    return says.answer(shown | more | {"pageInfo": info})


@asynccontextmanager
async def youtube(
    *,
    clock: Clock | None = None,
    scopes: Sequence[str] = SCOPES,
    requests_allowed: int = 100_000,
) -> AsyncIterator[YouTube]:
    """A channel that serves while the block lasts, on this machine's clock if none is given.
    ``scopes``: what its owner agreed to, such as ``youtube.upload``."""
    made = YouTube(clock=clock or SystemClock(), scopes=scopes, requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
