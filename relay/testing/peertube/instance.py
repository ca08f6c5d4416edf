"""The state of a server, and what a test sees of it and does to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any, Final
from uuid import uuid4

from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Loopback
from relay.testing.peertube.accounts import Accounts
from relay.testing.peertube.says import No
from relay.testing.peertube.uploads import Upload, Uploads
from relay.testing.peertube.videos import Comment, Medium, Video, Where

MAX_VIDEOS: Final = 10_000
DAY_S: Final = 86_400


class Instance(Loopback):
    """One server with one account and one channel.

    ``user`` and ``password`` log in, ``token`` and ``refresh_token`` are the session that was
    opened last, ``account`` and ``channel`` are numbers. Settable: ``quota_bytes`` and
    ``quota_daily_bytes`` (-1: without end), ``quota_status``, ``media_takes_s`` (work on a video
    that waits for it), ``spoils`` (that work fails), ``unreadable`` and ``refuses`` (the next files
    are no videos; a filter does not want them), ``finish_takes_s`` (making the video when the last
    byte has come, if nobody hears the answer), ``location`` (how the address of an upload is
    written: ``path``, ``host`` without a scheme, ``full``), ``lists_late_s``, ``uploads.life_s``,
    ``uploads.answers_kept_s``, ``accounts.logins_allowed`` (in five minutes), ``requests_allowed``
    (in ten seconds).
    """

    max_body_bytes = 256 * 1024 * 1024

    def __init__(self, *, clock: Clock, requests_allowed: int) -> None:
        super().__init__()
        self.account, self.channel = 5, 8
        self.quota_bytes = self.quota_daily_bytes = -1
        self.quota_status = 413
        self.media_takes_s = self.finish_takes_s = self.lists_late_s = 0
        self.spoils = self.unreadable = self.refuses = False
        self.location = "path"
        self.requests_allowed = requests_allowed
        self.clock = clock
        self.accounts = Accounts(clock)
        self.uploads = Uploads()
        self.videos: dict[str, Video] = {}
        self.comments: list[Comment] = []
        self._numbers = count(21)

    @property
    def now(self) -> Instant:
        """The time on the server's clock; what is due then is done."""
        now = self.clock.now()
        for upload in list(self.uploads.all.values()):
            if upload.busy is not None and upload.busy <= now:
                self.finish(upload, upload.busy)
        return now

    @property
    def where(self) -> Where:
        """The server as its entities name it."""
        return Where(self.base, self.user, self.account, self.channel)

    @property
    def user(self) -> str:
        """The name to log in with."""
        return self.accounts.user

    @property
    def password(self) -> str:
        """The password to log in with."""
        return self.accounts.password

    @property
    def token(self) -> str:
        """The access token that was given last."""
        return self.accounts.last.access

    @property
    def refresh_token(self) -> str:
        """The refresh token that was given last."""
        return self.accounts.last.refresh

    @property
    def public(self) -> list[Video]:
        """What anybody can see, in the order in which it was made."""
        now = self.now
        return [one for one in self.videos.values() if one.seen(now)]

    @property
    def drafts(self) -> list[Video]:
        """What is there and cannot be seen by everybody: private, unlisted, worked on, failed."""
        now = self.now
        return [one for one in self.videos.values() if not one.seen(now)]

    @property
    def texts(self) -> list[str]:
        """The descriptions of ``public``."""
        return [one.text for one in self.public]

    def put(self, text: str, **more: Any) -> Video:
        """A video of the same account that no bridge uploaded: ``text`` is its description,
        ``more`` are further fields of ``Video``."""
        now = self.now
        made = Video(str(uuid4()), next(self._numbers), "A video", text, channel=self.channel)
        made = replace(made, created=now, published=now, ready=now)
        self.videos[made.id] = replace(made, **more)
        return self.videos[made.id]

    def reply(self, to: str, text: str, by: str, *, held: bool = False) -> Comment:
        """A comment under a video, or under another comment; ``held`` for its owner to approve."""
        above = next((one for one in self.comments if one.id == to), None)
        id = str(next(self._numbers))
        video, parent = (above.video, above.id) if above else (self.videos[to].id, None)
        thread = above.thread if above else id
        made = Comment(id, video, text, by, self.now, parent, thread, held)
        self.comments.append(made)
        return made

    def expire(self) -> None:
        """The access token has run out; a refresh works."""
        self.accounts.expire()

    def revoke(self) -> None:
        """Every session is over; nothing works until a new login."""
        self.accounts.revoke()

    def suspend(self) -> None:
        """The moderators block the user."""
        self.accounts.block()

    def forget_keys(self) -> None:
        """Every upload is forgotten."""
        self.uploads.all.clear()

    def used(self, since: Instant = 0) -> int:
        """Bytes of the account's videos that were made since then."""
        sizes = (
            len(medium.content)
            for one in self.videos.values()
            for medium in one.media
            if one.created >= since
        )
        return sum(sizes)

    def allow(self, size: int) -> None:
        """Raise No if a file of so many bytes is more than the account may have."""
        now = self.now
        over = 0 <= self.quota_bytes < self.used() + size
        if over or 0 <= self.quota_daily_bytes < self.used(now - DAY_S) + size:
            message = "The user video quota is exceeded with this video"
            raise No(self.quota_status, message, "quota_reached")
        if len(self.videos) >= MAX_VIDEOS:
            raise No(413, "This file is too large.", "max_file_size_reached")

    def finish(self, upload: Upload, now: Instant) -> dict[str, Any]:
        """Make the video of an upload that is whole, and let the upload go."""
        if upload.video is None:
            bare = Video(str(uuid4()), next(self._numbers), "", channel=self.channel)
            made = replace(
                described(bare, upload.said),
                file_name=upload.said["filename"],
                media=(Medium(upload.type, bytes(upload.bytes)),),
                created=now,
                published=now,
                ready=now + self.media_takes_s,
                failed=self.spoils,
            )
            self.videos[made.id] = made
            upload.video = {"id": made.number, "uuid": made.id, "shortUUID": made.short}
        self.uploads.end(upload, now)
        return {"video": upload.video}


NAMES: Final = {
    "name": "title",
    "description": "text",
    "support": "support",
    "language": "language",
    "category": "category",
    "licence": "licence",
    "nsfw": "nsfw",
    "privacy": "privacy",
    "commentsPolicy": "comments",
    "downloadEnabled": "download",
    "waitTranscoding": "waits",
    "originallyPublishedAt": "originally",
    "channelId": "channel",
}
NOTHING: Final[dict[str, Any]] = {"category": 0, "licence": 0}


def described(one: Video, said: dict[str, Any]) -> Video:
    """A video with what a request says of it; null takes away."""
    changes: dict[str, Any] = {
        ours: NOTHING.get(name, "") if said[name] is None else said[name]
        for name, ours in NAMES.items()
        if name in said
    }
    if "tags" in said:
        changes["tags"] = tuple(said["tags"] or ())
    return replace(one, **changes)
