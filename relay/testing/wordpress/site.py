"""The state of a site, and what a test sees of it and does to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from secrets import choice, token_hex
from string import ascii_letters, digits
from typing import Any

from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Loopback
from relay.testing.wordpress.caller import Role
from relay.testing.wordpress.library import Library
from relay.testing.wordpress.markup import files, plain
from relay.testing.wordpress.posts import Posts
from relay.testing.wordpress.says import Where
from relay.testing.wordpress.things import Comment, Medium, Post, slug, unique


class Site(Loopback):
    """One site.

    ``user`` and ``password`` are the login name and its application password (they do not run out),
    ``account`` is its number. Settable: ``role`` (what the account may), ``pretty`` (False: the API
    is only at ``/?rest_route=/``), ``switched_off`` (the API is not there), ``media_bytes`` (what
    the host takes), ``lists_late_s`` (a listing lags so far behind, as behind a cache),
    ``requests_allowed`` (in 60 s; the next is answered by the host). ``closed`` set to
    ``maintenance()`` is an update.
    """

    max_body_bytes = 256 * 1024 * 1024

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__()
        self.user = f"relay{token_hex(3)}"
        self.password = _password()
        self.account = 7
        self.role: Role = "author"
        self.pretty = True
        self.switched_off = False
        self.media_bytes = 64 * 1024 * 1024
        self.lists_late_s = 0
        self.requests_allowed = requests_allowed
        self.clock = clock
        self.ids = count(11)
        self.posts = Posts(self.account, offset_s=3600)
        self.library = Library()
        self.comments: list[Comment] = []

    @property
    def now(self) -> Instant:
        """The time on the site's clock."""
        return self.clock.now()

    @property
    def listed_until(self) -> Instant:
        """What was made later is in no listing yet."""
        return self.now - self.lists_late_s

    @property
    def where(self) -> Where:
        """The site as its entities name it."""
        return Where(self.base, self.account, self.posts.offset_s)

    @property
    def site(self) -> str:
        """The home page."""
        return f"{self.base}/"

    @property
    def api(self) -> str:
        """The root of the API, as the home page's Link header names it."""
        return f"{self.base}/wp-json/" if self.pretty else f"{self.base}/?rest_route=/"

    @property
    def public(self) -> list[Post]:
        """What anybody can read, in the order in which it was made."""
        self.posts.due(self.now)
        found = (one for one in self.posts.all.values() if one.status == "publish")
        return [self._seen(one) for one in found if not one.password]

    @property
    def drafts(self) -> list[Post]:
        """What only its author can read: drafts, and what is scheduled, private or has a password;
        not what was thrown away."""
        shown = {one.id for one in self.public}
        kept = (one for one in self.posts.all.values() if one.status != "trash")
        return [self._seen(one) for one in kept if one.id not in shown]

    @property
    def texts(self) -> list[str]:
        """The plain texts of ``public``, without their titles."""
        return [one.text for one in self.public]

    @property
    def media(self) -> list[Medium]:
        """The whole library."""
        return list(self.library.all.values())

    def put(self, text: str, **more: Any) -> Post:
        """A post of the same account that no bridge made: ``text`` is HTML, ``more`` are further
        fields of ``Post``."""
        now = self.now
        made = Post(str(next(self.ids)), "", text, status="publish", created=now, changed=now)
        made = replace(made, **more)
        name = unique(made.slug or slug(made.title) or made.id, self.posts.slugs())
        made = replace(made, text=plain(text), slug=name)
        self.posts.all[made.id] = made
        return made

    def reply(self, to: str, text: str, by: str, *, held: bool = False) -> Comment:
        """A comment under a post, or under another comment; ``held`` for a moderator."""
        above = next((one for one in self.comments if one.id == to), None)
        post, parent = (above.post, above.id) if above else (self.posts.get(to).id, None)
        made = Comment(str(next(self.ids)), post, text, by, self.now, parent, held)
        self.comments.append(made)
        return made

    def revoke(self) -> None:
        """The application password is withdrawn. ``password`` is a new one, which a new login
        would give."""
        self.password = _password()

    def suspend(self) -> None:
        """The account loses every right on the site; its password still opens."""
        self.role = "none"

    def _seen(self, one: Post) -> Post:
        """A post with the media that its page shows."""
        featured = self.library.all.get(str(one.featured))
        shown = [featured] if featured else []
        for address, alt in files(one.content):
            medium = self.library.at(address, self.base)
            if medium is not None:
                shown.append(replace(medium, alt=alt))
        return replace(one, media=tuple(shown))


def _password() -> str:
    """An application password: 24 letters and digits, in groups of four as it is shown."""
    letters = [choice(ascii_letters + digits) for _ in range(24)]
    return " ".join("".join(letters[at : at + 4]) for at in range(0, 24, 4))
