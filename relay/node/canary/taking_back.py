"""What a test has posted is ended: taken back by its ref, or looked for first where there is none.

What is not seen may come yet; what can never be looked up, or is refused to be deleted, is told of
for a day and then let go: an operator has deleted it by then, or never will.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from relay.exit.asking import looked_up
from relay.model import Absent, Found, Refused, Removed, Unknown
from relay.node.canary.kept import Memory, Posting
from relay.node.canary.result import Failed, Waits
from relay.node.proxy import BridgeProxy
from relay.ports import Clock
from relay.rules.once import FIRST_LOOK_S, SECOND_LOOK_S

REMOVE_S: Final = 60.0
"""Seconds for a platform to take it back: nobody waits."""

SETTLED_S: Final = FIRST_LOOK_S + SECOND_LOOK_S
"""Seconds after which a post that is not seen is none: listings lag, and so may a request that was
on its way when the node was killed."""

NOT_BACK: Final = "its last test post could not be taken back: delete it there yourself"
DOUBTFUL: Final = "its last test post may be public: look there, and delete it"
LOOKING: Final = "its last test post is looked for"

Left = Failed | Waits | None
"""What is to be told of a post that is to be taken back; None: nothing of it is left."""


class Outward(Protocol):
    """What is needed of ``relay.node.outward``."""

    def bridge(self, name: str) -> BridgeProxy: ...


class TakingBack:
    """That of every destination of one node."""

    def __init__(self, outward: Outward, memory: Memory, clock: Clock) -> None:
        self._outward = outward
        self._memory = memory
        self._clock = clock

    async def left(self, name: str, posting: Posting, deadline_s: float) -> Left:
        """What is left of it, after another try to end it. None: nothing is public any more."""
        bridge = self._outward.bridge(name)
        if not posting.ref:
            match await looked_up(bridge, posting.attempt, deadline_s):
                case Found(ref=ref):
                    posting = replace(posting, ref=ref)
                    await self._memory.notes(name, posting)
                case Absent(strong=True):
                    if self._clock.now() - posting.attempt.first < SETTLED_S:
                        return Waits(LOOKING)
                    return await self._done(name)
                case Absent() | Unknown():
                    return await self._given_up(name, posting, DOUBTFUL)
        match await bridge.remove(posting.ref, REMOVE_S):
            case Removed():
                return await self._done(name)
            case Refused() | None:
                return await self._given_up(name, posting, NOT_BACK)
        return Failed(NOT_BACK)

    async def _given_up(self, name: str, posting: Posting, why: str) -> Left:
        """Of what nobody here can end the board tells for a day; then it is let go."""
        return await self._done(name) if self._memory.is_old(posting) else Failed(why)

    async def _done(self, name: str) -> Left:
        await self._memory.notes(name, None)
        return None
