"""Posts to one room on Matrix, one that is not encrypted.

A homeserver knows a repeat by our transaction and the device that sends it, for about a day; so the
device always has the same name, and within 20 hours doubt is simply repeated. After that the
account's own messages in the room are read, and a key in a field of our own decides. Pictures are
messages of their own, after the text; parts of a long text stand in a thread. The work is in
``bridges.rooms``.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridges import kit
from bridges.kit import showing
from bridges.kit.fitting import ALL, of_size
from bridges.rooms import answers, drafts, looking, standing, uploading
from bridges.rooms.access import Access, Named
from bridges.rooms.api import CLIENT, Api, in_room
from bridges.rooms.composing import MOST_BYTES, Style, Written, composed
from bridges.rooms.drafts import Draft
from bridges.rooms.events import MESSAGE, content_of, is_event, replacement
from bridges.rooms.place import GONE, NO_REF, Room, There
from bridges.rooms.talk import Talk
from relay.ports import (
    Absent,
    Answer,
    Attempt,
    Clock,
    Fits,
    Found,
    Health,
    Http,
    Instant,
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

LIMITS_FOR_S: Final = 6 * 3600
NO_HOMESERVER: Final = (
    "there is no homeserver at this address: https://YOUR.SERVER/.well-known/matrix/client says "
    "where it is"
)


def _base(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the server alone: https://matrix.example.org")
    return url.rstrip("/")


class Matrix:
    """Messages of one account in one room, with threads, files, answers, removal and edits."""

    api = 1
    once: Once = answers.ONCE
    shows_edits: ClassVar[bool] = True
    tested: ClassVar[str] = "real server"
    again: ClassVar[str] = (
        "for 20 hours the homeserver knows a repeat by our key and the device's name; after that "
        "the account's own messages in the room are looked through for the key"
    )
    earlier_versions: ClassVar[bool] = True
    secrets: ClassVar[Mapping[str, str]] = {
        "password_file": "the password of an account made for this relay alone, on any homeserver "
        "that lets an account log in with one",
        "token_file": "an access token of the account, where its server has no log-in by password: "
        "in Element, Settings, Help & About, Access Token; then close that session without "
        "logging out, since logging out ends the token",
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "matrix"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        homeserver: Annotated[str, AfterValidator(_base)]
        room: str = Field(max_length=255, pattern=r"^(![!-~]+|#[!-~]+:[!-~]+)$")
        user: str = Field("", max_length=255, pattern=r"^[!-~]*$")
        password_file: str = ""
        token_file: str = ""
        device_id: str = Field("OUTWORD", pattern=r"^[A-Za-z0-9_-]{1,60}$")
        kind: Literal["text", "notice"] = (
            "text"  #: "notice": marked as a bot's, nobody's bell rings
        )
        threads: Literal["on", "off"] = "on"  #: "off": parts answer one another in the open room
        mentions: Literal["off", "on"] = "off"  #: "on": @user:server in a text tells that user
        limit: int = Field(MOST_BYTES, ge=500, le=MOST_BYTES)  #: bytes of a text
        web: Annotated[str, AfterValidator(_base)] = "https://matrix.to"  #: where posts are shown

        @model_validator(mode="after")
        def _one_way_in(self) -> Matrix.Settings:
            by_password = bool(self.user and self.password_file)
            if by_password == bool(self.token_file) or bool(self.user) != bool(self.password_file):
                raise ValueError("give user and password_file, or token_file alone")
            return self

    @staticmethod
    def hosts(settings: Matrix.Settings) -> Collection[str]:
        """The homeserver."""
        return {kit.host_of(settings.homeserver)}

    def __init__(self, settings: Matrix.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._clock = clock
        self._web = settings.web
        file = settings.password_file or settings.token_file
        named = Named(settings.user, settings.device_id if settings.user else "", file)
        self._access = Access(http, clock, settings.homeserver, named)
        self._api = Api(http, clock, settings.homeserver, self._access)
        self._talk = Talk(self._api)
        self._room = Room(self._api, settings.room)
        self._style = Style(
            f"m.{settings.kind}",
            settings.mentions == "on",
            settings.threads == "on",
            settings.limit,
        )
        self._most_bytes: int | None = None
        self._known_until: Instant = 0

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split and freeze; the same bytes as long as the server's limits are the same."""
        if post.media:
            await self._learn()
        made = composed(post, self._style, self._most_bytes)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    async def _learn(self) -> None:
        """Ask the server how large a file may be, if that is long ago."""
        known_for = self._known_until - self._clock.now()
        if not 0 < known_for <= LIMITS_FOR_S:  # no more, where a clock was set back
            self._most_bytes = await uploading.most_bytes(self._api)
            self._known_until = self._clock.now() + (LIMITS_FOR_S if self._most_bytes else 0)

    @property
    def fits(self) -> Fits:
        """Any file that the server finds small enough ("m.upload.size")."""
        return ALL if self._most_bytes is None else of_size(self._most_bytes)

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, Written(), self._style.limit, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Upload its file, if it has one, then one PUT under our key."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        there = await self._room.there()
        if not isinstance(there, There):
            return there
        if attempt.n > 1 and attempt.first < there.login.since:
            # The server knows this device for less long than we have been trying.
            found = await self._found(there, attempt)
            if isinstance(found, Found):
                return Posted(found.ref, found.url)
            if not (isinstance(found, Absent) and found.strong):
                return Unsure("the session is new, and an earlier try is not yet looked up")
        outcome = await self._send(there, draft, attempt, keep)
        if isinstance(outcome, Refused) and attempt.n > 1:
            return kit.unless_found(outcome, await self._found(there, attempt))
        return outcome

    async def _send(self, there: There, draft: Draft, attempt: Attempt, keep: Keep) -> Outcome:
        root = await self._room.root(there.room, draft, attempt)
        if not isinstance(root, str | None):
            return root
        url = ""
        if draft.media:
            so_far = uploading.kept(attempt.kept)
            up = await uploading.uploaded(self._api, draft.media[0], so_far, keep)
            if not isinstance(up, str):
                return up
            url = up
        key = attempt.part.key
        said = content_of(draft, key, root=root, after=attempt.after, url=url)
        return await self._put(there, said, key)

    async def _put(self, there: There, said: Mapping[str, Any], key: str) -> Outcome:
        now = self._clock.now()
        answer = await self._api.put(in_room(there.room, "send", MESSAGE, key), said)
        if not isinstance(answer, Answer):
            return answer
        made = kit.json_object(answer) if answer.status == 200 else None
        id = made.get("event_id") if made else None
        if not is_event(id):
            return answers.judged(answer, now)
        return Posted(str(id), there.shown_at(self._web, str(id)), kit.used_up(answer.headers, now))

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the part's key among the account's own messages."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        there = await self._room.there()
        if not isinstance(there, There):
            return Unknown("there is no session with the server, or no room, now")
        return await self._found(there, attempt)

    async def _found(self, there: There, attempt: Attempt) -> Lookup:
        found = await looking.looked_up(self._api, there.room, there.login.user, attempt)
        if isinstance(found, Found):
            return replace(found, url=there.shown_at(self._web, found.ref))
        return found

    async def check(self) -> Health:
        """Whose the session is, and whether it may post to the room, and in the clear."""
        answer = await self._api.read(f"{CLIENT}/account/whoami")
        trouble = _trouble(answer, self._clock.now())
        there = None if trouble else await self._room.there()
        if isinstance(there, Stopped):
            trouble = f"{there.why}: {there.action}"
        elif isinstance(there, Later):
            trouble = "the server does not tell where the room is now"
        elif isinstance(there, There):
            trouble = await standing.trouble(self._api, there.room, there.login.user)
            await self._learn()
        user, room = self._access.user, self._room.id
        account = f"matrix {user} {room}" if user and room else ""
        return Health(account, trouble or self._access.trouble)

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Redact the event: its content is taken out on every server that follows. A file that it
        named may stay where it lies."""
        ours = await self._room.ours(ref)
        if not isinstance(ours, There):
            return Removed() if ours == Refused(GONE) else ours
        txn = hashlib.sha256(b"redact " + ref.encode()).hexdigest()[:32]
        answer = await self._api.put(in_room(ours.room, "redact", ref, txn), {})
        if isinstance(answer, Answer):
            made = kit.json_object(answer) if answer.status == 200 else None
            if (made and is_event(made.get("event_id"))) or answers.is_absent(answer):
                return Removed()
        return answers.harmless(answer, self._clock.now())

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Put a text in place of the message; readers can see the earlier version."""
        if not is_event(ref):
            return Refused(NO_REF)
        if post.media:
            return Refused("files cannot be changed there")
        [draft, *more] = composed(post, self._style, None)
        if more or draft.refuse:
            return Refused(draft.refuse or "it does not fit into one message")
        ours = await self._room.ours(ref)
        if not isinstance(ours, There):
            return ours
        # A transaction of its own each time: an edit may bring back what stood there before.
        outcome = await self._put(ours, replacement(draft, ref), randomness.token_hex(16))
        if isinstance(outcome, Posted):
            return Posted(ref, ours.shown_at(self._web, ref), outcome.rest)
        return kit.harmless(outcome)

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What others wrote under the account's messages, oldest first."""
        there = await self._room.there()
        if not isinstance(there, There):
            return there
        return await self._talk.since(there.room, there.login.user, cursor)


def _trouble(answer: Answer | Later | Stopped | Unsure, now: Instant) -> str:
    if isinstance(answer, Stopped):
        return f"{answer.why}: {answer.action}"
    if not isinstance(answer, Answer):
        return "the server cannot be reached"
    said = kit.json_object(answer)
    if answer.status == 200 and said is not None and "user_id" in said:
        return ""
    if said is None or answer.status == 404:
        return NO_HOMESERVER
    told = answers.judged(answer, now)
    if isinstance(told, Stopped):
        return f"{told.why}: {told.action}"
    return f"the server does not say whose the session is (it answered {answer.status})"
