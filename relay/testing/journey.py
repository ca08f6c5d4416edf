"""One delivery taken to its end by the engine itself, in virtual time: a node without the node.

``Journey`` has the spool (in memory) and the engine of a node (``relay.exit.post``), a clock that
jumps to whatever is due next, and a bridge that can be built anew, as after a crash. So a test of a
bridge asks the only question that matters: however the platform failed and whenever the process
died, what stands there in the end, and what does the node say of it?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.post import Posting
from relay.exit.progress import thaw
from relay.exit.putting_right import assigned
from relay.exit.record import Record, store
from relay.model import (
    AFTER,
    SHARED,
    Attempt,
    Health,
    Later,
    Lookup,
    Message,
    NewRow,
    Once,
    Outcome,
    Part,
    Post,
    Queue,
    Row,
    State,
    hour_of,
)
from relay.ports import Bridge, Instant, Keep
from relay.rules.backoff import obeyed
from relay.rules.once import OnUnsure
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.spool.sqlite import SqliteSpool
from relay.testing.dying import Died, Dying, Fate
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
"""Made once: a test of a bridge has no use for others."""

NEWS = Policy(("there",))

LONGEST_S = 14 * 86400
"""Virtual seconds after which a delivery that still waits is left waiting."""

REST_S = 30
"""Seconds that a destination rests which does not say until when."""

DEADLINE_S = 15.0
"""Of each call of a bridge, in real seconds: what hangs is to be cut by its own time-outs."""


@dataclass
class VirtualClock:
    """``ports.Clock`` that moves when it is told to."""

    at: Instant

    def now(self) -> Instant:
        """Wall time, in this world."""
        return self.at


class Journey:
    """One post on its way to one destination.

    ``build`` makes the bridge, before a way out that it is given; it is called again after each
    ``Died``. ``fates`` are the moments (as ``dying.Fate`` counts them, from the start of each life
    of the process) at which it dies, one a life. ``spool``: one that outlives this process, where
    that is what really dies; then call ``accepted`` once and ``life`` in each of them. ``since``:
    the message was sealed in that hour to another exit too, which has it, or may have; ``ours``: it
    was given to this one first. ``on_unsure`` as in the settings.
    """

    def __init__(
        self,
        build: Callable[[Fate], tuple[Bridge, Dying]],
        post: Post,
        clock: VirtualClock,
        *,
        fates: Sequence[int] = (),
        spool: MemorySpool | SqliteSpool | None = None,
        since: Instant | None = None,
        ours: bool = False,
        on_unsure: OnUnsure = "hold",
    ) -> None:
        self._build = build
        self._post = post
        self._clock = clock
        self._fates = list(fates)
        self._spool = spool or MemorySpool(clock)
        self._since = since
        self._ours = ours
        self._on_unsure = on_unsure
        self.deaths = 0
        """How often the process died."""
        self.passed = 0
        """How many moments the last life had."""
        self.sends = 0
        """How many attempts were begun in all."""

    async def run(self) -> Row:
        """Until nothing moves by itself any more: the delivery, as the node then has it."""
        assert isinstance(self._spool, MemorySpool)
        await self.accepted()
        until = self._clock.at + LONGEST_S
        while self._clock.at < until:
            try:
                if await self.life(until):
                    break
            except Died:
                self.deaths += 1
                self._spool.reopen()
        return await self.delivery()

    def refs(self, row: Row) -> tuple[str, ...]:
        """The refs of the parts that the node knows to be public."""
        return thaw(row, KEYS.storage).refs

    def close(self) -> None:
        """Forget it."""
        if isinstance(self._spool, MemorySpool):
            self._spool.close()

    async def life(self, until: Instant) -> bool:
        """One process, until it dies or the delivery has ended: whether it has."""
        fate = Fate(self._fates.pop(0) if self._fates else 0)
        bridge, http = self._build(fate)
        try:
            await bridge.check()
            given = _Given(bridge, self._post, http, self)
            account = Account("there", "account", False, self._on_unsure, DEADLINE_S)
            posting = Posting(self._spool, given, account, KEYS, self._clock, lambda: None)
            while await self._due(until):
                now = self._clock.at
                for row in await self._spool.take(Queue.POST, now=now, limit=1, name="there"):
                    self._rest(await posting.turn(row))
        finally:
            self.passed = fate.passed
        return True

    def _rest(self, outcome: object) -> None:
        """Let the whole destination rest, as its poster does: its delivery may be due before."""
        if isinstance(outcome, Later) and outcome.scope != "delivery":
            now = self._clock.at
            self._clock.at = obeyed(outcome.not_before, now + REST_S, now)

    async def _due(self, until: Instant) -> bool:
        """Let time pass until the delivery is due; whether it ever is."""
        due = await self._spool.next_due(Queue.POST, name="there")
        if due is None or due > until:
            return False
        self._clock.at = max(self._clock.at, due)
        return True

    async def accepted(self) -> None:
        """A message that was released, and its delivery; where a death came between the two, the
        delivery; nothing where both are there."""
        id, now = bytes(range(16)), self._clock.at
        if not (await self._spool.counts()).accepted:
            message = Message(self._post.text, self._post.title, self._post.language)
            record = Record(bytes(32), "text", "t", "news", message=message, since=self._since or 0)
            body = store(record, KEYS.storage, id)
            note = b"" if self._since is None else SHARED if self._ours else AFTER
            released = NewRow(
                Queue.DELIVER, State.WAITING, id, hour_of(now), now, "news", note=note, body=body
            )
            await self._spool.put([released])
        for row in await self._spool.take(Queue.DELIVER, now=now, limit=1):
            change, deliveries = assign(row, {"news": NEWS}, {}, now)
            then = (await assigned(row, change, deliveries, self._spool, KEYS, now))[1]
            await self._spool.settle(row, change, then=then)

    async def delivery(self) -> Row:
        """The delivery as the spool has it."""
        rows = [*await self._spool.look(queue=Queue.POST)]
        rows += await self._spool.look(queue=Queue.ENDED)
        [row] = [row for row in rows if row.seq != row.root]
        return row


class _Given:
    """The bridge, given the test's own post (with its media), its every call counted."""

    def __init__(self, bridge: Bridge, post: Post, http: Dying, journey: Journey) -> None:
        self._bridge = bridge
        self._post = post
        self._http = http
        self._journey = journey
        self.once: Once = bridge.once
        self.at_once: int = bridge.at_once

    async def prepare(self, post: Post) -> Sequence[Part]:
        parts = await self._bridge.prepare(self._post)
        self.once = self._bridge.once  # it may have learnt what repeating does
        return parts

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self._journey.sends += 1
        return await self._bridge.send(attempt, self._http.keeping(keep))

    async def find(self, attempt: Attempt) -> Lookup:
        return await self._bridge.find(attempt)

    async def check(self) -> Health:
        return await self._bridge.check()
