"""Media on their way out: made to fit each destination, and a person sees what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import trio
from media_path_parts import FakeCleaner
from spool_parts import NOW, HandClock
from trio.testing import MockClock

from relay.errors import TooLarge
from relay.exit.account import Account
from relay.exit.fitting import FORGOTTEN_S, MAKING, MOST, Fitted, Fitting
from relay.exit.post import Posting
from relay.exit.preparing import NOTHING_LEFT, TOO_LARGE_MEDIA
from relay.exit.record import Record, store
from relay.model import (
    NO_MEDIA,
    Attempt,
    Change,
    Fits,
    Health,
    Media,
    Message,
    NewRow,
    Once,
    Original,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Row,
    Sent,
    State,
    Unknown,
)
from relay.node import said
from relay.ports import Keep
from relay.spool.memory import MemorySpool
from relay.wire.item import read_item
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
PHOTO = Media("image/jpeg", b"p" * 900, "a bridge", width=640, height=480)
FILM = Media("video/mp4", b"f" * 5000, poster=b"q" * 90, width=640, height=480, seconds=9)
SMALL = Fits(image_bytes=500, film_bytes=3000)


@dataclass
class Bridge:
    """Takes whatever it is given, unless that is too large for it; remembers the posts."""

    most: int = 1_000_000
    posts: list[Post] = field(default_factory=list)
    once: Once = field(default_factory=lambda: Once("exact"))
    at_once: int = 1

    async def prepare(self, post: Post) -> Sequence[Part]:
        if sum(len(one.content) for one in post.media) > self.most:
            raise TooLarge
        self.posts.append(post)
        return [Part("key", 0, 1, post.text.encode() + b"".join(m.content for m in post.media))]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        return Posted("1")

    async def find(self, attempt: Attempt) -> Unknown:
        return Unknown()

    async def check(self) -> Health:
        return Health("account")


class Desk:
    """One delivery of one message with media, and a way to take its turns."""

    def __init__(self, *media: Media, text: str = "see", fits: Fits | None = None) -> None:
        self.spool = MemorySpool(HandClock())
        self.bridge = Bridge()
        self.cleaner = FakeCleaner()
        self.fitting = Fitting(self.cleaner)
        self.fits = fits or Fits()
        self.signed = False
        self._media = media
        self._text = text

    async def _fit(self, row: Row, media: Sequence[Media]) -> Fitted | None:
        return await self.fitting.fitted(row, media, self.fits)

    async def open(self) -> Desk:
        originals = tuple(Original(one.type, 1, bytes(32)) for one in self._media)
        message = Message(self._text, media=self._media)
        record = Record(bytes(32), "mail", "m", "news", message=message, originals=originals)
        body = store(record, KEYS.storage, ID)
        await self.spool.put([NewRow(Queue.DELIVER, State.WAITING, ID, NOW, body=body)])
        [row] = await self.spool.take(Queue.DELIVER, now=NOW, limit=1)
        delivery = NewRow(Queue.POST, Sent.WAITING, ID, NOW, name="box")
        assigned = Change(Queue.ASSIGNED, State.WAITING, due=None)
        await self.spool.settle(row, assigned, then=[delivery])
        return self

    async def turn(self) -> Row:
        """The delivery, after it was taken as far as it goes."""
        account = Account("box", "account", self.signed, "hold", 60)
        posting = Posting(
            self.spool, self.bridge, account, KEYS, HandClock(), lambda: None, fit=self._fit
        )
        [row] = await self.spool.take(Queue.POST, now=NOW + 3600, limit=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.fitting.run)
            await posting.turn(row)
            nursery.cancel_scope.cancel()
        [row] = await self.spool.look(after=row.seq - 1, limit=1)
        return row

    async def released(self) -> Row:
        """The same once a person has released what is held."""
        [held] = await self.spool.look(queue=Queue.POST)
        assert held.state == Sent.HELD
        await self.spool.change(held, Change(Queue.POST, Sent.WAITING, due=0))
        return await self.turn()


async def test_what_fits_goes_out_as_it_is_and_no_cleaner_is_asked() -> None:
    desk = await Desk(PHOTO, FILM).open()
    assert (await desk.turn()).state == Sent.POSTED
    assert desk.bridge.posts[0].media == (PHOTO, FILM)
    assert desk.cleaner.fitted_to == []


async def test_each_medium_is_made_to_fit_its_destination(autojump_clock: MockClock) -> None:
    desk = await Desk(PHOTO, FILM, fits=SMALL).open()
    assert (await desk.turn()).state == Sent.POSTED
    assert [len(one.content) for one in desk.bridge.posts[0].media] == [500, 3000]
    assert desk.cleaner.fitted_to == [SMALL, SMALL]


async def test_a_destination_of_texts_is_given_the_text_alone() -> None:
    desk = await Desk(PHOTO, fits=NO_MEDIA).open()
    assert (await desk.turn()).state == Sent.POSTED
    assert (desk.bridge.posts[0].text, desk.bridge.posts[0].media) == ("see", ())


async def test_media_without_a_word_are_held_where_only_texts_go() -> None:
    desk = await Desk(PHOTO, text="", fits=NO_MEDIA).open()
    row = await desk.turn()
    assert (row.state, row.why) == (Sent.HELD, NOTHING_LEFT)
    assert desk.bridge.posts == []
    assert (await desk.released()).why == NOTHING_LEFT


async def test_what_does_not_fit_is_held_once_and_left_out_by_a_person(
    autojump_clock: MockClock,
) -> None:
    desk = await Desk(PHOTO, fits=SMALL).open()
    desk.cleaner.unfit = "too long"
    row = await desk.turn()
    assert (row.state, row.why) == (Sent.HELD, "media do not fit: too long")
    assert desk.bridge.posts == []
    assert (await desk.released()).state == Sent.POSTED
    assert desk.bridge.posts[0].media == ()


async def test_media_that_a_bridge_makes_too_much_of_are_held_once_and_then_left_out() -> None:
    desk = await Desk(PHOTO, FILM).open()
    desk.bridge.most = 1000
    row = await desk.turn()
    assert (row.state, row.why) == (Sent.HELD, TOO_LARGE_MEDIA)
    assert (await desk.released()).state == Sent.POSTED
    assert desk.bridge.posts[0].media == ()


async def test_the_signed_item_says_which_media_are_its_own() -> None:
    desk = Desk(PHOTO)
    desk.signed = True
    await (await desk.open()).turn()
    item = read_item(desk.bridge.posts[0].item)
    assert [(one.type, one.size) for one in item.media] == [("image/jpeg", 900)]


# ---------------------------------------------------------------- time


class SlowCleaner(FakeCleaner):
    async def fitted(self, medium: Media, fits: Fits) -> Media:
        await trio.sleep(300)
        return replace(medium, content=medium.content[:100])


async def test_a_delivery_whose_film_takes_minutes_lets_others_go_first(
    autojump_clock: MockClock,
) -> None:
    desk = Desk(FILM, fits=SMALL)
    fitting = Fitting(SlowCleaner())
    row = Row(7, 1, 1, Queue.POST, Sent.WAITING, ID, NOW, 0, "box", "")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fitting.run)
        began = trio.current_time()
        assert await fitting.fitted(row, [FILM], desk.fits) is None
        assert trio.current_time() - began < 10
        await trio.sleep(300)
        made = await fitting.fitted(row, [FILM], desk.fits)
        assert made is not None and len(made.media[0].content) == 100
        nursery.cancel_scope.cancel()


async def test_a_delivery_that_waits_for_its_media_says_so(autojump_clock: MockClock) -> None:
    desk = await Desk(FILM, fits=SMALL).open()
    desk.fitting = Fitting(SlowCleaner())
    row = await desk.turn()
    assert (row.state, row.why) == (Sent.WAITING, MAKING)
    assert row.due is not None and row.due > NOW


async def test_what_nobody_asks_for_again_makes_room(autojump_clock: MockClock) -> None:
    fitting = Fitting(FakeCleaner())
    async with trio.open_nursery() as nursery:

        async def asks(seq: int) -> Fitted | None:
            row = Row(seq, 1, 1, Queue.POST, Sent.WAITING, ID, NOW, 0, "box", "")
            with trio.move_on_after(1):
                return await fitting.fitted(row, [FILM], SMALL)
            return None

        for seq in range(MOST):
            assert await asks(seq) is None  # nothing works on them yet, and their turn was cut off
        nursery.start_soon(fitting.run)
        await trio.sleep(1)
        assert await asks(MOST) is None
        await trio.sleep(FORGOTTEN_S + 1)
        assert await asks(MOST) is not None
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------- what a bridge says


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (None, Fits()),
        (Fits(film_bytes=10**12, image_side=-5), Fits(image_side=0)),
        (Fits(image_types=("image/png", "image/webp", "x\n")), Fits(image_types=("image/png",))),
        (NO_MEDIA, NO_MEDIA),
    ],
)
def test_a_bridge_takes_no_more_than_a_cleaner_makes(told: Fits | None, believed: Fits) -> None:
    assert said.fits(told) == believed
