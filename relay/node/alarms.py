"""Alarms: what goes wrong is said where an operator reads it, once, and again when it is over.

A pause and a locked key are said every hour, since somebody put them there and may forget; all else
once a day. What was said to be over and is there again within the hour comes and goes: it is said
once more, and is over once it stayed away for an hour. All that one look finds is one message.

Nothing of an alarm is stored: what is still wrong after a restart is said again. An alarm that
could not be sent is tried again with its own key, so that a platform that knows keys shows it once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from secrets import token_bytes

import trio

from relay.config import AlarmsTo
from relay.errors import SpoolBroken
from relay.model import Attempt, Later, Outcome, Part, Post, Posted, Refused, hour_of
from relay.node.overview import Overview
from relay.node.purse import PayingBridge
from relay.ports import Bridge, Clock
from relay.rules.alarm import Trouble

DAY_S = 86400

MOST_UNSENT = 50
"""Alarms kept for a destination that cannot be reached; the oldest goes first."""

NOTICE_S = 3600.0
"""Seconds for which a notice that is gone is no news when it comes again: where things come to
wait and go out, one of a window is there at one look and not at the next."""

COMES_AND_GOES_S = 3600.0
"""Seconds: what was over for less, and is there again, is over when it was away for as long."""

DEADLINE_S = 60.0


@dataclass(slots=True)
class _Lasting:
    """A trouble that was said, when, and when it was last there (monotonic). ``wavers``: it comes
    and goes."""

    trouble: Trouble
    said: float
    there: float
    wavers: bool = False

    def stays_away(self, now: float) -> bool:
        """Whether one that is not there is over, as far as anybody is told."""
        away_s = now - self.there
        if self.trouble.notice:
            return away_s >= NOTICE_S
        return not self.wavers or away_s >= COMES_AND_GOES_S


class Alarms:
    """Watches one node. ``bridges`` are those of the destinations that alarms go to."""

    def __init__(
        self,
        overview: Overview,
        bridges: Mapping[str, Bridge | PayingBridge],
        clock: Clock,
        at: AlarmsTo,
    ) -> None:
        self._overview = overview
        self._bridges = bridges
        self._clock = clock
        self._at = at
        self._lasting: dict[str, _Lasting] = {}
        self._over: dict[str, float] = {}
        self._unsent: dict[str, list[Post | Part]] = {name: [] for name in bridges}

    async def run(self) -> None:
        """Look, and say what changed, until cancelled."""
        while True:
            lines = self._changed(await self._overview.troubles())
            if lines:
                self._write("\n".join(lines))
            async with trio.open_nursery() as nursery:
                for name in self._bridges:
                    nursery.start_soon(self._send, name)
            self._overview.unheard = [name for name, left in self._unsent.items() if left]
            await trio.sleep(self._at.check)

    def _changed(self, troubles: Sequence[Trouble]) -> list[str]:
        """What is to be said of them now, a line each."""
        now = trio.current_time()
        lines = []
        for trouble in troubles:
            lasting = self._lasting.get(trouble.key)
            every_s = self._at.every if trouble.hourly else max(DAY_S, self._at.every)
            if lasting is None:
                away_s = now - self._over.pop(trouble.key, -math.inf)
                again = away_s < COMES_AND_GOES_S and not trouble.hourly
                self._lasting[trouble.key] = _Lasting(trouble, now, now, again)
                lines.append(f"{'again: ' if again else ''}{trouble.said}")
            elif now - lasting.said >= every_s:
                self._lasting[trouble.key] = replace(lasting, trouble=trouble, said=now, there=now)
                lines.append(f"still: {trouble.said}")
            else:
                lasting.there = now
        return [*lines, *self._gone({trouble.key for trouble in troubles}, now)]

    def _gone(self, there: Set[str], now: float) -> Iterator[str]:
        """What is over, a line each; of a notice nothing is said."""
        for key in sorted(self._lasting.keys() - there):
            over = self._lasting[key]
            if over.stays_away(now):
                del self._lasting[key]
                if not over.trouble.notice:
                    self._over[key] = now
                    yield f"over: {key}"

    def _write(self, text: str) -> None:
        post = Post(token_bytes(32), text, "", "en", hour_of(self._clock.now()))
        for name, left in self._unsent.items():
            self._unsent[name] = [*left, post][-MOST_UNSENT:]

    async def _send(self, name: str) -> None:
        """Send what waits for a destination, in order, as far as it goes: whatever goes wrong, it
        waits on. An alarm that ended here would be one that nobody ever hears."""
        unsent, bridge = self._unsent[name], self._bridges[name]
        while unsent:
            outcome: Outcome = Later("it took too long")
            try:
                with trio.move_on_after(DEADLINE_S):
                    first = unsent[0]
                    if isinstance(first, Post):
                        unsent[:1] = await bridge.prepare(first)
                        continue
                    attempt = Attempt(first, 1, self._clock.now())
                    outcome = await bridge.send(attempt, _keep)
            except SpoolBroken:
                raise
            except Exception:  # a bridge of somebody else's may do anything: the board says why
                return
            if not isinstance(outcome, Posted | Refused):
                return
            unsent.pop(0)


async def _keep(kept: bytes) -> None:
    """An alarm keeps nothing: it is written anew after a crash."""
