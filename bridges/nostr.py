"""Posts to one account on Nostr: signed events, given to several relays.

An event is named by the hash of what it says, so that whatever ended in doubt is given again: the
same bytes are the same one post, for ever. It is signed in ``prepare`` and never made anew. A post
counts as posted when ``least`` relays have it. The work is in ``bridges.relays``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from functools import partial
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bridges import kit
from bridges.kit import showing
from bridges.kit.fitting import ALL, NO_MEDIA
from bridges.kit.words import clean
from bridges.relays import answers, bech32, blossom, drafts, keys, looking, mining, tally
from bridges.relays.asking import reached, shown
from bridges.relays.composing import Style, answering, composed
from bridges.relays.documents import HOUR_S, Document, Limits, common, learnt
from bridges.relays.drafts import Draft
from bridges.relays.events import NOTE, REMOVAL, Event, is_id
from bridges.relays.offering import NO_ANSWER, TAKEN, Told, offered
from bridges.relays.together import together
from relay.ports import (
    Absent,
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
    Media,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Replied,
    Said,
    Stopped,
    Unknown,
)

MOST_RELAYS: Final = 20
MOST_ADDRESS: Final = 150
"""Characters of a relay's address: all of them together fit into what is kept with an attempt."""

COPIES_S: Final = 30.0
"""For all media servers but the first, together: one that is blocked must not hold up a post."""

LEARNT_FOR_S: Final = 6 * 3600
ASK_AGAIN_S: Final = 60
"""Seconds until relays that did not tell their limits are asked again."""


def _relay(address: str) -> str:
    if not address.startswith(("wss://", "ws://")):
        raise ValueError("write a relay's whole address: wss://...")
    kit.web_address("http" + address.removeprefix("ws"))
    if not (address.isascii() and address.isprintable()) or len(address) > MOST_ADDRESS:
        raise ValueError("a relay's address is plain, and no longer than 150 characters")
    return address


