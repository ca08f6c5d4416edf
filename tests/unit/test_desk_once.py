"""A deed is done once, whoever waits for it; a report goes on without its page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from relay.desk.core import Refused, Told
from relay.desk.doing import deed_of
from relay.desk.done import REMEMBERED, Doings, Done
from relay.desk.reports import Report, Reports


class Act:
    """Ends when it is let go, as it is told to."""

    def __init__(self) -> None:
        self.go, self.begun, self.fails = asyncio.Event(), 0, False

    async def __call__(self) -> Done:
        self.begun += 1
        await self.go.wait()
        if self.fails:
            raise Refused("no")
        return Done("drop", "ada", "n", done=1)


def test_a_form_that_is_sent_twice_at_once_is_one_deed() -> None:
    async def main() -> None:
        doings, act = Doings(), Act()
        both = [asyncio.ensure_future(doings.once("n", act)) for _ in range(2)]
        await asyncio.sleep(0)
        act.go.set()
        first, second = await asyncio.gather(*both)
        assert first is second and act.begun == 1
        assert await doings.once("n", act) is first
        assert doings.of("ada", "n") is first and doings.of("bo", "n") is None

    asyncio.run(main())


def test_who_goes_away_does_not_end_a_deed() -> None:
    async def main() -> None:
        doings, act = Doings(), Act()
        gone = asyncio.ensure_future(doings.once("n", act))
        await asyncio.sleep(0)
        gone.cancel()
        act.go.set()
        assert (await doings.once("n", act)).done == 1 and act.begun == 1

    asyncio.run(main())


def test_what_was_refused_may_be_done_again() -> None:
    async def main() -> None:
        doings, act = Doings(), Act()
        act.fails = True
        act.go.set()
        with pytest.raises(Refused):
            await doings.once("n", act)
        act.fails = False
        assert (await doings.once("n", act)).done == 1

    asyncio.run(main())


def test_the_deeds_that_are_remembered_are_bounded() -> None:
    async def main() -> None:
        doings = Doings()

        def done(name: str) -> Callable[[], Awaitable[Done]]:
            async def act() -> Done:
                return Done("drop", "ada", name)

            return act

        for n in range(REMEMBERED + 5):
            await doings.once(str(n), done(str(n)))
        assert doings.of("ada", "4") is None and doings.of("ada", "5") is not None

    asyncio.run(main())


def test_the_name_of_a_deed_is_made_of_its_token_and_of_what_it_does() -> None:
    name = deed_of("t", "drop", [1, 2])
    assert name == deed_of("t", "drop", [1, 2])
    others = {deed_of("u", "drop", [1, 2]), deed_of("t", "hold", [1, 2]), deed_of("t", "drop", [1])}
    assert len({name, *others}) == 4


def test_a_report_is_collected_once_and_says_when_it_has_ended() -> None:
    async def main() -> None:
        async def answers(*rows: Told, refused: bool = False) -> AsyncIterator[Told]:
            for row in rows:
                yield row
            if refused:
                raise Refused("it is locked")

        reports = Reports()
        reports.begin("t", Report("withdraw", "ada", "id"), answers({"destination": "x"}))
        reports.begin("t", Report("withdraw", "ada", "id"), answers())
        reports.begin("u", Report("correct", "ada", "id"), answers(refused=True))
        for _ in range(5):
            await asyncio.sleep(0)
        report, refused = reports.of("ada", "t"), reports.of("ada", "u")
        assert report is not None and report.ended and report.rows == [{"destination": "x"}]
        assert refused is not None and refused.why == "it is locked"
        assert reports.of("bo", "t") is None

    asyncio.run(main())
