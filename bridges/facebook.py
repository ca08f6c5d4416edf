"""Posts to one Facebook Page.

Facebook has no key by which a repeat is known. So a post is made unseen first, its id is kept, and
a second request makes it public, which may be repeated; doubt is resolved by that id. Without
drafts it is looked for among the Page's posts. A Page has no threads and hardly needs them: 63,206
characters stand in one post. The work is in ``bridges.graph``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.graph import (
    answers,
    comments,
    drafts,
    films,
    login,
    looking,
    progress,
    publishing,
    uploading,
)
from bridges.graph.api import Api, good, is_id
from bridges.graph.composing import FITS, composed
from bridges.graph.drafts import Draft
from bridges.graph.looking import BEFORE_S, Wanted
from bridges.graph.progress import Progress
from bridges.kit import showing
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
    Unsure,
)

LAG_S: Final = 30
"""What is not public yet is not believed to stay so sooner after a try."""

MOST_REMEMBERED: Final = 1000
"""Posts of ours that are not taken for another one with the same words."""

NO_REF: Final = "this is no post of a Page"
NO_PAGE: Final = "Facebook does not say whose the token is"


def _base(url: str) -> str:
    return kit.web_address(url).rstrip("/")


class Facebook:
    """Posts of one Page, with pictures, films, comments, removal and edits."""

    api = 1
    once: Once = answers.ONCE
    shows_edits: ClassVar[bool] = True
    tested: ClassVar[str] = "schema-checked"
    earlier_versions: ClassVar[bool] = True
    again: ClassVar[str] = (
        "a post is made unseen, its id kept, and a second request makes it public, which may be "
        "repeated; without drafts it is looked for among the Page's posts, by pictures or words"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "token_file": "a token of the Page: relay login leads from a short token of yours "
        "(developers.facebook.com, Graph API Explorer) and the app's id and secret to it",
        "app_secret_file": "developers.facebook.com, My Apps, your app, Settings, Basic, App "
        "secret; needed where the app demands a proof of it with each call",
    }

    fits: Fits = FITS

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "facebook"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        token_file: str
        app_secret_file: str | None = None
        page: str = Field("", pattern=r"^[0-9]{0,32}$")  #: its id; "": the one whose the token is
        api: Annotated[str, AfterValidator(_base)] = "https://graph.facebook.com/v26.0"
        drafts: bool = True  #: made unseen first; false: public with the first request
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        characters: int = Field(63_206, ge=100, le=63_206)

    @staticmethod
    def hosts(settings: Facebook.Settings) -> Collection[str]:
        """The Graph API: films and pictures are brought there too."""
        return {kit.host_of(settings.api)}

    def __init__(self, settings: Facebook.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1  # so that posts stand in the order in which they were released
        self._clock = clock
        secret = _word(settings.app_secret_file) if settings.app_secret_file else ""
        self._api = Api(http, clock, settings.api, _word(settings.token_file), secret)
        self._drafts = settings.drafts
        self._mentions = settings.mentions == "on"
        self._characters = settings.characters
        self._wanted_page = settings.page
        self._page = settings.page
        self._parts: dict[str, str] = {}  #: our latest posts: the id there, and the part's key

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split where it must be, and freeze; the same bytes each time."""
        made = composed(post, self._characters, mentions=self._mentions)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, "utf-16", self._characters, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Upload what is not there yet, make the post unseen, make it public."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        answer = await self._learn()
        if not self._page:
            return self._unlearnt(answer)
        outcome = await self._publish(draft, progress.kept(attempt.kept), keep, attempt.part.key)
        if isinstance(outcome, Posted):
            self._remember(outcome.ref, attempt.part.key)
        return outcome

    async def _publish(self, draft: Draft, so_far: Progress, keep: Keep, key: str) -> Outcome:
        if draft.is_film:
            return await films.film(
                self._api, self._page, draft, so_far, keep, key, drafts=self._drafts
            )
        state = await uploading.brought(self._api, self._page, draft.media, so_far, keep, key)
        if not isinstance(state, Progress):
            return state
        return await publishing.post(self._api, self._page, draft, state, keep, drafts=self._drafts)

    async def _learn(self) -> Answer | Later | Unsure | None:
        """Ask whose the token is, if that is not known; the answer, where one was asked for."""
        if self._page:
            return None
        answer = await self._api.read("/me", fields="id")
        self._page = _page_of(answer)
        return answer

    def _unlearnt(self, answer: Answer | Later | Unsure | None) -> Later | Stopped:
        """What it means for a post that the Page is not known: nothing is wrong with the post."""
        told = answers.harmless(answer, self._clock.now()) if answer else Later(NO_PAGE)
        return told if isinstance(told, Later | Stopped) else Later(NO_PAGE)

    def _remember(self, ref: str, key: str) -> None:
        self._parts[ref] = key
        while len(self._parts) > MOST_REMEMBERED:
            del self._parts[next(iter(self._parts))]

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Ask for the draft that was made, else look for the part among the Page's posts."""
        draft = drafts.thawed(attempt.part.payload)
        # What another node made has ids of its own.
        so_far = progress.kept(attempt.kept if attempt.n else b"")
        if draft.refuse:
            return Absent(strong=True)  # nothing was ever sent
        lately = self._clock.now() < attempt.first + LAG_S
        await self._learn()
        if not self._page:
            return Unknown(NO_PAGE)
        found = await self._made_before(draft, so_far, lately=lately)
        if found is None:
            found = await self._looked_up(attempt, draft, so_far, lately=lately)
        if isinstance(found, Found):
            self._remember(found.ref, attempt.part.key)
        return found

    async def _made_before(self, draft: Draft, so_far: Progress, *, lately: bool) -> Lookup | None:
        """What became of the draft that was kept; None if there is none (any more)."""
        if not so_far.made:
            return None
        field = "published" if draft.is_film else "is_published"
        found = await looking.made_before(self._api, so_far.made, field, lately=lately)
        if draft.is_film and isinstance(found, Found):
            ref = await films.post_of(self._api, self._page, so_far.made)
            return Found(ref, publishing.shown(ref))
        return found

    async def _looked_up(
        self, attempt: Attempt, draft: Draft, so_far: Progress, *, lately: bool
    ) -> Lookup:
        key = attempt.part.key
        wanted = Wanted(
            draft,
            since=attempt.first + self._api.ahead - BEFORE_S,
            media=frozenset(so_far.media),
            tried=so_far.tried,
            others=frozenset(ref for ref, part in self._parts.items() if part != key),
        )
        return await looking.looked_up(self._api, self._page, wanted, lately=lately)

    async def check(self) -> Health:
        """Whose the token is, and whether Facebook takes it."""
        answer = await self._api.read("/me", fields="id,category")  # a person has no category
        page = _page_of(answer)
        if not page:
            return Health(self._named(), self._trouble(answer))
        if self._wanted_page and page != self._wanted_page:
            return Health("", f"the token is not the Page's that is set: {answers.NEW_TOKEN}")
        self._page = page
        return Health(self._named())

    def _named(self) -> str:
        return f"facebook {self._page}" if self._page else ""

    def _trouble(self, answer: Answer | Later | Unsure) -> str:
        if not isinstance(answer, Answer):
            return "Facebook cannot be reached"
        if answers.error_of(answer).code == 100:
            return f"the token is a person's and no Page's: {answers.NEW_TOKEN}"
        told = answers.to_publish(answer, self._clock.now())
        if isinstance(told, Stopped):
            return f"{told.why}: {told.action}"
        return f"{NO_PAGE} (it answered {answer.status})"

    # ------------------------------------------------------------ remove, edit, replies, login

    async def remove(self, ref: str) -> Removal:
        """Delete the post, or the film."""
        if not is_id(ref):
            return Refused(NO_REF)
        answer = await self._api.delete(f"/{ref}")
        if good(answer).get("success") is True:
            return Removed()
        if answers.is_gone(answer):
            return await self._gone(ref)
        return answers.harmless(answer, self._clock.now())

    async def _gone(self, ref: str) -> Removal:
        """Facebook says the same of what is gone and of what a token may not see. It is believed
        while the token is a Page's, of that Page's own posts."""
        answer = await self._api.read("/me", fields="id")
        page = _page_of(answer)
        if not page:
            return self._unlearnt(answer)
        ours = "_" not in ref or ref.startswith(f"{page}_")
        return Removed() if ours else Refused("it is no post of this Page")

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Replace the words of one post; readers can see the earlier ones. Its pictures stay: a
        post that comes with media is ``Refused``."""
        if not is_id(ref):
            return Refused(NO_REF)
        made = composed(post, self._characters, mentions=self._mentions)
        if len(made) > 1:
            return Refused("it does not fit into one post")
        if made[0].refuse or made[0].media:
            return Refused(made[0].refuse or "Facebook does not exchange the media of a post")
        answer = await self._api.post(f"/{ref}", message=made[0].text)
        said = good(answer)
        if said.get("success") is True or said.get("id") == ref:
            return Posted(ref, publishing.shown(ref))
        if answers.is_gone(answer):
            return Refused("it is gone from the Page")
        return answers.harmless(answer, self._clock.now())

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was written under the Page's latest posts, oldest first."""
        answer = await self._learn()
        if not self._page:
            return self._unlearnt(answer)
        now = self._clock.now() + self._api.ahead
        return await comments.since(self._api, self._page, comments.cursor_of(cursor, now))

    @classmethod
    async def login(
        cls, settings: Facebook.Settings, http: Http, clock: Clock, ask: Ask
    ) -> Mapping[str, bytes] | str:
        """From a short token of a person to the Page's own."""
        keeps = settings.app_secret_file is not None
        return await login.led(http, ask, settings.api, settings.page, keeps_secret=keeps)


def _page_of(answer: Answer | Later | Unsure) -> str:
    id = good(answer).get("id")
    return id if isinstance(id, str) and is_id(id) else ""


def _word(path: str) -> str:
    held = kit.read_secret(path)
    if not all(0x20 < byte < 0x7F for byte in held):
        raise kit.BadSecret("a token is one word of plain characters")
    return held.decode()
