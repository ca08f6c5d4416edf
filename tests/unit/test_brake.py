"""The brake: what is paused begins nothing until a person says so, whatever happens meanwhile."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Asked, SpoolFull
from relay.exit.account import Account
from relay.model import Change, NewRow, Outcome, Place, Posted, Queue, Row, Sent, State
from relay.node.brake import ALL, PUT_ASIDE, Brake
from relay.node.poster import Poster
from relay.spool.memory import MemorySpool

START = 1_800_000_000


class Hands:
    def now(self) -> int:
        return START


class Turns:
    def __init__(self, spool: MemorySpool) -> None:
        self.spool = spool
        self.sent: list[bytes] = []

    async def turn(self, row: Row) -> Outcome:
        self.sent.append(row.id)
        await trio.sleep(1)
        await self.spool.settle(row, Change(Queue.ENDED, Sent.POSTED, due=None))
        return Posted("1")


def brake(spool: MemorySpool, ticks: dict[str, int] | None = None) -> Brake:
    return Brake(spool, Hands(), ["news", "family"], ["box", "page"], ticks or {})


async def assigned(spool: MemorySpool, channel: str, destination: str = "box") -> bytes:
    """A message of a channel with one delivery; its id."""
    id = channel.encode().ljust(16, b"-")
    await spool.put([NewRow(Queue.DELIVER, State.WAITING, id, START, name=channel)])
    [row] = await spool.take(Queue.DELIVER, now=START, limit=1)
    new = NewRow(Queue.POST, Sent.WAITING, id, START, name=destination)
    await spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[new])
    return id


def poster(spool: MemorySpool, turns: Turns, brake: Brake) -> Poster:
    account = Account("box", "account", False, "hold", 60)
    return Poster(
        spool,
        Hands(),
        turns,  # type: ignore[arg-type]
        account,
        2,
        brake,
        lambda outcome: None,
        lambda: None,
    )


async def rows(spool: MemorySpool) -> dict[bytes, tuple[str, int | None, str]]:
    return {
        row.id: (str(row.state), row.due, row.why)
        for row in await spool.look()
        if row.root != row.seq
    }


@pytest.mark.parametrize("name", [ALL, "box"])
async def test_a_paused_destination_begins_nothing_until_it_is_resumed(
    autojump_clock: MockClock, name: str
) -> None:
    spool = MemorySpool(Hands())
    turns, stops = Turns(spool), brake(spool)
    await assigned(spool, "news")
    await stops.pause(name)
    async with trio.open_nursery() as nursery:
        posting = poster(spool, turns, stops)
        nursery.start_soon(posting.run)
        await trio.sleep(1000)
        assert turns.sent == []
        assert await stops.resume(name)
        await trio.sleep(3)
        assert len(turns.sent) == 1
        posting.finish()


async def test_what_is_being_sent_ends_and_the_next_does_not_begin(
    autojump_clock: MockClock,
) -> None:
    spool = MemorySpool(Hands())
    turns, stops = Turns(spool), brake(spool)
    for _ in range(5):
        await assigned(spool, "news")
    async with trio.open_nursery() as nursery:
        posting = poster(spool, turns, stops)
        nursery.start_soon(posting.run)
        await trio.sleep(0.5)
        await stops.pause("box")
        await trio.sleep(10)
        assert len(turns.sent) == 2
        assert (await spool.counts()).deliveries == {"posted": 2, "waiting": 3}
        posting.finish()


async def test_a_paused_channel_waits_and_the_others_of_its_destination_go_on(
    autojump_clock: MockClock,
) -> None:
    spool = MemorySpool(Hands())
    turns, stops = Turns(spool), brake(spool)
    news, family = await assigned(spool, "news"), await assigned(spool, "family")
    await stops.pause("news")
    async with trio.open_nursery() as nursery:
        posting = poster(spool, turns, stops)
        nursery.start_soon(posting.run)
        await trio.sleep(3)
        assert turns.sent == [family]
        assert (await rows(spool))[news] == ("waiting", None, PUT_ASIDE)
        await stops.resume("news")
        await trio.sleep(3)
        assert turns.sent == [family, news]
        posting.finish()


async def test_a_pause_outlasts_the_process(autojump_clock: MockClock) -> None:
    spool = MemorySpool(Hands())
    first = brake(spool)
    await first.pause("box")
    await first.pause("news")
    await first.resume("news")
    second = brake(spool)
    await second.load()
    assert second.paused == {"box": START - START % 3600}


async def test_a_resuming_that_a_crash_cut_short_is_ended_at_the_next_start(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = MemorySpool(Hands())
    first = brake(spool)
    id = await assigned(spool, "news")
    await first.pause("news")
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="box")
    assert await first.put_aside(row)

    async def cut(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(first, "_let_go", cut)
    with pytest.raises(KeyboardInterrupt):
        await first.resume("news")
    second = brake(spool)
    await second.load()
    assert second.paused == {}
    assert (await rows(spool))[id] == ("waiting", START, "")


async def test_what_was_put_aside_for_the_page_goes_on_at_its_tick() -> None:
    spool = MemorySpool(Hands())
    stops = brake(spool, {"page": 7000})
    id = await assigned(spool, "news", "page")
    await stops.pause("news")
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="page")
    await stops.put_aside(row)
    await stops.resume("news")
    assert (await rows(spool))[id] == ("waiting", -(-START // 7000) * 7000, "")


async def test_to_pause_twice_changes_nothing_and_an_unknown_name_is_said() -> None:
    stops = brake(MemorySpool(Hands()))
    assert await stops.pause("box")
    assert not await stops.pause("box")
    assert await stops.resume("box")
    assert not await stops.resume("box")
    for order in (stops.pause, stops.resume):
        with pytest.raises(Asked):
            await order("nobody")


# ---------------------------------------------------------------- a full disk, and a change of mind


class Narrow(MemorySpool):
    """A spool whose disk is full when a test says so."""

    full = False

    async def place(self, place: Place) -> None:
        if self.full:
            raise SpoolFull
        await super().place(place)

    async def change(self, row: Row, to: Change) -> bool:
        if self.full:
            raise SpoolFull
        return await super().change(row, to)


async def test_a_pause_that_a_full_disk_did_not_take_is_kept_when_it_is_said_again() -> None:
    spool = Narrow(Hands())
    first = brake(spool)
    spool.full = True
    with pytest.raises(SpoolFull):
        await first.pause("box")
    assert first.stops("box")  # a brake holds at once
    spool.full = False
    assert await first.pause("box")
    assert not await first.pause("box")
    second = brake(spool)
    await second.load()
    assert second.stops("box")


async def put_aside(spool: MemorySpool, stops: Brake, channel: str) -> bytes:
    id = await assigned(spool, channel)
    await stops.pause(channel)
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="box")
    assert await stops.put_aside(row)
    return id


async def test_a_resuming_that_a_full_disk_cut_short_is_ended_when_it_is_said_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spool = Narrow(Hands())
    stops = brake(spool)
    id = await put_aside(spool, stops, "news")
    keep = spool.place

    async def then_full(place: Place) -> None:
        await keep(place)
        spool.full = True

    monkeypatch.setattr(spool, "place", then_full)
    with pytest.raises(SpoolFull):
        await stops.resume("news")
    again = brake(spool)
    await again.load()  # the disk is full still: that is no reason not to start
    assert (await rows(spool))[id] == ("waiting", None, PUT_ASIDE)
    spool.full = False
    monkeypatch.undo()
    for one in (stops, again):
        assert await one.resume("news")
    assert (await rows(spool))[id] == ("waiting", START, "")
    assert not await stops.resume("news")


async def test_a_pause_during_a_resuming_outlasts_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spool = MemorySpool(Hands())
    stops = brake(spool)
    await put_aside(spool, stops, "news")
    change = spool.change

    async def meanwhile(row: Row, to: Change) -> bool:
        await stops.pause("news")
        return await change(row, to)

    monkeypatch.setattr(spool, "change", meanwhile)
    await stops.resume("news")
    second = brake(spool)
    await second.load()
    assert stops.stops("news") and second.stops("news")


async def test_a_paused_channel_that_left_the_settings_is_paused_still() -> None:
    spool = MemorySpool(Hands())
    await brake(spool).pause("news")
    id = await assigned(spool, "news")
    without = Brake(spool, Hands(), ["family"], ["box", "page"], {})
    await without.load()
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="box")
    assert await without.holds(row)
    assert await without.put_aside(row)
    assert await without.resume("news")
    assert (await rows(spool))[id] == ("waiting", START, "")


@pytest.mark.parametrize(
    ("name", "held"),
    [(ALL, True), ("box", True), ("news", True), ("page", False), ("family", False)],
)
async def test_what_was_taken_already_is_held_before_it_is_sent(name: str, held: bool) -> None:
    spool = MemorySpool(Hands())
    stops = brake(spool)
    await assigned(spool, "news")
    [row] = await spool.take(Queue.POST, now=START, limit=1, name="box")
    assert not await stops.holds(row)
    await stops.pause(name)
    assert await stops.holds(row) is held
