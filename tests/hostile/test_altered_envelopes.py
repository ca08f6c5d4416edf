"""An envelope that was altered on its way opens nowhere, whichever bit it was, and costs an exit no
more than its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from relay.exit.unseal import unseal
from relay.model import HOUR, Queue, State
from relay.node.arrivals import Arrivals
from relay.node.crossing.returning import Returning
from relay.node.crossing.taking import Taking
from relay.spool.memory import MemorySpool
from relay.wire.batch import MOST_ENVELOPES, NOTHING, Batch, Carried
from relay.wire.envelope import Inside, seal
from relay.wire.keys import ExitKeys, make_exit_keys

NOW: Final = 1_800_000_000 - 1_800_000_000 % HOUR


class Clock:
    def now(self) -> int:
        return NOW


async def _say(token: bytes, sealed: bytes) -> None:
    return None


def _sealed(keys: ExitKeys) -> bytes:
    inside = Inside("text", "mail", b"a word", "news")
    return seal(inside, [keys.epochs[0].public], arrival=NOW, expiry=NOW + 14 * 86400).envelope


def _flipped(good: bytes, each: int) -> Iterator[bytes]:
    for at in range(0, len(good), each):
        altered = bytearray(good)
        altered[at] ^= 1 << at % 8
        yield bytes(altered)


async def _became(good: bytes, bad: list[bytes], keys: ExitKeys) -> Counter[str]:
    """What becomes of the bad ones at an exit, and of a good one among them."""
    spool = MemorySpool(Clock())
    returning = Returning(("entry",), _say, lambda token: False)
    links = frozenset({"tls"})
    taking = Taking(spool, Clock(), returning, links, (), Arrivals(), lambda: 1 << 40)
    for some in (bad[at : at + MOST_ENVELOPES] for at in range(0, len(bad), MOST_ENVELOPES)):
        batch = Batch(tuple(Carried(one) for one in some))
        assert await taking.arrived("tls", "entry", batch) == NOTHING
    assert await taking.arrived("tls", "entry", Batch((Carried(good),))) == NOTHING
    became: Counter[str] = Counter()
    while rows := await spool.take(Queue.INBOX, now=NOW, limit=100):
        for row in rows:
            change = unseal(row, keys)
            became[change.state if change.queue == Queue.ENDED else "opened"] += 1
            assert await spool.settle(row, change)
    counts = await spool.counts()
    became[State.EXPIRED] = counts.states.get(State.EXPIRED, 0)
    became["turned away"], became["repeats"] = counts.turned_away, counts.repeats
    spool.close()
    return became


@pytest.mark.parametrize("each", [41, pytest.param(1, marks=pytest.mark.slow)])
async def test_one_bit_that_is_not_as_it_was_opens_nothing(each: int) -> None:
    keys = make_exit_keys(NOW)
    good = _sealed(keys)
    bad = list(_flipped(good, each))
    became = await _became(good, bad, keys)
    assert became.pop("opened") == 1  # the good one
    assert became.pop("repeats") == 0
    assert became[State.QUARANTINED] > 0.9 * len(bad)
    assert sum(became.values()) == len(bad)


async def test_what_was_cut_swapped_or_spliced_opens_nothing() -> None:
    keys = make_exit_keys(NOW)
    good, other = _sealed(keys), _sealed(keys)
    half = len(good) // 2
    bad = [
        good[:-1],
        good[:half],
        good + b"\x00",
        good[half:] + good[:half],
        good[:1300] + other[1300:],
        other[:1300] + good[1300:],
        good[:-500] + other[-500:],
    ]
    became = await _became(good, bad, keys)
    assert became.pop("opened") == 1
    assert sum(became.values()) == len(bad)
