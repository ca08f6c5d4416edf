"""Posts to one blog at Blogger, through its API.

A text stands there whole, under its title. A post is a draft first, with the part's key as a label
and an id that is kept; then the label goes and it is made public by that id. Doubt is resolved by
the id, else by a mark in its HTML. The work is in ``bridges.diary`` and ``bridges.google``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.diary import comments, drafts
from bridges.diary.composing import FITS, MOST_CHARACTERS, Style, composed
from bridges.diary.drafts import Draft, Progress
from bridges.diary.looking import Looking
from bridges.diary.posts import GONE, NOT_NOW, ONCE, Posts, Standing, is_id
from bridges.google import answers, keyfile, login
from bridges.google.api import Api, good, listed
from bridges.google.tokens import TOKEN_URL, Tokens
from bridges.kit import showing
from bridges.kit.fitting import NO_MEDIA
from relay.ports import (
    Absent,
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
    Replied,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

SCOPES: Final = ("https://www.googleapis.com/auth/blogger",)
MOST_LABELS: Final = 19
MOST_LABEL_CHARACTERS: Final = 180
"""Blogger takes 20 labels of 200 characters in all; the key of a draft is one more."""

LAG_S: Final = 30
"""What is not public yet is not believed to stay so sooner after a try."""

NO_REF: Final = "this is no post of Blogger"


def _base(url: str) -> str:
    return kit.web_address(url).rstrip("/")


def _labels(said: tuple[str, ...]) -> tuple[str, ...]:
    if sum(map(len, said)) > MOST_LABEL_CHARACTERS:
        raise ValueError("the labels of a post may have 200 characters, and one of ours needs room")
    return said


class Blogger:
    """Posts of one blog, with pictures, comments, removal and edits."""

    api = 1
    once: Once = ONCE
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "schema-checked"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "a post is made as a draft, its id kept, and made public by that id; a doubtful one is "
        "asked for by it, else looked for by a mark in its HTML"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "made by relay login: have at console.cloud.google.com a project with the "
        "Blogger API v3 enabled, its consent screen 'In production', and an OAuth client of type "
        "Desktop app; then the owner of the blog says yes in a browser"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "blogger"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        blog: str = Field(pattern=r"^[0-9]{1,32}$")  #: its number
        token_file: str
        labels: Annotated[
            tuple[Annotated[str, Field(pattern=r"^[^,<>]{1,100}$")], ...],
            Field(max_length=MOST_LABELS),
            AfterValidator(_labels),
        ] = ()
        images: Literal["inline", "off"] = "inline"  #: "off": a post with pictures is refused
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        api: Annotated[str, AfterValidator(_base)] = "https://blogger.googleapis.com"
        token_url: Annotated[str, AfterValidator(_base)] = TOKEN_URL
        authorize: Annotated[str, AfterValidator(_base)] = login.AUTHORIZE_URL

    @staticmethod
    def hosts(settings: Blogger.Settings) -> Collection[str]:
        """The API, and where tokens are renewed."""
        return {kit.host_of(settings.api), kit.host_of(settings.token_url)}

    def __init__(self, settings: Blogger.Settings, http: Http, clock: Clock) -> None:
        self.fits: Fits = FITS if settings.images == "inline" else NO_MEDIA
        self.at_once = 1  # so that posts stand in the order in which they were released
        self._clock = clock
        self._blog = settings.blog
        client = keyfile.read(kit.read_secret(settings.token_file))
        tokens = Tokens(client, http, clock, settings.token_url)
        self._api = Api(http, clock, settings.api, tokens)
        self._posts = Posts(self._api, settings.blog)
        self._looking = Looking(self._api, settings.blog)
        self._style = Style(settings.mentions == "on", settings.images == "inline", settings.labels)
        self._user = ""

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, make HTML of it, and freeze; the same bytes each time."""
        draft = composed(post, self._style)
        return [Part(kit.part_key(post.secret, 0), 0, 1, drafts.frozen(draft))]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        most = MOST_CHARACTERS
        return showing.article(draft.title, draft.content, most, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Make the draft, or go on with the one that is there; then make it public."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        state = drafts.kept(attempt.kept)
        standing: Standing | Later | Refused | Stopped | None = await self._there(attempt, state)
        if standing is None and state.post:
            await keep(b"")  # a person has deleted it; the next try makes another
            return Unsure("its draft is gone") if state.tried else Later(GONE)
        if standing is None:
            standing = await self._posts.made(draft, attempt.part.key)
        if not isinstance(standing, Standing):
            return standing
        if standing.status != "DRAFT":
            return self._posts.outcome(standing, draft)
        if standing.id != state.post:
            state = replace(state, post=standing.id)
            await keep(state.written())
        return await self._posts.published(draft, attempt.part.key, state, keep)

    async def _there(self, attempt: Attempt, state: Progress) -> Standing | Later | Stopped | None:
        """What an earlier try made, if there was one."""
        if state.post:
            return await self._posts.at(state.post)
        return await self._looking.labelled(attempt.part.key) if attempt.n > 1 else None

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Ask for the draft that was made, else look for the part among the blog's posts."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Absent(strong=True)  # nothing was ever sent
        standing = await self._standing(attempt, draft)
        if standing is not None and not isinstance(standing, Standing):
            return Unknown(NOT_NOW)
        if standing is None or standing.status != "LIVE":
            return Absent(strong=self._clock.now() >= attempt.first + LAG_S)
        return Found(standing.id, standing.url)

    async def _standing(self, attempt: Attempt, draft: Draft) -> Standing | Later | Stopped | None:
        state, key = drafts.kept(attempt.kept), attempt.part.key
        # A draft of ours says nothing of a post that another node has made.
        found = await self._posts.at(state.post) if state.post and attempt.n else None
        if found is not None:
            return found
        found = await self._looking.labelled(key)
        if isinstance(found, Later | Stopped) or (found and found.status == "LIVE"):
            return found
        # A draft may be one too many, left over beside a public post whose label is off.
        return await self._looking.marked(draft, key, attempt.first) or found

    async def check(self) -> Health:
        """Whether the account may write to the blog."""
        query = "view=AUTHOR&status=draft&maxResults=1&fetchBodies=false&fields=items(id)"
        answer = await self._api.ask("GET", f"/v3/blogs/{self._blog}/posts?{query}")
        named = f"blogger {self._blog}"
        if listed(answer) is None:
            return Health(named, answers.trouble(answer, self._clock.now()))
        return Health(named)

    # ------------------------------------------------------------ remove, edit, replies, login

    async def remove(self, ref: str) -> Removal:
        """Delete the post, past the trash."""
        return await self._posts.removed(ref) if is_id(ref) else Refused(NO_REF)

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Replace title, text and pictures; the earlier version is gone."""
        if not is_id(ref):
            return Refused(NO_REF)
        draft = composed(post, self._style)
        if draft.refuse:
            return Refused(draft.refuse)
        return await self._posts.changed(ref, draft, kit.part_key(post.secret, 0))

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was written under the blog's posts and approved, oldest first."""
        if not self._user:  # only to leave out what the account itself wrote
            answer = await self._api.ask("GET", "/v3/users/self?fields=id")
            id = good(answer).get("id")
            if not is_id(id):
                told = answers.harmless(answer, self._clock.now())
                return told if isinstance(told, Later | Stopped) else Later(NOT_NOW)
            self._user = str(id)
        now = self._clock.now() + self._api.ahead
        read = comments.cursor_of(cursor, now)
        return await comments.since(self._api, self._blog, self._user, read)

    @classmethod
    async def login(
        cls, settings: Blogger.Settings, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """Lead to the secret file with a browser."""
        return await login.secret(
            http,
            clock,
            ask,
            scopes=SCOPES,
            token_url=settings.token_url,
            authorize=settings.authorize,
        )
