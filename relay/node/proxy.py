"""The core's side of outlets: ports.Bridge, a process away.

A call to a process that ends is answered only when the launcher says that it is dead: until then
an outlet could still be sending. Cancelling a send asks the outlet to give up, waits, and then has
it killed; it never returns while the outlet may still be at it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import trio

from relay.errors import Damaged
from relay.model import (
    Attempt,
    Found,
    Health,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Removal,
    Unknown,
    Unsure,
)
from relay.node import said
from relay.node.pipes import PipeEnded
from relay.node.process import DiedMeanwhile, Gone, Process
from relay.ports import Keep
from relay.wire import frames

CHECK_TOO_LONG = "its check took too long"
"""The one trouble of an account that is none of the operator's: the platform is slow."""

PREPARE_TRIES = 3
"""Outlets that may end while they prepare one post, before that counts as the bridge's fault."""

GIVE_UP_S = 5.0
"""Seconds an outlet has to end a cancelled send before it is killed."""

COMES_S = 2.0
"""Seconds that a send waits for an outlet to be there."""

STARTS_S = 15.0
"""Seconds that an account's check waits for it; then the board says that it does not come."""

QUICK_KEEPS = 16
"""What one send may keep as fast as the disk takes it."""

KEEP_S = 0.05
"""Seconds between two of what it keeps after that: each is a commit, which others wait for."""

MOST_UNIT = 8
"""Characters of a unit of money ("USD")."""

MOST_LATE = 100
"""Answers that an outlet may give to nobody. A cancelled call may have one; more is a flood."""

T = TypeVar("T")


class _Call:
    """One call that an outlet has not answered."""

    def __init__(self, keep: Keep | None) -> None:
        self.keep = keep
        self.keeping = False
        self.keeps = 0
        self.answer: Any = None
        self.answered = trio.Event()


class Outlet:
    """One outlet process: calls by number, and what came of them."""

    def __init__(self, process: Process, kill: Callable[[int], Awaitable[None]]) -> None:
        self.process = process
        self._kill = kill
        self._calls: dict[int, _Call] = {}
        self._serves: set[str] = set()
        self._n = 0
        self._late = 0

    def begins(self, destination: str) -> None:
        """It says that it serves this destination: each once, one of its own that alone. Raises
        Damaged for anything else."""
        if destination in self._serves or self.process.alone not in ("", destination):
            raise Damaged
        self._serves.add(destination)

    async def call(self, make: Callable[[int], object], keep: Keep | None = None) -> Any:
        """Ask, and wait for the answer. Raises PipeEnded or DiedMeanwhile."""
        self._n += 1
        n, call = self._n, _Call(keep)
        self._calls[n] = call
        try:
            await self.process.pipe.send(make(n))
            await call.answered.wait()
        except trio.Cancelled:
            with trio.CancelScope(shield=True):
                await self._give_up(n, call)
            raise
        finally:
            del self._calls[n]
        if call.answer is None:
            raise DiedMeanwhile
        return call.answer

    async def _give_up(self, n: int, call: _Call) -> None:
        with trio.move_on_after(GIVE_UP_S):
            try:
                await self.process.pipe.send(frames.Cancel(n))
            except PipeEnded:
                pass
            else:
                await call.answered.wait()
                return
        await self._kill(self.process.pid)
        await self.process.dead.wait()

    def answered(self, n: int, answer: object) -> bool:
        """An answer came. False: to no call of ours (it is too late). Raises Damaged for the one
        that is too many of those."""
        call = self._calls.get(n)
        if call is None or call.answered.is_set():
            self._late += 1
            if self._late > MOST_LATE:
                raise Damaged
            return False
        call.answer = answer
        call.answered.set()
        return True

    def keeps(self, n: int) -> bool:
        """The bridge of call ``n`` wants something durable. False: that call is over. Raises
        Damaged if it did not wait for the answer to what it wanted before."""
        call = self._calls.get(n)
        if call is None or call.keep is None:
            return False
        if call.keeping:
            raise Damaged
        call.keeping = True
        return True

    async def kept(self, frame: frames.Keeps) -> None:
        """Make it durable, and say so."""
        call = self._calls.get(frame.n)
        if call is None or call.keep is None:
            return
        call.keeps += 1
        if call.keeps > QUICK_KEEPS:
            await trio.sleep(KEEP_S)
        try:
            await call.keep(frame.kept)
            call.keeping = False
            await self.process.pipe.send(frames.Kept(frame.n))
        except (PipeEnded, Damaged, ValueError):
            return  # it has ended meanwhile, or asks for too much: it is never told that it is kept

    def died(self) -> None:
        """The launcher says it is dead: every call ends now."""
        for call in self._calls.values():
            call.answered.set()


