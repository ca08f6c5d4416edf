"""A flood goes out of the way for an hour, and comes back; the word of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import trio.testing

from relay.errors import Asked, SpoolFull
from relay.exit.record import Record, restore, store
from relay.exit.review import review
from relay.model import HOUR, Message, NewRow, Queue, Row, State
from relay.node.desk.aside import ASIDE, LONGEST_S, MOST, NAME, Asides
from relay.node.desk.cards import ASIDE as CARD_SAYS
from relay.node.desk.noticing import WAS_ASIDE, Noticing
from relay.node.desk.word import FLAG, WHY, DayWords
from relay.node.desk.word import NAME as WORD_NAME
from relay.rules.networks import network_typed
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import make_exit_keys
from relay.wire.names import network_tag

KEYS = make_exit_keys()
START = 1_800_000_000
TODAY, YESTERDAY, TOMORROW = b"t" * 32, b"y" * 32, b"w" * 32
FREE = Policy(destinations=("page",), review="none", danger="off", delay=(0, 0))


class Hand:
    """A clock that somebody sets."""

    at = START

    def now(self) -> int:
        return self.at


class Node:
    """The rules of a desk over a spool in memory."""

    def __init__(self, before: Node | None = None) -> None:
        self.clock = before.clock if before else Hand()
        self.spool = before.spool if before else MemorySpool(self.clock)
        self.tags = (TODAY, YESTERDAY)
        self.told: list[Mapping[str, Any]] = []
        self.rules = Noticing(
            self.spool,
            self.clock,
            lambda: self.tags,
            self._says,
            {"sport": FREE, "news": FREE},
            ("phone", "mail"),
        )

    async def _says(self, news: Mapping[str, Any]) -> None:
        self.told.append(news)

    async def begun(self) -> Node:
        await self.rules.begin(KEYS)
        return self

    async def asked(self, do: str, by: str = "ada", **more: Any) -> Mapping[str, Any]:
        return await self.rules.answers({"do": do, "by": by, **more})

    def reviewed(self, record: Record) -> tuple[Any, Record]:
        """What review makes of a message, and its record then."""
        body = store(record, KEYS.storage, bytes(16))
        row = Row(1, 1, 1, Queue.REVIEW, State.WAITING, bytes(16), START, 0, "news", "", body=body)
        change = review(
            row, KEYS, {"news": FREE}, START, lambda a, b: a, noticed=self.rules.noticed
        )
        return change, restore(change.body or body, KEYS.storage, bytes(16))

    def why(self, record: Record) -> str:
        return str(self.reviewed(record)[0].why)


def message(text: str = "The bridge is closed", typed: str = "", **more: Any) -> Record:
    tags = tuple(network_tag(key, network_typed(typed)) for key in (TODAY, YESTERDAY))
    made = Record(bytes(32), "text", "phone", "news", message=Message(text))
    return replace(made, network_tags=tags if typed else (), **more)


async def test_what_is_typed_is_held_and_counted_and_all_else_goes_by() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="typed", value="+98912")
    assert node.why(message(typed="+989121234567")) == ASIDE
    assert node.why(message(typed="+989351234567")) == node.why(message()) == ""
    (shown,) = (await node.asked("asides"))["asides"]
    assert shown["held"] == 1
    assert (shown["kind"], shown["by"], shown["until"]) == ("typed", "ada", START + HOUR)


async def test_a_network_is_known_by_the_tag_of_a_message() -> None:
    node = await Node().begun()
    flood = message(typed="mail.example")
    await node.asked("aside", kind="network", value=flood.network_tags[0].hex())
    assert node.why(flood) == ASIDE
    assert node.why(message(typed="other.example")) == ""
    assert "mail.example" not in str(node.told)


async def test_what_came_yesterday_and_comes_tomorrow_is_the_same_network() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="typed", value="mail.example", for_s=LONGEST_S)
    node.tags = (TOMORROW, TODAY)
    assert node.why(message(typed="mail.example")) == ASIDE
    late = replace(message(), network_tags=(network_tag(TOMORROW, network_typed("mail.example")),))
    assert node.why(late) == ASIDE


async def test_a_way_in_is_set_aside_until_the_hour_is_over() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="transport", value="phone", for_s=HOUR)
    assert node.why(message()) == ASIDE
    node.clock.at += HOUR
    assert node.why(message()) == ""
    assert (await node.asked("asides"))["asides"] == []


async def test_a_rule_can_be_ended_and_set_again_and_is_one_rule() -> None:
    node = await Node().begun()
    first = await node.asked("aside", kind="transport", value="phone")
    again = await node.asked("aside", kind="transport", value="phone", for_s=2 * HOUR)
    assert first == again
    await node.asked("aside-end", aside=first["aside"])
    assert node.why(message()) == ""
    with pytest.raises(Asked):
        await node.asked("aside-end", aside=first["aside"])


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "typed", "value": "mail"},
        {"kind": "typed", "value": "0912"},
        {"kind": "network", "value": "ab"},
        {"kind": "network", "value": "x" * 32},
        {"kind": "house", "value": "x"},
        {"kind": "transport", "value": " "},
        {"kind": "transport", "value": "x" * 201},
        {"kind": "transport", "value": "x", "for_s": 0},
        {"kind": "transport", "value": "x", "for_s": LONGEST_S + 1},
        {"kind": "transport", "value": "x", "for_s": True},
        {"kind": 1, "value": "x"},
        {},
    ],
)
async def test_what_names_nothing_or_no_time_is_refused(order: dict[str, Any]) -> None:
    node = await Node().begun()
    with pytest.raises(Asked):
        await node.asked("aside", **order)


async def test_there_are_only_so_many_rules() -> None:
    node = await Node().begun()
    for n in range(MOST):
        await node.asked("aside", kind="transport", value=f"way{n}")
    with pytest.raises(Asked):
        await node.asked("aside", kind="transport", value="one more")
    node.clock.at += HOUR
    await node.asked("aside", kind="transport", value="one more")


async def test_rules_outlive_the_process_but_for_tags_whose_key_has_gone() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="transport", value="phone")
    await node.asked("aside", kind="typed", value="mail.example")
    await node.asked("aside", kind="network", value="ab" * 16)
    again = await Node(node).begun()
    again.tags = (TOMORROW, bytes(32))
    assert [one["kind"] for one in (await again.asked("asides"))["asides"]] == [
        "transport",
        "typed",
    ]
    fresh = network_tag(TOMORROW, network_typed("mail.example"))
    assert again.why(replace(message(transport="form"), network_tags=(fresh,))) == ASIDE


async def test_nothing_of_a_rule_or_a_word_lies_on_the_disk_in_the_clear() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="typed", value="mail.example")
    await node.asked("word", channel="news", word="sunflower")
    kept = await node.spool.remembered()
    assert {NAME, WORD_NAME} <= kept.keys()
    for value in kept.values():
        assert b"mail.example" not in value and b"sunflower" not in value and b"ada" not in value


async def test_rules_of_other_keys_are_none() -> None:
    node = await Node().begun()
    await node.asked("aside", kind="transport", value="phone")
    await node.asked("word", channel="news", word="sunflower")
    again = Node(node)
    await again.rules.begin(make_exit_keys())
    told = await again.asked("asides")
    assert (told["asides"], told["words"]) == ([], {})
    assert (told["ways"], told["channels"]) == (["mail", "phone"], ["news", "sport"])


async def test_nothing_is_set_aside_while_the_exit_is_locked() -> None:
    node = Node()
    for order in ({"do": "aside", "kind": "transport", "value": "x"}, {"do": "word"}):
        with pytest.raises(Asked):
            await node.asked(**{"channel": "news", "word": "abc", **order})
    assert node.why(message()) == ""


# ---------------------------------------------------------------- what is held already


async def put(node: Node, n: int, record: Record, why: str) -> None:
    id = n.to_bytes(2, "big") * 8
    body = store(record, KEYS.storage, id)
    row = NewRow(Queue.REVIEW, State.HELD, id, START, None, name="news", why=why, body=body)
    await node.spool.put([row])


async def whys(node: Node) -> list[str]:
    return [row.why for row in await node.spool.look(queue=Queue.REVIEW)]


async def test_a_flood_that_is_there_goes_aside_and_comes_back() -> None:
    node = await Node().begun()
    await put(node, 1, message(typed="mail.example"), "review")
    await put(node, 2, message(typed="other.example"), "review")
    made = await node.asked("aside", kind="typed", value="mail.example")
    await node.rules.sweep(KEYS)
    assert await whys(node) == ["review; set aside", "review"]
    assert (await node.asked("asides"))["asides"][0]["held"] == 1
    await node.rules.sweep(KEYS)
    assert (await node.asked("asides"))["asides"][0]["held"] == 1
    await node.asked("aside-end", aside=made["aside"])
    await node.rules.sweep(KEYS)
    assert await whys(node) == ["review", "review"]


async def test_what_only_a_rule_held_waits_for_a_person_afterwards() -> None:
    node = await Node().begun()
    await put(node, 1, message(typed="mail.example"), ASIDE)
    await node.rules.sweep(KEYS)
    assert await whys(node) == [WAS_ASIDE]
    assert CARD_SAYS not in WAS_ASIDE


async def test_a_full_disk_ends_nothing_and_what_is_over_goes_once_there_is_room(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await Node().begun()
    await put(node, 1, message(), "review; set aside")
    await node.asked("aside", kind="transport", value="way", for_s=HOUR)
    node.clock.at += HOUR

    async def full(*_: Any) -> None:
        raise SpoolFull

    with monkeypatch.context() as patched:
        patched.setattr(node.spool, "remember", full)
        with trio.move_on_after(60):
            await node.rules.run(KEYS)
    with trio.move_on_after(60):
        await node.rules.run(KEYS)
    assert await whys(node) == ["review"]
    assert node.told[-1]["asides"] == []


# ---------------------------------------------------------------- the word of the day


async def test_a_message_with_the_word_is_flagged_and_never_goes_by_itself() -> None:
    node = await Node().begun()
    await node.asked("word", channel="news", word="آفتاب گردان")
    change, record = node.reviewed(message("سلام آفتاب‌گردان، پل بسته است"))
    assert change.state == State.HELD and change.why == WHY
    assert FLAG in record.flags
    for other in (message("a sunflower"), message("آفتاب گردان", channel="sport")):
        assert FLAG not in node.reviewed(other)[1].flags


async def test_a_word_outlives_the_process_and_can_be_taken_back() -> None:
    node = await Node().begun()
    await node.asked("word", channel="news", word="sunflower")
    assert node.told[-1]["word"] == "sunflower"
    again = await Node(node).begun()
    assert again.why(message("Sunflower! the bridge")) == WHY
    assert again.why(message("sunflowers")) == ""
    await again.asked("word", channel="sport", word="tulip")
    assert again.told[-1]["word"] == "news: sunflower, sport: tulip"
    await again.asked("word", channel="news", word="")
    assert again.why(message("sunflower")) == ""


@pytest.mark.parametrize("word", ["a", "x" * 61, "sun*", "#sun", "!!"])
async def test_what_is_no_word_is_refused(word: str) -> None:
    node = await Node().begun()
    with pytest.raises(Asked):
        await node.asked("word", channel="news", word=word)
    with pytest.raises(Asked):
        await node.asked("word", channel="nowhere", word="sunflower")


def test_nothing_of_them_can_be_printed() -> None:
    spool = MemorySpool(Hand())
    for made in (Asides(spool, Hand(), lambda: (TODAY, YESTERDAY)), DayWords(spool)):
        assert "object at" in repr(made)