def _server(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the media server alone: https://media.example")
    return url.rstrip("/")


def _viewer(url: str) -> str:
    return kit.web_address(url) if url else ""


Relay = Annotated[str, AfterValidator(_relay)]
Server = Annotated[str, AfterValidator(_server)]


class Nostr:
    """Notes of one account, with threads, media, answers and requests to delete. No edits: an event
    cannot be changed."""

    api = 1
    tested: ClassVar[str] = "real server"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "an event is named by the hash of what it says: given to a relay again it is the same one, "
        "and what is in doubt is given again"
    )
    once = Once("exact")
    secrets: ClassVar[Mapping[str, str]] = {
        "key_file": "the account's private key: your client shows it under Keys or Backup, as "
        "nsec1... or 64 hex digits; nobody can reset it, so keep a copy of it elsewhere"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "nostr"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        key_file: str
        relays: tuple[Relay, ...] = Field(min_length=1, max_length=MOST_RELAYS)
        least: int | None = Field(None, ge=1, le=MOST_RELAYS)  #: None: 2, or all if there is one
        blossom: tuple[Server, ...] = Field((), max_length=8)  #: the first is where the text points
        mentions: Literal["off", "on"] = "off"  #: "on": npub1... and #tag in a text work as such
        content_warning: str = Field("", max_length=100)  #: why clients cover it; "": they do not
        characters: int = Field(4000, ge=200, le=60_000)  #: of one note; less where a relay says so
        work: int = Field(20, ge=0, le=mining.MOST_BITS)  #: bits worked for, at most (NIP-13)
        work_always: int = Field(0, ge=0, le=mining.MOST_BITS)  #: for relays that do not say so
        viewer: Annotated[str, AfterValidator(_viewer)] = ""  #: a page that shows notes, for links

        @model_validator(mode="after")
        def _enough(self) -> Nostr.Settings:
            if len(set(self.relays)) != len(self.relays):
                raise ValueError("a relay is named twice")
            if self.least is not None and self.least > len(self.relays):
                raise ValueError("`least` is more than there are relays")
            return self

    @staticmethod
    def hosts(settings: Nostr.Settings) -> Collection[str]:
        """The relays, and the media servers."""
        return {kit.host_of(url) for url in (*settings.relays, *settings.blossom)}

    def __init__(self, settings: Nostr.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # a thread is read in the order in which it was posted
        self._http = http
        self._clock = clock
        self._key = keys.read(kit.read_secret(settings.key_file))
        self._relays = settings.relays
        self._least = settings.least or min(2, len(settings.relays))
        self._servers = settings.blossom
        self.fits: Fits = ALL if settings.blossom else NO_MEDIA  # each server has its own limits
        self._characters = settings.characters
        self._bits = max(settings.work, settings.work_always)
        self._bits_always = settings.work_always
        self._viewer = settings.viewer
        self._style = Style(
            self._key.account,
            settings.relays[0],
            settings.mentions == "on",
            clean(settings.content_warning).replace("\n", " "),
            settings.blossom,
        )
        self._documents: dict[str, Document] = {}
        self._known_until: Instant = 0

    # ------------------------------------------------------------ prepare

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split, work and sign; the same bytes as long as the relays' limits are the same.

        The times are those of the post, a second apart, so that a thread stands in order where a
        client sorts by time; none is later than the post's own."""
        limits = await self._limits()
        notes = composed(post, limits, self._style)
        parts: list[Part] = []
        before: list[str] = []
        for index, note in enumerate(notes):
            key = kit.part_key(post.secret, index)
            draft = Draft(None, refuse=note.refuse)
            if not note.refuse:
                at = post.date - (len(notes) - 1 - index)
                tags = answering(note, before, self._style)
                plain = Event(self._key.account, at, NOTE, tags, note.content)
                worked = await mining.worked(plain, int(key[:12], 16), limits.bits)
                event = worked.signed(self._key)
                draft = Draft(event, before[-1] if before else "", note.media)
                before.append(event.id)
            parts.append(Part(key, index, len(notes), drafts.frozen(draft)))
        return parts

    async def _limits(self) -> Limits:
        await self._learn()
        return self._known()

    def _known(self) -> Limits:
        documents = [*self._documents.values(), Document(bits=self._bits_always)]
        return common(documents, self._characters, self._bits)

    async def _learn(self) -> None:
        """Ask the relays what they allow, if that is long ago; of one that does not tell, what it
        told last stays true."""
        now = self._clock.now()
        if 0 < self._known_until - now <= LEARNT_FOR_S:  # no more, where a clock was set back
            return
        told = await together(self._relays, partial(learnt, self._http))
        self._documents |= {address: one for address, one in told.items() if one is not None}
        self._known_until = now + (LEARNT_FOR_S if any(told.values()) else ASK_AGAIN_S)

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        text = "" if draft.event is None else draft.event.content
        most = self._known().characters
        return showing.said(text, "code points", most, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Bring the media, then give the event to all relays that do not have it."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.event is None:
            return Refused(draft.refuse)
        if draft.after != (attempt.after or ""):
            return Refused("it answers another post than the one before it")
        so_far = drafts.kept(attempt.kept)
        if draft.media and not so_far.uploaded:
            trouble = await self._bring(draft.media)
            if trouble is not None:
                return trouble
            so_far = drafts.Progress(True, so_far.taken)
            await keep(so_far.written())
        told = await self._offer(draft.event, so_far.taken & {*self._relays}, self._least)
        now = so_far.with_taken(address for address, one in told.items() if one == TAKEN)
        outcome = tally.outcome(
            told, now.taken & {*self._relays}, self._least, draft.event.id, self._url(draft.event)
        )
        if now != so_far and not isinstance(outcome, Posted):
            await keep(now.written())
        if isinstance(outcome, Refused) and attempt.n > 1:
            return kit.unless_found(outcome, await self.find(attempt))
        return outcome

    async def _bring(self, media: Sequence[Media]) -> Later | Refused | Stopped | None:
        """To the first server, where the text points, and as far as may be to the others."""
        first, *others = self._servers
        for medium in media:
            trouble = await blossom.brought(self._http, first, medium, self._key, self._clock)
            if trouble is not None:
                return trouble

        async def copied(server: str) -> None:
            for medium in media:
                await blossom.brought(self._http, server, medium, self._key, self._clock)

        await together(others, copied, within_s=COPIES_S)
        return None

    async def _offer(self, event: Event, have: Set[str], least: int) -> dict[str, Told]:
        """To all relays but those that ``have`` it; when ``least`` have, it need not be all."""

        async def offer(address: str) -> Told:
            return await offered(self._http, address, event, self._key, self._clock)

        def enough(told: dict[str, Told]) -> bool:
            return len(have) + sum(one == TAKEN for one in told.values()) >= least

        to = [one for one in self._relays if one not in have]
        told = await together(to, offer, enough)
        return {address: told.get(address, NO_ANSWER) for address in to}

    def _url(self, event: Event) -> str:
        return self._viewer and self._viewer + bech32.encoded("note", bytes.fromhex(event.id))

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Ask every relay for the event by its id."""
        event = drafts.thawed(attempt.part.payload).event
        if event is None:
            return Absent(strong=True)
        if not attempt.n:
            return await self._elsewhere(event, attempt)
        told = await self._shown({"ids": [event.id]})
        if any(one.id == event.id for shown in told.values() for one in shown or ()):
            return Found(event.id, self._url(event))
        if None in told.values() or len(told) < len(self._relays):
            return Unknown("not all relays can be asked")
        return Absent(strong=True)

    async def _elsewhere(self, event: Event, attempt: Attempt) -> Lookup:
        """The event that another node has made of the part: in another hour, so of another id."""

        async def ask(address: str) -> list[Event] | None:
            return await looking.since(
                self._http, address, event.account, attempt.first, self._key, self._clock
            )

        told = await together(self._relays, ask)
        alike = {
            one.id
            for shown in told.values()
            for one in shown or ()
            if looking.is_alike(one, event, attempt.after)
        }
        if len(alike) > 1:
            return Unknown("several posts there are like it")
        for id in alike:
            return Found(
                id, self._viewer and self._viewer + bech32.encoded("note", bytes.fromhex(id))
            )
        if None in told.values() or len(told) < len(self._relays):
            return Unknown("not all relays can be asked")
        return Absent(strong=True)

    async def _shown(self, asked: Mapping[str, object]) -> dict[str, list[Event] | None]:
        async def ask(address: str) -> list[Event] | None:
            return await shown(self._http, address, asked, self._key, self._clock)

        return await together(self._relays, ask)

    async def check(self) -> Health:
        """Whose the key is, and whether enough relays stand there; nothing is signed."""
        await self._learn()

        async def ask(address: str) -> bool:
            return await reached(self._http, address, self._key.account)

        told = await together(self._relays, ask)
        there = [address for address, answers_us in told.items() if answers_us]
        return Health(f"nostr {self._key.npub}", self._trouble(there))

    def _trouble(self, there: Sequence[str]) -> str:
        if len(there) < self._least:
            return (
                f"{len(there)} of {len(self._relays)} relays can be reached, and {self._least} "
                "must have a post: look at their addresses, or name others"
            )
        plain = Document()
        known = [self._documents.get(address, plain) for address in there]
        usable = [one for one in known if one.bits <= self._bits and not one.too_young]
        if len(usable) < self._least:
            return (
                f"{len(usable)} of the relays take our posts: the others want more work than "
                "`work` allows, or only what is younger than our times tell; name others"
            )
        return ""

    # ------------------------------------------------------------ remove and replies

    async def remove(self, ref: str) -> Removal:
        """Ask all relays to delete the event. They should; copies elsewhere stay, and its media."""
        if not is_id(ref):
            return Refused("this is no event")
        event = await self._request_to_delete(ref)
        every = len(self._relays) + 1  # all are waited for
        return tally.removal(await self._offer(event, frozenset(), every))

    async def _request_to_delete(self, ref: str) -> Event:
        """Signed, and worked for as a post is; at the hour, since the minute is nobody's."""
        now = self._clock.now()
        tags = (("e", ref), ("k", str(NOTE)))
        plain = Event(self._key.account, now - now % HOUR_S, REMOVAL, tags, "")
        bits = (await self._limits()).bits
        return (await mining.worked(plain, 0, bits) if bits else plain).signed(self._key)

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What names us and answers an event of ours, from the relays that can be asked."""
        now = self._clock.now()
        since = answers.cursor_of(cursor)
        if since is None:
            return Replied((), answers.Cursor(now).written())
        told = await self._shown(answers.to_us(self._key.account, since, now))
        events = [event for shown in told.values() for event in shown or ()]
        if not any(shown is not None for shown in told.values()):
            return Later("no relay can be asked", scope="host")
        new = answers.fresh(events, self._key.account, since, now)
        return answers.replied(new, await self._ours(new), since)

    async def _ours(self, new: Sequence[Event]) -> set[str]:
        """Which of the events that these answer are ours."""
        asked = sorted({answers.parent(event) for event in new})
        if not asked:
            return set()
        told = await self._shown({"ids": asked, "authors": [self._key.account]})
        events = (event for shown in told.values() for event in shown or ())
        return {event.id for event in events if event.account == self._key.account}

    # ------------------------------------------------------------ login

    @classmethod
    async def login(
        cls, settings: Nostr.Settings, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """Ask for the key, or make a new one."""
        said = await ask("the account's key (nsec1... or hex); an empty line makes a new one", True)
        held = said.strip().encode() or keys.made()
        try:
            key = keys.read(held)
        except kit.BadSecret as bad:
            return str(bad)
        await ask(f"the account is {key.npub}; press Enter to keep its key", False)
        return {"key_file": held}