class BridgeProxy:
    """ports.Bridge for one destination, over whichever outlet serves it now.

    ``failed`` counts what no bridge should do: raise, give what is no answer, end the process that
    is its own.
    """

    def __init__(self, destination: str) -> None:
        self.destination = destination
        self.failed = 0
        self.once = Once("none")
        self.at_once = 1
        self.trouble = ""
        self.bills = ""
        """The unit of money in which its platform bills posts; empty where it bills none."""
        self._falls = 0
        self._outlet: Outlet | None = None
        self._came = trio.Event()

    def served(self, outlet: Outlet, how: frames.Serves) -> None:
        """A new outlet serves this destination."""
        self._outlet = outlet
        self._falls = 0
        self.once, self.at_once = how.once, said.at_once(how.at_once)
        self.trouble = said.plain(how.trouble)
        self.bills = said.plain(how.bills, MOST_UNIT)
        self._came.set()
        self._came = trio.Event()

    def fell(self) -> None:
        """The outlet that is its own has ended."""
        self._falls += 1
        self.failed += 1

    @property
    def serving(self) -> bool:
        """Whether an outlet serves it now."""
        return self._outlet is not None and not self._outlet.process.dead.is_set()

    async def healthy(self, deadline_s: float) -> Health:
        """As ``check``, but whatever goes wrong is a trouble, and it ends by its deadline."""
        try:
            try:
                return await self._asked(deadline_s)
            except (DiedMeanwhile, PipeEnded):  # that says nothing about the account: once more
                return await self._asked(deadline_s)
        except (Gone, PipeEnded) as error:
            return Health("", str(error))

    async def _asked(self, deadline_s: float) -> Health:
        outlet = await self._within(STARTS_S)
        if outlet is None:
            return Health("", self._missing())
        if self.trouble:
            return Health("", self.trouble)
        with trio.move_on_after(deadline_s):
            return await self._checked(outlet)
        return Health("", CHECK_TOO_LONG)

    def _missing(self) -> str:
        if not self._falls:
            return "its outlet does not start"
        times = "once" if self._falls == 1 else f"{self._falls} times"
        return f"its outlet ended {times} at its start"

    async def _checked(self, outlet: Outlet) -> Health:
        answer = await outlet.call(lambda n: frames.Check(n, self.destination))
        checked = self._is(answer, frames.Checked)
        self.once = checked.once or self.once
        return said.health(checked.health)

    async def ways(self, document: bytes, signature: bytes, deadline_s: float) -> str:
        """Have a signed statement of the ways in shown there: "" or what is in the way."""
        outlet = await self._serving()
        with trio.move_on_after(deadline_s):
            try:
                answer = await outlet.call(
                    lambda n: frames.Ways(n, self.destination, document, signature)
                )
                return said.plain(self._is(answer, frames.Shown).trouble)
            except (Gone, PipeEnded) as error:
                return str(error)
        return "it took too long to show the ways in"

    async def _within(self, time_s: float) -> Outlet | None:
        with trio.move_on_after(time_s):
            return await self._serving()
        return None

    async def _serving(self) -> Outlet:
        while self._outlet is None or self._outlet.process.dead.is_set():
            await self._came.wait()
        return self._outlet

    async def prepare(self, post: Post) -> Sequence[Part]:
        for _ in range(PREPARE_TRIES):
            outlet = await self._serving()
            try:
                answer = await outlet.call(lambda n: frames.Prepare(n, self.destination, post))
            except (PipeEnded, DiedMeanwhile):
                continue  # nothing of it is public: the next outlet prepares it
            parts = self._is(answer, frames.Prepared).parts
            if not said.priced(parts):
                self.failed += 1
                raise Gone("its bridge gave a part a price below nothing")
            return parts
        raise Gone

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        # What never left the core is no doubt: another outlet is about to be there.
        later = Later("its outlet is being started again", not_before=0)
        outlet = await self._within(COMES_S)
        if outlet is None:
            return later
        try:
            answer = await outlet.call(lambda n: frames.Send(n, self.destination, attempt), keep)
        except PipeEnded:
            return later
        except DiedMeanwhile:
            return Unsure("its outlet ended while sending")
        try:
            return said.outcome(self._is(answer, frames.Ended).outcome)
        except Gone as error:
            return Unsure(str(error))

    async def find(self, attempt: Attempt) -> Lookup:
        outlet = await self._serving()
        answer = await outlet.call(lambda n: frames.Find(n, self.destination, attempt))
        lookup = self._is(answer, frames.Looked).lookup
        if isinstance(lookup, Found) and not said.found(lookup):
            return Unknown("its bridge gave a ref without end")
        return said.reasons(lookup)

    async def check(self) -> Health:
        return await self._checked(await self._serving())

    async def remove(self, ref: str, deadline_s: float) -> Removal | None:
        """As ports.Removes.remove, by its deadline; None where its platform has no such thing.

        Whatever goes wrong is Later: to repeat it does no harm."""
        with trio.move_on_after(deadline_s):
            try:
                outlet = await self._serving()
                answer = await outlet.call(lambda n: frames.Remove(n, self.destination, ref))
                removal = self._is(answer, frames.TookBack).removal
                return None if removal is None else said.reasons(removal)
            except (Gone, PipeEnded) as error:
                return Later(str(error))
        return Later("it took too long")

    def _is(self, answer: Any, kind: type[T]) -> T:
        """The answer, if it is one of that kind. Raises Gone."""
        if not isinstance(answer, kind):
            self.failed += 1
            why = answer.why if isinstance(answer, frames.Failed) else "its bridge gave no answer"
            raise Gone(said.plain(why))
        return answer
