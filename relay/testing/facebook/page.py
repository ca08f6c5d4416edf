"""The one page of a stand-in for Facebook: what stands on it, who may act, and for how long.

What the API's descriptions leave open is settable: whether a repeat is refused (``duplicates_s``),
whether calls have to carry a proof, which rights were given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from relay.model import Instant
from relay.ports import Clock
from relay.testing.facebook import media, says
from relay.testing.facebook.media import Medium, Session
from relay.testing.facebook.posts import Post
from relay.testing.facebook.says import No
from relay.testing.facebook.tokens import RIGHTS, SHORT_S, Tokens

MAX_POSTS: Final = 100_000
NAME: Final = "A stand-in"


class Page:
    """One page (``page`` is its id) of one person (``user``), and one application (``app_id``,
    ``app_secret``); all credentials are made at random.

    ``token`` is the page's, without an end; ``user_token`` the person's after a login, for two
    hours. Settable at any time: ``rights`` (what the person agreed to), ``proof_required``,
    ``duplicates_s`` (a text is refused for so long while it is the last one), ``requests_allowed``
    (calls in a rolling day) and ``limit_code`` (what is answered then), ``lists_late_s`` (a listing
    lags so far behind), ``media_takes_s`` and ``media_fails`` (work on a video), ``characters`` (of
    a post), ``blocked`` (posting is refused with 368), ``drops`` (a post is answered well and not
    kept).
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.page, self.user, self.app_id = "100000000000001", "100000000000002", "900000000000001"
        self.tokens = Tokens(self.app_id)
        self.rights: set[str] = set(RIGHTS)
        self.proof_required = self.blocked = self.drops = self.media_fails = False
        self.duplicates_s = 600
        self.requests_allowed = 4800
        self.limit_code = 4
        self.lists_late_s = self.media_takes_s = 0
        self.characters = 63_206
        self.media: dict[str, Medium] = {}
        self.sessions: dict[str, Session] = {}
        self._posts: dict[str, Post] = {}
        self._last = 500_000_000_000_000
        self.login()

    # ------------------------------------------------------------ credentials

    @property
    def app_secret(self) -> str:
        """The application's secret."""
        return self.tokens.secret

    def login(self) -> None:
        """The person logs in: new tokens of all kinds. Those before stay as they are."""
        now = self.clock.now()
        self.user_token = self.tokens.issue("USER", now, SHORT_S)
        self.token = self.tokens.issue("PAGE", now, None)

    def revoke(self, subcode: int = 460) -> None:
        """No token works any more, until ``login``: the password changed (460), the application was
        removed (458)."""
        self.tokens.revoke(subcode)

    def suspend(self) -> None:
        """The person has to look after the account; until ``login`` nothing works (459)."""
        self.tokens.revoke(459)

    # ------------------------------------------------------------ what stands there

    @property
    def public(self) -> list[Post]:
        """What anybody can see of the page's own, comments too, in the order in which it was made.
        A comment's ``parent`` is the post or comment that it answers."""
        return [one for one in self._shown() if one.by == self.page]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    @property
    def drafts(self) -> list[Post]:
        """Posts that are not public, or not yet."""
        shown = {one.id for one in self._shown()}
        return [one for one in self._full() if one.id not in shown]

    @property
    def unused(self) -> list[Medium]:
        """Photos that stand in no post."""
        return [one for one in self.media.values() if one.post is None and one.kind == "photo"]

    def put(self, text: str, *, published: bool = True) -> Post:
        """Something of the same page that no bridge posted: by hand."""
        made = Post(self.number(self.page), text, self.page, self.clock.now())
        return self.keep(replace(made, ours=False, published=published))

    def reply(self, to: str, text: str, by: str) -> Post:
        """Somebody (``by``: a name) comments on a post or on a comment."""
        return self.keep(self.commented(self.got(to), text, str(3_000_000 + sum(by.encode()))))

    def commented(self, on: Post, text: str, by: str) -> Post:
        """A comment as it would be."""
        root = on.root or on.id
        id = self.number(root.rpartition("_")[2])
        return Post(id, text, by, self.clock.now(), parent=on.id, root=root)

    def number(self, under: str = "") -> str:
        """A new id, of a post or comment if ``under`` something."""
        self._last += 1
        return f"{under}_{self._last}" if under else str(self._last)

    def keep(self, one: Post) -> Post:
        """From now on it is there, and so are its media."""
        assert len(self._posts) < MAX_POSTS
        self._posts[one.id] = one
        for medium in one.media:
            self.media[medium.id] = replace(self.media[medium.id], post=one.id)
        return one

    def find(self, id: str) -> Post | None:
        """A post or comment, with its media as they are now."""
        one = self._posts.get(id)
        return one and self._whole(one)

    def got(self, id: str, method: str = "get") -> Post:
        """The same. Raises No."""
        if one := self.find(id):
            return one
        raise No(says.absent(id, method))

    def remove(self, one: Post) -> None:
        """It is gone, with what is under it."""
        for id, other in list(self._posts.items()):
            if one.id in (id, other.root, other.parent):
                del self._posts[id]
        for medium in one.media:
            self.media.pop(medium.id, None)

    def listed(self, fits: Callable[[Post], bool]) -> list[Post]:
        """What of the public a listing has by now."""
        until = self.clock.now() - self.lists_late_s
        return [one for one in self._shown() if one.created <= until and fits(one)]

    def repeats(self, text: str) -> bool:
        """Whether this is the text of the newest post, a short while ago."""
        posts = [one for one in self.public if one.parent is None]
        since = self.clock.now() - self.duplicates_s
        return bool(posts) and posts[-1].text == text and posts[-1].created > since

    def _full(self) -> list[Post]:
        return [self._whole(one) for one in self._posts.values()]

    def _whole(self, one: Post) -> Post:
        """A post as it is by now: its media, and public if its time has come."""
        if one.due is not None and one.due <= self.clock.now():
            one = replace(one, published=True, created=one.due, due=None)
        return replace(one, media=tuple(self.media[medium.id] for medium in one.media))

    def _shown(self) -> list[Post]:
        full, now = self._full(), self.clock.now()
        shown = {one.id for one in full if one.parent is None and _public(one, now)}
        return [one for one in full if (one.root or one.id) in shown]

    # ------------------------------------------------------------ media

    def take(self, one: Medium) -> Medium:
        """Keep a medium. Raises No for one too many."""
        if len(self.media) >= media.MAX_MEDIA:
            raise No(says.wrong("too many media"))
        self.media[one.id] = one
        return one

    def attach(self, ids: Sequence[Any], post: str | None = None) -> tuple[Medium, ...]:
        """Photos for a post, those that stand in it (``post``) already included. Raises No."""
        if len(ids) > media.MAX_ATTACHED:
            raise No(says.wrong(f"At most {media.MAX_ATTACHED} media are attached"))
        found = [self.media.get(str(id)) for id in ids]
        chosen = tuple(one for one in found if one and one.kind == "photo")
        if len(chosen) < len(ids):
            raise No(says.wrong("media_fbid is not a photo of this page"))
        if any(one.post not in (None, post) for one in chosen):
            user = "These photos were already posted."
            raise No(says.error(100, "Invalid parameter", subcode=1366051, user=user))
        return chosen


def _public(one: Post, now: Instant) -> bool:
    ready = all(medium.ready <= now and not medium.fails for medium in one.media)
    return ready and one.published
