"""A destination is tried: its account is checked, or a line is posted and taken back at once.

What is posted is written down before it is sent, with all that is needed to find it again, and
until it is gone nothing else is posted there. None of this touches a delivery, or what the board
says of the destination.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import randbelow, token_bytes
from typing import Final, Protocol

import trio

from relay.exit.asking import looked_up, prepared, sent
from relay.exit.money import SPENT
from relay.model import (
    Absent,
    Attempt,
    Found,
    Health,
    Later,
    Part,
    Post,
    Posted,
    Removed,
    Stopped,
    Unknown,
    Unsure,
    hour_of,
)
from relay.node.canary.kept import Memory, Posting
from relay.node.canary.result import Came, Failed, Result, Waits
from relay.node.proxy import BridgeProxy
from relay.node.purse import PayingBridge
from relay.ports import Clock

REMOVE_S: Final = 60.0
"""Seconds for a platform to take it back: nobody waits."""

FORGOTTEN_S: Final = 86400
"""Seconds after which a post is no more looked for that may be public or not: a platform that could
tell has told by then."""

NOT_BACK: Final = "its last test post could not be taken back: delete it there yourself"
DOUBTFUL: Final = "its last test post may be public: look there, and delete it"


class Outward(Protocol):
    """What is needed of ``relay.node.outward``."""

    def bridge(self, name: str) -> BridgeProxy: ...
    def paying(self, name: str) -> PayingBridge: ...


class Destinations:
    """``stops`` says of a name why nothing may be posted there now, or ""; ``planned`` why it is
    not even to be asked."""

    def __init__(
        self,
        outward: Outward,
        memory: Memory,
        clock: Clock,
        stops: Callable[[str], str],
        planned: Callable[[str], str],
    ) -> None:
        self._outward = outward
        self._memory = memory
        self._clock = clock
        self._stops = stops
        self._planned = planned

    async def checked(self, name: str, deadline_s: float) -> Result:
        """Its account is asked for, by its route."""
        why = self._planned(name)
        if why:
            return Waits(why)
        began = trio.current_time()
        health: Health = await self._outward.bridge(name).healthy(deadline_s)
        return Failed(health.trouble) if health.trouble else Came(trio.current_time() - began)

    async def posted(self, name: str, deadline_s: float) -> Result:
        """A line is posted, and taken back."""
        before = self._memory.of(name).posting
        if before is not None and not await self._gone(name, before, deadline_s):
            return Failed(NOT_BACK if before.ref else DOUBTFUL)
        why = self._stops(name)
        if why:
            return Waits(why)
        bridge = self._outward.bridge(name)
        if not bridge.removes:
            return Failed('its bridge can take nothing back: set canary = "check"')
        began = trio.current_time()
        parts = await prepared(bridge, self._line(), deadline_s)
        if len(parts) != 1:
            return Failed("its bridge makes no single post of one line")
        result = await self._sent(name, parts[0], deadline_s)
        return result or Came(trio.current_time() - began)

    def _line(self) -> Post:
        """What it says: nothing of anybody, and never twice the same, which platforms refuse."""
        text = f"Test {randbelow(10**6):06}. This is taken back at once."
        return Post(token_bytes(32), text, "", "en", hour_of(self._clock.now()))

    async def _sent(self, name: str, part: Part, deadline_s: float) -> Result | None:
        """Post, and take it back. None: both were done."""
        if self._stops(name):
            return Waits(self._stops(name))
        attempt = Attempt(part, 1, self._clock.now())
        if not await self._noted(name, Posting(attempt)):
            await self._noted(name, None)
            return Failed("the disk is full: nothing is posted that could not be found again")

        async def keep(kept: bytes) -> None:
            await self._noted(name, Posting(replace(attempt, kept=kept)))

        outcome = await sent(self._outward.paying(name), attempt, keep, deadline_s)
        match outcome:
            case Posted():
                posting = Posting(attempt, outcome.ref)
                await self._noted(name, posting)
                gone = await self._gone(name, posting, deadline_s)
                return None if gone else Failed(NOT_BACK)
            case Unsure():
                posting = self._memory.of(name).posting or Posting(attempt)
                gone = await self._gone(name, posting, deadline_s)
                return Failed(outcome.why if gone else DOUBTFUL)
        await self._noted(name, None)
        if isinstance(outcome, Stopped):
            return Failed(f"{outcome.why}: {outcome.action}")
        spent = isinstance(outcome, Later) and outcome.why in SPENT
        return Waits(outcome.why) if spent else Failed(outcome.why)

    async def _gone(self, name: str, posting: Posting, deadline_s: float) -> bool:
        """Whether nothing of it is public any more."""
        bridge = self._outward.bridge(name)
        if not posting.ref:
            match await looked_up(bridge, posting.attempt, deadline_s):
                case Found(ref=ref):
                    posting = replace(posting, ref=ref)
                    await self._noted(name, posting)
                case Absent(strong=True):
                    await self._noted(name, None)
                    return True
                case Absent() | Unknown():
                    if self._clock.now() - posting.attempt.first < FORGOTTEN_S:
                        return False
                    await self._noted(name, None)
                    return True
        gone = isinstance(await bridge.remove(posting.ref, REMOVE_S), Removed)
        if gone:
            await self._noted(name, None)
        return gone

    async def _noted(self, name: str, posting: Posting | None) -> bool:
        return await self._memory.save(name, replace(self._memory.of(name), posting=posting))
