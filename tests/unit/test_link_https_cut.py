"""A link over HTTPS on lines that are cut: each batch is durable once, or is sent again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from https_links import Exit, batch_of, calling, in_asyncio, listening

from relay.links.port import Durable, Later
from relay.testing.cutting import (
    WHOLE,
    Fate,
    Fates,
    Line,
    Passed,
    Spoil,
    Then,
    always,
    at_random,
    cutting,
    scripted,
)
from relay.wire.batch import Batch, Carried, Returned

SMALL, LARGE = batch_of(4096), batch_of(300_000)
BACK = Batch(bundle=b"keys" * 2000)

RECORD = 5
"""Bytes before each record of TLS (RFC 8446, 5.1)."""


@dataclass
class Ended:
    """What became of one batch: how it was handed over, and what the exit keeps."""

    handed: object
    kept: list[Batch] = field(default_factory=list)
    line: Line | None = None


async def handed_over(
    batch: Batch, fates: Fates, *, back: Batch = BACK, timeout_s: float = 5.0, calls: int = 1
) -> Ended:
    """Hand it over in so many calls at most, as the core does."""
    exit_ = Exit(back=back)
    async with listening(exit_) as at:
        with cutting(at, fates) as line:
            async with calling((line.host, line.port), timeout_s=timeout_s) as hand_over:
                handed = await hand_over(batch)
                while isinstance(handed, Later) and (calls := calls - 1):
                    handed = await hand_over(batch)
                return Ended(handed, exit_.kept, line)


def holds(ended: Ended, batch: Batch, back: Batch = BACK) -> None:
    """What is said to be durable is there, with its answer; what is there is what was handed over,
    and twice at most, where its first answer had not come in time."""
    assert ended.kept in ([batch], [batch, batch]) or isinstance(ended.handed, Later)
    if isinstance(ended.handed, Durable):
        assert ended.handed.back.bundle == back.bundle
    assert all(one == batch for one in ended.kept)


async def lengths(batch: Batch) -> Passed:
    """How much goes each way where nothing is cut."""
    ended = await handed_over(batch, always(WHOLE))
    assert ended.line is not None
    return ended.line.connections[0]


def near(length: int) -> list[int]:
    """Offsets at the ends of what lies in such a stream, and in between."""
    ends = [0, RECORD, 517 + RECORD, *(length * n // 5 for n in range(1, 5)), length - 1, length]
    return sorted(at for at in ends if at <= length)


async def cut_once(way: str, then: Then, offsets: Iterable[int]) -> None:
    for at in offsets:
        ended = await handed_over(SMALL, scripted(Fate(**{way: Spoil(at, then)})), calls=2)
        assert isinstance(ended.handed, Durable)
        holds(ended, SMALL)


@pytest.mark.parametrize("then", ["reset", "close"])
@pytest.mark.parametrize("way", ["up", "down"])
@in_asyncio
async def test_a_line_that_is_cut_once_carries_a_batch_all_the_same(way, then):
    await cut_once(way, then, near(getattr(await lengths(SMALL), way)))


@pytest.mark.slow
@pytest.mark.parametrize("then", ["reset", "close", "half", "corrupt"])
@pytest.mark.parametrize("way", ["up", "down"])
@in_asyncio
async def test_so_it_does_wherever_that_is(way, then):
    length = getattr(await lengths(SMALL), way)
    await cut_once(way, then, range(0, length + 1, 53))


@pytest.mark.parametrize("way", ["up", "down"])
@in_asyncio
async def test_so_does_a_larger_one_in_pieces(way):
    length = getattr(await lengths(LARGE), way)
    for at in (600, 2000, length // 2, length - 1):
        ended = await handed_over(LARGE, scripted(Fate(**{way: Spoil(min(at, length))})), calls=2)
        assert isinstance(ended.handed, Durable)
        holds(ended, LARGE)


@pytest.mark.parametrize(
    "seed", [*range(15), *(pytest.param(n, marks=pytest.mark.slow) for n in range(15, 200))]
)
@in_asyncio
async def test_cut_at_random_again_and_again_it_is_durable_or_to_be_sent_again(seed):
    fates = at_random(seed, 12_000, ("reset", "close", "half", "corrupt"), share=0.8)
    ended = await handed_over(SMALL, fates, timeout_s=0.3)
    holds(ended, SMALL)


@pytest.mark.parametrize("then", ["half", "hang", "swallow", "corrupt"])
@pytest.mark.parametrize(("way", "at"), [("up", 2500), ("down", 4000)])
@in_asyncio
async def test_one_that_goes_silent_or_is_altered_is_left_for_a_new_one(way, at, then):
    fates = scripted(Fate(**{way: Spoil(at, then)}))
    ended = await handed_over(SMALL, fates, timeout_s=0.2, calls=5)
    assert isinstance(ended.handed, Durable)
    holds(ended, SMALL)


@in_asyncio
async def test_four_megabytes_go_over_a_line_that_is_cut_every_300_kilobytes():
    large = batch_of(4_000_000)
    ended = await handed_over(large, always(Fate(up=Spoil(300_000))))
    assert isinstance(ended.handed, Durable)
    assert ended.kept == [large]
    assert ended.line is not None
    assert 13 < len(ended.line.connections) < 60


@pytest.mark.slow
@in_asyncio
async def test_the_largest_there_is_does_as_well():
    large = Batch(envelopes=(Carried(b"e" * (16 * 1024 * 1024)),))
    ended = await handed_over(large, always(Fate(up=Spoil(300_000))))
    assert isinstance(ended.handed, Durable)
    assert ended.kept == [large]


@in_asyncio
async def test_an_answer_that_breaks_off_goes_on_where_it_was():
    back = Batch(answers=tuple(Returned(b"t", b"s" * 9000) for _ in range(40)))
    ended = await handed_over(SMALL, always(Fate(down=Spoil(100_000, "close"))), back=back)
    assert isinstance(ended.handed, Durable)
    assert ended.handed.back.answers == back.answers
    assert ended.kept == [SMALL]  # it was asked for its answer, not given once more


@in_asyncio
async def test_who_asks_in_between_goes_on_all_the_same_with_what_was_begun():
    exit_ = Exit(full=True)
    async with listening(exit_) as at:
        with cutting(at) as line:
            async with calling((line.host, line.port)) as hand_over:
                assert isinstance(await hand_over(LARGE), Later)
                exit_.full = False
                assert isinstance(await hand_over(Batch(serial=1)), Durable)
                assert isinstance(await hand_over(LARGE), Durable)
            assert sum(passed.up for passed in line.connections) < 320_000
    assert exit_.kept == [Batch(serial=1), LARGE]


@in_asyncio
async def test_a_line_that_lets_nothing_through_is_a_reason_to_wait_and_to_say_why():
    ended = await handed_over(SMALL, always(Fate(up=Spoil(2000))))
    assert isinstance(ended.handed, Later)
    assert ended.line is not None
    assert len(ended.line.connections) == 3  # and no storm of them
    assert ended.kept == []


@in_asyncio
async def test_a_slow_line_carries_what_it_can():
    ended = await handed_over(SMALL, always(Fate(delay_s=0.002, bytes_per_s=400_000)))
    assert isinstance(ended.handed, Durable)
    assert ended.kept == [SMALL]
