"""The outlet: where bridges run. It connects outward, holds tokens, and knows only its own posts.

Each call of the core is a task of its own; a bridge that raises is reported, never retried. The
core's word to cancel cancels the task, and how it ended is reported all the same. What a bridge
gives is sent only if the core would take it for what it should be.

Bridges of ours share one outlet. A third party's, and one of ours that blocks, has an outlet of its
own for each destination (``relay.plugins.alone`` says why): this code as well, in a process that
was given one section and is kept apart (``relay.node.apart``). A third party's module is imported
here, and nowhere else.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import trio

from relay.clock import frozen_of
from relay.config import Destination, Route
from relay.errors import Damaged, KeyFileError
from relay.journal import Event, Journal
from relay.model import (
    Health,
    Later,
    Once,
    Outcome,
    Post,
    Posted,
    Refused,
    Removal,
    Replied,
    Stopped,
)
from relay.node.child import BEAT_S, Pulse, kind_of
from relay.node.pipes import Pipe, PipeEnded
from relay.node.process import FROM_OUTLET, MOST_OF_OUTLET
from relay.node.routed import Tells
from relay.node.said import MOST_AT_ONCE
from relay.node.skew import Skew
from relay.plugins import Unusable, plan
from relay.plugins.ways import routes_of, way_out
from relay.ports import MAX_KEPT, Bridge, Clock
from relay.reach.http import HttpOut
from relay.reach.routes import Routes
from relay.wire import frames
from relay.wire.pack import pack, unpack_any

FIRST_CHECK_S = 2.0

MOST_PARTS = 10_000
"""No post has so many parts, as no text has more than 20,000 characters (``relay.reader.text``): a
bridge that makes more does not come to an end."""

FROM_CORE = (
    frames.Prepare,
    frames.Send,
    frames.Find,
    frames.Check,
    frames.Remove,
    frames.AskReplies,
    frames.Edit,
    frames.Ways,
    frames.Kept,
    frames.Cancel,
)


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    destinations: Mapping[str, Destination],
    routes: Mapping[str, Route],
    base: Path,
    url: str,
    *,
    alone: bool = False,
) -> int:
    """Serve the core until it ends. ``alone``: this is an outlet of its own, for one destination,
    where the module of a third party may be imported."""
    serving = _Serving(Pipe(core, FROM_CORE), pulse, journal, alone=alone)
    trio.run(serving.run, destinations, Place(base, url, routes), clock)
    return 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the settings lie, where the page is seen, and the routes there are, by their names."""

    base: Path
    url: str
    routes: Mapping[str, Route]


