"""Posts to one account on Bluesky, or on another server of the AT Protocol.

A post's address is chosen here, before anything is sent, and the same record put at the same
address is the same one post, for ever: what ended in doubt is simply put again. Parts of a long
text are a thread. The server sees no links by itself; so they are marked, and shown short. The work
is in ``bridges.atproto``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.atproto import answers, drafts, looking, notices, ready, records
from bridges.atproto.access import Access, Account
from bridges.atproto.api import Api
from bridges.atproto.composing import Style, composed
from bridges.atproto.drafts import Draft
from bridges.atproto.houses import hosts_from
from bridges.atproto.keys import COLLECTION, Place, place_of
from bridges.atproto.measuring import GRAPHEMES
from bridges.atproto.media import Sizes
from bridges.atproto.ready import Readying
from bridges.kit import showing
from relay.ports import (
    Absent,
    Answer,
    Attempt,
    Clock,
    Fits,
    Found,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Removed,
    Replied,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

NO_REF: Final = "this is no post of this account"
GONE: Final = "it is gone from the server"


def _base(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the server alone: https://bsky.social")
    return url.rstrip("/")


class Bluesky:
    """Posts of one account, with threads, links, media, answers, removal and edits."""

    api = 1
    once: Once = answers.ONCE
    shows_edits: ClassVar[bool] = True
    tested: ClassVar[str] = "schema-checked"
    again: ClassVar[str] = (
        "the address of a post is ours, and the same record put there again is the same one post, "
        "whenever it is"
    )
    earlier_versions: ClassVar[bool] = True
    secrets: ClassVar[Mapping[str, str]] = {
        "password_file": "an app password, not the account's own: bsky.app, Settings, Privacy and "
        "security, App passwords, Add App Password; paste it as it is shown (xxxx-xxxx-xxxx-xxxx)"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "bluesky"``. Sizes are in bytes."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        handle: str = Field(min_length=3, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")
        password_file: str
        service: Annotated[str, AfterValidator(_base)] = "https://bsky.social"
        web: Annotated[str, AfterValidator(_base)] = "https://bsky.app"  #: where posts are shown
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        sensitive: bool = False  #: media are covered until a reader asks
        image_bytes: int = Field(2_000_000, ge=100_000, le=50_000_000)
        video_bytes: int = Field(50_000_000, ge=100_000, le=300_000_000)

    @staticmethod
    def hosts(settings: Bluesky.Settings) -> Collection[str]:
        """The server that is named, and those that its accounts may live on."""
        return hosts_from(settings.service)

    def __init__(self, settings: Bluesky.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._clock = clock
        self._web = settings.web
        self._access = Access(
            http, clock, settings.service, settings.handle, settings.password_file
        )
        self._api = Api(http, self._access)
        self._style = Style(
            settings.mentions == "on",
            settings.sensitive,
            Sizes(settings.image_bytes, settings.video_bytes),
        )
        self.fits: Fits = self._style.sizes.fits

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split, mark and freeze, with each part's address; the same bytes each time."""
        made = composed(post, self._style)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, "graphemes", GRAPHEMES, draft.media, draft.refuse)

    # ------------------------------------------------------------ send and find

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Ask and upload what the record needs, then put it."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        account = await self._api.account()
        if not isinstance(account, Account):
            return account
        readying = Readying(self._api, keep, self._clock.now())
        made = await readying.made(draft, attempt.after, ready.kept(attempt.kept))
        if not isinstance(made, ready.Ready):
            return made
        place = Place(account.did, draft.key)
        outcome = await self._put(place, records.record_of(draft, made))
        if outcome == Later(answers.MEDIA_GONE):
            await keep(replace(made, blobs=()).written())
        if isinstance(outcome, Refused) and attempt.n > 1:
            return kit.unless_found(outcome, await self.find(attempt))
        return outcome

    async def _put(self, place: Place, record: Mapping[str, Any], over: str = "") -> Outcome:
        now = self._clock.now()
        said = records.put_of(place, record, over)
        answer = await self._api.put("com.atproto.repo.putRecord", said)
        if not isinstance(answer, Answer):
            return answer
        return records.accepted(answer, place, self._web, now) or answers.judged(answer, now)

    async def find(self, attempt: Attempt) -> Lookup:
        """Look at the part's own address: what lies there is the part, or there is none."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        account = await self._api.account()
        if not isinstance(account, Account):
            return Unknown("there is no session with the server now")
        place = Place(account.did, draft.key)
        if not attempt.n:
            found = await looking.elsewhere(self._api, place, attempt.first)
            if not isinstance(found, Place):
                return found
            return Found(str(found), records.shown_at(found, self._web))
        answer = await self._api.record(place)
        if isinstance(answer, Answer):
            if answers.is_absent(answer):
                return Absent(strong=True)
            said = kit.json_object(answer) if answer.status == 200 else None
            if said is not None and said.get("uri") == str(place):
                return Found(str(place), records.shown_at(place, self._web))
        return Unknown("the server does not show the account's posts now")

    # ------------------------------------------------------------ check

    async def check(self) -> Health:
        """Whose the session is, and whether the platform lets it post."""
        answer = await self._api.query("com.atproto.server.getSession")
        trouble = _trouble(answer, self._clock.now())
        did = self._access.did
        return Health(f"bluesky {did}" if did else "", trouble or self._access.trouble)

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Delete the record; copies that others made of it may stay."""
        place = await self._ours(ref)
        if not isinstance(place, Place):
            return place
        said = {"repo": place.did, "collection": COLLECTION, "rkey": place.key}
        answer = await self._api.put("com.atproto.repo.deleteRecord", said)
        if isinstance(answer, Answer):
            gone = answer.status == 200 and kit.json_object(answer) is not None
            if gone or answers.is_absent(answer):
                return Removed()
        return answers.harmless(answer, self._clock.now())

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Put another record at the same address. Some readers go on to show the earlier one."""
        place = await self._ours(ref)
        if not isinstance(place, Place):
            return place
        [draft, *more] = composed(post, self._style)
        if more:
            return Refused("it does not fit into one post")
        if draft.refuse:
            return Refused(draft.refuse)
        return await self._change(place, draft)

    async def _change(self, place: Place, draft: Draft) -> Posted | Later | Refused | Stopped:
        now = self._clock.now()
        answer = await self._api.record(place)
        if isinstance(answer, Answer) and answers.is_absent(answer):
            return Refused(GONE)
        said = kit.json_object(answer) if isinstance(answer, Answer) else None
        value, cid = (said.get("value"), said.get("cid")) if said else (None, None)
        if not isinstance(value, Mapping):
            return answers.harmless(answer, now)
        made = await Readying(self._api, _forget, now).made(draft, None, ready.Ready())
        if not isinstance(made, ready.Ready):
            return kit.harmless(made)
        # Where it stands in its thread, and when it was made, stay as they were.
        stays = {name: value[name] for name in ("reply", "createdAt") if name in value}
        # Only in place of what was seen: what was taken back meanwhile does not come back.
        over = str(cid) if kit.is_ref(cid) else ""
        outcome = await self._put(place, {**records.record_of(draft, made), **stays}, over)
        return outcome if isinstance(outcome, Posted) else kit.harmless(outcome)

    async def _ours(self, ref: str) -> Place | Later | Refused | Stopped:
        place = place_of(ref)
        if place is None:
            return Refused(NO_REF)
        account = await self._api.account()
        if not isinstance(account, Account):
            return account
        return place if place.did == account.did else Refused(NO_REF)

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was answered to the account's posts, oldest first."""
        return await notices.since(self._api, cursor, self._clock.now())


async def _forget(kept: bytes) -> None:
    """An edit has no attempt to keep anything with: repeated, it uploads again."""


def _trouble(answer: Answer | Later | Stopped | Unsure, now: int) -> str:
    if isinstance(answer, Stopped):
        return f"{answer.why}: {answer.action}"
    if not isinstance(answer, Answer):
        return "the server cannot be reached"
    said = kit.json_object(answer) if answer.status == 200 else None
    if said is not None and "did" in said:
        closed = said.get("active") is False
        return f"the account is closed to posts: {answers.LOOK}" if closed else ""
    told = answers.judged(answer, now)
    if isinstance(told, Stopped):
        return f"{told.why}: {told.action}"
    return f"the server does not say whose the session is (it answered {answer.status})"
