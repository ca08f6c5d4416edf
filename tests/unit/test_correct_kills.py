"""A process that dies between any two commits of a correction: nothing is lost or doubled."""

from __future__ import annotations

from typing import Any

import pytest
from editing_parts import HIDDEN, Desk, Diary, History
from test_correct import Wall

CALLS = ("put", "settle", "settle_with", "change", "change_all")
MOST = 16
"""Commits of a correction, or more."""


class Killed(BaseException):
    """The process is no more."""


def dying(spool: Any, at: int, *, done: bool) -> None:
    """This spool ends its process in the commit of this number, when it is done or before."""
    count = 0

    def wrapped(name: str) -> Any:
        real = getattr(spool, name)

        async def call(*args: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == at and not done:
                raise Killed
            value = await real(*args, **more)
            if count == at:
                raise Killed
            return value

        return call

    for name in CALLS:
        setattr(spool, name, wrapped(name))


@pytest.mark.parametrize("place", [History, Diary, Wall])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
async def test_wherever_it_dies_one_post_says_the_new_words(place: type[Wall], done: bool) -> None:
    died = 0
    for at in range(1, MOST):
        desk = Desk(places={"box": place()})
        row = await desk.public()
        dying(desk.spool, at, done=done)
        try:
            await desk.corrects(row, hides=True, token="t1")
        except BaseExceptionGroup as group:
            assert group.split(Killed)[1] is None
            died += 1
            desk.starts_anew()
            await desk.goes_on(60)
            await desk.corrects(row, hides=True, token="t1")  # nobody was told that it is done
        await desk.goes_on(3600)
        assert desk.places["box"].texts == [HIDDEN], at
        assert (await desk.spool.counts()).states == {"posted": 2}, at
    assert died > 2
