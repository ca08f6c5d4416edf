"""A PeerTube server on loopback: enough of its API for a bridge that uploads, and its faults.

``async with peertube() as platform`` serves one, with one account and one channel. Written from the
published description of version 5.1 and the source of newer servers, as ``tables``, ``accounts``
and ``uploads`` say; its ``users/me`` is an object, which that description calls a list::

    platform.finish_takes_s = 60
    platform.script(faults.cut(), on="PUT /api/v1/videos/upload-resumable")   # the last byte
    ...   # 503 for a minute, then 404, and then
    assert [one.privacy for one in platform.drafts] == [3]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from relay.clock import SystemClock
from relay.model import Instant
from relay.ports import Clock
from relay.testing.loopback import Fault, Request, on_loopback
from relay.testing.peertube import says
from relay.testing.peertube.answers import Answers
from relay.testing.peertube.instance import Instance
from relay.testing.peertube.says import No, Uploadx

PER_S: Final = 10
"""The window in which requests are counted."""


class PeerTube(Instance):
    """One server, served. What it has and what can be set is described at ``Instance``."""

    def __init__(self, *, clock: Clock, requests_allowed: int = 100_000) -> None:
        super().__init__(clock=clock, requests_allowed=requests_allowed)
        self._answers = Answers(self)
        self._counted: Counter[Instant] = Counter()

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        now = self.now
        reset = now - now % PER_S + PER_S
        self._counted[reset] += 1
        left = self.requests_allowed - self._counted[reset]
        if left < 0:
            return says.limited(self.requests_allowed, reset, now)
        made = self._met(request, heard=fault is None)
        rate = says.rate(self.requests_allowed, left, reset)
        return fault or replace(made, headers=rate | dict(made.headers))

    def _met(self, request: Request, *, heard: bool) -> Fault:
        """``heard``: whether the answer comes to whoever asked; one who hears that a video is made
        waited until it was."""
        self._answers.finished = None
        try:
            made = self._answers.to(request)
        except (No, Uploadx) as no:
            return no.answer()
        finished = self._answers.finished
        if finished is not None and (heard or not self.finish_takes_s):
            return says.answer(self.finish(finished, self.clock.now()))
        return made


@asynccontextmanager
async def peertube(
    *, clock: Clock | None = None, requests_allowed: int = 100_000
) -> AsyncIterator[PeerTube]:
    """A server that serves while the block lasts, on this machine's clock if none is given."""
    made = PeerTube(clock=clock or SystemClock(), requests_allowed=requests_allowed)
    async with on_loopback(made):
        yield made
