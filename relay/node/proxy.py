"""The core's side of outlets: ports.Bridge, a process away, over whichever outlet serves it now.

What a bridge says is believed within its bounds only (``relay.node.said``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import trio

from relay.errors import TooLarge
from relay.model import (
    Attempt,
    Fits,
    Found,
    Health,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)
from relay.node import said
from relay.node.calls import Outlet
from relay.node.pipes import PipeEnded
from relay.node.process import ENDLESS, DiedMeanwhile, Gone
from relay.ports import Keep
from relay.wire import frames

CHECK_TOO_LONG = "its check took too long"
"""The one trouble of an account that is none of the operator's: the platform is slow."""

PREPARE_TRIES = 3
"""Outlets that may end while they prepare one post, before that counts as the bridge's fault."""

COMES_S = 2.0
"""Seconds that a send waits for an outlet to be there."""

STARTS_S = 15.0
"""Seconds that an account's check waits for it; then the board says that it does not come."""

MOST_UNIT = 8
"""Characters of a unit of money ("USD")."""

T = TypeVar("T")


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
        self.fits = Fits()
        """Which media its platform takes."""
        self.shows_edits = True
        """Whether people can see there what a post said before it was changed."""
        self.removes = False
        """Whether its bridge has a way to take a post back."""
        self.sends: Callable[[], None] = lambda: None
        """Told of each attempt at the moment when it goes to the outlet: it may have waited."""
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
        self.removes = how.removes
        self.shows_edits = how.shows_edits
        self.fits = said.fits(how.fits)
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
        self.fits = self.fits if checked.fits is None else said.fits(checked.fits)
        return said.health(checked.health)

    async def ways(self, document: bytes, signature: bytes, deadline_s: float) -> str:
        """Have a signed statement of the ways in shown there: "" or what is in the way."""
        return await self._shown(
            lambda n: frames.Ways(n, self.destination, document, signature), deadline_s
        )

    async def withdrawn(self, document: bytes, signature: bytes, deadline_s: float) -> str:
        """Have a signed list of what was withdrawn shown there: "" or what is in the way."""
        return await self._shown(
            lambda n: frames.Withdrawn(n, self.destination, document, signature), deadline_s
        )

    async def _shown(self, frame: Callable[[int], object], deadline_s: float) -> str:
        outlet = await self._serving()
        with trio.move_on_after(deadline_s):
            try:
                answer = await outlet.call(frame)
                return said.plain(self._is(answer, frames.Shown).trouble)
            except (Gone, PipeEnded) as error:
                return str(error)
        return "it took too long to show what was signed"

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
            if post.media and answer == frames.Failed(answer.n, ENDLESS):
                raise TooLarge  # no fault of its own: it makes more bytes of media than these have
            parts = self._is(answer, frames.Prepared).parts
            if not said.priced(parts):
                self.failed += 1
                raise Gone("its bridge gave a part a price below nothing")
            return parts
        raise Gone

    async def preview(self, post: Post, deadline_s: float) -> frames.Previewed | str:
        """What people would see of a post, or why that cannot be told; by its deadline. Nothing of
        it becomes public, and nothing is kept."""
        with trio.move_on_after(deadline_s):
            try:
                outlet = await self._serving()
                answer = await outlet.call(lambda n: frames.Preview(n, self.destination, post))
                return said.previewed(self._is(answer, frames.Previewed))
            except (Gone, PipeEnded) as error:
                return str(error)
        return "it took too long to prepare it"

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        # What never left the core is no doubt: another outlet is about to be there.
        later = Later("its outlet is being started again", not_before=0)
        outlet = await self._within(COMES_S)
        if outlet is None:
            return later
        if self.trouble:  # it did not start this time: nothing leaves, and the board is to say why
            return Stopped(self.trouble, "mend its section, and reload the relay")
        self.sends()
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

    async def remove(self, ref: str, deadline_s: float = math.inf) -> Removal | None:
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

    async def edit(self, ref: str, post: Post) -> Posted | Later | Refused | Stopped | None:
        """As ports.Edits.edit; None where its platform has no such thing.

        Whatever goes wrong is Later: to repeat it does no harm."""
        try:
            outlet = await self._serving()
            answer = await outlet.call(lambda n: frames.Edit(n, self.destination, ref, post))
            outcome = self._is(answer, frames.Edited).outcome
        except (Gone, PipeEnded) as error:
            return Later(str(error))
        if isinstance(outcome, Posted) and not said.kept(outcome.ref, outcome.url):
            return Later("its bridge gave a ref without end")
        return None if outcome is None else said.reasons(outcome)

    async def replies(self, cursor: bytes, deadline_s: float) -> Replied | Later | Stopped | None:
        """As ports.Replies.replies, by its deadline; None where its bridge reads none."""
        with trio.move_on_after(deadline_s):
            try:
                outlet = await self._serving()
                answer = await outlet.call(lambda n: frames.AskReplies(n, self.destination, cursor))
                replied = self._is(answer, frames.Replies).replied
                if isinstance(replied, Replied):
                    return said.replied(replied)
                return None if replied is None else said.reasons(replied)
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
