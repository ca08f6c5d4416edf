"""What an exit has for its entries: answers that end when they were heard, receipts, and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from relay.config import parse
from relay.node.crossing import returning as returning_module
from relay.node.crossing.giving_back import GivingBack
from relay.node.crossing.links import Links
from relay.node.crossing.returning import AGAIN_S, KEPT_S, Newest, Returning
from relay.wire import frames
from relay.wire.batch import MAX_ANSWER, MOST_ANSWERS, NOTHING, Batch, Returned
from relay.wire.linkkeys import link_key_of

NEWEST = Newest(5, b"signed keys")


class Exit:
    """One with two entries. ``opens``: the tokens of its own door."""

    def __init__(self, *peers: str) -> None:
        self.own: list[bytes] = []
        self.opens: set[bytes] = set()
        self.newest = Newest()
        names = peers or ("one", "two")
        self.back = Returning(names, self._say, self.opens.__contains__, lambda: self.newest)

    async def _say(self, token: bytes, sealed: bytes) -> None:
        self.own.append(token)

    async def answers(self, *numbers: int) -> list[bytes]:
        """Say so many; their names."""
        for n in numbers:
            await self.back.answer(_token(n), b"sealed")
        return [Returned(_token(n), b"sealed").name for n in numbers]


def _token(n: int) -> bytes:
    return n.to_bytes(4, "big") * 100


def names(batch: Batch) -> list[bytes]:
    return [one.name for one in batch.answers]


# ---------------------------------------------------------------- answers


async def test_an_answer_goes_to_every_entry_until_each_has_heard_it() -> None:
    exit_ = Exit()
    [name] = await exit_.answers(1)
    assert names(exit_.back.back("one")) == names(exit_.back.back("two")) == [name]
    exit_.back.heard("one", Batch(heard=(name,)))
    assert exit_.back.back("one") == NOTHING
    assert names(exit_.back.back("two")) == [name]
    assert exit_.back.counts == {"waiting": 1, "heard": 0, "forgotten": 0}
    exit_.back.heard("two", Batch(heard=(name, name, b"unknown".ljust(16))))
    assert exit_.back.counts == {"waiting": 0, "heard": 1, "forgotten": 0}


async def test_one_that_a_door_of_our_own_opens_goes_to_no_entry() -> None:
    exit_ = Exit()
    exit_.opens.add(_token(1))
    await exit_.answers(1, 2)
    assert exit_.own == [_token(1)]
    assert exit_.back.counts["waiting"] == 1


async def test_a_node_without_entries_says_all_itself() -> None:
    own: list[bytes] = []

    async def say(token: bytes, sealed: bytes) -> None:
        own.append(token)

    await Returning((), say, lambda token: False).answer(_token(1), b"sealed")
    assert own == [_token(1)]


async def test_more_than_a_batch_holds_go_back_in_turn() -> None:
    exit_ = Exit()
    told = await exit_.answers(*range(MOST_ANSWERS + 10))
    assert names(exit_.back.back("one")) == told[:MOST_ANSWERS]
    assert names(exit_.back.back("one"))[:10] == told[MOST_ANSWERS:]  # given longest ago: first
    assert names(exit_.back.back("two")) == told[:MOST_ANSWERS]


async def test_too_many_answers_forget_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning_module, "MOST_WAITING", 3)
    exit_ = Exit()
    told = await exit_.answers(1, 2, 3, 4, 5)
    assert names(exit_.back.back("one")) == told[2:]
    assert exit_.back.counts == {"waiting": 3, "heard": 0, "forgotten": 2}


async def test_too_many_bytes_of_them_do_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning_module, "MOST_BYTES", 1000)
    exit_ = Exit()
    await exit_.answers(1, 2, 3)
    assert exit_.back.counts["waiting"] == 2


async def test_an_answer_that_no_batch_carries_is_forgotten() -> None:
    exit_ = Exit()
    await exit_.back.answer(b"t" * MAX_ANSWER, b"sealed")
    assert exit_.back.counts == {"waiting": 0, "heard": 0, "forgotten": 1}


async def test_an_answer_is_forgotten_when_no_entry_has_a_key_for_it_any_more(
    autojump_clock: MockClock,
) -> None:
    exit_ = Exit()
    await exit_.answers(1)
    await trio.sleep(KEPT_S - 1)
    [name] = await exit_.answers(2)
    await trio.sleep(2)
    assert names(exit_.back.back("one")) == [name]
    assert exit_.back.counts["forgotten"] == 1


# ---------------------------------------------------------------- keys


async def test_keys_go_to_whoever_has_older_ones() -> None:
    exit_ = Exit()
    assert exit_.back.back("one") == NOTHING  # there are none yet
    exit_.newest = NEWEST
    assert exit_.back.back("one").bundle == NEWEST.signed
    exit_.back.heard("one", Batch(serial=5))
    assert exit_.back.back("one") == NOTHING
    exit_.newest = Newest(6, b"newer keys")
    assert exit_.back.back("one").bundle == b"newer keys"


# ---------------------------------------------------------------- links that answer nothing


async def test_what_was_given_is_given_again_only_after_a_day(autojump_clock: MockClock) -> None:
    exit_ = Exit()
    exit_.newest = NEWEST
    told = await exit_.answers(1, 2)
    exit_.back.durable("mail", "one", [b"i" * 16])
    given = exit_.back.by_itself("mail", "one")
    assert (names(given), given.durable, given.bundle) == (told, (b"i" * 16,), NEWEST.signed)
    assert exit_.back.by_itself("mail", "one") == given  # it was not handed over
    exit_.back.given("mail", "one", given)
    assert exit_.back.by_itself("mail", "one") == NOTHING
    assert names(exit_.back.by_itself("folder", "one")) == told  # by each link once
    await trio.sleep(AGAIN_S)
    again = exit_.back.by_itself("mail", "one")
    assert (names(again), again.durable, again.bundle) == (told, (), NEWEST.signed)
    exit_.back.heard("one", Batch(heard=tuple(told), serial=5))
    assert exit_.back.by_itself("mail", "one") == NOTHING


async def test_new_keys_go_at_once_although_others_went_today() -> None:
    exit_ = Exit()
    exit_.newest = NEWEST
    exit_.back.given("mail", "one", exit_.back.by_itself("mail", "one"))
    exit_.newest = Newest(6, b"newer keys")
    assert exit_.back.by_itself("mail", "one").bundle == b"newer keys"


async def test_receipts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning_module, "MOST_DURABLE", 3)
    exit_ = Exit()
    ids = [bytes([n]) * 16 for n in range(5)]
    exit_.back.durable("mail", "one", ids)
    assert exit_.back.by_itself("mail", "one").durable == tuple(ids[2:])


class Handing(Links):
    """Links that keep what is handed over."""

    def __init__(self, how: str = "given") -> None:
        super().__init__(lambda: trio.lowlevel.current_task().parent_nursery, {}, {})  # type: ignore[arg-type,return-value]
        self.how: Any = how
        self.handed: list[tuple[float, str, str, Batch]] = []

    async def hand_over(self, link: str, peer: str, batch: Batch) -> frames.Crossed:
        self.handed.append((trio.current_time(), link, peer, batch))
        return frames.Crossed(1, self.how)


def settings(folder: Path, role: str = "exit") -> Any:
    of = {"link": link_key_of(b"t" * 32).written}
    other = {"link": link_key_of(b"x" * 32).written}
    return parse(
        {
            "node": {"role": role},
            "channels": {"news": {}},
            "peers": {"one": of, "two": other},
            "links": {
                "tls": {"kind": "https", "listen": "127.0.0.1:0"},
                "share": {"kind": "folder", "folder": "share", "peer": "one", "every": "1m"},
            },
        },
        folder / "relay.toml",
    )


async def test_an_exit_hands_over_by_itself_what_there_is_and_no_more_often_than_it_may(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    exit_, links = Exit(), Handing()
    giving = GivingBack(links, exit_.back, settings(tmp_path))
    assert (giving.by_itself, giving.answers) == ({"share"}, {"tls"})
    async with trio.open_nursery() as nursery:
        began = trio.current_time()
        nursery.start_soon(giving.run)
        await trio.sleep(600)
        assert links.handed == []  # nothing was to be said
        for n in range(3):
            exit_.back.durable("share", "one", [bytes([n]) * 16])
            assert giving.waiting("share") == 1
            await trio.sleep(61)
        nursery.cancel_scope.cancel()
    assert [batch.durable for *_, batch in links.handed] == [(bytes([n]) * 16,) for n in range(3)]
    assert {(link, peer) for _, link, peer, _ in links.handed} == {("share", "one")}
    assert all((at - began) % 60 == 0 for at, *_ in links.handed)


async def test_what_could_not_be_handed_over_is_tried_again(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    exit_, links = Exit(), Handing("later")
    giving = GivingBack(links, exit_.back, settings(tmp_path))
    exit_.back.durable("share", "one", [b"i" * 16])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(giving.run)
        await trio.sleep(150)
        assert len(links.handed) == 3
        links.how = "given"
        await trio.sleep(300)
        assert len(links.handed) == 4
        nursery.cancel_scope.cancel()


async def test_what_one_batch_does_not_hold_follows_at_once(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    exit_, links = Exit(), Handing()
    giving = GivingBack(links, exit_.back, settings(tmp_path))
    await exit_.answers(*range(3 * MOST_ANSWERS))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(giving.run)
        await trio.sleep(10)
        nursery.cancel_scope.cancel()
    assert [len(batch.answers) for *_, batch in links.handed] == [MOST_ANSWERS] * 3
