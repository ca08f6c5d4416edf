"""A link over HTTPS: what an entry hands over is durable at the exit before it is told so."""

from __future__ import annotations

import asyncio

import pytest
from https_links import (
    ENTRY,
    OTHER,
    STRANGER,
    Exit,
    batch_of,
    calling,
    in_asyncio,
    key,
    listening,
)

from relay.links.https import calling as calling_module
from relay.links.https.places import Places
from relay.links.port import Durable, Later, Peer
from relay.testing.cutting import Fate, Spoil, always, cutting
from relay.wire.batch import NOTHING, Batch, Returned

BACK = Batch(answers=(Returned(b"token", b"sealed"),), bundle=b"keys" * 50)


@in_asyncio
async def test_a_batch_is_durable_and_its_answer_comes_back():
    exit_ = Exit(back=BACK)
    async with listening(exit_) as at, calling(at) as hand_over:
        handed = await hand_over(batch_of(4096))
    assert exit_.kept == [batch_of(4096)]
    assert exit_.peers == ["entry"]
    assert isinstance(handed, Durable)
    assert (handed.back.answers, handed.back.bundle) == (BACK.answers, BACK.bundle)


@in_asyncio
async def test_who_has_nothing_to_give_asks_by_a_batch_without_envelopes():
    exit_ = Exit()
    async with listening(exit_) as at, calling(at) as hand_over:
        for back in (NOTHING, BACK, NOTHING):  # the same question, and each time what is new
            exit_.back = back
            handed = await hand_over(Batch(serial=7))
            assert isinstance(handed, Durable)
            assert handed.back.answers == back.answers
    assert exit_.kept == [Batch(serial=7)] * 3


@in_asyncio
async def test_one_connection_serves_for_many_batches():
    exit_ = Exit()
    async with listening(exit_) as at:
        with cutting(at) as line:
            async with calling((line.host, line.port)) as hand_over:
                for n in range(20):
                    assert isinstance(await hand_over(batch_of(n)), Durable)
            assert len(line.connections) == 1
    assert exit_.kept == [batch_of(n) for n in range(20)]


@in_asyncio
async def test_nothing_is_durable_before_the_core_has_said_so():
    exit_ = Exit(hold=asyncio.Event())
    async with listening(exit_) as at, calling(at) as hand_over:
        handing = asyncio.ensure_future(hand_over(batch_of(10)))
        await asyncio.sleep(0.02)
        assert not handing.done()
        assert exit_.kept == []
        exit_.hold.set()
        assert isinstance(await handing, Durable)
    assert len(exit_.kept) == 1


@pytest.mark.parametrize("size", [10, 600_000])
@in_asyncio
async def test_what_cannot_be_kept_now_is_kept_later(size):
    exit_ = Exit(full=True)
    async with listening(exit_) as at, calling(at) as hand_over:
        assert await hand_over(batch_of(size)) == Later("the peer cannot keep it now")
        exit_.full = False
        assert isinstance(await hand_over(batch_of(size)), Durable)
    assert exit_.kept == [batch_of(size)]


@in_asyncio
async def test_what_is_there_of_a_large_batch_is_not_sent_again_when_there_is_room():
    exit_ = Exit(full=True)
    async with listening(exit_) as at:
        with cutting(at) as line:
            async with calling((line.host, line.port)) as hand_over:
                await hand_over(batch_of(600_000))
                exit_.full = False
                assert isinstance(await hand_over(batch_of(600_000)), Durable)
            assert sum(passed.up for passed in line.connections) < 620_000
    assert exit_.kept == [batch_of(600_000)]


@in_asyncio
async def test_a_node_that_is_not_there_is_a_reason_to_wait():
    exit_ = Exit()
    async with listening(exit_) as at:
        pass
    async with calling(at) as hand_over:
        handed = await hand_over(batch_of(10))
    assert isinstance(handed, Later)
    assert "direct: refused" in handed.why


