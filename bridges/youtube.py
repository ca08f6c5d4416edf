"""Posts films to one YouTube channel.

A film goes up in pieces and stands there private; that it may be seen is a request of its own, made
when YouTube has read the film. The session of the upload is kept before its first byte, and makes
one film at most; the film's id is kept before it is published, and that request changes nothing
when it is made again. Where nothing of that is kept, the channel's uploads are asked for our tag:
so the same part sent again is the same one film that people can see, for ever, and the only doubt
is whether the request that shows it was heard. That is why ``once`` is exact, without an end,
although a session is not: what one that is forgotten can leave behind is a film that nobody sees.
One case is left: the list of uploads is some minutes late, and a node that was set back to what it
was before the film was posted so short a time ago would not find it. As a rule YouTube turns the
same file away then (``duplicate``). The work is in ``bridges.video`` and ``bridges.google``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.google import keyfile
from bridges.google import login as google_login
from bridges.google.api import POST_S, Api
from bridges.google.login import AUTHORIZE_URL
from bridges.google.tokens import TOKEN_URL, Tokens
from bridges.kit.fitting import FILMS
from bridges.video import drafts, progress
from bridges.video.comments import cursor_of
from bridges.video.composing import Limits, composed
from bridges.video.found import Seen
from bridges.video.showing import film
from bridges.video.uploading import Uploading
from bridges.video.youtube import answering, answers, channels, films, looking
from bridges.video.youtube.channels import Channel
from bridges.video.youtube.films import Style
from bridges.video.youtube.publishing import Publishing
from bridges.video.youtube.studio import YouTubeStudio
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

LIMITS: Final = Limits(
    100,
    "utf-16",
    5000,
    "bytes",
    instead=(
        ("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"),
        (">", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"),
    ),
)
"""developers.google.com, "Videos": snippet.title, of which it is not said what a character is, so
that the dearest reading is taken, and snippet.description. Neither may have angle brackets."""

SCOPES: Final = ("https://www.googleapis.com/auth/youtube.force-ssl",)
"""It is enough for all that is asked here; youtube.upload is not, which may publish nothing."""

LAG_S: Final = 600
"""The list of uploads is not believed to be whole sooner after a try."""

NO_REF: Final = "this is no film of YouTube's"


def _base(url: str) -> str:
    parts = urlsplit(kit.web_address(url))
    if parts.path not in ("", "/") or parts.query:
        raise ValueError("write the address alone: https://www.googleapis.com")
    return url.rstrip("/")


class YouTube:
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
        "token_file": "relay login leads to it, with a browser anywhere: an OAuth client of type "
        "Desktop app, made at console.cloud.google.com in a project that has the YouTube Data API "
        "v3 enabled, and the channel owner's yes to it"
    }

    fits: Fits = FILMS

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "youtube"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        token_file: str
        privacy: Literal["public", "unlisted"] = "public"
        category_id: str = Field("25", pattern=r"^[0-9]{1,4}$")  #: 25: News and politics
        licence: Literal["youtube", "creativeCommon"] = "youtube"
        embeddable: bool = True  #: other sites may show it
        made_for_kids: bool = False  #: what the law of some countries asks each film to say
        notify: bool = False  #: true: subscribers are told of each
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        api: Annotated[str, AfterValidator(_base)] = "https://www.googleapis.com"
        web: Annotated[str, AfterValidator(_base)] = "https://www.youtube.com"
        token_url: Annotated[str, AfterValidator(kit.web_address)] = TOKEN_URL
        authorize: Annotated[str, AfterValidator(kit.web_address)] = AUTHORIZE_URL

    @staticmethod
    def hosts(settings: YouTube.Settings) -> Collection[str]:
        """The API, which takes films itself, and where tokens are renewed."""
        return {kit.host_of(settings.api), kit.host_of(settings.token_url)}

    def __init__(self, settings: YouTube.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # films are large, and people see them in the order of the posts
        self._clock = clock
        self._web = settings.web
        self._style = Style(
            settings.privacy,
            settings.category_id,
            settings.licence,
            settings.embeddable,
            settings.made_for_kids,
            settings.notify,
            settings.mentions == "on",
        )
        client = keyfile.read(kit.read_secret(settings.token_file))
        tokens = Tokens(client, http, clock, settings.token_url)
        self._api = Api(http, clock, settings.api, tokens)
        studio = YouTubeStudio(self._api, settings.api, self._mine, self._style)
        self._uploading = Uploading(studio, clock)
        self._publishing = Publishing(self._api, self._mine, self._style, settings.web)
        self._channel: Channel | None = None

    @classmethod
    async def login(
        cls, settings: YouTube.Settings, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """With the owner's browser, anywhere, to a refresh token."""
        return await google_login.secret(
            http,
            clock,
            ask,
            scopes=SCOPES,
            token_url=settings.token_url,
            authorize=settings.authorize,
        )

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One film with its title and its words, frozen; the same bytes each time."""
        draft = composed(post, LIMITS, mentions=self._style.mentions)
        return [Part(kit.part_key(post.secret, 0), 0, 1, drafts.frozen(draft))]

    async def _mine(self) -> Channel | Later | Stopped:
        if self._channel is not None:
            return self._channel
        asked = await channels.asked(self._api)
        self._channel = asked if isinstance(asked, Channel) else None
        return asked

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return film(draft, LIMITS)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Bring the film there, as far as it goes now; when YouTube has read it, let it be seen."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        so_far = progress.kept(attempt.kept)
        there = await self._uploading.uploaded(draft, attempt.part.key, so_far, keep)
        if not isinstance(there, progress.Progress):
            return there
        return await self._publishing.published(there, attempt.part.key, keep)

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """The film that is kept, else one that carries our tag. Before one was kept none was
        published."""
        draft = drafts.thawed(attempt.part.payload)
        so_far = progress.kept(attempt.kept)
        if draft.refuse:
            return Absent(strong=True)  # no request was made that could have published it
        if so_far.film and attempt.n:  # ours; another node has one of its own
            return await self._seen(so_far.film)
        channel = await self._mine()
        seen: Seen | Later | Stopped | None = None
        if isinstance(channel, Channel):
            seen = await looking.seen(self._api, channel, attempt.part.key, attempt.first)
        if not isinstance(seen, Seen):
            return Unknown("YouTube does not show the channel's uploads now")
        return seen.lookup(self._watched_at, lately=self._clock.now() < attempt.first + LAG_S)

    async def _seen(self, id: str) -> Lookup:
        answer, film = await films.asked(self._api, id, "status")
        if film is not None and films.privacy_of(film) != films.PRIVATE:
            return Found(id, self._watched_at(id))
        if answers.listed(answer) is None:
            return Unknown("YouTube does not show the film now")
        return Absent(strong=True)

    def _watched_at(self, id: str) -> str:
        return films.watched_at(self._web, id)

    async def check(self) -> Health:
        """Whose channel it is, and whether its films may be seen."""
        asked = await channels.asked(self._api)
        if isinstance(asked, Channel):
            self._channel = asked
            trouble = self._publishing.trouble
        elif isinstance(asked, Stopped):
            trouble = f"{asked.why}: {asked.action}"
        else:
            trouble = f"YouTube cannot be asked now: {asked.why}"
        return Health(f"youtube {self._channel.id}" if self._channel else "", trouble)

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Delete the film; copies that others made of it may stay."""
        if not films.id_of(ref):
            return Refused(NO_REF)
        answer = await self._api.ask("DELETE", f"{films.VIDEOS}?id={ref}")
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
        answer, film = await films.asked(self._api, ref, "snippet")
        if film is None:
            gone = answers.listed(answer) is not None
            return Refused(answers.GONE) if gone else answers.untold(answer, self._clock.now())
        said = films.renames(ref, draft, answers.part(film, "snippet"))
        answer = await self._api.ask(
            "PUT", f"{films.VIDEOS}?part=snippet", said=said, timeout_s=POST_S
        )
        if films.made(answer) == ref:
            return Posted(ref, self._watched_at(ref))
        return answers.change(answer, self._clock.now())

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """Comments under the channel's films, oldest first."""
        channel = await self._mine()
        if not isinstance(channel, Channel):
            return channel
        now = self._clock.now() + self._api.ahead
        return await answering.since(self._api, channel, cursor_of(cursor, now))
