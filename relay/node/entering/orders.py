"""What the command line may ask of an entry, and the answers. None of them has a text: there is no
key here that would open one, and what needs such a key is refused by name."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Protocol

from relay.config import Settings
from relay.errors import Asked, Damaged
from relay.model import Change, Queue, Row, Sent, State
from relay.node.child import Pulse
from relay.node.crossing import carried
from relay.node.crossing.bundles import Bundles
from relay.node.crossing.forward import Forward
from relay.node.entering.shown import Shown
from relay.node.overview import OPENED, PAGE, Overview
from relay.node.process import Process
from relay.node.purging import Purging
from relay.node.timekeeping import Timekeeping
from relay.node.timekeeping import shown as shown_clock
from relay.ports import Clock

Answer = Mapping[str, Any]

LEAST_DIGITS: Final = 4

AT_AN_EXIT: Final = (
    "this is an entry: it opens nothing, and shows, decides and posts nothing. Give this command at"
    " an exit"
)

NO_BUNDLE: Final = "that is no bundle of keys"


class Node(carried.Node, Protocol):
    """What orders need of the core."""

    clock: Clock
    bundles: Bundles
    forward: Forward
    overview: Overview
    shown: Shown
    pulse: Pulse
    purging: Purging
    settings: Settings
    timekeeping: Timekeeping

    @property
    def processes(self) -> Mapping[int, Process]: ...
    @property
    def standing(self) -> str: ...
    @property
    def answers(self) -> Mapping[str, int]: ...
    @property
    def notices(self) -> Sequence[str]: ...
    async def reload(self) -> None: ...


class EntryOrders:
    """Carries out orders on one entry."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._spool = core.spool
        self._overview = core.overview
        self._carried = carried.Carried(core)

    async def answers(self, request: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """All answers to one request. Raises Asked for what is not to be had."""
        match request:
            case {"do": "status"}:
                yield await self._status()
            case {"do": "check"}:
                for trouble in await self._overview.troubles():
                    yield {"what": trouble.key, "said": trouble.said, "notice": trouble.notice}
            case {"do": "list", **more}:
                async for answer in self._list(everything=bool(more.get("all"))):
                    yield answer
            case {"do": "resume", "name": str() as name}:
                yield self._nudged(name)
            case {"do": "retry", "id": str() as id}:
                yield await self._retry(await self._rows(id))
            case {"do": "drop", "id": str() as id}:
                yield await self._drop(await self._rows(id))
            case {"do": "bundle", "bundle": str() as bundle, **more}:
                yield await self._bundle(bundle, more.get("name"))
            case {"do": "reload"}:
                await self._core.reload()
                yield {"reloading": True}
            case {"do": "clock", **more}:
                yield await self._core.timekeeping.answer(accept=bool(more.get("accept")))
            case {"do": "accept-loss"}:
                yield {"accepted_loss": await self._spool.accept_loss()}
            case {"do": str() as what} if what in carried.WORDS:
                async with aclosing(self._carried.answers(request)) as of_a_stick:
                    async for answer in of_a_stick:
                        yield answer
            case _:
                raise Asked(AT_AN_EXIT)

    # ------------------------------------------------------------ looking

    async def _status(self) -> Answer:
        counts = await self._spool.counts()
        board = await self._overview.board()
        core = self._core
        return {
            "node": core.settings.node.name,
            "role": core.settings.node.role,
            "standing": core.standing,
            "accepted": counts.accepted,
            **{state.value: counts.states.get(state, 0) for state in State},
            "repeats": counts.repeats,
            "turned_away": counts.turned_away,
            "lost": counts.lost,
            "clock": shown_clock(self._overview.jump()),
            "answers": core.answers,
            "paused": {},
            "asked_back": 0,
            "replies": 0,
            "purged": core.purging.count,
            "least_hidden": None,
            "notices": list(core.notices),
            "page_key": "",
            "deliveries": counts.deliveries,
            "queues": counts.queues,
            "board": board,
            "links": self._overview.links(board),
            "peers": core.shown.peers(board),
            "crossings": core.shown.crossings(),
            "astray": await self._overview.astray(),
            "processes": [
                {"role": "core", "pid": os.getpid(), "busy": core.pulse.busy},
                *(
                    {"role": one.role, "pid": one.pid, "busy": one.busy, "alone": one.alone}
                    for one in core.processes.values()
                ),
            ],
        }

    async def _list(self, *, everything: bool) -> AsyncIterator[Answer]:
        """What is on the way, a row an exit; what is here from before this node was an entry; and
        what ended otherwise than at an exit."""
        whole = (Queue.ASSIGNED,) if everything else ()
        for queue in (Queue.OUTBOUND, *OPENED, *whole, Queue.ENDED):
            async for row in self._overview.every(queue):
                told = row.state in (State.QUARANTINED, Sent.REFUSED, Sent.EXPIRED)
                if queue != Queue.ENDED or everything or told:
                    yield self._line(row)

    def _line(self, row: Row) -> Answer:
        crossing = row.seq != row.root
        return {
            "id": row.id.hex(),
            "queue": row.queue.value,
            "state": str(row.state),
            "channel": "" if crossing else row.name,
            "destination": row.name if crossing else "",
            "since_s": max(0, self._core.clock.now() - row.hour),
            "among": None,
            "why": row.why,
        }

    async def _rows(self, digits: str) -> Sequence[Row]:
        """The rows of one envelope, itself first. Raises Asked."""
        try:
            prefix = bytes.fromhex(digits)
        except ValueError:
            raise Asked(
                "an id has pairs of hexadecimal digits, as `relay queue list` shows it"
            ) from None
        if len(digits) < LEAST_DIGITS:
            raise Asked(f"give at least {LEAST_DIGITS} digits of the id")
        rows = await self._spool.look(id=prefix, limit=PAGE)
        if not rows:
            raise Asked("no message has that id")
        if len({row.id for row in rows}) > 1:
            raise Asked("several messages begin with these digits: give more of them")
        return sorted(rows, key=lambda row: (row.seq != row.root, row.seq))

    # ------------------------------------------------------------ doing

    def _nudged(self, name: str) -> Answer:
        """Try a link, or all links to an exit, again now."""
        settings = self._core.settings
        if name not in settings.links and name not in settings.peers:
            there = ", ".join([*settings.links, *settings.peers]) or "none is there"
            raise Asked(f"an entry pauses nothing; to try a link or an exit now, name it: {there}")
        self._core.forward.nudge(name)
        return {"name": name, "changed": True, "let_go": False, "paused": {}}

    async def _retry(self, rows: Sequence[Row]) -> Answer:
        """Give it to all its exits now, also to those that it would go to later."""
        waiting = [row for row in rows if row.queue == Queue.OUTBOUND]
        if not waiting:
            raise Asked("nothing of it waits for an exit")
        at_once = [
            (row, Change(row.queue, row.state, due=row.hour, why=row.why, note=row.note))
            for row in waiting
        ]
        done = await self._spool.change_each(at_once)
        for name in dict.fromkeys(row.name for row in waiting):
            self._core.forward.nudge(name)
        return {"id": rows[0].id.hex(), "changed": sum(done)}

    async def _drop(self, rows: Sequence[Row]) -> Answer:
        """It goes to no exit any more; what may have come to one stays there."""
        dropped = Change(Queue.ENDED, Sent.DROPPED, due=None)
        done = await self._spool.change_each(
            [(row, dropped) for row in rows[1:] if row.queue in (Queue.OUTBOUND, *OPENED)]
        )
        message = rows[0]
        if message.state == State.QUARANTINED or message.queue in OPENED:
            gone = Change(Queue.ENDED, State.DROPPED, due=None, body=b"")
            done = [*done, *await self._spool.change_each([(message, gone)])]
        return {"id": message.id.hex(), "changed": sum(done)}

    async def _bundle(self, written: str, name: object) -> Answer:
        """Take the keys of an exit that a person brings."""
        try:
            signed = b64decode(written, validate=True)
            whose = name if isinstance(name, str) else self._core.bundles.of_identity(signed)
        except (ValueError, Damaged):
            raise Asked(NO_BUNDLE) from None
        if whose not in self._core.settings.peers:
            raise Asked("this node has no exit of that name: look at [peers] in its relay.toml")
        return {"exit": whose, "became": await self._core.bundles.take(whose, signed)}


async def nobody(request: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
    """Answers for a desk, which an entry does not have. Raises Asked."""
    raise Asked(AT_AN_EXIT)
    yield {}
