"""Posts to one blog that runs WordPress, through its REST API.

A text stands there whole, under its title, with its media in it. The key of a part is in the slug
of its post, and a post is made as a draft first and public second, so that a send may be repeated
for ever and leaves one post. The work is in ``bridges.press``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from bridges.kit import markup, showing
from bridges.kit.fitting import of_size
from bridges.kit.matching import text_of
from bridges.press import answers, comments, drafts, media, posts
from bridges.press.api import Api, good, number
from bridges.press.composing import MOST_CHARACTERS, Style, composed
from bridges.press.drafts import Draft
from bridges.press.posts import Standing
from relay.ports import (
    Absent,
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
)

ME: Final = "wp/v2/users/me"
LAG_S: Final = 30
"""What is not there is not believed to stay so sooner after a try."""

MOST_BLOCKED: Final = 3
"""So many pages of a firewall in a row are for a person to look at."""

NO_REF: Final = "this is no post of a blog"
TAKEN_OVER: Final = "a person has hidden it on the blog"
_OURS_STILL: Final = frozenset({"draft", "future"})


def _site(url: str) -> str:
    if urlsplit(kit.web_address(url)).query:
        raise ValueError("write the blog's address alone: https://blog.example")
    return url.rstrip("/")


class WordPress:
    """Posts of one user, with media, comments, removal and edits."""

    api = 1
    once: Once = answers.ONCE
    shows_edits: ClassVar[bool] = False
    tested: ClassVar[str] = "real server"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "the part's key is in the address of its post, which WordPress gives only once; it is made "
        "as a draft first, its id kept, and a repeat goes on with what is there"
    )
    secrets: ClassVar[Mapping[str, str]] = {
        "password_file": "an application password of the user that is set: log in to the blog as "
        "that user (role Author), Users, Profile, Application passwords, a name, Add; paste what "
        "is shown, with its blanks"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "wordpress"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        site: Annotated[str, AfterValidator(_site)]  #: its home page; the API is found from there
        user: str = Field(min_length=1, max_length=200, pattern=r"^[^:\x00-\x1f]+$")
        password_file: str
        categories: tuple[Annotated[int, Field(gt=0)], ...] = ()  #: their ids
        tags: tuple[Annotated[int, Field(gt=0)], ...] = ()  #: their ids
        comments: Literal["site", "open", "closed"] = "site"  #: "site": as the blog has it
        mentions: Literal["off", "on"] = "off"  #: "on": @name and #tag in a text work as such
        file_bytes: int = Field(2_000_000, ge=100_000, le=50_000_000)  #: as its PHP takes them

    @staticmethod
    def hosts(settings: WordPress.Settings) -> Collection[str]:
        """The blog: a REST API elsewhere is not asked."""
        return {kit.host_of(settings.site)}

    def __init__(self, settings: WordPress.Settings, http: Http, clock: Clock) -> None:
        self.fits: Fits = of_size(settings.file_bytes)  # upload_max_filesize: PHP comes with 2M
        self.at_once = 1  # so that posts stand in the order in which they were released
        self._clock = clock
        parts = urlsplit(settings.site)
        self._place = parts.netloc.lower() + parts.path
        password = _password(settings.password_file)
        self._api = Api(http, clock, settings.site, settings.user, password)
        said = "" if settings.comments == "site" else settings.comments
        self._style = Style(settings.mentions == "on", settings.categories, settings.tags, said)
        self._user = 0
        self._blocked = 0

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, make HTML of it, and freeze; the same bytes each time."""
        draft = composed(post, self._style)
        return [Part(kit.part_key(post.secret, 0), 0, 1, drafts.frozen(draft))]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        title, most = text_of(draft.title), MOST_CHARACTERS
        return showing.article(title, draft.content, most, draft.media, draft.refuse)

    # ------------------------------------------------------------ send

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """Find or make the draft, upload what is not there yet, make it public."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        outcome = await self._post(draft, attempt, keep)
        turned_away = isinstance(outcome, Later) and outcome.why == answers.BLOCKED
        self._blocked = self._blocked + 1 if turned_away else 0
        return (
            Stopped(answers.BLOCKED, answers.BLOCKS) if self._blocked >= MOST_BLOCKED else outcome
        )

    async def _post(self, draft: Draft, attempt: Attempt, keep: Keep) -> Outcome:
        key = attempt.part.key
        slug = posts.slug_of(key)
        standing: Standing | Later | Refused | Stopped | None = await self._there(attempt)
        if standing is None:
            standing = await posts.made(self._api, slug, draft.title)
        if not isinstance(standing, Standing):
            return standing
        if standing.id != _kept(attempt):
            await keep(str(standing.id).encode())
        if standing.status == "publish":
            return posts.posted(standing)
        if standing.status not in _OURS_STILL:
            return Refused(TAKEN_OVER)
        outcome: Outcome
        placed = await media.brought(self._api, standing.id, draft.media, key)
        if isinstance(placed, tuple):
            content = _html(draft, placed)
            outcome = await posts.published(self._api, standing.id, draft, content)
        else:
            outcome = placed
        if isinstance(outcome, Refused):
            await self._withdrawn(standing.id)  # of what nobody will see nothing stays
        return outcome

    async def _there(self, attempt: Attempt) -> Standing | Later | Stopped | None:
        """What an earlier try made: by the id that was kept, else (or if that is gone, or another
        node made it) by its slug."""
        id = _kept(attempt) if attempt.n else 0
        if id:
            standing = await posts.standing_at(self._api, str(id))
            if not isinstance(standing, Refused):
                return standing
        return await posts.lookup(self._api, posts.slug_of(attempt.part.key))

    async def _withdrawn(self, id: int) -> Removal:
        """Media first: without their post nothing would lead to them any more."""
        left = await media.deleted(self._api, id)
        return await posts.removed(self._api, id) if left is None else left

    # ------------------------------------------------------------ find and check

    async def find(self, attempt: Attempt) -> Lookup:
        """Ask for the post that was made, else for one with the part's slug."""
        if drafts.thawed(attempt.part.payload).refuse:
            return Absent(strong=True)  # nothing was ever sent
        standing = await self._there(attempt)
        if standing is not None and not isinstance(standing, Standing):
            return Unknown("the blog does not show the user's posts now")
        if standing is None or standing.status != "publish":
            return Absent(strong=self._clock.now() >= attempt.first + LAG_S)
        return Found(str(standing.id), standing.link)

    async def check(self) -> Health:
        """Whose the password is, and whether the user may publish and upload."""
        answer = await self._api.read(ME, context="edit", _fields="id,capabilities")
        me = good(answer)
        self._user = number(me.get("id")) or self._user
        if not number(me.get("id")):
            told = answers.judged(answer, self._clock.now())
            trouble = f"{told.why}: {told.action}" if isinstance(told, Stopped) else told.why
            return Health(self._named(), trouble)
        may = me.get("capabilities")
        for right in ("publish_posts", "upload_files", "delete_published_posts"):
            if not isinstance(may, Mapping) or may.get(right) is not True:
                return Health(self._named(), f"the user may not {right}: {answers.ROLE}")
        return Health(self._named())

    def _named(self) -> str:
        return f"wordpress {self._place} {self._user}" if self._user else ""

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Delete the post and its media, past the trash."""
        return await self._withdrawn(int(ref)) if _is_id(ref) else Refused(NO_REF)

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped:
        """Replace title, text and media; the earlier version can be seen in the blog's own desk
        only."""
        if not _is_id(ref):
            return Refused(NO_REF)
        draft = composed(post, self._style)
        if draft.refuse:
            return Refused(draft.refuse)
        standing = await posts.standing_at(self._api, ref)
        if not isinstance(standing, Standing):
            return standing
        return await self._change(standing, draft, kit.part_key(post.secret, 0))

    async def _change(
        self, standing: Standing, draft: Draft, key: str
    ) -> Posted | Later | Refused | Stopped:
        placed = await media.brought(self._api, standing.id, draft.media, key)
        if not isinstance(placed, tuple):
            return placed
        said = posts.words(draft, _html(draft, placed))
        answer = await self._api.post(f"{posts.POSTS}/{standing.id}", said, "id")
        if number(good(answer).get("id")) != standing.id:
            return answers.judged(answer, self._clock.now())
        left = await media.deleted(self._api, standing.id, but=frozenset(one.id for one in placed))
        return posts.posted(standing) if left is None else left

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was written under the user's posts and approved, oldest first."""
        if not self._user:
            health = await self.check()
            if not self._user:
                return Later(health.trouble)
        return await comments.since(self._api, self._user, comments.cursor_of(cursor))


def _kept(attempt: Attempt) -> int:
    """The id of the post that an earlier try made; 0 if none was kept."""
    return int(attempt.kept) if attempt.kept.isdigit() else 0


def _html(draft: Draft, placed: Sequence[media.Placed]) -> str:
    """The text, its media below it."""
    html = draft.content + media.figures(draft.media, placed)
    return markup.within(html, draft.direction, draft.language)


def _is_id(ref: str) -> bool:
    return ref.isascii() and ref.isdigit() and ref[0] != "0" and len(ref) < 19


def _password(path: str) -> str:
    held = kit.read_secret(path)
    if not all(0x20 <= byte < 0x7F for byte in held):
        raise kit.BadSecret("an application password is plain letters and digits")
    return held.decode()
