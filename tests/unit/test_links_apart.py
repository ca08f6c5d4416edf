"""The process of the links: what crosses, what is bounded, and what a broken link costs others."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import trio
from links_apart import apart, settings, soon

from relay.errors import Damaged, KeyFileError
from relay.links.port import Durable, Given, HandedOver, Later
from relay.node.crossing.bounds import MOST_ARRIVALS
from relay.node.crossing.links import Links
from relay.node.links.kept_up import LONGEST_S, keep_up
from relay.node.process import Process
from relay.wire import frames
from relay.wire.batch import MOST_ENVELOPE_BYTES, NOTHING, Batch, Carried

ONE = Batch((Carried(b"an envelope"),))
BACK = Batch(durable=(b"i" * 16,))


async def test_what_comes_is_kept_by_the_core_and_its_answer_goes_back(tmp_path: Path) -> None:
    heard: list[tuple[str, str, Batch]] = []

    async def keeps(link: str, peer: str, batch: Batch) -> Batch:
        heard.append((link, peer, batch))
        return BACK

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.arrived = keeps
        assert await pair.comes("tls", ONE, "two") == BACK
    assert heard == [("tls", "two", ONE)]


async def test_what_the_core_cannot_keep_is_not_said_to_be_kept(tmp_path: Path) -> None:
    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        assert await pair.comes("tls", ONE) is None


async def test_the_largest_batch_crosses_in_either_direction(tmp_path: Path) -> None:
    large = Batch((Carried(bytes(MOST_ENVELOPE_BYTES)),))
    heard: list[int] = []

    async def keeps(link: str, peer: str, batch: Batch) -> Batch:
        heard.append(len(batch.envelopes[0].envelope))
        return NOTHING

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.arrived = keeps
        assert await pair.comes("tls", large) == NOTHING
        assert (await pair.core.hand_over("tls", "one", large)).how == "durable"
        assert pair.made["tls"].handed == [("one", large)]
    assert heard == [MOST_ENVELOPE_BYTES]


async def test_a_peer_that_sends_much_at_once_hears_later_and_others_are_heard(
    tmp_path: Path,
) -> None:
    goes_on = trio.Event()

    async def slow(link: str, peer: str, batch: Batch) -> Batch:
        if peer == "one":
            await goes_on.wait()
        return NOTHING

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.arrived = slow
        answers: list[Batch | None] = []

        async def comes() -> None:
            answers.append(await pair.comes("tls", ONE))

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(comes)
            await soon(lambda: len(answers) == 3)
            assert answers == [None] * 3
            assert await pair.comes("tls", ONE, "two") == NOTHING
            goes_on.set()
        assert answers[3:] == [NOTHING] * 2


@pytest.mark.parametrize(
    ("handed", "told", "fares"),
    [
        (Durable(BACK), frames.Crossed(1, "durable", back=BACK), "works"),
        (Given(), frames.Crossed(1, "given"), "works"),
        (Later("nobody there"), frames.Crossed(1, "later", "nobody there"), "blocked"),
        (Later("no password", "login"), frames.Crossed(1, "later", "no password"), "login"),
    ],
)
async def test_how_a_batch_was_handed_over_is_told_and_so_is_how_the_link_fares(
    handed: HandedOver, told: frames.Crossed, fares: str, tmp_path: Path
) -> None:
    states: list[str] = []

    async def answer(batch: Batch) -> HandedOver:
        return handed

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.fares = lambda frame: states.append(getattr(frame, "state", ""))
        pair.made["tls"].answer = answer
        assert await pair.core.hand_over("tls", "one", ONE) == told
        await pair.core.hand_over("tls", "one", ONE)
    assert states == ([] if fares == "works" else [fares])  # it worked from the start; told once


@pytest.mark.parametrize("error", [ValueError(), asyncio.CancelledError(), TimeoutError()])
async def test_a_link_that_raises_while_it_hands_over_says_later(
    error: BaseException, tmp_path: Path
) -> None:
    async def fails(batch: Batch) -> HandedOver:
        raise error

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.made["tls"].answer = fails
        assert (await pair.core.hand_over("tls", "one", ONE)).how == "later"


async def test_nothing_is_handed_over_where_there_is_no_such_link_or_peer(tmp_path: Path) -> None:
    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        assert (await pair.core.hand_over("gone", "one", ONE)).how == "later"
        assert (await pair.core.hand_over("tls", "nobody", ONE)).how == "later"


async def test_who_waits_no_more_has_the_link_give_up_and_the_next_call_goes_on(
    tmp_path: Path,
) -> None:
    broken_off: list[bool] = []

    async def for_ever(batch: Batch) -> HandedOver:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            broken_off.append(True)
        return Given()

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        link = pair.made["tls"]
        link.answer = for_ever
        with trio.move_on_after(0.05):
            await pair.core.hand_over("tls", "one", ONE)
        await soon(lambda: broken_off)
        link.answer = None
        assert (await pair.core.hand_over("tls", "one", ONE)).how == "durable"


async def test_calls_of_one_peer_go_one_after_the_other(tmp_path: Path) -> None:
    under_way: list[int] = []

    async def alone(batch: Batch) -> HandedOver:
        under_way.append(1)
        assert len(under_way) == 1
        await asyncio.sleep(0.002)
        under_way.pop()
        return Given()

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.made["tls"].answer = alone
        told: list[str] = []

        async def hand_over() -> None:
            told.append((await pair.core.hand_over("tls", "one", ONE)).how)

        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(hand_over)
    assert told == ["given"] * 4


async def test_one_link_that_breaks_down_holds_up_neither_the_start_nor_another(
    tmp_path: Path,
) -> None:
    fared: list[object] = []
    broken = {"bad": [KeyFileError("secrets/x is missing")]}
    async with apart(tmp_path, "good", "bad", fails=broken) as pair:
        pair.core.fares = fared.append
        await soon(lambda: pair.core.opened)
        assert (await pair.core.hand_over("good", "one", ONE)).how == "durable"
        assert (await pair.core.hand_over("bad", "one", ONE)).how == "later"
        await soon(lambda: pair.made["bad"].came)  # it was made anew, after a second
        assert (await pair.core.hand_over("bad", "one", ONE)).how == "durable"
    assert frames.Fares("bad", "login", "secrets/x is missing") in fared


async def test_a_link_is_made_anew_after_ever_longer_times() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 9:
            raise EOFError

    def make() -> None:
        raise ValueError("no link")

    told: list[tuple[str, str]] = []

    def run() -> None:
        asyncio.run(
            keep_up(
                make,  # type: ignore[arg-type]
                lambda peer, batch: asyncio.sleep(0),  # type: ignore[arg-type, return-value]
                lambda serves: None,
                lambda link: None,
                lambda state, why: told.append((state, why)),
                sleep,
            )
        )

    with pytest.raises(EOFError):
        await trio.to_thread.run_sync(run)
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60, LONGEST_S]
    assert set(told) == {("blocked", "it failed: valueerror")}  # never the words of an error


async def test_who_is_turned_away_is_told_in_counts(tmp_path: Path) -> None:
    counted: list[tuple[str, int]] = []

    async def count(link: str, number: int) -> None:
        counted.append((link, number))

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.turned_away = count

        async def knock() -> None:
            for _ in range(3):
                pair.made["tls"].opening.turned_away()

        await pair.does(knock)
        await soon(lambda: counted)
    assert counted == [("tls", 3)]


async def test_when_the_core_is_gone_nothing_more_is_said_to_be_kept(tmp_path: Path) -> None:
    async def for_ever(link: str, peer: str, batch: Batch) -> Batch:
        await trio.sleep_forever()
        return NOTHING

    async with apart(tmp_path, "tls") as pair:
        await soon(lambda: pair.core.opened)
        pair.core.arrived = for_ever
        answers: list[Batch | None] = [NOTHING]

        async def comes() -> None:
            answers[0] = await pair.comes("tls", ONE)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(comes)
            await soon(lambda: pair.core._arrivals)
            assert pair.core._process is not None
            pair.core._process.pipe.close()
        assert answers == [None]
        await pair.ended.wait()


async def test_it_makes_room_for_another_when_something_else_lies_where_it_was_granted(
    tmp_path: Path,
) -> None:
    stick = tmp_path / "stick"

    class Placed:
        def moved(self) -> bool:
            return stick.exists()

    async with apart(tmp_path, "tls", placed=Placed()) as pair:  # type: ignore[arg-type]
        await soon(lambda: pair.core.opened)
        stick.mkdir()
        with trio.fail_after(5):
            await pair.ended.wait()


# ---------------------------------------------------------------- a process that was taken over


class _Deaf:
    """A pipe into which everything goes."""

    async def send(self, frame: object) -> None:
        return None

    def send_now(self, frame: object) -> bool:
        return True


@pytest.mark.parametrize(
    "frame",
    [
        frames.Arrived(1, "tls", "nobody", ONE),
        frames.Arrived(1, "gone", "one", ONE),
        frames.LinkOpen("gone", 1),
        frames.TurnedAway("gone", 1),
        frames.TurnedAway("tls", -1),
        frames.TurnedAway("tls", 10**12),
        frames.Fares("tls", "paused"),
        frames.Fares("page", "works"),
        frames.Routed("page", "direct", {}),
        frames.Crossed(1, "durable"),
        frames.Standing("ok"),
    ],
)
async def test_what_no_links_of_ours_say_is_damage(frame: object, tmp_path: Path) -> None:
    at = settings(tmp_path, "tls")
    async with trio.open_nursery() as nursery:
        core = Links(lambda: nursery, at.links, at.peers)
        core.connected(Process("links", 1, _Deaf()))  # type: ignore[arg-type]
        with pytest.raises(Damaged):
            await core.said(frame)


async def test_one_that_floods_the_core_is_ended(tmp_path: Path) -> None:
    at = settings(tmp_path, "tls")

    async def for_ever(link: str, peer: str, batch: Batch) -> Batch:
        await trio.sleep_forever()
        return NOTHING

    async with trio.open_nursery() as nursery:
        core = Links(lambda: nursery, at.links, at.peers)
        core.arrived = for_ever
        core.connected(Process("links", 1, _Deaf()))  # type: ignore[arg-type]
        for n in range(MOST_ARRIVALS):
            await core.said(frames.Arrived(n, "tls", "one", ONE))
        with pytest.raises(Damaged):
            await core.said(frames.Arrived(MOST_ARRIVALS, "tls", "one", ONE))
        nursery.cancel_scope.cancel()
