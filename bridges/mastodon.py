"""Posts to one account on Mastodon, or on another server with its API (GoToSocial, Pleroma ...).

Mastodon keeps our ``Idempotency-Key`` for an hour after a post, so that within 55 minutes a send
that ended in doubt is simply repeated; later, and on servers that do not keep it, the account's own
list is read. What the server is and what it allows it is asked itself, every six hours. The parts
of a long text are a thread, each an answer to the one before. The work is in ``bridges.fediverse``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.fediverse import accounts, answers, drafts, looking, media, publishing, uploading
from bridges.fediverse.api import POST_S, Api
from bridges.fediverse.composing import Style, composed
from bridges.fediverse.drafts import Draft
from bridges.fediverse.matching import BEFORE_S, Wanted
from bridges.fediverse.server import Server
from bridges.fediverse.uploading import Uploaded
from bridges.kit import showing
from bridges.kit.words import clean
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
    Said,
    Stopped,
    Unknown,
)

KEPT_FOR_S: Final = 3300
"""Mastodon keeps a key for 3600 s after the post; 5 min are for clocks and slow requests."""

LIMITS_FOR_S: Final = 6 * 3600
ASK_AGAIN_S: Final = 60
"""Seconds until a server that did not tell its limits is asked again."""

LAG_S: Final = 30
"""A list is not believed to be whole sooner after a try."""

MOST_DENIED: Final = 3
"""So many "not allowed" in a row are no longer about the posts."""

MOST_REMEMBERED: Final = 1000
"""Posts of ours that are not taken for another one with the same words."""

SHOWS_MORE: Final = "the server shows posts to more people than it was told"
NO_REF: Final = "this is no post of such a server"


def _server(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the server alone: https://mastodon.example")
    return url.rstrip("/")


class Mastodon:
    """Statuses of one account, with threads, media, removal and edits."""

    api = 1
    shows_edits: ClassVar[bool] = True
    tested: ClassVar[str] = "schema-checked"
    again: ClassVar[str] = (
        "a server of Mastodon itself keeps our key for an hour; after that, and on other servers, "
        "the account's own posts are looked through"
    )
    once: Once = Once("lookup")  #: until the server has said what it is
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "the access token of the account: log in on its server, then Preferences, "
        f"Development, New application, scopes {answers.SCOPES}; copy 'Your access token'"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "mastodon"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        server: Annotated[str, AfterValidator(_server)]
        token_file: str
        visibility: Literal["public", "unlisted", "private"] = "public"
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        content_warning: str = Field("", max_length=100)  #: shown in place of each text
        sensitive: bool = False  #: media are covered until a reader asks

    @staticmethod
    def hosts(settings: Mastodon.Settings) -> Collection[str]:
        """The server: what it links to elsewhere is not asked."""
        return {kit.host_of(settings.server)}

    def __init__(self, settings: Mastodon.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._host = urlsplit(settings.server).netloc.lower()
        self._clock = clock
        self._api = Api(http, settings.server, _token(settings.token_file))
        self._style = Style(
            settings.visibility,
            settings.mentions == "on",
            clean(settings.content_warning).replace("\n", " "),
            settings.sensitive,
        )
        self._server = Server()
        self._known_until: Instant = 0
        self._account = ""
        self._denied = 0
        self._shows_more = False
        self._parts: dict[str, str] = {}  #: our latest posts: the id there, and the part's key

    @property
    def fits(self) -> Fits:
        """As the server says; of one that was not asked yet what every server takes."""
        return media.fits_of(self._server)

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split and freeze; the same bytes as long as the server's limits are the same."""
        await self._learn()
        made = composed(post, self._server, self._style)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    async def _learn(self) -> None:
        """Ask the server what it is, if that is long ago; what it does not tell stays as it was.

        Where it failed it is not asked again at once: each question costs its patience."""
        now = self._clock.now()
        if 0 < self._known_until - now <= LIMITS_FOR_S:  # no more, where a clock was set back
            return
        learnt = await self._api.learn()
        self._known_until = now + (ASK_AGAIN_S if learnt is None else LIMITS_FOR_S)
        if learnt is not None:
            self._server = learnt
            keeps = learnt.keeps_keys
            self.once = Once("exact", KEPT_FOR_S, everywhere=True) if keeps else Once("lookup")

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        text = "\n\n".join(filter(None, [draft.warning, draft.text]))
        by, most = self._server.counting, self._server.characters
        return showing.said(text, by, most, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Upload what is not there yet, then one POST."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        if self._shows_more:
            return Stopped(SHOWS_MORE, answers.LOOK)
        so_far = uploading.kept(attempt.kept)
        asked = self._asked(attempt.after is not None, bool(draft.media), so_far.tried)
        up: Uploaded | Outcome = so_far
        if draft.media:
            key = attempt.part.key
            up = await uploading.uploaded(self._api, draft.media, so_far, asked, keep, key)
            if isinstance(up, Uploaded):
                await keep(up.about_to_post().written())
        if isinstance(up, Uploaded):
            up = await self._post(attempt, draft, up.ids, asked)
        outcome = self._judged(up, draft)
        if isinstance(outcome, Refused) and attempt.n > 1:
            return kit.unless_found(outcome, await self.find(attempt))
        return outcome

    async def _post(
        self, attempt: Attempt, draft: Draft, ids: Sequence[str], asked: answers.Asked
    ) -> Outcome:
        said = publishing.body(draft, ids, attempt.after)
        answer = await self._api.ask(
            "POST", "/api/v1/statuses", said=said, key=attempt.part.key, timeout_s=POST_S
        )
        if not isinstance(answer, Answer):
            return answer
        posted = publishing.accepted(answer)
        if posted is None:
            return answers.to_post(answer, asked)
        self._shows_more |= publishing.shows_more(answer, draft)
        self._remember(posted.ref, attempt.part.key)
        return posted

    def _remember(self, ref: str, key: str) -> None:
        self._parts[ref] = key
        while len(self._parts) > MOST_REMEMBERED:
            del self._parts[next(iter(self._parts))]

    def _asked(
        self, after: bool = False, media: bool = False, tried: bool = False
    ) -> answers.Asked:
        by_host = self._server.limits_by_host
        return answers.Asked(self._clock.now(), after, media, tried, by_host)

    def _judged(self, outcome: Outcome, draft: Draft) -> Outcome:
        """The same outcome; what it tells of the account and of the limits is remembered."""
        if isinstance(outcome, Posted):
            self._denied = 0
        if not isinstance(outcome, Refused):
            return outcome
        self._known_until = 0  # perhaps the limits have changed: asked before the next post
        if outcome.why == media.TOO_LARGE:
            largest = max(draft.media, key=lambda one: len(one.content))
            self._server = self._server.takes_less(largest.type, len(largest.content))
            self._known_until = self._clock.now() + LIMITS_FOR_S
        self._denied = self._denied + 1 if outcome.why == answers.NOT_ALLOWED else 0
        return Stopped(outcome.why, answers.LOOK) if self._denied >= MOST_DENIED else outcome

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Look for the part among the account's own statuses."""
        draft = drafts.thawed(attempt.part.payload)
        so_far = uploading.kept(attempt.kept)
        if draft.refuse or (draft.media and attempt.n and not so_far.tried):
            return Absent(strong=True)  # no request was made that could have published it
        answer = await self._api.ask("GET", accounts.WHO)
        account = accounts.account_of(answer)
        if not isinstance(answer, Answer) or not account:
            return Unknown("the server does not say whose the token is")
        now = self._clock.now()
        ahead = (kit.server_time(answer.headers) or now) - now
        since = attempt.first + ahead - BEFORE_S
        key = attempt.part.key
        others = frozenset(ref for ref, part in self._parts.items() if part != key)
        ids = so_far.ids if attempt.n else ()  # another node brought its own
        wanted = Wanted(draft, since=since, after=attempt.after, media=ids, others=others)
        lately = now < attempt.first + LAG_S
        found = await looking.looked_up(self._api, account, wanted, lately=lately)
        if isinstance(found, Found):
            self._remember(found.ref, key)
        return found

    async def check(self) -> Health:
        """Whose the token is, what it may do, and what the server is."""
        answer = await self._api.ask("GET", accounts.WHO)
        self._account = accounts.account_of(answer) or self._account
        trouble = accounts.trouble_of(answer, self._asked())
        trouble = trouble or await accounts.lacking(self._api, self._account)
        if not trouble and self._shows_more:  # until a new start: a person must have looked
            trouble = f"{SHOWS_MORE}: {answers.LOOK}"
        if not trouble:
            await self._learn()
        return Health(f"mastodon {self._host} {self._account}" if self._account else "", trouble)

    # ------------------------------------------------------------ remove and edit

    async def remove(self, ref: str) -> Removal:
        """Delete the status; other servers are asked to delete their copies, and may not."""
        if not kit.is_ref(ref):
            return Refused(NO_REF)
        answer = await self._api.ask("DELETE", f"/api/v1/statuses/{ref}")
        if isinstance(answer, Answer) and answers.is_gone(answer):
            return Removed()
        return answers.harmless(answer, self._asked())

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Replace text and media of one status; readers can see the earlier version."""
        if not kit.is_ref(ref):
            return Refused(NO_REF)
        await self._learn()
        made = composed(post, self._server, self._style)
        if len(made) > 1:
            return Refused("it does not fit into one post")
        if made[0].refuse:
            return Refused(made[0].refuse)
        return await self._change(ref, made[0], kit.part_key(post.secret, 0))

    async def _change(self, ref: str, draft: Draft, key: str) -> Posted | Later | Refused | Stopped:
        asked = self._asked(media=bool(draft.media))
        up = await uploading.uploaded(self._api, draft.media, Uploaded(), asked, _forget, key)
        if not isinstance(up, Uploaded):
            return kit.harmless(up)
        said = publishing.change(draft, up.ids)
        answer = await self._api.ask("PUT", f"/api/v1/statuses/{ref}", said=said, timeout_s=POST_S)
        if isinstance(answer, Answer):
            changed = publishing.accepted(answer)
            if changed is not None and changed.ref == ref:
                return changed
            if answer.status in (404, 410):
                return Refused("it is gone from the server")
        return answers.harmless(answer, asked)


async def _forget(kept: bytes) -> None:
    """An edit has no attempt to keep anything with: repeated, it uploads again."""


def _token(path: str) -> str:
    token = kit.read_secret(path)
    if not all(0x20 < byte < 0x7F for byte in token):
        raise kit.BadSecret("a token is one word of plain characters")
    return token.decode()