@in_asyncio
async def test_who_does_not_know_us_and_whom_we_do_not_know_are_told_apart():
    exit_ = Exit()
    async with listening(exit_) as at:
        async with calling(at, seed=STRANGER) as hand_over:
            handed = await hand_over(batch_of(10))
            assert "perhaps the peer does not know our key" in handed.why
        assert exit_.turned_away
        async with calling(at, knows=STRANGER) as hand_over:
            handed = await hand_over(batch_of(10))
            assert "who answers there is not the peer" in handed.why
    assert exit_.kept == []


@in_asyncio
async def test_each_of_several_peers_is_known_by_its_own_key():
    # All link certificates have one name: OpenSSL alone would take the second for a forged first.
    exit_ = Exit()
    async with (
        listening(exit_) as at,
        calling(at, seed=ENTRY) as one,
        calling(at, seed=OTHER) as other,
    ):
        assert isinstance(await other(batch_of(1)), Durable)
        assert isinstance(await one(batch_of(2)), Durable)
    assert exit_.peers == ["other", "entry"]


@in_asyncio
async def test_any_name_leads_to_a_peer():
    async with listening(Exit()) as (_, port), calling(("localhost", port)) as hand_over:
        assert isinstance(await hand_over(NOTHING), Durable)


@in_asyncio
async def test_a_link_leads_to_its_peer_alone():
    async with listening(Exit()) as at, calling(at) as hand_over:
        link = hand_over.__closure__[0].cell_contents
        handed = await link.hand_over(Peer("else", key(STRANGER)), NOTHING)
    assert handed == Later("it leads to another peer")


@in_asyncio
async def test_a_connection_that_has_rested_too_long_is_not_used_again(monkeypatch):
    async with listening(Exit()) as at:
        with cutting(at) as line:
            async with calling((line.host, line.port)) as hand_over:
                await hand_over(NOTHING)
                monkeypatch.setattr(calling_module, "KEPT_S", -1.0)
                await hand_over(NOTHING)
            assert len(line.connections) == 2


@in_asyncio
async def test_who_hears_nothing_waits_no_longer_than_the_settings_say():
    async with listening(Exit()) as at:
        with cutting(at, always(Fate(down=Spoil(0, "swallow")))) as line:
            async with calling((line.host, line.port), timeout_s=0.05) as hand_over:
                handed = await hand_over(NOTHING)
    assert handed == Later("no connection (direct: timed out)")


@in_asyncio
async def test_what_takes_too_long_in_all_is_told_so(monkeypatch):
    monkeypatch.setattr(calling_module, "MOST_S", 0.05)
    exit_ = Exit(hold=asyncio.Event())
    async with listening(exit_) as at, calling(at) as hand_over:
        assert await hand_over(NOTHING) == Later("it takes too long")
        exit_.hold.set()
        monkeypatch.setattr(calling_module, "MOST_S", 5.0)
        assert isinstance(await hand_over(NOTHING), Durable)


@in_asyncio
async def test_a_call_that_is_cancelled_leaves_no_half_request_behind():
    exit_ = Exit(hold=asyncio.Event())
    async with listening(exit_) as at, calling(at) as hand_over:
        handing = asyncio.ensure_future(hand_over(batch_of(10)))
        await asyncio.sleep(0.02)
        handing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handing
        exit_.hold.set()
        assert isinstance(await hand_over(batch_of(11)), Durable)
    assert batch_of(11) in exit_.kept


@in_asyncio
async def test_a_link_that_listens_can_be_made_anew_on_its_socket():
    exit_ = Exit()
    async with listening(exit_) as at, calling(at) as hand_over:
        assert isinstance(await hand_over(NOTHING), Durable)
    async with listening(exit_) as at, calling(at) as hand_over:
        assert isinstance(await hand_over(NOTHING), Durable)


def test_who_comes_last_is_let_in_and_who_came_first_makes_room():
    cut: list[str] = []
    places = Places(most=3, share=2)
    places.enter("a", lambda: cut.append("a1"))
    leave = places.enter("a", lambda: cut.append("a2"))
    places.enter("a", lambda: cut.append("a3"))
    assert cut == ["a1"]  # its own share was taken
    places.enter("b", lambda: cut.append("b1"))
    places.enter("c", lambda: cut.append("c1"))
    assert cut == ["a1", "a2"]
    leave()  # it was cut before
    assert len(places) == 3
