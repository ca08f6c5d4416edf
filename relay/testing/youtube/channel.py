"""The state of a channel, and what a test sees of it and does to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Final

from relay.model import Instant
from relay.ports import Clock
from relay.testing.google import Google, Refused
from relay.testing.youtube.quota import Quota
from relay.testing.youtube.uploads import Session, Sessions
from relay.testing.youtube.videos import Comment, Medium, Video, wrong

MAX_VIDEOS: Final = 10_000


class Channel(Google):
    """One channel.

    ``account`` is its id, ``playlist`` the list of its uploads. Settable, besides what ``Google``
    has: ``quota`` (its ``units``, ``inserts``, ``uploads``), ``sessions`` (its ``life_s``,
    ``gone_status``, ``takes_bytes``), ``media_takes_s`` (work on a video), ``spoils`` (how that
    ends for the next ones, such as ``("failed", "codec")``; None: well), ``unaudited`` (what the
    project uploads stays private), ``takes_twice`` (the same file is no duplicate), ``signed_up``
    (False: the account has no channel), ``may_upload`` (False: it lacks that right).
    """

    def __init__(self, *, clock: Clock, scopes: Sequence[str], requests_allowed: int) -> None:
        super().__init__(clock=clock, scopes=scopes, requests_allowed=requests_allowed)
        self.account = f"UC{token_urlsafe(16)}"
        self.quota = Quota()
        self.sessions = Sessions()
        self.media_takes_s = 0
        self.spoils: tuple[str, str] | None = None
        self.unaudited = False
        self.takes_twice = False
        self.signed_up = True
        self.may_upload = True
        self.suspended = False
        self.videos: dict[str, Video] = {}
        self.comments: list[Comment] = []

    @property
    def now(self) -> Instant:
        """The time on the service's clock; what is due then is done."""
        now = self.clock.now()
        for one in self.videos.values():
            if one.publish_at is not None and one.publish_at <= now:
                self.videos[one.id] = replace(one, privacy="public", publish_at=None)
        return now

    @property
    def playlist(self) -> str:
        """The id of the list of uploads."""
        return f"UU{self.account[2:]}"

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
        """A video of the same channel that no bridge uploaded: ``text`` is its description,
        ``more`` are further fields of ``Video``."""
        now = self.now
        made = Video(_id(), "A video", text, created=now, ready=now)
        self.videos[made.id] = replace(made, **more)
        return self.videos[made.id]

    def reply(self, to: str, text: str, by: str, *, status: str = "published") -> Comment:
        """A comment under a video, or under another comment."""
        above = next((one for one in self.comments if one.id == to), None)
        video, parent = (above.video, above.id) if above else (self.videos[to].id, None)
        made = Comment(f"Ug{_id()}", video, text, by, self.now, parent, status)
        self.comments.append(made)
        return made

    def suspend(self) -> None:
        """The account is suspended: its tokens open, and every call says so."""
        self.suspended = True

    def forget_keys(self) -> None:
        """Every upload session is over, finished or not."""
        self.sessions.forget()

    def make(self, session: Session) -> Video:
        """The video of an upload that is whole. Raises Refused."""
        if len(self.videos) >= MAX_VIDEOS:
            message = "The user has exceeded the number of videos they may upload."
            raise Refused(400, "uploadLimitExceeded", message, domain="youtube.video")
        now, content = self.now, bytes(session.bytes)
        bare = Video(
            id=_id(),
            title="unknown",
            media=(Medium(session.type, content),),
            file_name=session.name,
            created=now,
            ready=now + self.media_takes_s,
        )
        ends, why = self.spoils or ("processed", "")
        if not self.takes_twice and any(o.media[:1] == bare.media for o in self.videos.values()):
            ends, why = "rejected", "duplicate"
        ended: dict[str, Any] = {"ends": ends, "why": why}
        made = described(replace(bare, **ended), session.said, self.unaudited, session.said)
        self.videos[made.id] = made
        self.quota.uploaded(now)
        return made


def described(one: Video, said: dict[str, Any], unaudited: bool, parts: Any) -> Video:
    """A video with what a request says of it, in ``parts``: what a part does not name goes back to
    what it is without. Raises Refused."""
    if "snippet" in parts:
        snippet = said.get("snippet", {})
        one = replace(
            one,
            title=snippet.get("title", "unknown"),
            text=snippet.get("description", ""),
            tags=tuple(snippet.get("tags", ())),
            category=snippet.get("categoryId", "22"),
            language=snippet.get("defaultLanguage", ""),
            audio_language=snippet.get("defaultAudioLanguage", ""),
        )
    if "status" in parts:
        status = said.get("status", {})
        one = replace(
            one,
            privacy=status.get("privacyStatus", "public"),
            license=status.get("license", "youtube"),
            embeddable=status.get("embeddable", True),
            stats=status.get("publicStatsViewable", True),
            for_kids=status.get("selfDeclaredMadeForKids"),
            synthetic=status.get("containsSyntheticMedia", False),
            publish_at=_time(status.get("publishAt")),
        )
    return replace(one, privacy="private", publish_at=None) if unaudited else one


def _time(text: str | None) -> Instant | None:
    try:
        return None if text is None else int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        what = "specifies an invalid scheduled publishing time"
        raise wrong("invalidPublishAt", what) from None


def _id() -> str:
    return token_urlsafe(8)
