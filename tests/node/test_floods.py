"""A flood through a door: limited, told nothing, counted by nobody but us, others unharmed."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from doorstep import Pigeon, serving

from relay.config.inward.common import WayIn
from relay.entry.limits import FLOOD
from relay.model import Verdict

ONE = b"+989121234567"
MOST = WayIn.model_fields["per_sender"].default


def test_of_ten_thousand_from_one_number_a_few_are_kept_and_others_are_not_harmed(
    tmp_path: Path,
) -> None:
    pigeon = Pigeon()

    async def story() -> None:
        async with serving(tmp_path, pigeon) as core:
            verdicts: Counter[Verdict] = Counter()
            for n in range(10_000):
                verdicts[await pigeon.brings(ONE)] += 1
                if n % 500 == 0:
                    assert await pigeon.brings(b"+98912%07d" % n) is Verdict.TAKEN
            assert verdicts == {Verdict.TAKEN: MOST, Verdict.BUSY: 10_000 - MOST}
            assert pigeon.answers == []
            assert await core.accepted() == MOST + 20

    asyncio.run(story())


def test_a_queue_that_is_fetched_is_not_held_up_by_one_sender(tmp_path: Path) -> None:
    pigeon = Pigeon(fetches=True)

    async def story() -> None:
        async with serving(tmp_path, pigeon) as core:
            assert {await pigeon.brings(ONE) for _ in range(MOST + 2)} == {Verdict.TAKEN}
            flags = [(await core.asked()).flags for _ in range(MOST + 2)]
            assert [FLOOD in one for one in flags] == [False] * MOST + [True] * 2

    asyncio.run(story())


def test_a_transport_has_a_quarter_of_the_room_that_the_core_has_measured(tmp_path: Path) -> None:
    pigeon = Pigeon()

    async def story() -> None:
        async with serving(tmp_path, pigeon, room=80_000) as core:
            verdicts = Counter([await pigeon.brings(b"+98912%07d" % n) for n in range(20)])
            assert verdicts == {Verdict.TAKEN: 5, Verdict.BUSY: 15}
            assert await core.accepted() == 5

    asyncio.run(story())
