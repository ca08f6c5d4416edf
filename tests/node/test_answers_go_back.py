"""An answer, all its way: asked through a door, said by the core, and back to who asked."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from doorstep import TEXT, Pigeon, serving, soon

from relay.model import Verdict

NUMBER = b"+989121234567"


def test_who_asked_gets_the_answer_once_and_nothing_of_it_is_kept(
    tmp_path: Path,
) -> None:
    said, pigeon = io.StringIO(), Pigeon()

    async def story() -> None:
        async with serving(tmp_path, pigeon, said) as core:
            assert await pigeon.brings(NUMBER) is Verdict.TAKEN
            asked = await core.asked()
            assert NUMBER not in asked.return_token and len(asked.answer_key) == 32
            await core.says(asked)
            await soon(lambda: pigeon.answers == [(NUMBER + b"\x00mine", TEXT)])
            await core.says(asked)  # a token is good once
            await soon(lambda: core.doors.answers["failed"] == 1)
            assert core.doors.answers["answered"] == len(pigeon.answers) == 1

    asyncio.run(story())
    kept = b"".join(one.read_bytes() for one in (tmp_path / "keys").iterdir())
    assert NUMBER not in kept and TEXT.encode() not in kept
    used = b"day 20833: 1 answers\nmonth 202701: 1 answers\n"
    assert (tmp_path / "keys/pigeon.answers").read_bytes() == used
    assert "98912" not in said.getvalue() and TEXT not in said.getvalue()


def test_who_may_not_be_answered_gets_nothing_and_it_is_counted(
    tmp_path: Path,
) -> None:
    pigeon = Pigeon()

    async def story() -> None:
        async with serving(tmp_path, pigeon) as core:
            elsewhere = b"+15550100123"  # not one of the settings' prefixes
            assert await pigeon.brings(elsewhere) is Verdict.TAKEN
            await core.says(await core.asked())
            await soon(lambda: core.doors.answers["capped"] == 1)
            for n in range(1, 6):
                assert await pigeon.brings(NUMBER) is Verdict.TAKEN
                await core.says(await core.asked())
                await soon(lambda n=n: sum(core.doors.answers.values()) == n + 1)  # type: ignore[misc]
            assert core.doors.answers["answered"] == len(pigeon.answers) == 3

    asyncio.run(story())
