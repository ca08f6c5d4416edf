"""The core's side of outlets: ports.Bridge, a process away.

A call to a process that ends is answered only when the launcher says that it is dead: until then
an outlet could still be sending. Cancelling a send asks the outlet to give up, waits, and then has
it killed; it never returns while the outlet may still be at it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import trio

from relay.errors import Damaged
from relay.model import (
    Attempt,
    Health,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Removal,
    Unsure,
)
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


class _Call:
    """One call that an outlet has not answered."""

    def __init__(self, keep: Keep | None) -> None:
        self.keep = keep
        self.answer: Any = None
        self.answered = trio.Event()


class Outlet:
    """One outlet process: calls by number, and what came of them."""

    def __init__(self, process: Process, kill: Callable[[int], Awaitable[None]]) -> None:
        self.process = process
        self._kill = kill
        self._calls: dict[int, _Call] = {}
        self._n = 0
        self.late = 0

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
        """An answer came. False: to no call of ours (it is too late)."""
        call = self._calls.get(n)
        if call is None or call.answered.is_set():
            return False
        call.answer = answer
        call.answered.set()
        return True

    async def kept(self, frame: frames.Keeps) -> None:
        """The bridge of call ``n`` wants something durable; answered when it is."""
        call = self._calls.get(frame.n)
        if call is None or call.keep is None:
            return
        try:
            await call.keep(frame.kept)
            await self.process.pipe.send(frames.Kept(frame.n))
        except (PipeEnded, Damaged, ValueError):
            return  # it has ended meanwhile, or asks for too much: it is never told that it is kept

    def died(self) -> None:
        """The launcher says it is dead: every call ends now."""
        for call in self._calls.values():
            call.answered.set()


class BridgeProxy:
    """ports.Bridge for one destination, over whichever outlet serves it now."""

    def __init__(self, destination: str) -> None:
        self.destination = destination
        self.once = Once("none")
        self.at_once = 1
        self.trouble = ""
        self.bills = ""
        """The unit of money in which its platform bills posts; empty where it bills none."""
        self._outlet: Outlet | None = None
        self._came = trio.Event()

    def served(self, outlet: Outlet, how: frames.Serves) -> None:
        """A new outlet serves this destination."""
        self._outlet = outlet
        self.once, self.at_once, self.trouble = how.once, how.at_once, how.trouble
        self.bills = how.bills
        self._came.set()
        self._came = trio.Event()

    @property
    def serving(self) -> bool:
        """Whether an outlet serves it now."""
        return self._outlet is not None and not self._outlet.process.dead.is_set()

    async def healthy(self, deadline_s: float) -> Health:
        """As ``check``, but whatever goes wrong is a trouble, and it ends by its deadline."""
        try:
            try:
                return await self._asked(await self._serving(), deadline_s)
            except (DiedMeanwhile, PipeEnded):  # that says nothing about the account: once more
                return await self._asked(await self._serving(), deadline_s)
        except (Gone, PipeEnded) as error:
            return Health("", str(error))

    async def _asked(self, outlet: Outlet, deadline_s: float) -> Health:
        if self.trouble:
            return Health("", self.trouble)
        with trio.move_on_after(deadline_s):
            return await self._checked(outlet)
        return Health("", CHECK_TOO_LONG)

    async def _checked(self, outlet: Outlet) -> Health:
        answer = await outlet.call(lambda n: frames.Check(n, self.destination))
        checked: frames.Checked = _is(answer, frames.Checked)
        self.once = checked.once or self.once
        return checked.health

    async def ways(self, document: bytes, signature: bytes, deadline_s: float) -> str:
        """Have a signed statement of the ways in shown there: "" or what is in the way."""
        outlet = await self._serving()
        with trio.move_on_after(deadline_s):
            try:
                answer = await outlet.call(
                    lambda n: frames.Ways(n, self.destination, document, signature)
                )
                return str(_is(answer, frames.Shown).trouble)
            except (Gone, PipeEnded) as error:
                return str(error)
        return "it took too long to show the ways in"

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
            return _is(answer, frames.Prepared).parts  # type: ignore[no-any-return]
        raise Gone

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        # What never left the core is no doubt: another outlet is about to be there.
        later = Later("its outlet is being started again", not_before=0)
        outlet: Outlet | None = None
        with trio.move_on_after(COMES_S):
            outlet = await self._serving()
        if outlet is None:
            return later
        try:
            answer = await outlet.call(lambda n: frames.Send(n, self.destination, attempt), keep)
        except PipeEnded:
            return later
        except DiedMeanwhile:
            return Unsure("its outlet ended while sending")
        if isinstance(answer, frames.Failed):
            return Unsure(answer.why)
        return _is(answer, frames.Ended).outcome  # type: ignore[no-any-return]

    async def find(self, attempt: Attempt) -> Lookup:
        outlet = await self._serving()
        answer = await outlet.call(lambda n: frames.Find(n, self.destination, attempt))
        return _is(answer, frames.Looked).lookup  # type: ignore[no-any-return]

    async def check(self) -> Health:
        return await self._checked(await self._serving())

    async def remove(self, ref: str, deadline_s: float) -> Removal | None:
        """As ports.Removes.remove, by its deadline; None where its platform has no such thing.

        Whatever goes wrong is Later: to repeat it does no harm."""
        with trio.move_on_after(deadline_s):
            try:
                outlet = await self._serving()
                answer = await outlet.call(lambda n: frames.Remove(n, self.destination, ref))
                removal: Removal | None = _is(answer, frames.TookBack).removal
                return removal
            except (Gone, PipeEnded) as error:
                return Later(str(error))
        return Later("it took too long")


def _is(answer: Any, kind: type) -> Any:
    if not isinstance(answer, kind):
        raise Gone(answer.why if isinstance(answer, frames.Failed) else None)
    return answer
