"""Posts to one account on X.

X has no key by which a repeat is known: what ended in doubt is looked up among the account's own
posts, by its media, else by its words. The parts of a long text answer one another; where X does
not allow that (it may not, to those who pay by the call) they follow as numbered posts. Each post
is billed, and one with an address many times as dear. The work is in ``bridges.twitter``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.kit import drafts, showing
from bridges.kit.drafts import Draft
from bridges.twitter import (
    answers,
    keyfile,
    login,
    looking,
    mentions,
    publishing,
    uploading,
)
from bridges.twitter.api import POST_S, Api
from bridges.twitter.composing import Style, composed, price
from bridges.twitter.listing import Listing
from bridges.twitter.looking import BEFORE_S, Wanted
from bridges.twitter.media import FITS
from bridges.twitter.signing import Four, Signed
from bridges.twitter.tokens import Renewing
from bridges.twitter.uploading import Uploaded, Uploading
from bridges.twitter.weight import Weight
from relay.ports import (
    Absent,
    Answer,
    Ask,
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
    Refused,
    Removal,
    Removed,
    Replied,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

T = TypeVar("T")

ME: Final = "/2/users/me"
WELL_FOR_S: Final = 6 * 3600
"""Seconds that an account once found well is not asked for again: each question is billed."""

LAG_S: Final = 30
"""A list is not believed to be whole sooner after a try."""

MOST_REMEMBERED: Final = 1000
"""Posts of ours, not to be taken for another with the same words; and parts that were sent."""


def _base(url: str) -> str:
    return kit.web_address(url).rstrip("/")


class X:
    """Posts of one account, with threads, media, answers and removal."""

    api = 1
    once: Once = answers.ONCE
    tested: ClassVar[str] = "schema-checked"
    bills: ClassVar[str] = "USD"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "X knows no repeat: a doubtful post is looked for among the account's own, by its media or "
        "its words, and sent once more only when it was not there twice"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "console.x.com, your app, user authentication settings: Read and write; then "
        "Keys and tokens: API key, API key secret, access token, access token secret, pasted in "
        "that order with blanks between (relay login asks for each)"
    }

    fits: Fits = FITS

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "x"``. Prices are in thousandths of a dollar."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        token_file: str
        api: Annotated[str, AfterValidator(_base)] = "https://api.x.com"
        authorize: Annotated[str, AfterValidator(_base)] = "https://x.com/i/oauth2/authorize"
        threads: Literal["replies", "numbered"] = "replies"
        links: Literal["keep", "drop"] = "keep"  #: "drop": addresses can be read, and lead nowhere
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        characters: int = Field(280, ge=280, le=25_000)  #: weighted; more only for who pays for it
        price: int = Field(15, ge=0, le=100_000)
        price_with_link: int = Field(200, ge=0, le=100_000)
        price_of_alt: int = Field(5, ge=0, le=100_000)

    @staticmethod
    def hosts(settings: X.Settings) -> Collection[str]:
        """The API: pictures and tokens are had there too."""
        return {kit.host_of(settings.api)}

    def __init__(self, settings: X.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._clock = clock
        self._api = Api(http, clock, settings.api, _access(settings, http, clock))
        self._listing = Listing(self._api)
        self._replies = settings.threads == "replies"  #: until X says that it does not allow it
        self._style = Style(
            settings.characters,
            settings.mentions == "on",
            settings.links == "keep",
            settings.price,
            settings.price_with_link,
            settings.price_of_alt,
        )
        self._account = ""
        self._well_until: Instant = 0
        self._parts: dict[str, str] = {}  #: our latest posts: the id there, and the part's key
        self._began: dict[str, Instant] = {}  #: parts by their key: when first sent, by X's clock

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, settle addresses, split, price and freeze; the same bytes each time."""
        made = composed(post, self._style)
        return [
            Part(
                kit.part_key(post.secret, index),
                index,
                len(made),
                drafts.frozen(draft),
                price(draft, self._style),
            )
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, Weight(), self._style.characters, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Upload what is not there yet, then one POST."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        so_far = uploading.kept(attempt.kept)
        up: Uploaded | Outcome = so_far
        if draft.media:
            up = await Uploading(self._api, draft.media, keep, attempt.part.key).bring(so_far)
            if isinstance(up, Uploaded):
                up = replace(up, tried=True)
                await keep(up.written())
        outcome = await self._post(attempt, draft, up.ids) if isinstance(up, Uploaded) else up
        if outcome == Refused(answers.INVALID) and so_far.done:
            await keep(b"")  # it may be the media that X has forgotten since they were uploaded
            return Later(uploading.GONE)
        if isinstance(outcome, Later):
            outcome = self._api.stuck or outcome
        if isinstance(outcome, Stopped):
            self._well_until = 0
        return outcome

    async def _post(self, attempt: Attempt, draft: Draft, ids: Sequence[str]) -> Outcome:
        after = attempt.after if self._replies else None
        said = publishing.body(draft, ids, after)
        _put(self._began, attempt.part.key, self._when(attempt, self._clock.now()))
        answer = await self._api.ask("POST", "/2/tweets", said=said, timeout_s=POST_S)
        if not isinstance(answer, Answer):
            return answer
        posted = publishing.accepted(answer, self._clock.now())
        if posted is None:
            outcome = answers.to_post(answer, self._clock.now(), reply=after is not None)
            self._replies &= outcome != Later(answers.NO_ANSWERS)
            return outcome
        _put(self._parts, posted.ref, attempt.part.key)
        return posted

    def _when(self, attempt: Attempt, first: Instant) -> Instant:
        """When the first try at a part began, by X's clock. Ours may have been set since: of two
        readings the earlier."""
        at = first + self._api.ahead
        return min(at, self._began.get(attempt.part.key, at))

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the part among the account's own posts."""
        draft = drafts.thawed(attempt.part.payload)
        # What another node brought there has keys of its own.
        so_far = uploading.kept(attempt.kept if attempt.n else b"")
        if draft.refuse:
            return Absent(strong=True)  # nothing was ever sent
        account = self._account or publishing.account_of(await self._me())
        if not account:
            return Unknown("X does not say whose the keys are")
        self._account = account
        key = attempt.part.key
        wanted = Wanted(
            draft,
            since=self._when(attempt, attempt.first) - BEFORE_S,
            after=attempt.after,
            media=frozenset(so_far.keys) - {""},
            tried=so_far.tried,
            others=frozenset(ref for ref, part in self._parts.items() if part != key),
        )
        lately = self._clock.now() < attempt.first + LAG_S
        found = await looking.looked_up(self._listing, account, wanted, lately=lately)
        if isinstance(found, Found):
            _put(self._parts, found.ref, key)
        return found

    async def _me(self) -> Answer | Later | Unsure:
        return await self._api.ask("GET", ME)

    async def check(self) -> Health:
        """Whose the keys are, and whether X takes them. Asked again after hours only: it is billed;
        what X refused is asked at once."""
        now = self._clock.now()
        if not self._account or now >= self._well_until:
            answer = await self._me()
            account = publishing.account_of(answer)
            if not account:
                return Health(self._named(), _trouble(answer, now, self._api.stuck))
            self._account = account
            if isinstance(answer, Answer) and answer.headers.get("x-access-level") == "read":
                return Health(self._named(), f"the keys may only read: {answers.NEW_KEYS}")
            self._well_until = now + WELL_FOR_S
        return Health(self._named(), self._api.trouble)

    def _named(self) -> str:
        return f"x {self._account}" if self._account else ""

    # ------------------------------------------------------------ remove, replies, login

    async def remove(self, ref: str) -> Removal:
        """Delete the post."""
        if not publishing.is_id(ref):
            return Refused("this is no post of X")
        answer = await self._api.ask("DELETE", f"/2/tweets/{ref}")
        if isinstance(answer, Answer):
            if answer.status in (404, 410) and answers.words(answer).strip():
                return Removed()  # X says so itself, and no page of a server before it
            if answer.status == 200 and publishing.data(answer).get("deleted") is True:
                return Removed()
        return answers.harmless(answer, self._clock.now())

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was answered to the account's posts, oldest first."""
        account = self._account or publishing.account_of(await self._me())
        if not account:
            return Later("X does not say whose the keys are")
        self._account = account
        after = cursor.decode("ascii", "replace")
        after = after if publishing.is_id(after) else ""
        return await mentions.since(self._listing, account, after, self._clock.now())

    @classmethod
    async def login(
        cls, settings: X.Settings, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """Ask for the four keys, or lead through OAuth 2.0."""
        return await login.led(http, ask, settings.api, settings.authorize)


def _put(held: dict[str, T], key: str, value: T) -> None:
    """Remember the latest of these."""
    held[key] = value
    while len(held) > MOST_REMEMBERED:
        del held[next(iter(held))]


def _access(settings: X.Settings, http: Http, clock: Clock) -> Signed | Renewing:
    held = keyfile.read(kit.read_secret(settings.token_file))
    if isinstance(held, Four):
        return Signed(held, clock)
    return Renewing(held, kit.Session(settings.token_file), http, settings.api)


def _trouble(answer: Answer | Later | Unsure, now: Instant, stuck: Stopped | None) -> str:
    if not isinstance(answer, Answer):
        return f"{stuck.why}: {stuck.action}" if stuck else "X cannot be reached"
    told = answers.to_post(answer, now)
    if isinstance(told, Stopped):
        return f"{told.why}: {told.action}"
    return f"X does not say whose the keys are (it answered {answer.status})"
