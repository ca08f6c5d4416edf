"""The routes of a server's API: what each request does, and what it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from relay.testing.loopback import Fault, Request
from relay.testing.peertube import says, tables
from relay.testing.peertube.instance import DAY_S, Instance, described
from relay.testing.peertube.says import No
from relay.testing.peertube.uploads import Upload
from relay.testing.peertube.videos import (
    Comment,
    Video,
    comment,
    detailed,
    listed,
    source,
    with_video,
)

API: Final = "/api/v1"
RESUMABLE: Final = f"{API}/videos/upload-resumable"
VIDEO: Final = f"{API}/videos/([0-9A-Za-z-]+)"
VERSION: Final = "8.1.0"
PAGE: Final = 15

ROUTES: Final = tuple(
    (method, re.compile(path), name, open)
    for method, path, name, open in (
        ("GET", f"{API}/config", "_config", True),
        ("GET", f"{API}/oauth-clients/local", "_client", True),
        ("POST", f"{API}/users/token", "_token", True),
        ("GET", f"{API}/users/me", "_me", False),
        ("GET", f"{API}/users/me/video-quota-used", "_quota", False),
        ("GET", f"{API}/users/me/videos", "_mine", False),
        ("GET", f"{API}/users/me/videos/comments", "_under_mine", False),
        ("POST", RESUMABLE, "_begin", False),
        ("PUT", RESUMABLE, "_put", False),
        ("DELETE", RESUMABLE, "_cancel", False),
        ("GET", VIDEO, "_video", True),
        ("PUT", VIDEO, "_update", False),
        ("DELETE", VIDEO, "_delete", False),
        ("GET", f"{VIDEO}/source", "_source", False),
        ("GET", f"{VIDEO}/comment-threads", "_threads", True),
        ("GET", f"{VIDEO}/comment-threads/([0-9]+)", "_thread", True),
    )
)
ORDERS: Final[dict[str, Callable[[Video], Any]]] = {
    "createdAt": lambda one: (one.created, one.number),
    "publishedAt": lambda one: (one.published, one.number),
    "originallyPublishedAt": lambda one: one.originally,
    "name": lambda one: one.title,
}


class Answers:
    """What a server answers to those who ask its API.

    ``finished`` is the upload whose last byte came with the request that was answered last."""

    def __init__(self, here: Instance) -> None:
        self._here = here
        self.finished: Upload | None = None

    def to(self, request: Request) -> Fault:
        """Do what a request asks. Raises No, Uploadx."""
        for method, path, name, open in ROUTES:
            found = path.fullmatch(request.path)
            if found and method == request.method:
                if not open:
                    self._here.accounts.admit(request)
                made: Fault = getattr(self, name)(request, *found.groups())
                return made
        raise No(404, "Not found")

    # ------------------------------------------------------------ the server and the account

    def _config(self, request: Request) -> Fault:
        return says.answer(
            {
                "serverVersion": VERSION,
                "instance": {"name": "A server", "shortDescription": "", "isNSFW": False},
                "signup": {"allowed": False},
                "video": {"file": {"extensions": [".mp4", ".webm", ".ogv"]}},
            }
        )

    def _client(self, request: Request) -> Fault:
        tables.query(request, tables.NONE)
        accounts = self._here.accounts
        return says.answer(
            {"client_id": accounts.client_id, "client_secret": accounts.client_secret}
        )

    def _token(self, request: Request) -> Fault:
        return self._here.accounts.token(request)

    def _me(self, request: Request) -> Fault:
        tables.query(request, tables.NONE)
        where = self._here.where
        return says.answer(
            {
                "id": 4,
                "username": where.user,
                "email": f"{where.user}@example.org",
                "emailVerified": True,
                "blocked": False,
                "blockedReason": None,
                "role": {"id": 2, "label": "User"},
                "videoQuota": self._here.quota_bytes,
                "videoQuotaDaily": self._here.quota_daily_bytes,
                "account": where.owner(),
                "videoChannels": [where.home()],
                "createdAt": says.iso(0),
            }
        )

    def _quota(self, request: Request) -> Fault:
        tables.query(request, tables.NONE)
        used, day = self._here.used(), self._here.used(self._here.now - DAY_S)
        return says.answer({"videoQuotaUsed": used, "videoQuotaUsedDaily": day})

    def _mine(self, request: Request) -> Fault:
        said = tables.query(request, tables.MINE)
        now = self._here.now
        fit = [
            one
            for one in self._here.videos.values()
            if one.created + self._here.lists_late_s <= now and _fits(one, said)
        ]
        sort = said.get("sort", "-publishedAt")
        fit.sort(key=ORDERS.get(sort.lstrip("-"), ORDERS["createdAt"]), reverse=sort[0] == "-")
        start = said.get("start", 0)
        page = fit[start : start + said.get("count", PAGE)]
        data = [listed(one, self._here.where, now) for one in page]
        return says.answer({"total": len(fit), "data": data})

    # ------------------------------------------------------------ uploads

    def _begin(self, request: Request) -> Fault:
        tables.query(request, tables.NONE)
        said = tables.body(request, tables.BEGIN)
        size, kind = _announced(request)
        if said["channelId"] != self._here.channel:
            raise No(404, "Video channel not found")
        if said.get("privacy") == 5 and not said.get("videoPasswords"):
            raise No(400, "Video passwords are missing.")
        if kind not in tables.FILE_TYPES:
            types = ".mp4, .ogv, .webm"
            message = "This file is not supported. Please, make sure it is of the following type:"
            raise No(415, f"{message} {types}")
        self._here.allow(size)
        one = self._here.uploads.begin(said, size, kind, self._here.now)
        there = {"Range": f"bytes=0-{len(one.bytes) - 1}"} if one.bytes else {}
        location = {"Location": self._address(one)}
        return says.empty(200 if one.bytes else 201, location | there)

    def _address(self, one: Upload) -> str:
        path = f"{RESUMABLE}?{urlencode({'upload_id': one.id})}"
        where = self._here.where
        return {"host": f"//{where.host}{path}", "full": f"{where.base}{path}"}.get(
            self._here.location, path
        )

    def _put(self, request: Request) -> Fault:
        now = self._here.now
        one = self._here.uploads.get(tables.query(request, tables.UPLOAD)["upload_id"], now)
        if one.video is not None:
            return says.answer({"video": one.video})
        incomplete = self._here.uploads.put(one, request, now)
        if incomplete is not None:
            return incomplete
        if self._here.unreadable or self._here.refuses:
            self._here.uploads.end(one, now)
            if self._here.unreadable:
                raise No(422, "Video file unreadable.")
            raise No(403, "Refused local video file")
        one.busy = now + self._here.finish_takes_s
        self.finished = one
        return says.empty(200)

    def _cancel(self, request: Request) -> Fault:
        asked = tables.query(request, tables.UPLOAD)
        one = self._here.uploads.get(asked["upload_id"], self._here.now)
        del self._here.uploads.all[one.id]
        return says.empty()

    # ------------------------------------------------------------ videos

    def _video(self, request: Request, id: str) -> Fault:
        tables.query(request, tables.NONE)
        one = self._one(id)
        if one.privacy not in (1, 2) or one.state(self._here.now) != 1:
            self._here.accounts.admit(request)
        return says.answer(detailed(one, self._here.where, self._here.now))

    def _update(self, request: Request, id: str) -> Fault:
        tables.query(request, tables.NONE)
        one = self._one(id)
        said = tables.body(request, tables.UPDATE)
        if said.get("channelId", self._here.channel) != self._here.channel:
            raise No(404, "Video channel not found")
        if said.get("privacy") == 5 and not said.get("videoPasswords"):
            raise No(400, "Video passwords are missing.")
        made = described(one, said)
        if one.privacy != 1 and made.privacy == 1:
            made = replace(made, published=self._here.now)
        self._here.videos[one.id] = made
        return says.empty()

    def _delete(self, request: Request, id: str) -> Fault:
        tables.query(request, tables.NONE)
        del self._here.videos[self._one(id).id]
        return says.empty()

    def _source(self, request: Request, id: str) -> Fault:
        """Which file a video was made of, told to its owner."""
        tables.query(request, tables.NONE)
        one = self._one(id)
        if not one.file_name:
            raise No(404, "Video source not found")
        return says.answer(source(one))

    def _one(self, id: str) -> Video:
        """A video by its UUID, the short form of it, or its number. Raises No."""
        self._here.now  # noqa: B018  (what is due is done)
        for one in self._here.videos.values():
            if id in (one.id, one.short, str(one.number)):
                return one
        raise No(404, "Video not found")

    # ------------------------------------------------------------ comments

    def _threads(self, request: Request, id: str) -> Fault:
        said = tables.query(request, tables.THREADS)
        video, now = self._one(id), self._here.now
        heads = [
            one
            for one in self._here.comments
            if one.video == video.id
            and one.parent is None
            and not one.held
            and one.created + self._here.lists_late_s <= now
        ]
        sort = said.get("sort", "-createdAt")
        by_replies = sort.endswith("totalReplies")
        heads.sort(
            key=lambda one: len(self._under(one)) if by_replies else int(one.id),
            reverse=sort.startswith("-"),
        )
        start = said.get("start", 0)
        page = heads[start : start + said.get("count", PAGE)]
        data = [comment(one, self._here.where, video, self._under(one)) for one in page]
        total = {"total": len(heads), "totalNotDeletedComments": len(heads)}
        return says.answer(total | {"data": data})

    def _thread(self, request: Request, id: str, thread: str) -> Fault:
        video = self._one(id)
        for one in self._here.comments:
            if one.id == thread == one.thread and one.video == video.id and not one.held:
                return says.answer(self._tree(one, video))
        raise No(404, "Video comment thread not found")

    def _tree(self, one: Comment, video: Video) -> dict[str, Any]:
        below = [each for each in self._here.comments if each.parent == one.id and not each.held]
        shown = comment(one, self._here.where, video, self._under(one))
        return {"comment": shown, "children": [self._tree(each, video) for each in below]}

    def _under_mine(self, request: Request) -> Fault:
        """Every comment under the account's videos; those of ``by`` its user are its own."""
        said = tables.query(request, tables.UNDER_MINE)
        now, held = self._here.now, said.get("isHeldForReview")
        fit = [
            one
            for one in self._here.comments
            if one.created + self._here.lists_late_s <= now and held in (None, one.held)
        ]
        sort, start = said.get("sort", "-createdAt"), said.get("start", 0)
        fit.sort(key=lambda one: int(one.id), reverse=sort.startswith("-"))
        page = fit[start : start + said.get("count", PAGE)]
        where, videos = self._here.where, self._here.videos
        data = [with_video(one, where, videos[one.video], self._under(one)) for one in page]
        return says.answer({"total": len(fit), "data": data})

    def _under(self, head: Comment) -> list[Comment]:
        return [one for one in self._here.comments if one.thread == head.id and one.parent]


def _fits(one: Video, said: dict[str, Any]) -> bool:
    """Whether a video is one of those that a list was asked for."""
    tags = set(one.tags)
    return (
        said.get("search", "").lower() in one.title.lower()
        and (not said.get("privacyOneOf") or one.privacy in said["privacyOneOf"])
        and (not said.get("tagsOneOf") or bool(tags & set(said["tagsOneOf"])))
        and tags >= set(said.get("tagsAllOf", ()))
        and said.get("channelId", one.channel) == one.channel
        and not said.get("isLive")
    )


def _announced(request: Request) -> tuple[int, str]:
    """How large a file will be, and of which type. Raises No."""
    size = request.headers.get("x-upload-content-length", "")
    kind = request.headers.get("x-upload-content-type", "")
    wrong = [] if size.isascii() and size.isdigit() and int(size) else ["x-upload-content-length"]
    wrong += [] if kind else ["x-upload-content-type"]
    if wrong:
        raise No(400, f"Incorrect request parameters: {', '.join(wrong)}")
    return int(size), kind
