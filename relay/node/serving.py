"""Calls of the core, answered by bridges that are here: in an outlet, and in the process of a
third party's plug-in.

Each call is a task of its own; a bridge that raises is reported, never retried. The word to cancel
cancels the task, and how it ended is reported all the same. What a bridge gives is sent only if the
core would take it for what it should be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Final, Protocol

import trio

from relay.errors import Damaged
from relay.model import (
    Fits,
    Health,
    Later,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Replied,
    Said,
    Stopped,
)
from relay.node.child import kind_of
from relay.node.pipes import PipeEnded
from relay.node.process import ENDLESS, FROM_OUTLET, MOST_OF_OUTLET
from relay.node.said import MOST_AT_ONCE
from relay.ports import MAX_KEPT, Bridge
from relay.wire import frames
from relay.wire.pack import pack, unpack_any

MOST_PARTS = 10_000
"""No post has so many parts, as no text has more than 20,000 characters (``relay.reader.text``): a
bridge that makes more does not come to an end."""

MOST_SHOWN: Final = 100
"""Parts of a preview whose words are told: nobody looks at more."""

FROM_CORE: Final = (
    frames.Prepare,
    frames.Preview,
    frames.Send,
    frames.Find,
    frames.Check,
    frames.Remove,
    frames.AskReplies,
    frames.Edit,
    frames.Ways,
    frames.Withdrawn,
    frames.Kept,
    frames.Cancel,
)
"""Every frame by which the core calls a bridge."""


class Frames(Protocol):
    """Where calls come from and answers go: a pipe to the core, or a line to whom it is behind."""

    async def receive(self) -> Any:
        """The next frame; None at the end. Raises Damaged."""
        ...

    async def send(self, frame: object) -> None:
        """Send, waiting for room. Raises PipeEnded."""
        ...


class Serving:
    """Answers the calls of the core with ``bridges``, by the names of their destinations. ``busy``
    is entered while a call is under way."""

    def __init__(self, pipe: Frames, busy: AbstractContextManager[None]) -> None:
        self.bridges: dict[str, Bridge] = {}
        self._pipe = pipe
        self._busy = busy
        self._scopes: dict[int, trio.CancelScope] = {}
        self._kept: dict[int, trio.Event] = {}

    async def serve(self, nursery: trio.Nursery) -> None:
        """Until the other end is gone. Raises Damaged."""
        while (frame := await self._pipe.receive()) is not None:
            match frame:
                case frames.Kept():
                    if frame.n in self._kept:
                        self._kept[frame.n].set()
                case frames.Cancel():
                    await self._cancel(frame.n)
                case _:  # its scope is there before anything can cancel it
                    self._scopes[frame.n] = trio.CancelScope()
                    nursery.start_soon(self._call, frame)

    @property
    def idle(self) -> bool:
        """Whether no call is under way."""
        return not self._scopes

    async def _cancel(self, n: int) -> None:
        if n in self._scopes:
            self._scopes[n].cancel()
        else:
            await self._pipe.send(frames.Failed(n, "it is not under way"))

    async def _call(self, frame: Any) -> None:
        answer: object = frames.Failed(frame.n, "cancelled")
        with self._busy, self._scopes[frame.n]:
            try:
                answer = _known(frame.n, await self._answer(frame))
            except (trio.Cancelled, GeneratorExit):
                raise
            except BaseException as error:  # a plug-in may raise anything: the core decides
                answer = frames.Failed(frame.n, f"its bridge failed: {kind_of(error)}")
        del self._scopes[frame.n]
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._pipe.send(answer)

    async def _answer(self, frame: Any) -> object:
        bridge = self.bridges.get(frame.destination)
        if bridge is None:
            return frames.Failed(frame.n, "its bridge did not start")
        match frame:
            case frames.Prepare():
                parts = await bridge.prepare(frame.post)
                return frames.Prepared(frame.n, tuple(islice(parts, MOST_PARTS)))
            case frames.Preview():
                return await _previewed(bridge, frame)
            case frames.Send():
                outcome: object = await bridge.send(frame.attempt, self._keep(frame.n))
                if not isinstance(outcome, Outcome):
                    return frames.Failed(frame.n, "its bridge gave no outcome")
                return frames.Ended(frame.n, outcome)
            case frames.Find():
                return frames.Looked(frame.n, await bridge.find(frame.attempt))
            case frames.Remove():
                return frames.TookBack(frame.n, await _removed(bridge, frame.ref))
            case frames.Edit():
                return frames.Edited(frame.n, await _edited(bridge, frame.ref, frame.post))
            case frames.AskReplies():
                return frames.Replies(frame.n, await _replied(bridge, frame.cursor))
            case frames.Ways():
                return await self._show(bridge, frame, "ways")
            case frames.Withdrawn():
                return await self._show(bridge, frame, "withdrawn")
            case _:
                health: object = await bridge.check()
                if not isinstance(health, Health):
                    return frames.Failed(frame.n, "its bridge gave no health")
                return frames.Checked(frame.n, health, bridge.once, _fits(bridge))

    async def _show(
        self, bridge: Bridge, frame: frames.Ways | frames.Withdrawn, what: str
    ) -> object:
        show: Callable[[bytes, bytes], Awaitable[object]] | None = getattr(bridge, what, None)
        if show is None:  # relay.ports.Shows: only a page of ours has it
            return frames.Failed(frame.n, "its bridge shows no statements")
        trouble = await show(frame.document, frame.signature)
        if not isinstance(trouble, str):
            trouble = "its bridge did not say whether it shows them"
        return frames.Shown(frame.n, trouble)

    def _keep(self, n: int) -> Callable[[bytes], Awaitable[None]]:
        one_by_one = trio.Lock()

        async def keep(kept: bytes) -> None:
            if type(kept) is not bytes or len(kept) > MAX_KEPT:
                raise ValueError("a bridge may keep at most 4 KiB")
            async with one_by_one:
                if n not in self._scopes:
                    raise RuntimeError("this send has ended")
                self._kept[n] = trio.Event()
                try:
                    await self._pipe.send(frames.Keeps(n, kept))
                    await self._kept[n].wait()
                finally:
                    del self._kept[n]

        return keep


def serves(name: str, bridge: Bridge) -> frames.Serves:
    """What it says of itself; as a trouble if it says what cannot be."""
    bills = getattr(bridge, "bills", "")
    removes = hasattr(bridge, "remove")
    told = frames.Serves(
        name,
        bridge.once,
        bridge.at_once,
        bills=bills,
        removes=removes,
        fits=_fits(bridge),
        shows_edits=getattr(bridge, "shows_edits", True) is not False,
    )
    try:
        told = unpack_any((frames.Serves,), pack(told))
        good = told.once.means in ("exact", "lookup", "none")
    except (Damaged, TypeError, ValueError, OverflowError):
        good = False
    if not good or not 1 <= told.at_once <= MOST_AT_ONCE:
        why = "its bridge does not say what repeating a send does, or how many it bears"
        return frames.Serves(name, Once("none"), 1, why)
    return told


def _fits(bridge: Bridge) -> Fits | None:
    """Which media its platform takes (relay.ports.FitsMedia); None where it does not say."""
    fits: Fits | None = getattr(bridge, "fits", None)
    return fits


def _known(n: int, answer: object) -> object:
    """The answer of call ``n``, if the core would know it; one that it does not ends the pair."""
    try:
        packed = pack(answer)
        if len(packed) > MOST_OF_OUTLET:
            return frames.Failed(n, ENDLESS)
        return unpack_any(FROM_OUTLET, packed)
    except (Damaged, TypeError, ValueError, OverflowError):
        return frames.Failed(n, "its bridge gave no answer we know")


async def _previewed(bridge: Bridge, frame: frames.Preview) -> frames.Previewed:
    """What people would see of a post (relay.ports.Previews); its parts are forgotten."""
    parts = list(islice(await bridge.prepare(frame.post), MOST_PARTS))
    says: Callable[[Part], object] | None = getattr(bridge, "says", None)
    if says is None:
        return frames.Previewed(frame.n, len(parts), shown=False)
    told = [says(part) for part in parts[:MOST_SHOWN]]
    shown = tuple(one for one in told if isinstance(one, Said))
    if len(shown) < len(told):
        return frames.Previewed(frame.n, len(parts), shown=False)
    return frames.Previewed(frame.n, len(parts), shown)


async def _removed(bridge: Bridge, ref: str) -> Removal | None:
    """What the bridge makes of it; None where it has no way to take something back."""
    remove = getattr(bridge, "remove", None)
    if remove is None:
        return None
    removal: object = await remove(ref)
    return removal if isinstance(removal, Removal) else Later("its bridge gave no outcome")


async def _edited(
    bridge: Bridge, ref: str, post: Post
) -> Posted | Later | Refused | Stopped | None:
    """What the bridge makes of it; None where it has no way to change something."""
    edit = getattr(bridge, "edit", None)
    if edit is None:
        return None
    outcome: object = await edit(ref, post)
    if isinstance(outcome, Posted | Later | Refused | Stopped):
        return outcome
    return Later("its bridge gave no outcome")


async def _replied(bridge: Bridge, cursor: bytes) -> Replied | Later | Stopped | None:
    """What the bridge heard; None where it reads no replies."""
    replies = getattr(bridge, "replies", None)
    if replies is None:
        return None
    replied: object = await replies(cursor)
    if isinstance(replied, Replied | Later | Stopped):
        return replied
    return Later("its bridge gave no replies that we know")
