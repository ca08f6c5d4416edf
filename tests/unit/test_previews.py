"""What a message would look like, before it goes: the real parts, and nothing of it public."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from editing_parts import HIDDEN, NAMED, Desk
from test_correct import OPEN
from test_edits import FakeOutlet
from test_outlet import Box, serving

from bridges.feed import Feed
from bridges.folder import Folder
from relay.errors import Asked
from relay.model import NO_MEDIA, Fits, Media, Part, Post, Queue, Row, Said
from relay.node import said
from relay.node.desk.preview import CANNOT, Previews
from relay.node.proxy import BridgeProxy
from relay.node.serving import MOST_SHOWN, _previewed
from relay.testing.bridge_contract import FixedClock
from relay.wire import frames, primitives

POST = Post(bytes(32), "ab", "", "en", 0)


class Card(Box):
    """A platform whose posts have one sign each."""

    fits = Fits(image_bytes=10)

    async def prepare(self, post: Post) -> Sequence[Part]:
        self.prepared = post
        of = len(post.text)
        return [Part(str(n), n, of, sign.encode()) for n, sign in enumerate(post.text)]

    def says(self, part: Part) -> Any:
        return Said(part.payload.decode(), 1, 1)


class Blind(Card):
    says = None  # type: ignore[assignment]


# ---------------------------------------------------------------- the outlet


async def test_an_outlet_says_what_people_would_see() -> None:
    async with serving(card=Card()) as core:
        await core.send(frames.Preview(1, "card", POST))
        told = (Said("a", 1, 1), Said("b", 1, 1))
        assert await core.receive() == frames.Previewed(1, 2, told)


async def test_where_a_bridge_cannot_show_it_the_number_of_parts_is_said() -> None:
    class Bare(Box):
        prepare = Card.prepare

    class Odd(Card):
        def says(self, part: Part) -> Any:
            return "words"

    async with serving(bare=Bare(), odd=Odd()) as core:
        for name in ("bare", "odd"):
            await core.send(frames.Preview(1, name, POST))
            assert await core.receive() == frames.Previewed(1, 2, shown=False)


async def test_a_bridge_that_fails_in_it_fails_alone() -> None:
    class Broken(Card):
        def says(self, part: Part) -> Any:
            raise ValueError(part)

    async with serving(card=Broken()) as core:
        await core.send(frames.Preview(1, "card", POST))
        answer = await core.receive()
        assert isinstance(answer, frames.Failed) and "ab" not in answer.why


async def test_of_very_many_parts_the_first_are_shown() -> None:
    frame = frames.Preview(1, "card", Post(bytes(32), "x" * 500, "", "en", 0))
    made = await _previewed(Card(), frame)  # type: ignore[arg-type]
    assert (made.of, len(made.parts)) == (500, MOST_SHOWN)


def test_what_steers_a_screen_is_not_shown_and_what_has_no_end_is_cut() -> None:
    rude = Said("a\x1b[2J\u202b\nb" + "x" * 200_000, -1, -5, -1, "no\x07")
    [polite] = said.previewed(frames.Previewed(1, 1, (rude,))).parts
    assert polite.text.startswith("a?[2J\u202b\nb") and len(polite.text) == said.MOST_SHOWN
    assert (polite.count, polite.most, polite.media, polite.refuse) == (0, 0, 0, "no?")


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (frames.Previewed(7, 3, shown=False), frames.Previewed(7, 3, shown=False)),
        (frames.Failed(7, "its bridge failed"), "its bridge failed"),
        (frames.Kept(7), "its bridge gave no answer"),
    ],
    ids=["a preview", "a failure", "something else"],
)
async def test_the_core_is_told_of_a_preview_or_why_not(answer: object, wanted: object) -> None:
    proxy, outlet = BridgeProxy("box"), FakeOutlet(answer)
    proxy._outlet = outlet  # type: ignore[assignment]
    assert await proxy.preview(POST, 1) == wanted


# ---------------------------------------------------------------- the order


@dataclass
class Direct:
    """A bridge without an outlet between."""

    made: Any

    @property
    def fits(self) -> Fits:
        return getattr(self.made, "fits", NO_MEDIA)

    async def preview(self, post: Post, deadline_s: float) -> frames.Previewed | str:
        return await _previewed(self.made, frames.Preview(1, "", post))


@dataclass
class Window(Desk):
    """A desk that looks at what would go out."""

    settings: Any = None
    outward: Any = None
    shown: dict[str, Any] = field(default_factory=dict)

    async def preview(self, row: Row, **order: Any) -> list[Mapping[str, Any]]:
        self.settings = SimpleNamespace(
            destinations={
                name: SimpleNamespace(bridge="feed" if isinstance(one, Feed) else "x")
                for name, one in self.shown.items()
            }
        )
        self.outward = SimpleNamespace(bridge=lambda name: Direct(self.shown[name]))
        previews = Previews(self, self.decides)
        rows = await self.spool.family(row.seq)
        return [one async for one in previews.preview(rows, {"do": "preview", **order})]


def looking(**shown: Any) -> Window:
    policy = type(OPEN)(tuple(shown), review="none", delay=(0, 0))
    return Window(policy=policy, shown=shown)


async def test_each_destination_shows_its_parts_in_the_order_of_the_channel() -> None:
    desk = looking(card=Card(), bare=Blind())
    row = await desk.read("ab", Queue.REVIEW)
    card, bare = await desk.preview(row)
    assert [part["text"] for part in card["parts"]] == ["a", "b"]
    assert (card["of"], card["trouble"]) == (2, "")
    assert (bare["destination"], bare["of"], bare["parts"], bare["trouble"]) == (
        "bare",
        2,
        [],
        CANNOT,
    )


async def test_other_words_are_shown_and_nothing_is_changed() -> None:
    desk = looking(card=Card())
    row = await desk.read(NAMED, Queue.REVIEW)
    [card] = await desk.preview(row, text="xy")
    assert [part["text"] for part in card["parts"]] == ["x", "y"]
    assert (await desk.row(row.seq)).rev == row.rev
    with pytest.raises(Asked):
        await desk.preview(row, text="")


async def test_media_are_counted_and_those_that_do_not_fit_are_said() -> None:
    small, large = Media("image/jpeg", b"1"), Media("image/jpeg", b"2" * 20)
    sound = Media("audio/mp4", b"3", seconds=9)
    card = Card()
    card.fits = Fits(image_bytes=10, sound_bytes=0)  # type: ignore[misc]
    desk = looking(card=card)
    row = await desk.read("ab", Queue.REVIEW, small, large, sound)
    [told] = await desk.preview(row)
    assert (told["media"], told["made_smaller"], len(told["left_out"])) == (2, 1, 1)
    assert [len(one.content) for one in card.prepared.media] == [1, 10]
    [told] = await desk.preview(row, only=[1])
    assert (told["media"], told["made_smaller"], told["left_out"]) == (1, 0, [])


async def test_what_an_outlet_is_given_can_be_published_by_nobody_as_ours(tmp_path: Path) -> None:
    page = Feed(Feed.Settings(folder=str(tmp_path / "page")), None, FixedClock())  # type: ignore[arg-type]
    folder = Folder(Folder.Settings(folder=str(tmp_path)), None, FixedClock())  # type: ignore[arg-type]
    desk = looking(page=page, folder=folder)
    row = await desk.read(HIDDEN, Queue.REVIEW)
    posts: list[Post] = []
    for bridge in (page, folder):
        prepare = bridge.prepare

        async def seen(post: Post, prepare: Any = prepare) -> Sequence[Part]:
            posts.append(post)
            return await prepare(post)  # type: ignore[no-any-return]

        bridge.prepare = seen  # type: ignore[method-assign]
    told = await desk.preview(row)
    assert [[part["text"] for part in one["parts"]] for one in told] == [[HIDDEN], [HIDDEN]]
    assert os.listdir(tmp_path) == []
    secret = (await desk.record(row)).secret
    assert all(post.secret != secret for post in posts)
    [signed] = [post for post in posts if post.item]
    ours = primitives.signing_public(desk.keys.page)
    assert not primitives.signed(ours, signed.item, signed.signature)
    assert ours not in signed.item


async def test_what_a_channel_has_begun_to_redact_is_shown_without_it() -> None:
    desk = looking(card=Card())
    row = await desk.read("0912 345 6789 x", Queue.REVIEW)
    assert len((await desk.preview(row))[0]["parts"]) == 15
    desk.policy = replace(desk.policy, danger="redact")
    [told] = await desk.preview(row)
    assert "".join(part["text"] for part in told["parts"]) == "[…] x"
