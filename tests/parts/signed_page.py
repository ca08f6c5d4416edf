"""A page in a folder as a node makes it: items that are signed, their corrections, statements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bridges.feed import Feed
from bridges.page.item import Item, item_file, read_item
from relay.model import Attempt, Media, Outcome, Post, Posted
from relay.testing.bridge_contract import DATE, FixedClock
from relay.wire.item import key_words, make_item, sign_item
from relay.wire.primitives import signing_public
from relay.wire.ways import Way, make_ways, sign_ways
from relay.wire.withdrawn import make_withdrawn, sign_withdrawn

SEED = bytes(range(32))
KEY = signing_public(SEED)
WORDS = key_words(KEY)
HOUR = 3600


def id_of(name: str) -> str:
    """The id of the item of that name."""
    return f"urn:uuid:{hashlib.sha256(name.encode()).hexdigest()[:8]}-0000-4000-8000-000000000000"


def uuid_of(name: str) -> str:
    """The same without its scheme, as files are named."""
    return id_of(name).removeprefix("urn:uuid:")


def signed(
    name: str,
    text: str | None = None,
    *,
    title: str = "",
    language: str = "en",
    revision: int = 1,
    hides: bool = False,
    date: int = DATE,
    media: Sequence[Media] = (),
) -> Post:
    """A post as the core hands it over. ``name`` makes its id; its text, where none is given."""
    said = name if text is None else text
    updated = date + revision * HOUR
    item = make_item(
        id_of(name), said, title, language, date, SEED, revision, updated, media, hides
    )
    secret = hashlib.sha256(name.encode()).digest()
    return Post(secret, said, title, language, date, item, sign_item(item, SEED), tuple(media))


def item_of(post: Post) -> Item:
    """The item of a post, as the page reads it."""
    return read_item(item_file(post.item, post.signature))


class Public:
    """The page, and what lies in its folder."""

    def __init__(self, tmp_path: Path, **settings: str) -> None:
        self.folder = tmp_path / "public"
        made = {"folder": str(self.folder), "url": "https://news.example.org", **settings}
        self.feed = Feed(Feed.Settings.model_validate(made), None, FixedClock())  # type: ignore[arg-type]

    async def post(self, *posts: Post) -> list[Outcome]:
        """Send them, one after the other."""
        ended = []
        for post in posts:
            [part] = await self.feed.prepare(post)
            ended.append(await self.feed.send(Attempt(part, 1, DATE), None))  # type: ignore[arg-type]
        return ended

    async def fill(self, posts: Sequence[Post]) -> None:
        """Put very many there, in one pass."""
        assert all(
            isinstance(one, Posted) for one in self.feed._shelf.put(list(map(item_of, posts)))
        )

    async def correct(self, post: Post) -> None:
        """Put a later revision in its place."""
        ref = item_of(post).id
        ended = await self.feed.edit(ref, post)
        assert isinstance(ended, Posted), ended

    async def state(self, *gone: str) -> None:
        """Tell the ways in and what was withdrawn, as the core does each hour."""
        ways = make_ways([Way("sms", "+15550100123", ("phone-company",))], DATE, SEED)
        assert await self.feed.ways(ways, sign_ways(ways, SEED)) == ""
        assert await self.withdraw(*gone) == ""

    async def withdraw(self, *gone: str) -> str:
        """Tell what was withdrawn: items, by their names."""
        listed = make_withdrawn(map(id_of, gone), DATE, SEED)
        return await self.feed.withdrawn(listed, sign_withdrawn(listed, SEED))

    def read(self, name: str) -> str:
        """A file of it, with its own line ends."""
        return (self.folder / name).read_bytes().decode("utf-8")

    def holding(self, words: str) -> list[str]:
        """The names of all files that hold these words."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        held = [path for path in files if words.encode() in path.read_bytes()]
        return sorted(str(path.relative_to(self.folder)) for path in held)

    def content(self) -> dict[str, bytes]:
        """All files of it."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
