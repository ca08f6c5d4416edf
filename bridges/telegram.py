"""Posts to one channel (or group) on Telegram, as a bot.

The Bot API knows no repeat and lists nothing. So that what ended in doubt can be looked up all the
same there are two ways, each to be switched on: ``audit`` names a private chat to which the bot
forwards the channel's next numbers, to see what they are; ``public_page`` reads the page on which
everybody sees a public channel. With neither, doubt is a person's. The parts of a long text answer
one another. The work is in ``bridges.channel``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Literal, Self

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridges import kit
from bridges.channel import (
    answers,
    numbers,
    page,
    publishing,
    rights,
    updates,
)
from bridges.channel.api import POST_S, UPLOAD_S, Api, description, result
from bridges.channel.composing import CAPTION, MESSAGE, Style, composed
from bridges.channel.media import FITS
from bridges.channel.probing import Probe
from bridges.channel.publishing import ids_of
from bridges.channel.wanted import BEFORE_S, Wanted
from bridges.kit import drafts, showing
from bridges.kit.drafts import Draft
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
    Reply,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

LAG_S: Final = 30
"""What is not there is not believed to stay away sooner after a try."""

MOST_LOOKED_FOR: Final = 1000

NO_REF: Final = "this is no message of a channel"
NO_SUCH: Final = (
    "the channel has no message of the number `since`: write what the link of its latest one ends "
    "with"
)
GONE: Final = "it is gone from the channel"


def _base(url: str) -> str:
    return kit.web_address(url).rstrip("/")


def _chat(named: object) -> str:
    said = str(named)
    if not regex.fullmatch(r"@[A-Za-z0-9_]{4,64}|-?[1-9][0-9]{0,18}", said):
        raise ValueError('write "@name" or the number: -1001234567890')
    return said


Chat = Annotated[str, AfterValidator(_chat)]


class Telegram:
    """Messages of one channel, with threads, albums, removal, edits and answers."""

    api = 1
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "schema-checked"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "Telegram knows no repeat: with `audit` the bot looks at the channel's next numbers after "
        "a doubt, with `public_page` at the page that everybody sees; with neither a person decides"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "the bot's token: talk to @BotFather in Telegram, /newbot (or /mybots, API "
        "Token), and paste 123456:ABC...; then make the bot an administrator of the channel"
    }

    fits: Fits = FITS

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "telegram"``."""

        model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

        token_file: str
        chat: Chat  #: "@name", or better the number, which never changes: "-1001234567890"
        audit: Chat | None = None  #: a private chat with the bot in it: doubt is looked up there
        public_page: bool = False  #: the channel is public: doubt is looked up on its page
        since: int | None = Field(None, ge=1)  #: the number of its latest message now
        replies: bool = False  #: read answers: nothing else may then ask for this bot's updates
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        previews: Literal["off", "on"] = "off"  #: "on": Telegram shows what an address leads to
        silent: bool = False  #: subscribers are told without a sound
        api: Annotated[str, AfterValidator(_base)] = "https://api.telegram.org"
        page: Annotated[str, AfterValidator(_base)] = "https://t.me"

        @model_validator(mode="after")
        def _looks_back_in_private(self) -> Self:
            if self.audit is not None and (self.audit[0] == "@" or self.audit == self.chat):
                raise ValueError("audit is a private chat, and a private chat has a number")
            if self.since is not None and self.audit is None:
                raise ValueError("since is where audit begins to look: write audit too")
            return self

    @staticmethod
    def hosts(settings: Telegram.Settings) -> Collection[str]:
        """The Bot API, and the page of a public channel where that is looked at."""
        page = (settings.page,) if settings.public_page else ()
        return {kit.host_of(url) for url in (settings.api, *page)}

    def __init__(self, settings: Telegram.Settings, http: Http, clock: Clock) -> None:
        self.once = Once("lookup" if settings.audit or settings.public_page else "none")
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._clock = clock
        self._http = http
        self._api = Api(http, clock, settings.api, _token(settings.token_file))
        self._chat = settings.chat
        self._audit = settings.audit or ""
        self._page = settings.page if settings.public_page else ""
        self._style = Style(settings.mentions == "on", settings.previews == "on", settings.silent)
        session = kit.Session(settings.token_file)
        self._numbers = numbers.Numbers(session, settings.chat)
        self._since = settings.since
        self._number = ""
        self._username = settings.chat.removeprefix("@") if settings.chat[0] == "@" else ""
        self._looked: dict[str, int] = {}  #: by a part's key, up to which number it is not there
        if settings.replies:
            self.replies: Callable[[bytes], Awaitable[Replied | Later | Stopped]] = self._answered

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split and freeze; the same bytes each time."""
        made = composed(post, self._style)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        most = CAPTION if draft.media else MESSAGE
        return showing.said(draft.text, "utf-16", most, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Keep the last known number, then one request, media and all."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        await self._begun()
        if not attempt.kept:  # the number before the *first* try: each of them may be there
            await keep(numbers.kept(self._numbers.last))
        outcome = await self._post(attempt, draft)
        if isinstance(outcome, Later) and not attempt.kept:
            await keep(b"")  # nothing was sent, and by the next try the channel has gone on
        return outcome

    async def _begun(self) -> str:
        """Take up `since`, once, if it is the number of a message; else say what is wrong with it.

        A number that is not would make what is there look as if it were not."""
        if self._numbers.last is not None or self._since is None or not self._audit:
            return ""
        nothing = Wanted(Draft(""), self._clock.now(), self._since - 1)
        there = await Probe(self._api, self._chat, self._audit, nothing).is_there(self._since)
        if there:
            await self._numbers.reached(self._since)
        return NO_SUCH if there is False else ""

    async def _post(self, attempt: Attempt, draft: Draft) -> Outcome:
        key = attempt.part.key
        method, said, form = publishing.request(self._chat, draft, self._style, attempt.after, key)
        timeout_s = UPLOAD_S if draft.media else POST_S
        answer = await self._api.call(method, said, form=form, timeout_s=timeout_s)
        if not isinstance(answer, Answer):
            return answer
        made = publishing.accepted(answer, draft)
        if made is None:
            return answers.to_post(answer, self._clock.now())
        ids, posted = made
        await self._numbers.posted(key, ids)
        return posted

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Look at the numbers since the last known one, or at the public page."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        known = self._numbers.ref_of(attempt.part.key)
        if known is not None:  # Telegram said yes to it; who deleted it since wants it gone
            chat = {"username": self._username, "id": self._number}
            return Found(known, publishing.shown(chat, ids_of(known)[0]))
        wanted = self._wanted(attempt, draft)
        lately = self._clock.now() < attempt.first + LAG_S
        found: Lookup = Unknown("nothing is set up to look it up with: `audit` or `public_page`")
        if self._audit:
            ours = attempt.n > 0
            found = await self._probed(attempt.part.key, wanted, lately, ours=ours)
        if isinstance(found, Unknown) and self._page:
            found = await self._read(wanted, lately)
        return found

    def _wanted(self, attempt: Attempt, draft: Draft) -> Wanted:
        key = attempt.part.key
        last: int | None = None  # what another node posted may be among those that are known
        if attempt.n:  # Without it, it was never sent as far as anybody here knows.
            last = numbers.read(attempt.kept) if attempt.kept else self._numbers.last
        since = attempt.first + self._api.ahead - BEFORE_S
        return Wanted(draft, since, last, self._numbers.of_others(key))

    async def _probed(self, key: str, wanted: Wanted, lately: bool, *, ours: bool) -> Lookup:
        if not _counts_for_itself(self._chat):
            return Unknown("a group of this kind shares its numbers with other chats")
        last = wanted.last if ours else await self._before(key, wanted)
        if last is None:
            return Unknown("no number of the channel is known yet: write one as `since`")
        begin = max(last, self._looked.get(key, 0))
        probe = Probe(self._api, self._chat, self._audit, replace(wanted, last=begin))
        try:
            return await probe.look(lately=lately)
        finally:
            self._looked[key] = probe.reached
            while len(self._looked) > MOST_LOOKED_FOR:
                del self._looked[next(iter(self._looked))]

    async def _before(self, key: str, wanted: Wanted) -> int | None:
        """A number that the channel had before another node can have posted the part; None if none
        is known."""
        if key in self._looked or self._numbers.last is None:
            return self._looked.get(key)
        return await Probe(self._api, self._chat, self._audit, wanted).back(self._numbers.last)

    async def _read(self, wanted: Wanted, lately: bool) -> Lookup:
        if not self._username:
            await self.check()
        if not self._username:
            return Unknown("the channel has no public page")
        return await page.looked_up(self._http, self._page, self._username, wanted, lately=lately)

    async def check(self) -> Health:
        """Which channel it is and what the bot may do there."""
        seen = await rights.seen(self._api, self._chat, self._audit)
        self._number = seen.number or self._number
        self._username = seen.username or self._username
        if seen.number:
            await self._numbers.is_of(seen.number)
        trouble = seen.trouble or await self._begun()
        return Health(f"telegram {self._number}" if self._number else "", trouble)

    # ------------------------------------------------------------ remove, edit, answers

    async def remove(self, ref: str) -> Removal:
        """Delete the message, or each of an album."""
        ids = ids_of(ref)
        if not ids:
            return Refused(NO_REF)
        for id in ids:
            said = {"chat_id": self._chat, "message_id": id}
            answer = await self._api.call("deleteMessage", said)
            if result(answer) is True or "to delete not found" in description(answer):
                continue
            if "can't be deleted" in description(answer):
                return Refused("Telegram does not let the bot delete it any more: delete it there")
            return answers.harmless(answer, self._clock.now())
        await self._numbers.removed(ref)
        return Removed()

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Change text, caption and media; people see that it was edited, not what it was."""
        ids = ids_of(ref)
        if not ids:
            return Refused(NO_REF)
        made = composed(post, self._style)
        if len(made) > 1:
            return Refused("it does not fit into one message")
        if made[0].refuse:
            return Refused(made[0].refuse)
        if len(ids) != max(1, len(made[0].media)):
            return Refused("it has another number of media: remove it and post it anew")
        return await self._change(ids, made[0], kit.part_key(post.secret, 0))

    async def _change(
        self, ids: tuple[int, ...], draft: Draft, key: str
    ) -> Posted | Later | Refused | Stopped:
        url = ""
        for number, id in enumerate(ids):
            answer = await self._changed(id, draft, number, key)
            words = description(answer)
            if isinstance(given := result(answer), dict):
                url = url or publishing.shown(given.get("chat"), id)
            elif "message to edit not found" in words or "message_id_invalid" in words:
                return Refused(GONE)
            elif "can't be edited" in words or "no text in the message" in words:
                return Refused("Telegram does not let it be edited so: remove it and post it anew")
            elif "is not modified" not in words:  # which says that it says that already
                return answers.harmless(answer, self._clock.now())
        return Posted(publishing.ref_of(ids), url)

    async def _changed(
        self, id: int, draft: Draft, number: int, key: str
    ) -> Answer | Later | Unsure:
        if not draft.media:
            said = {"chat_id": self._chat, "message_id": id, "text": draft.text}
            said |= {"link_preview_options": publishing.preview(self._style)}
            return await self._api.call("editMessageText", said, timeout_s=POST_S)
        form = publishing.changing_media(self._chat, id, draft, number, key)
        return await self._api.call("editMessageMedia", form=form, timeout_s=UPLOAD_S)

    async def _answered(self, cursor: bytes) -> Replied | Later | Stopped:
        """As ``relay.ports.Replies``: there only where ``replies`` is set."""
        if not self._number:
            await self.check()
        found = await updates.since(self._api, self._number, cursor)
        if not isinstance(found, Replied):
            return found
        named = (self._named(reply) for reply in found.replies)
        return Replied(tuple(named), found.cursor)

    def _named(self, reply: Reply) -> Reply:
        """An album is known by all its numbers, and answered by its first."""
        return replace(reply, to=self._numbers.whole(int(reply.to)))


def _counts_for_itself(chat: str) -> bool:
    """Whether its messages are numbered one by one. Those of private chats and of plain groups are
    numbered together, for each account; channels and supergroups have names, or numbers beyond a
    million million (core.telegram.org/api/bots/ids)."""
    return chat.startswith("@") or int(chat) < -(10**12)


def _token(path: str) -> str:
    token = kit.read_secret(path).decode("ascii", "replace")
    if not regex.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,100}", token):
        raise kit.BadSecret("a bot's token is a number, a colon and a word: 123456:ABC...")
    return token