class _Serving:
    def __init__(self, pipe: Pipe, pulse: Pulse, journal: Journal, *, alone: bool = False) -> None:
        self._pipe = pipe
        self._pulse = pulse
        self._journal = journal
        self._alone = alone
        self._bridges: dict[str, Bridge] = {}
        self._scopes: dict[int, trio.CancelScope] = {}
        self._kept: dict[int, trio.Event] = {}
        self._tells = Tells(pipe.send)

    async def run(
        self, destinations: Mapping[str, Destination], place: Place, clock: Clock
    ) -> None:
        skew = Skew(clock, self._skewed, frozen_of(clock))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._beat)
            nursery.start_soon(self._tell_routes)
            async with trio.open_nursery() as starting:
                for name, destination in destinations.items():
                    heard = partial(skew.heard, name)
                    start = partial(self._start, name, destination, place, clock)
                    starting.start_soon(start, heard, nursery)
            await self._serve(nursery)
            nursery.cancel_scope.cancel()

    async def _tell_routes(self) -> None:
        with contextlib.suppress(PipeEnded):  # the core is gone: we end at the next read
            await self._tells.run()

    def _skewed(self, ahead_s: int) -> None:
        with contextlib.suppress(PipeEnded):  # and without room: it is said again when it changes
            self._pipe.send_now(frames.Skewed(ahead_s))

    async def _beat(self) -> None:
        while True:
            self._pulse.beat()
            await trio.sleep(BEAT_S)

    async def _start(
        self,
        name: str,
        destination: Destination,
        place: Place,
        clock: Clock,
        heard_date: Callable[[str], None],
        nursery: trio.Nursery,
    ) -> None:
        try:
            # The password of a proxy is read before the module of a third party is imported.
            told = self._tells.of(name)
            routes = routes_of(name, destination, place.routes, place.base, told)
            planned = plan(destination, base=place.base, url=place.url, alone=self._alone)
            out = way_out(planned.hosts, destination, routes, place.base, heard_date=heard_date)
            bridge = planned.made(await nursery.start(_open, out, routes), clock)
            if not self._alone:  # a plug-in has all the time it needs: nobody waits for it
                await _looked_over(bridge)
            serves = _serves(name, bridge)
            self._bridges[name] = bridge
        except (KeyFileError, Unusable) as error:
            serves = frames.Serves(name, Once("none"), 1, str(error))
        except (trio.Cancelled, GeneratorExit):
            raise
        except BaseException as error:  # a bridge that cannot start stops its own destination only
            serves = frames.Serves(name, Once("none"), 1, f"its bridge failed: {kind_of(error)}")
        await self._pipe.send(serves)
        self._tells.serves(name)

    async def _serve(self, nursery: trio.Nursery) -> None:
        while True:
            try:
                frame = await self._pipe.receive()
            except Damaged:
                self._journal.say(Event.DAMAGED)
                return
            match frame:
                case None:
                    return
                case frames.Kept():
                    if frame.n in self._kept:
                        self._kept[frame.n].set()
                case frames.Cancel():
                    await self._cancel(frame.n)
                case _:  # its scope is there before anything can cancel it
                    self._scopes[frame.n] = trio.CancelScope()
                    nursery.start_soon(self._call, frame)

    async def _cancel(self, n: int) -> None:
        if n in self._scopes:
            self._scopes[n].cancel()
        else:
            await self._pipe.send(frames.Failed(n, "it is not under way"))

    async def _call(self, frame: Any) -> None:
        answer: object = frames.Failed(frame.n, "cancelled")
        with self._pulse, self._scopes[frame.n]:
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
        bridge = self._bridges.get(frame.destination)
        if bridge is None:
            return frames.Failed(frame.n, "its bridge did not start")
        match frame:
            case frames.Prepare():
                parts = await bridge.prepare(frame.post)
                return frames.Prepared(frame.n, tuple(islice(parts, MOST_PARTS)))
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
                return await self._show(bridge, frame)
            case _:
                health: object = await bridge.check()
                if not isinstance(health, Health):
                    return frames.Failed(frame.n, "its bridge gave no health")
                return frames.Checked(frame.n, health, bridge.once)

    async def _show(self, bridge: Bridge, frame: frames.Ways) -> object:
        show: Callable[[bytes, bytes], Awaitable[object]] | None = getattr(bridge, "ways", None)
        if show is None:  # relay.ports.Shows: only a page of ours has it
            return frames.Failed(frame.n, "its bridge shows no ways in")
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


def _serves(name: str, bridge: Bridge) -> frames.Serves:
    """What it says of itself; as a trouble if it says what cannot be."""
    bills = getattr(bridge, "bills", "")
    removes = hasattr(bridge, "remove")
    told = frames.Serves(name, bridge.once, bridge.at_once, bills=bills, removes=removes)
    try:
        told = unpack_any((frames.Serves,), pack(told))
        good = told.once.means in ("exact", "lookup", "none")
    except (Damaged, TypeError, ValueError, OverflowError):
        good = False
    if not good or not 1 <= told.at_once <= MOST_AT_ONCE:
        why = "its bridge does not say what repeating a send does, or how many it bears"
        return frames.Serves(name, Once("none"), 1, why)
    return told


def _known(n: int, answer: object) -> object:
    """The answer of call ``n``, if the core would know it; one that it does not ends the pair."""
    try:
        packed = pack(answer)
        if len(packed) > MOST_OF_OUTLET:
            return frames.Failed(n, "its bridge gave an answer without end")
        return unpack_any(FROM_OUTLET, packed)
    except (Damaged, TypeError, ValueError, OverflowError):
        return frames.Failed(n, "its bridge gave no answer we know")


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


async def _looked_over(bridge: Bridge) -> None:
    """One check before the node says that it is ready: the page is there from then on.

    What it says is asked for again by the core; a platform far away is not waited for.
    """
    with trio.move_on_after(FIRST_CHECK_S), contextlib.suppress(Exception):
        await bridge.check()


async def _open(
    http: HttpOut,
    routes: Routes,
    *,
    task_status: trio.TaskStatus[HttpOut] = trio.TASK_STATUS_IGNORED,
) -> None:
    """The way out of one destination, and the looks at its routes that fail, while we serve."""
    async with http:
        task_status.started(http)
        await routes.probe()
