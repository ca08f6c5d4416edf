"""What posts may cost: counted before each attempt, never too little, and never past the limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from relay.config import load, parse
from relay.errors import SettingsError, SpoolFull
from relay.exit.account import Account
from relay.exit.money import Paid
from relay.exit.post import Posting
from relay.exit.record import Record, store
from relay.exit.rest import Rest
from relay.model import (
    Attempt,
    Change,
    Health,
    Later,
    Lookup,
    Message,
    NewRow,
    Once,
    Outcome,
    Part,
    Place,
    Post,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    State,
    Stopped,
    Unknown,
    Unsure,
)
from relay.node.board import FLUSH_S, Board
from relay.node.brake import Brake
from relay.node.budgets import Budgets, budgets_of
from relay.node.kept_budgets import KEPT
from relay.node.overview import Overview
from relay.node.poster import Poster
from relay.node.purse import PayingBridge, Purse
from relay.plugins import mistakes
from relay.ports import Keep
from relay.rules.budgets import Book, Budget
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys
from relay.wire.pack import unpack

KEYS = make_exit_keys()
ID = bytes(range(16))
LAST_DAY = int(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp())
NEXT_MONTH = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
ACCOUNT = Account("x", "account", False, "hold", 60)
MONEY = "its money for this month is spent"


class Loop:
    """A clock that goes with the loop's own, from noon of the last day of November."""

    def __init__(self) -> None:
        self.began = trio.current_time()

    def now(self) -> int:
        return LAST_DAY + int(trio.current_time() - self.began)


