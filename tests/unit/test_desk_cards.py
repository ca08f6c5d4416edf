"""What a desk is told: a card of every message that was read, and news of what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import trio
import trio.testing
from desk_parts import KEYS, OUTBOX_S, START, Core, id_of, token

from relay.control import written
from relay.errors import Asked
from relay.exit.record import Heard
from relay.exit.withdraw import ASKED
from relay.model import Change, NewRow, Queue, Sent, State
from relay.node.desk import cards as making
from relay.node.desk.cards import Cards
from relay.node.desk.feed import EVERY_S, Feed

Card = Mapping[str, Any]


async def all_cards(core: Core, **more: Any) -> list[Card]:
    answers = await core.told("cards", **more)
    return [card for answer in answers for card in answer.get("cards", ())]


async def the_card(core: Core, id: str) -> Card:
    [card] = [card for card in await all_cards(core) if card["id"] == id]
    return card


async def test_a_card_says_what_a_lane_shows_of_a_message() -> None:
    core = Core()
    tags = (b"a" * 16, b"b" * 16)
    id = await core.message(
        1, "A story", kinds=("phone",), media=1, flags=("sms", "known"), author_tags=tags
    )
    card = await the_card(core, id)
    row = await core.row(id)
    assert card == {
        "seq": row.seq,
        "id": id,
        "rev": row.rev,
        "queue": "review",
        "state": "held",
        "held": True,
        "outbox_until": None,
        "due": None,
        "channel": "news",
        "transport": "form",
        "hour": START,
        "language": "und",
        "title": "",
        "text": "A story",
        "kinds": ["phone"],
        "media": ["image/jpeg"],
        "flags": ["sms", "known"],
        "author": tags[0].hex(),
        "network": "",
        "known": True,
        "assignee": "",
        "notes": 0,
        "confirmed": [],
        "asked_back": False,
        "replies": 0,
        "aside": False,
        "why": "review",
        "corrects": False,
        "destinations": {},
    }
    assert written(card)


async def test_a_card_shows_what_persons_have_done() -> None:
    core = Core(two_persons="all")
    id = await core.message(1)
    await core.asked("assign", id=id, to="bob", token=token(1))
    await core.asked("note", id=id, text="x", token=token(2))
    await core.asked("publish", ids=[id], token=token(3))
    card = await the_card(core, id)
    assert (card["assignee"], card["notes"], card["confirmed"]) == ("bob", 1, ["ada"])
    await core.asked("publish", "bob", ids=[id], token=token(4))
    card = await the_card(core, id)
    assert (card["queue"], card["held"], card["confirmed"]) == ("deliver", False, [])
    assert card["outbox_until"] == card["due"] == START + OUTBOX_S


async def test_a_card_shows_where_it_stands_and_that_its_sender_wants_it_back() -> None:
    core = Core()
    replies = (Heard("telegram", "7", "no"),)
    id = await core.message(1, replies=replies)
    await core.assign(id, page=Sent.POSTED, telegram=Sent.HELD)
    [row] = [row for row in await core.spool.look(queue=Queue.POST) if row.name == "telegram"]
    assert await core.spool.change(row, Change(Queue.POST, Sent.HELD, due=None, why=ASKED))
    card = await the_card(core, id)
    assert card["destinations"] == {"page": "posted", "telegram": "held"}
    assert (card["held"], card["asked_back"], card["why"]) == (True, True, ASKED)
    assert card["replies"] == 1


async def test_what_was_not_read_or_is_not_kept_has_no_card() -> None:
    core = Core()
    await core.spool.put([NewRow(Queue.INBOX, State.WAITING, id_of(7), START, body=b"sealed")])
    id = await core.message(1)
    row = await core.row(id)
    gone = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
    assert await core.spool.change(row, gone)
    assert await core.told("cards") == [{"upto": row.seq}]


async def test_cards_come_in_batches_and_from_where_one_left_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "MOST_CHARS", 20)
    monkeypatch.setattr(making, "SLICE", 2)
    core = Core()
    ids = [await core.message(n) for n in range(1, 6)]
    *batches, last = await core.told("cards")
    assert [len(one["cards"]) for one in batches] == [2, 2, 1]
    first = await core.told("cards", limit=2)
    assert [card["id"] for card in first[0]["cards"]] == ids[:2]
    rest = await all_cards(core, after=first[-1]["upto"])
    assert [card["id"] for card in rest] == ids[2:]
    assert await core.told("cards", after=last["upto"]) == [last]


async def test_a_very_long_text_is_shown_in_part() -> None:
    core = Core()
    id = await core.message(1, "long " * 30_000)
    assert len((await the_card(core, id))["text"]) == making.MOST_TEXT


async def test_while_the_keys_are_locked_there_are_no_cards() -> None:
    core = Core()
    await core.message(1)
    core.keys = None
    with pytest.raises(Asked, match="locked"):
        await core.told("cards")


@pytest.mark.parametrize("bad", ["1", None, 1.5, True])
async def test_cards_come_after_a_seq(bad: object) -> None:
    with pytest.raises(Asked, match="seq"):
        await Core().told("cards", after=bad)


# ---------------------------------------------------------------- news


class Desk:
    """A desk that hears news, and whether anybody sits there."""

    def __init__(self, core: Core) -> None:
        self.heard: list[Mapping[str, Any]] = []
        self.somebody = True
        self.standing = "ok"
        looking = core.orders.at_desk.looking
        self.feed = Feed(
            core.spool, looking.cards, self.hear, lambda: self.somebody, lambda: self.standing
        )

    async def hear(self, news: Mapping[str, Any]) -> None:
        self.heard.append(news)

    async def news(self) -> list[Mapping[str, Any]]:
        """What is heard in one look."""
        self.heard = []
        await self.feed.look()
        return self.heard


async def test_first_a_desk_is_told_to_look_at_everything_and_then_what_changes() -> None:
    core = Core()
    desk = Desk(core)
    first, second = await core.message(1), await core.message(2)
    assert await desk.news() == [{"standing": "ok"}, {"all": True}]
    assert await desk.news() == []
    await core.asked("publish", ids=[second], token=token(1))
    [news] = await desk.news()
    assert [(card["id"], card["queue"]) for card in news["cards"]] == [(second, "deliver")]
    assert news["gone"] == []
    await core.asked("note", id=first, text="x", token=token(2))
    [news] = await desk.news()
    assert [(card["id"], card["notes"]) for card in news["cards"]] == [(first, 1)]


async def test_what_was_destroyed_or_purged_is_gone() -> None:
    core = Core()
    desk = Desk(core)
    first, second = await core.message(1), await core.message(2)
    await desk.news()
    row, other = await core.row(first), await core.row(second)
    gone = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
    assert await core.spool.change(row, gone)
    assert await desk.news() == [{"cards": [], "gone": [row.seq]}]
    assert await core.spool.change(other, gone)
    await core.spool.purge(START + 86400)
    [*_, news] = await desk.news()
    assert news["gone"] == [row.seq, other.seq]


async def test_what_nobody_has_read_yet_is_no_news() -> None:
    core = Core()
    desk = Desk(core)
    await desk.news()
    await core.spool.put([NewRow(Queue.INBOX, State.WAITING, id_of(7), START, body=b"sealed")])
    assert await desk.news() == []


async def test_when_too_much_has_changed_a_desk_is_told_to_look_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relay.node.desk.feed.MOST", 1)
    core = Core()
    desk = Desk(core)
    await desk.news()
    for n in (1, 2):
        await core.message(n)
    assert await desk.news() == [{"all": True}]


async def test_a_desk_is_told_when_the_keys_are_locked_and_when_they_are_open() -> None:
    core = Core()
    desk = Desk(core)
    await desk.news()
    core.keys, desk.standing = None, "locked"
    await core.message(1)
    assert await desk.news() == [{"standing": "locked"}]
    core.keys, desk.standing = KEYS, "ok"
    assert await desk.news() == [{"standing": "ok"}, {"all": True}]


async def test_where_nobody_is_signed_in_nothing_is_told(
    autojump_clock: trio.testing.MockClock,
) -> None:
    core = Core()
    desk = Desk(core)
    desk.somebody = False
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.feed.run)
        await core.message(1)
        await trio.sleep(4 * EVERY_S)
        assert desk.heard == []
        desk.somebody = True
        await trio.sleep(4 * EVERY_S)
        assert desk.heard == [{"standing": "ok"}, {"all": True}]
        desk.somebody = False
        await trio.sleep(4 * EVERY_S)
        await core.message(2)
        assert desk.heard[2:] == [{"nobody": True}]
        desk.somebody = True
        await trio.sleep(4 * EVERY_S)
        assert desk.heard[3:] == [{"standing": "ok"}, {"all": True}]
        nursery.cancel_scope.cancel()


async def test_others_get_their_turn_while_cards_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core = Core()
    for n in range(1, 201):
        await core.message(n)
    turns, most = 0, 0
    made = Cards._made

    def counted(self: Cards, wholes: Any) -> Any:
        nonlocal most
        most = max(most, len(wholes))
        return made(self, wholes)

    monkeypatch.setattr(Cards, "_made", counted)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        await all_cards(core)
        nursery.cancel_scope.cancel()
    assert most <= making.SLICE and turns >= 4


async def test_a_large_deed_is_told_in_parts_and_not_as_everything() -> None:
    core = Core()
    desk = Desk(core)
    ids = [await core.message(n) for n in range(1, 601)]
    await desk.news()
    await core.asked("publish", ids=ids[:1], token=token(1), **{"with": {ids[0]: ids[1:]}})
    news = await desk.news()
    assert [len(one["cards"]) for one in news] == [500, 100]
    assert {card["state"] for one in news for card in one["cards"]} == {"waiting", "joined"}


async def test_a_card_that_cannot_be_made_ends_neither_the_news_nor_the_node(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = Core()
    desk = Desk(core)
    id = await core.message(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.feed.run)
        await trio.sleep(1)
        with monkeypatch.context() as broken:
            broken.setattr(Cards, "_seen", lambda *_: 1 / 0)
            await core.asked("note", id=id, text="x", token=token(1))
            await trio.sleep(2 * EVERY_S)
        desk.heard.clear()
        await trio.sleep(20)
        assert desk.heard == [{"all": True}]
        nursery.cancel_scope.cancel()
