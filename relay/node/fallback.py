"""fallback: what a destination does not get out in time goes to another instead.

``[channels.NAME.fallback]`` says where to and after what time. It makes no difference why a
delivery waits: its destination is blocked, its account is stopped, its money is spent, a window
holds it, a thousand others go first. Two things keep it where it is. What is public in part, or may
be, goes nowhere until that is settled; then it goes at once. And a brake is a brake: what an
operator has paused waits for its operator, and its time counts from the end of the pause.

Nothing goes to a place that cannot post now, and one goes ahead of many (``relay.node.scouts``). So
a message leaves a destination that is blocked for one that works, and not for another that is
blocked as well: it waits for whichever is back first.

Ages are counted in memory (``relay.node.ages``): on the disk they are told by the hour. What was
there when a process began counts anew, but waits no longer than its disk tells: the hour of its
release and one more, and the time of the settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import trio

from relay.exit.elsewhere import BATCH, Elsewhere, Move
from relay.exit.moving import may_go
from relay.exit.rerouted import came_here, has_room, stands
from relay.exit.settle import together
from relay.model import HOUR, Instant, Queue, Row, hour_of
from relay.node.ages import Ages
from relay.node.brake import Brake
from relay.node.scouts import Scouts
from relay.ports import Clock, Spool
from relay.rules.fallbacks import Fallbacks, Step, steps_of
from relay.rules.state import GOING
from relay.wire.keys import ExitKeys

LOOK_S: Final = 60.0
"""Seconds between two looks at what waits, or fewer where something goes sooner than that: so much
later than its time a delivery may go."""

SOON_S: Final = 5.0
"""Seconds until it is seen whether one that went ahead has come through."""

REST: Final = 20.0
"""Times as long as it took to see what waits that nobody looks again: of a very long queue it takes
a twentieth of the time."""

FIRST_S: Final = 300.0
"""Seconds that a destination has, when a process begins, for what is older than its time: it may
be as well as ever, and this node have been off."""

Went = Callable[[str, str, int], None]
"""Told from where, where to and how many went, once a look."""


class Fallback:
    """Moves deliveries along the chains of one node's channels. ``frozen`` says whether the clock
    is not to be believed."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        keys: ExitKeys,
        channels: Mapping[str, Fallbacks],
        elsewhere: Elsewhere,
        brake: Brake,
        scouts: Scouts,
        went: Went = lambda name, to, count: None,
        frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._steps = {
            (channel, name): steps_of(fallbacks, name)
            for channel, fallbacks in channels.items()
            for name in fallbacks
        }
        self._elsewhere = elsewhere
        self._brake = brake
        self._scouts = scouts
        self._went = went
        self._frozen = frozen
        longest = max((steps[-1].after_s for steps in self._steps.values()), default=0)
        self._look_s = min([LOOK_S, *(steps[0].after_s for steps in self._steps.values())])
        self._ages = Ages(longest + FIRST_S)
        self._braked: dict[str, float] = {}
        self._one_is_ahead = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while self._steps:
            saw_s = await self._look()
            look_s = min(SOON_S, self._look_s) if self._one_is_ahead else self._look_s
            await trio.sleep(max(look_s, REST * saw_s))

    async def _look(self) -> float:
        """Move what is over. Gives the seconds that it took to see what waits."""
        self._see_the_brake()
        self._one_is_ahead = False
        went: Counter[tuple[str, str]] = Counter()
        waiting: Counter[str] = Counter()
        after, began, moving_s = 0, trio.current_time(), 0.0
        while rows := await self._spool.look(queue=Queue.POST, after=after):
            after, moves = rows[-1].seq, trio.current_time()
            waiting.update(row.name for row in rows if row.state in GOING)
            moved = await self._move_all(rows)
            if moved:  # else it was no more than a look
                went.update(moved)
                moving_s += trio.current_time() - moves
        self._ages.saw(after, self._clock.now())
        self._scouts.sees(waiting)
        for (name, to), many in went.items():
            self._went(name, to, many)
        return trio.current_time() - began - moving_s

    async def _move_all(self, rows: Sequence[Row]) -> Counter[tuple[str, str]]:
        """From where to where how many of these went."""
        went: Counter[tuple[str, str]] = Counter()
        soonest = self._soonest()
        over = [row for row in rows if self._may_be_over(row, soonest)]
        while over and soonest:
            batch, over = over[:BATCH], over[BATCH:]
            went.update(await self._move(batch))
            soonest = self._soonest()  # what was seen meanwhile, and what has gone ahead
            over = [row for row in over if row.name in soonest]
        return went

    def _see_the_brake(self) -> None:
        now = trio.current_time()
        for name in {name for names in self._steps for name in names}:
            if self._brake.stops(name):
                self._braked[name] = now

    def _soonest(self) -> Mapping[str, int]:
        """By the destinations that something may leave now, after what time at the earliest."""
        soonest: dict[str, int] = {}
        for (_, name), steps in self._steps.items():
            can = [step.after_s for step in steps if self._can(step)]
            if can and not self._brake.stops(name):
                soonest[name] = min(can[0], soonest.get(name, can[0]))
        return soonest

    def _may_be_over(self, row: Row, soonest: Mapping[str, int]) -> bool:
        """Whether it is worth asking of what channel it is: for most rows it is not."""
        after_s = soonest.get(row.name)
        if after_s is None or not self._is_over(row, row.hour, "", after_s):
            return False
        return may_go(row, self._keys)

    async def _move(self, rows: Sequence[Row]) -> Sequence[tuple[str, str]]:
        """From where to where those went that could."""
        families: dict[int, Sequence[Row]] = {}

        async def look(row: Row) -> None:
            families[row.seq] = await self._spool.family(row.root)

        await together(partial(look, row) for row in rows)
        ahead: dict[str, int] = {}
        moves = [self._move_of(row, families[row.seq], ahead) for row in rows]
        went = await self._elsewhere.all_instead([move for move in moves if move is not None])
        for move in went:
            if ahead.get(move.to) == move.row.seq:
                self._scouts.goes(move.to)
                self._one_is_ahead = True
        return [(move.row.name, move.to) for move in went]

    def _move_of(self, row: Row, family: Sequence[Row], ahead: dict[str, int]) -> Move | None:
        """Where it goes now. ``ahead``: what goes ahead of the others of its batch to a place, to
        which they do not go before that has come through; but what stands there already needs no
        proof."""
        if not family or self._brake.stops(family[0].name):
            return None
        channel, deliveries = family[0].name, family[1:]
        since = max(row.hour, came_here(deliveries, row.name))
        for step in self._steps.get((channel, row.name), ()):
            if not self._is_over(row, since, channel, step.after_s):
                return None
            if not self._can(step) or not has_room(deliveries, step.to):
                continue
            if not self._scouts.is_proved(step.to) and not stands(deliveries, step.to):
                if step.to in ahead:
                    continue
                ahead[step.to] = row.seq
            return Move(row, step.to, _waited(step))
        return None

    def _can(self, step: Step) -> bool:
        return self._scouts.may_go(step.to) and not self._brake.stops(step.to)

    # ------------------------------------------------------------ ages

    def _is_over(self, row: Row, since: Instant, channel: str, after_s: int) -> bool:
        """Whether it has waited so long here; ``since`` is the hour in which it came."""
        seen = self._ages.of(row.seq)
        if seen is None:
            return False
        resumed = [self._braked[name] for name in (row.name, channel) if name in self._braked]
        begun = max([seen.at, *resumed])
        waited_s = trio.current_time() - begun
        if row.hour > hour_of(seen.now):  # a person has released it since: only the hour is known
            by_the_hour = self._clock.now() >= since + HOUR + after_s
            return by_the_hour and waited_s >= after_s and not self._frozen()
        before_s = 0.0
        if seen.at_first and begun == seen.at and waited_s >= FIRST_S and not self._frozen():
            before_s = max(0.0, seen.now - (since + HOUR))
        return before_s + waited_s >= after_s


def _waited(step: Step) -> str:
    for unit, length_s in (("h", HOUR), ("min", 60)):
        if step.after_s % length_s == 0:
            return f"it waited {step.after_s // length_s} {unit}"
    return f"it waited {step.after_s} s"