class Billed:
    """A bridge whose parts cost something; it does what it is told, and then posts."""

    once = Once("exact")
    at_once = 1
    bills = "USD"

    def __init__(self, prices: Sequence[int], *outcomes: Outcome) -> None:
        self.prices = prices
        self.outcomes = list(outcomes)
        self.sent: list[tuple[int, int]] = []
        self.seen: list[int] = []
        self.board: Board | None = None

    async def prepare(self, post: Post) -> Sequence[Part]:
        of = len(self.prices)
        return [Part(f"k{n}", n, of, b"text", price) for n, price in enumerate(self.prices)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.sent.append((attempt.part.index, attempt.n))
        assert self.board is not None
        kept = await self.board._spool.remembered()  # what is known if all dies at this moment
        self.seen.append(unpack(Book, kept[KEPT + "x"]).money.month.used if kept else 0)
        return self.outcomes.pop(0) if self.outcomes else Posted(f"r{attempt.part.index}")

    async def find(self, attempt: Attempt) -> Lookup:
        return Unknown()

    async def check(self) -> Health:
        return Health("account")


class Node:
    """One destination that bills, with its board and its poster."""

    def __init__(self, bridge: Billed, limit: int | None = 1000) -> None:
        self.clock = Loop()
        self.spool = MemorySpool(self.clock)
        self.bridge = bridge
        self.limit = limit

    async def open(self) -> Node:
        of = [Budget("money", "month", self.limit)] if self.limit else []
        self.budgets = Budgets(self.spool, self.clock, {"x": of})
        self.board = self.bridge.board = Board(self.spool, self.clock, budgets=self.budgets)
        await self.board.load(["x"])
        self.board.solvent("x")
        self.purse = Purse(self.budgets, "x")
        posting = Posting(
            self.spool, self.bridge, ACCOUNT, KEYS, self.clock, lambda: None, purse=self.purse
        )
        self.posting = posting
        self.poster = Poster(
            self.spool,
            self.clock,
            posting,
            ACCOUNT,
            1,
            Brake(self.spool, self.clock, ["news"], ["x"], {}),
            lambda outcome: self.board.told("x", outcome),
            lambda: None,
            lambda: self.board.rested("x"),
        )
        return self

    async def message(self) -> None:
        record = Record(bytes(32), "text", "phone", "news", message=Message("hello"))
        body = store(record, KEYS.storage, ID)
        await self.spool.put(
            [NewRow(Queue.DELIVER, State.WAITING, ID, LAST_DAY, 0, "news", "", b"", body)]
        )
        [row] = await self.spool.take(Queue.DELIVER, now=LAST_DAY, limit=1)
        new = NewRow(Queue.POST, Sent.WAITING, ID, LAST_DAY, name="x")
        await self.spool.settle(row, Change(Queue.ASSIGNED, State.WAITING, due=None), then=[new])

    async def turn(self) -> Outcome | Rest | None:
        rows = await self.spool.take(Queue.POST, now=self.clock.now(), limit=1, name="x")
        return await self.posting.turn(rows[0])

    @property
    def place(self) -> Place:
        [place] = self.board.places()
        return place

    @property
    def spent(self) -> int:
        """Thousandths, this month."""
        return self.budgets.spendings("x")[0].used

    async def delivery(self) -> Row:
        return next(row for row in await self.spool.look() if row.seq != row.root)


async def node(bridge: Billed, limit: int | None = 1000, messages: int = 1) -> Node:
    it = await Node(bridge, limit).open()
    for _ in range(messages):
        await it.message()
    return it


# ---------------------------------------------------------------- counting


async def test_each_part_is_counted_durably_before_it_is_sent() -> None:
    it = await node(Billed([200, 200, 15]))
    await it.turn()
    assert it.bridge.seen == [200, 400, 415]
    assert it.spent == 415


@pytest.mark.parametrize("ended", [Later("busy"), Refused("rude"), Stopped("token", "renew it")])
async def test_what_published_nothing_is_given_back(
    autojump_clock: MockClock, ended: Outcome
) -> None:
    it = await node(Billed([200], ended))
    await it.turn()
    assert (it.bridge.seen, it.spent) == ([200], 0)
    with trio.move_on_after(FLUSH_S + 1):
        await it.board.run()
    again = await it.open()
    assert again.spent == 0


async def test_an_attempt_that_is_made_again_is_counted_again() -> None:
    it = await node(Billed([200], Unsure("cut")))
    await it.turn()
    await it.turn()
    assert (it.bridge.sent, it.spent) == ([(0, 1), (0, 2)], 400)


async def test_what_a_crash_cut_short_stays_counted() -> None:
    it = await node(Billed([200], Unsure("cut")))
    await it.turn()
    again = await it.open()
    assert again.spent == 200


async def test_what_is_given_back_in_another_month_is_no_matter(autojump_clock: MockClock) -> None:
    it = await node(Billed([200]))
    paid = it.purse.pays(200)
    assert paid == Paid(1, 200, LAST_DAY)
    await trio.sleep(86400)
    it.purse.pays(50)
    it.purse.takes_back(paid)
    assert it.spent == 50


async def test_counting_waits_for_room_on_the_disk(autojump_clock: MockClock) -> None:
    it = await node(Billed([200]))
    remember, fulls = it.spool.remember, [SpoolFull(), SpoolFull()]

    async def full(name: str, value: bytes) -> None:
        if fulls:
            raise fulls.pop()
        await remember(name, value)

    it.spool.remember = full  # type: ignore[method-assign]
    await it.turn()
    assert it.bridge.seen == [200]


# ---------------------------------------------------------------- the limit


async def test_a_thread_stops_before_the_part_that_would_go_over_and_goes_on_next_month(
    autojump_clock: MockClock,
) -> None:
    it = await node(Billed([400, 400, 400]))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(it.poster.run)
        await trio.sleep(1)
        assert it.bridge.sent == [(0, 1), (1, 1)]
        assert (it.place.state, it.place.why) == ("spent", MONEY)
        assert ((await it.delivery()).state, (await it.delivery()).why) == (Sent.WAITING, MONEY)
        await trio.sleep(43_198)
        assert len(it.bridge.sent) == 2 and it.place.state == "spent"
        await trio.sleep(2)
        assert it.bridge.sent == [(0, 1), (1, 1), (2, 1)]
        assert (it.place.state, it.spent, it.place.posted) == ("works", 400, 1)
        assert (await it.spool.counts()).states == {"posted": 1}
        it.poster.finish()


async def test_what_there_is_no_money_for_waits_and_nothing_of_it_is_lost(
    autojump_clock: MockClock,
) -> None:
    it = await node(Billed([600]), messages=3)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(it.poster.run)
        await trio.sleep(1)
        assert (await it.spool.counts()).deliveries == {"posted": 1, "waiting": 2}
        it.poster.finish()
    it.limit = 1200  # raised by the operator, who has the settings read again
    await it.open()
    assert it.place.state == "works"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(it.poster.run)
        await trio.sleep(1)
        it.poster.finish()
    assert (await it.spool.counts()).deliveries == {"posted": 2, "waiting": 1}
    assert (len(it.bridge.sent), it.spent) == (2, 1200)


async def test_a_doubtful_part_stays_in_doubt_where_there_is_no_money_to_send_it_again() -> None:
    it = await node(Billed([600], Unsure("cut")))
    await it.turn()
    assert await it.turn() == Rest(NEXT_MONTH, spent=True, why=MONEY)
    assert ((await it.delivery()).state, it.bridge.sent) == (Sent.UNSURE, [(0, 1)])


async def test_parts_that_have_a_price_are_not_sent_without_a_limit() -> None:
    it = await node(Billed([1]), limit=None)
    assert isinstance(await it.turn(), Rest)
    assert it.bridge.sent == []


async def test_parts_without_a_price_are_sent_also_when_all_is_spent() -> None:
    it = await node(Billed([0]), limit=None)
    assert isinstance(await it.turn(), Posted)


async def test_a_new_month_is_seen_on_the_board_also_where_nothing_waits(
    autojump_clock: MockClock,
) -> None:
    it = await node(Billed([2000]))
    it.clock.began -= 42_900  # five minutes before midnight
    it.purse.pays(900)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(it.board.run)
        nursery.start_soon(it.poster.run)
        await trio.sleep(1)
        row = await it.delivery()
        await it.spool.change(row, Change(Queue.ENDED, Sent.DROPPED, due=None))
        await trio.sleep(200)
        assert it.place.state == "spent"
        await trio.sleep(FLUSH_S + 100)
        assert it.place.state == "works"
        nursery.cancel_scope.cancel()


async def test_an_alarm_is_paid_for_as_well() -> None:
    it = await node(Billed([600]))
    bridge = PayingBridge(it.bridge, it.purse)
    [part] = await bridge.prepare(Post(bytes(32), "locked", "", "en", LAST_DAY))

    async def nothing(kept: bytes) -> None:
        return

    attempt = Attempt(part, 1, LAST_DAY)
    assert await bridge.send(attempt, nothing) == Posted("r0")
    assert await bridge.send(attempt, nothing) == Later(MONEY, NEXT_MONTH, "destination")
    assert it.spent == 600


# ---------------------------------------------------------------- what an operator sees


async def test_the_board_shows_what_is_spent_and_the_limit() -> None:
    it = await node(Billed([415]))
    await it.turn()
    table = {
        "channels": {"news": {"destinations": ["x"]}},
        "destinations": {"x": {"bridge": "folder", "folder": "f", "money_per_month": 10.0}},
    }
    settings = parse(table, Path("relay.toml"))
    board = Board(it.spool, it.clock, budgets=budgets_of(settings, it.spool, it.clock))
    await board.load(["x"])
    board.units["x"] = "USD"
    brake = Brake(it.spool, it.clock, [], ["x"], {})
    overview = Overview(it.spool, board, brake, it.clock, settings, lambda: "ok", lambda: 0)
    place = (await overview.board())["x"]
    assert (place["spent"], place["limit"], place["unit"]) == (0.415, 10.0, "USD")
    [budget] = place["budgets"]
    assert budget == {"what": "money", "per": "month", "spent": 0.415, "limit": 10.0, "unit": "USD"}


# ---------------------------------------------------------------- settings

PAGE = '[channels.news]\n[destinations.x]\nbridge = "folder"\nfolder = "x"\n'


@pytest.mark.parametrize(
    ("written", "thousandths"),
    [("10.0", 10_000), ("10", 10_000), ("0.015", 15), ("9.99", 9_990), ("1e3", 1_000_000)],
)
def test_an_amount_has_at_most_three_places(tmp_path: Path, written: str, thousandths: int) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(f"{PAGE}money_per_month = {written}\n")
    assert load(file).destinations["x"].money_per_month == thousandths


@pytest.mark.parametrize(
    "written", ["0", "-1.0", "0.0005", "nan", "inf", "true", '"10"', "1e30", "[10]"]
)
def test_what_is_no_amount_is_refused(tmp_path: Path, written: str) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(f"{PAGE}money_per_month = {written}\n")
    with pytest.raises(SettingsError) as refused:
        load(file)
    [mistake] = refused.value.mistakes
    assert mistake.key == "destinations.x.money_per_month"
    assert "at most three places" in mistake.remedy


@pytest.mark.parametrize(
    "limit", ["", "posts_per_day = 9\n", "money_per_month = 10.0\n", "money_per_day = 1.0\n"]
)
def test_a_destination_that_bills_does_not_start_without_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    from bridges.folder import Folder

    monkeypatch.setattr(Folder, "bills", "USD", raising=False)
    file = tmp_path / "relay.toml"
    file.write_text(PAGE + limit)
    found = [one for one in mistakes(load(file)) if one.key.startswith("destinations.x")]
    if "money" in limit:
        assert found == []
    else:
        [one] = found
        assert one.key == "destinations.x.money_per_month"
        assert "USD" in one.what and "money_per_month = 10.0" in one.remedy
