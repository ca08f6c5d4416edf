"""The one account of a stand-in for X: what it has posted, what it may, and what it has paid.

Facts: docs.x.com, "Pricing" (August 2026): a post 0.015 USD, with a link 0.20; own posts and
mentions 0.001 for each that is read, other posts 0.005, a user 0.010, a description of a medium
0.005, each thing read once in a day of UTC; a deletion 0.010 (of its two prices the higher). Calls
are refused from a balance of nothing on, not before one that costs more than is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from secrets import token_hex
from typing import Final

from relay.ports import Clock
from relay.testing.x import posts, weighing
from relay.testing.x.media import Medium, Shelf
from relay.testing.x.oauth1 import Secrets
from relay.testing.x.posts import Ids, Post
from relay.testing.x.tokens import Tokens

DAY_S: Final = 86400
MAX_POSTS: Final = 100_000

POST: Final = 15
POST_WITH_LINK: Final = 200
OWN_READ: Final = 1
READ: Final = 5
USER_READ: Final = 10
METADATA: Final = 5
DELETE: Final = 10


class Account:
    """One account (``account`` is its id, ``name`` its name), with credentials made at random.

    It is posted to with OAuth 1.0a (``consumer_key``, ``consumer_secret``, ``access_token``,
    ``access_secret``: settable) or with the bearer ``tokens.token``, which ``tokens.refresh``
    renews for the client ``tokens.client_id``.

    Settable at any time: ``requests_allowed`` (of each call in 15 minutes; None: as published),
    ``credit`` and ``spent`` (thousandths of a US dollar left, and gone), ``duplicates_s`` (a text
    is refused again for so long), ``own_replies_allowed``, ``may_write`` (whether the application
    has the right), ``lists_late_s`` (a listing lags so far behind), ``media_takes_s`` and
    ``media_fails`` (work on a video or an animation), ``limit`` (weight of a text), ``drops`` (a
    post is answered well and not kept), ``suspended``.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.account, self.name = "1590000000000000001", posts.NAME
        self.requests_allowed: int | None = None
        self.credit, self.spent = 1_000_000, 0
        self.duplicates_s = 3600
        self.own_replies_allowed = self.may_write = True
        self.lists_late_s = self.media_takes_s = 0
        self.media_fails = self.drops = self.suspended = False
        self.limit = weighing.LIMIT
        self.ids, self.shelf, self.tokens = Ids(), Shelf(), Tokens()
        self.posts: dict[str, Post] = {}
        self._read: set[tuple[int, str]] = set()
        self.login()

    # ------------------------------------------------------------ credentials

    def login(self) -> None:
        """New credentials of all kinds; those before are dead."""
        self.consumer_key, self.consumer_secret = token_hex(12), token_hex(25)
        self.access_token, self.access_secret = f"{self.account}-{token_hex(15)}", token_hex(22)
        self.tokens.revoke()
        self.tokens.issue(self.clock.now())

    def expire(self) -> None:
        """The bearer token has run out; a refresh works."""
        self.tokens.expire()

    def revoke(self) -> None:
        """No credentials work until ``login``, or until the person agrees again in a browser."""
        self.tokens.revoke()
        self.access_token, self.access_secret = token_hex(20), token_hex(22)

    def suspend(self) -> None:
        """The account is suspended, until ``suspended`` is set to false."""
        self.suspended = True

    @property
    def secrets(self) -> Secrets:
        """The four of OAuth 1.0a."""
        return Secrets(
            self.consumer_key, self.consumer_secret, self.access_token, self.access_secret
        )

    @property
    def token(self) -> str:
        """The newest bearer token."""
        return self.tokens.token

    @property
    def refresh_token(self) -> str:
        """The one refresh token that works."""
        return self.tokens.refresh

    # ------------------------------------------------------------ money

    def broke(self) -> None:
        """No credit is left."""
        self.credit = 0

    def pay(self, price: int) -> None:
        """For one call, in thousandths of a US dollar."""
        self.credit -= price
        self.spent += price

    def pay_for(self, ids: Iterable[str], price: int) -> None:
        """For each of these that was not read today."""
        today = self.clock.now() // DAY_S
        self._read = {(day, id) for day, id in self._read if day == today}
        new = {(today, id) for id in ids} - self._read
        self._read |= new
        self.pay(price * len(new))

    # ------------------------------------------------------------ posts

    @property
    def public(self) -> list[Post]:
        """What anybody can see of the account, in the order in which it was made."""
        return [one for one in self.posts.values() if one.author == self.account]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``."""
        return [one.text for one in self.public]

    def put(self, text: str, *, repost: bool = False, parent: str | None = None) -> Post:
        """Something of the same account that no bridge posted: by hand, or a repost."""
        if repost:
            parent, text = self.ids.next(self.clock.now()), f"RT @somebody: {text}"
        return self.keep(self.written(text, parent=parent, repost=repost))

    def reply(self, to: str, text: str, by: str) -> Post:
        """Somebody (``by``: a name) answers a post: it is seen among the mentions."""
        author = str(2_000_000 + sum(by.encode()))
        return self.keep(self.written(f"@{self.name} {text}", parent=to, author=author))

    def written(
        self,
        text: str,
        media: tuple[Medium, ...] = (),
        *,
        parent: str | None = None,
        author: str = "",
        repost: bool = False,
    ) -> Post:
        """A post as it would be, with the next id: its links are short, its media a link more."""
        id = self.ids.next(self.clock.now())
        author = author or self.account
        shown, links = weighing.shown(text, lambda: token_hex(5))
        if media:
            where = f"{self.name}/status/{id}/{media[0].kind.replace('animated_gif', 'photo')}/1"
            link, shown = _trailing(shown, where, media[0].key)
            links += (link,)
        answered = self.posts.get(parent or "")
        thread = (answered.thread or answered.id) if answered else ""
        to = answered.author if answered else ""
        now = self.clock.now()
        text = weighing.normal(text)
        return Post(id, text, shown, links, author, media, parent, thread, to, now, repost)

    def keep(self, one: Post) -> Post:
        """From now on it is there."""
        assert len(self.posts) < MAX_POSTS
        self.posts[one.id] = one
        return one

    def repeats(self, one: Post) -> bool:
        """Whether the account said the same a short while ago."""
        since = self.clock.now() - self.duplicates_s
        return any(
            (old.text.strip(), _keys(old)) == (one.text.strip(), _keys(one))
            for old in self.public
            if old.created > since
        )

    def listed(self, fits: Callable[[Post], bool]) -> list[Post]:
        """Posts that a listing has by now."""
        until = self.clock.now() - self.lists_late_s
        return [one for one in self.posts.values() if one.created <= until and fits(one)]

    def mentions(self, one: Post) -> bool:
        """Whether somebody else's post names the account."""
        return one.author != self.account and f"@{self.name}" in one.text


def _keys(one: Post) -> list[str]:
    return [medium.key for medium in one.media]


def _trailing(shown: str, where: str, key: str) -> tuple[weighing.Link, str]:
    """The link that X puts behind a text that has media."""
    short = f"https://t.co/{token_hex(5)}"
    start = len(shown) + 1 if shown else 0
    full, display = f"https://x.com/{where}", f"pic.x.com/{short[-10:]}"
    link = weighing.Link(start, start + len(short), short, full, display, key)
    return link, f"{shown} {short}".strip()
