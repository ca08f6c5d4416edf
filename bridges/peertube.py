"""Posts films to one channel of an account on a PeerTube server.

A film goes up in pieces and stands there private; that it may be seen is a request of its own. The
upload is kept before its first byte, the film's id before it is published, and that request changes
nothing when it is made again. Where nothing of that is kept, the account's own films are asked for
our key, which is the name of the file, shown to the account only: so the same part sent again is
the same one film, for ever, and the only doubt is whether the request that shows it was heard. That
is why ``once`` is exact, without an end. What a crash can leave behind is a private film, or an
upload that the server forgets within hours. The work is in ``bridges.video``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.kit.fitting import FILMS
from bridges.video import drafts, progress
from bridges.video.comments import cursor_of
from bridges.video.composing import Limits, composed
from bridges.video.found import Seen
from bridges.video.peertube import accounts, answering, answers, films, looking
from bridges.video.peertube.access import Access
from bridges.video.peertube.accounts import Account
from bridges.video.peertube.api import Api
from bridges.video.peertube.films import Style
from bridges.video.peertube.studio import PeerTubeStudio
from bridges.video.showing import film
from bridges.video.uploading import Uploading
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
)

LIMITS: Final = Limits(120, "code points", 10_000, "code points", least=3)
"""CONSTRAINTS_FIELDS.VIDEOS, NAME and DESCRIPTION, in server/core/initializers/constants."""

LAG_S: Final = 30
"""A list is not believed to be whole sooner after a try."""

NO_REF: Final = "this is no film of such a server"

Changed = Posted | Later | Refused | Stopped


def _server(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the server alone: https://peertube.example")
    return url.rstrip("/")


class PeerTube:
    """Films of one channel, with comments, removal and edits of their words."""

    api = 1
    once: Once = answers.ONCE
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "schema-checked"
    again: ClassVar[str] = (
        "an upload is gone on with, and the film that it makes is private until it is published by "
        "its id, which changes nothing when it is done again"
    )
    earlier_versions: ClassVar[bool] = False
    secrets: ClassVar[Mapping[str, str]] = {
        "password_file": "the password of the account in user: make one for the relay on the "
        "server, without two-factor authentication, and with a channel of its own"
    }

    fits: Fits = FILMS

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "peertube"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        server: Annotated[str, AfterValidator(_server)]
        user: str = Field(min_length=1, max_length=200)
        password_file: str
        channel: str = Field("", max_length=100)  #: its name or its id; "": the account's first
        privacy: Literal["public", "unlisted", "internal"] = "public"
        comments: Literal["on", "off", "approved"] = "on"
        category: int = Field(0, ge=0, le=10_000)  #: GET /api/v1/videos/categories; 0: none
        licence: int = Field(0, ge=0, le=10_000)  #: GET /api/v1/videos/licences; 0: none
        language: str = Field("", pattern=r"^([a-z]{2})?$")  #: "": that of the text
        sensitive: bool = False  #: marked as such; the server covers it, or does not list it
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text stay as they are

    @staticmethod
    def hosts(settings: PeerTube.Settings) -> Collection[str]:
        """The server: films are brought to itself alone."""
        return {kit.host_of(settings.server)}

    def __init__(self, settings: PeerTube.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # films are large, and people see them in the order of the posts
        self._clock = clock
        self._channel = settings.channel
        self._style = Style(
            settings.privacy,
            settings.comments,
            settings.category,
            settings.licence,
            settings.language,
            settings.sensitive,
            settings.mentions == "on",
        )
        self._access = Access(http, clock, settings.server, settings.user, settings.password_file)
        self._api = Api(http, clock, settings.server, self._access)
        studio = PeerTubeStudio(self._api, settings.channel, self._style)
        self._uploading = Uploading(studio, clock)
        self._account = ""

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One film with its title and its words, frozen; the same bytes each time."""
        draft = composed(post, LIMITS, mentions=self._style.mentions)
        return [Part(kit.part_key(post.secret, 0), 0, 1, drafts.frozen(draft))]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return film(draft, LIMITS)

    # ------------------------------------------------------------ send and find

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Bring the film there, as far as it goes now, then let it be seen."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        so_far = progress.kept(attempt.kept)
        there = await self._uploading.uploaded(draft, attempt.part.key, so_far, keep)
        if not isinstance(there, progress.Progress):
            return there
        privacy = str(films.PRIVACY[self._style.privacy])
        answer, told = await self._changed(there.film, {"privacy": privacy})
        return kit.doubted(answer, told, self._clock.now())

    async def _changed(self, id: str, fields: Mapping[str, str]) -> tuple[answers.Told, Changed]:
        """The answer to a change, and what it means where to repeat it does no harm."""
        now = self._clock.now()
        answer = await self._api.fill("PUT", films.at(id), fields)
        if isinstance(answer, Answer) and answer.status == 204:
            rest = kit.used_up(answer.headers, now)
            return answer, Posted(id, self._watched_at(id), rest)
        return answer, answers.change(answer, now)

    async def find(self, attempt: Attempt) -> Lookup:
        """The film that is kept, else one that carries our key. Before one was kept none was
        published."""
        draft = drafts.thawed(attempt.part.payload)
        so_far = progress.kept(attempt.kept)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        if so_far.film and attempt.n:  # ours; another node has one of its own
            return await self._seen(so_far.film)
        seen = await looking.seen(self._api, attempt.part.key, draft, attempt.first)
        if not isinstance(seen, Seen):
            return Unknown("the server does not show the account's films now")
        lately = self._clock.now() < attempt.first + LAG_S
        return seen.lookup(self._watched_at, lately=lately)

    def _watched_at(self, id: str) -> str:
        return films.watched_at(self._api.server, id)

    async def _seen(self, id: str) -> Lookup:
        answer = await self._api.read(films.at(id))
        if isinstance(answer, Answer):
            if answer.status == 404:
                return Absent(strong=True)
            film = films.shown(answer)
            if film and films.privacy_of(film) != films.PRIVATE:
                return Found(id, self._watched_at(id))
            if film:
                return Absent(strong=True)
        return Unknown("the server does not show the film now")

    # ------------------------------------------------------------ check

    async def check(self) -> Health:
        """Whose the session is, and whether the channel is there."""
        account = await accounts.asked(self._api, self._channel)
        trouble = self._access.trouble
        if isinstance(account, Account):
            host = urlsplit(self._api.server).netloc.lower()
            self._account = f"peertube {host} {account.user} {account.channel}"
        elif isinstance(account, Stopped):
            trouble = f"{account.why}: {account.action}"
        else:
            trouble = f"the server cannot be asked now: {account.why}"
        return Health(self._account, trouble)

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Delete the film; other servers are asked to forget it, and copies may stay."""
        if not films.id_of(ref):
            return Refused(NO_REF)
        answer = await self._api.ask("DELETE", films.at(ref))
        if isinstance(answer, Answer) and answer.status in (200, 204, 404):
            return Removed()
        return answers.change(answer, self._clock.now())

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Replace title and words; the film stays. Nobody is shown the earlier ones."""
        if not films.id_of(ref):
            return Refused(NO_REF)
        draft = composed(post, LIMITS, mentions=self._style.mentions, film=False)
        if draft.refuse:
            return Refused(draft.refuse)
        _, told = await self._changed(ref, {"name": draft.title, "description": draft.text})
        return told

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """Comments under the account's films, oldest first."""
        account = await accounts.asked(self._api, self._channel)
        if not isinstance(account, Account):
            return account
        now = self._clock.now() + self._api.ahead
        return await answering.since(self._api, account.account, cursor_of(cursor, now))
