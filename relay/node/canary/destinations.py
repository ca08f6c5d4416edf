"""A destination is tried: its account is checked, or a line is posted and taken back at once.

What is posted is written down before it is sent, with all that is needed to find it again, and
until it is gone nothing else is posted there. Where its platform asks for a rest, it gets one. None
of this touches a delivery, or what the board says of the destination.
"""

from __future__ import annotations

from dataclasses import replace
from secrets import randbelow, token_bytes
from typing import Final, Protocol

import trio

from relay.exit.asking import prepared, sent
from relay.exit.money import SPENT
from relay.exit.rest import rest_after
from relay.model import (
    Attempt,
    Health,
    Instant,
    Later,
    Outcome,
    Part,
    Post,
    Posted,
    Stopped,
    Unsure,
    hour_of,
)
from relay.node.canary.kept import Memory, Posting
from relay.node.canary.result import Came, Failed, Result, Waits
from relay.node.canary.taking_back import Left, TakingBack
from relay.node.proxy import BridgeProxy
from relay.node.purse import PayingBridge
from relay.ports import Clock
from relay.rules.backoff import LONGEST_REST_S, obeyed

ASKED: Final = "its platform asked to wait"
STOPPED: Final = "the node is being stopped"


class Outward(Protocol):
    """What is needed of ``relay.node.outward``."""

    def bridge(self, name: str) -> BridgeProxy: ...
    def paying(self, name: str) -> PayingBridge: ...


class Stops(Protocol):
    """What is needed of ``stopping``: why nothing may be posted, or not even asked; or ""."""

    def posts(self, name: str) -> str: ...
    def asks(self, name: str) -> str: ...


class Destinations:
    """Those of one node."""

    def __init__(self, outward: Outward, memory: Memory, clock: Clock, stops: Stops) -> None:
        self._outward = outward
        self._memory = memory
        self._clock = clock
        self._stops = stops
        self._rests: dict[str, Instant] = {}
        self._taking_back = TakingBack(outward, memory, clock)
        self._ending = False
        self._posting: set[str] = set()
        self._ended = trio.Event()

    def finish(self) -> None:
        """Begin no post more."""
        self._ending = True

    async def ended(self) -> None:
        """Wait until what is being posted is taken back: broken off, it would be public until the
        next start."""
        while self._posting:
            self._ended = trio.Event()
            await self._ended.wait()

    async def checked(self, name: str, deadline_s: float) -> Result:
        """Its account is asked for, by its route."""
        why = self._stops.asks(name)
        if why:
            return Waits(why)
        began = trio.current_time()
        health: Health = await self._outward.bridge(name).healthy(deadline_s)
        return Failed(health.trouble) if health.trouble else Came(trio.current_time() - began)

    async def posted(self, name: str, deadline_s: float) -> Result:
        """A line is posted, and taken back."""
        if left := await self.taken_back(name, deadline_s):
            return left
        why = self._stops.posts(name) or self._rest(name)
        if why:
            return Waits(why)
        bridge = self._outward.bridge(name)
        if not bridge.serving:  # then nobody knows what it can do
            health = await bridge.healthy(deadline_s)
            if health.trouble:
                return Failed(health.trouble)
        if not bridge.removes:
            return Failed('its bridge can take nothing back: set canary = "check"')
        began = trio.current_time()
        parts = await prepared(bridge, self._line(), deadline_s)
        if len(parts) != 1:
            return Failed("its bridge makes no single post of one line")
        self._posting.add(name)
        try:
            result = await self._sent(name, parts[0], deadline_s)
        finally:
            self._posting.discard(name)
            self._ended.set()
        return result or Came(trio.current_time() - began)

    async def taken_back(self, name: str, deadline_s: float) -> Left:
        """What an earlier try left there is taken back. None: nothing of it is left. A brake does
        not stop this: it is on what would be public."""
        before = self._memory.of(name).posting
        if before is None:
            return None
        why = self._stops.asks(name)
        if why:
            return Waits(why)
        return await self._taking_back.left(name, before, deadline_s)

    def _rest(self, name: str) -> str:
        """Why nothing is posted by what its platform said to the last test."""
        now, until = self._clock.now(), self._rests.get(name, 0)
        return ASKED if now < until <= now + LONGEST_REST_S else ""

    def _rests_after(self, name: str, outcome: Outcome) -> None:
        now = self._clock.now()
        if isinstance(outcome, Posted) and (rest := rest_after(outcome, now)):
            self._rests[name] = rest.until
        elif isinstance(outcome, Later) and outcome.not_before is not None:
            self._rests[name] = obeyed(outcome.not_before, now, now)

    def _line(self) -> Post:
        """What it says: nothing of anybody, and never twice the same, which platforms refuse."""
        text = f"Test {randbelow(10**6):06}. This is taken back at once."
        return Post(token_bytes(32), text, "", "en", hour_of(self._clock.now()))

    async def _sent(self, name: str, part: Part, deadline_s: float) -> Result | None:
        """Post, and take it back. None: both were done."""
        why = STOPPED if self._ending else self._stops.posts(name)
        if why:
            return Waits(why)
        attempt = Attempt(part, 1, self._clock.now())
        if not await self._memory.notes(name, Posting(attempt)):
            await self._memory.notes(name, None)
            return Failed("the disk is full: nothing is posted that could not be found again")

        async def keep(kept: bytes) -> None:
            await self._memory.notes(name, Posting(replace(attempt, kept=kept)))

        outcome = await sent(self._outward.paying(name), attempt, keep, deadline_s)
        self._rests_after(name, outcome)
        match outcome:
            case Posted():
                posting = Posting(attempt, outcome.ref)
                await self._memory.notes(name, posting)
                return await self._taking_back.left(name, posting, deadline_s)
            case Unsure():
                posting = self._memory.of(name).posting or Posting(attempt)
                left = await self._taking_back.left(name, posting, deadline_s)
                return left if isinstance(left, Failed) else Failed(outcome.why)
        await self._memory.notes(name, None)
        if isinstance(outcome, Stopped):
            return Failed(f"{outcome.why}: {outcome.action}")
        spent = isinstance(outcome, Later) and outcome.why in SPENT
        return Waits(outcome.why) if spent else Failed(outcome.why)
