"""What the command line may ask of a running node, and the answers.

Every order names what it wants in ``"do"``; ids are given by their first hexadecimal digits. No
answer but that to ``show`` holds the text of a message.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from relay.config import Settings
from relay.errors import Asked, Damaged
from relay.exit.record import restore
from relay.exit.withdraw import Withdrawal, is_asked_back
from relay.model import BESIDE, Queue, Row, Sent, State
from relay.node import correspondence, dangers_shown, decisions, key_orders, media_shown, windows
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.brake import Brake
from relay.node.child import Pulse
from relay.node.crossing import carried
from relay.node.desk import noticing, operating
from relay.node.desk.editing import Editing
from relay.node.desk.messages import ID_BYTES
from relay.node.desk.noticing import Noticing
from relay.node.desk.orders import ONCE, DeskOrders
from relay.node.desk.releasing import Releasing
from relay.node.large import beside
from relay.node.outward import Outward
from relay.node.overview import OPENED, PAGE, Overview
from relay.node.process import Process
from relay.node.purging import Purging
from relay.node.rolling.rolling import Rolling
from relay.node.timekeeping import Timekeeping
from relay.node.timekeeping import shown as shown_clock
from relay.node.ways import page_title, page_url
from relay.rules.rights import TERMINAL
from relay.wire.ways import read_ways, ways_file

Answer = Mapping[str, Any]

LEAST_DIGITS = 4
_SHOWN = (*OPENED, Queue.OUTBOUND)
"""The last one: of a node that was an entry before."""


class Node(
    decisions.Node,
    correspondence.Node,
    windows.Node,
    operating.Node,
    carried.Node,
    Protocol,
):
    """What orders need of the core."""

    settings: Settings
    arrivals: Arrivals
    board: Board
    brake: Brake
    outward: Outward
    overview: Overview
    pulse: Pulse
    timekeeping: Timekeeping
    purging: Purging
    noticing: Noticing
    rolling: Rolling | None

    @property
    def processes(self) -> Mapping[int, Process]: ...
    @property
    def standing(self) -> str: ...
    @property
    def answers(self) -> Mapping[str, int]: ...
    @property
    def notices(self) -> Sequence[str]: ...
    @property
    def page_key(self) -> str: ...
    @property
    def ways(self) -> tuple[bytes, bytes] | None: ...
    def unlock(self, passphrase: bytes) -> None: ...
    async def reload(self) -> None: ...


class Orders:
    """Carries out orders on one node."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._spool = core.spool
        self._overview = core.overview
        self._decisions = decisions.Decisions(core)
        self._correspondence = correspondence.Correspondence(core)
        self._windows = windows.Windows(core)
        self.at_desk = DeskOrders(core)
        self._releasing = Releasing(core, self._decisions, self.at_desk.messages)
        self._operating = operating.Operating(core, self._line)
        self._editing = Editing(core, self._decisions, self._releasing.agrees)
        self._keys = key_orders.KeyOrders(core)
        self._carried = carried.Carried(core)
        self._by_word: Mapping[str, Callable[[Sequence[Row]], Awaitable[int]]] = {
            "hold": self._decisions.hold,
            "retry": self._releasing.retry,
            "drop": self._decisions.drop,
        }

    async def answers(self, request: Mapping[str, Any]) -> AsyncGenerator[Answer, None]:
        """All answers to one request. Raises Asked for what is not to be had."""
        match request:
            case {"do": _} if self.at_desk.has(request):
                async for answer in self.at_desk.answers(request):
                    yield answer
            case {"do": str() as what, "token": str()} if what in ONCE:
                yield await self.at_desk.once(request, self.answers)
            case {"do": "status"}:
                yield await self._status()
            case {"do": "check"}:
                for trouble in await self._overview.troubles():
                    yield {"what": trouble.key, "said": trouble.said, "notice": trouble.notice}
            case {"do": "list", **more}:
                async for answer in self._list(bool(more.get("all"))):
                    yield answer
            case {"do": "unlock", "passphrase": str() as passphrase}:
                self._core.unlock(passphrase.encode())
                yield {"unlocked": True}
            case {"do": "pause", "name": str() as name}:
                done = await self._core.brake.pause(name)
                yield {"name": name, "changed": done, "sending": await self._sending()}
            case {"do": "resume", "name": str() as name}:
                yield await self._resume(name)
            case {"do": "withdraw", "id": str() as id}:
                async for answer in self._withdraw(await self._rows(id)):
                    yield answer
            case {"do": "reload"}:
                await self._core.reload()
                yield {"reloading": True}
            case {"do": "clock", **more}:
                yield await self._core.timekeeping.answer(accept=bool(more.get("accept")))
            case {"do": str() as what} if what in key_orders.WORDS:
                yield await self._keys.answer(request)
            case {"do": "ways"}:
                yield self._ways()
            case {"do": "accept-loss"}:
                yield {"accepted_loss": await self._spool.accept_loss()}
            case {"do": "show", "id": str() as id}:
                yield await self._show(await self._rows(id))
            case {
                "do": "posted",
                "id": str() as id,
                "destination": str() as name,
                "url": str() as u,
            }:
                rows = await self._rows(id)
                yield {
                    "id": rows[0].id.hex(),
                    "changed": await self._decisions.posted(rows, name, u),
                }
            case {"do": str() as what} if what in operating.WORDS:
                async for answer in self._operating.answers(request):
                    yield answer
            case {"do": str() as what} if what in carried.WORDS:
                async with aclosing(self._carried.answers(request)) as of_a_stick:
                    async for answer in of_a_stick:
                        yield answer
            case {"do": str() as what} if what in noticing.WORDS:
                yield await self._core.noticing.answers(request)
            case {"do": "senders", **more}:
                async for answer in self._correspondence.senders(more):
                    yield answer
            case {"do": "window", **more}:
                async for answer in self._windows.answers(more):
                    yield answer
            case {"do": "answer", "id": str() as id, **more}:
                rows = await self._rows(id)
                yield {"id": rows[0].id.hex(), "changed": await self._answer(rows, more)}
            case {"do": "drop", "id": str() as id, "destroy": True}:
                rows = await self._rows(id)
                stays = {"public": True} if decisions.stays_public(rows) else {}
                changed = await self._decisions.destroy(rows)
                yield {"id": rows[0].id.hex(), "changed": changed, **stays}
            case {"do": "release", "id": str() as id, "only": [*only]}:
                rows = await self._rows(id)
                yield await self._release(rows, request, _numbers(only))
            case {"do": "release", "id": str() as id}:
                yield await self._release(await self._rows(id), request, None)
            case {"do": "media", "id": str() as id, "n": int() | None as n}:
                async for answer in self._media(await self._rows(id), n):
                    yield answer
            case {"do": str() as what, "id": str() as id} if what in self._editing.by_word:
                async for answer in self._editing.by_word[what](await self._rows(id), request):
                    yield answer
            case {"do": str() as what, "id": str() as id} if what in self._by_word:
                rows = await self._rows(id)
                yield {"id": rows[0].id.hex(), "changed": await self._by_word[what](rows)}
            case _:
                raise Asked("this version knows no such order")

    async def _release(
        self, rows: Sequence[Row], request: Mapping[str, Any], numbers: frozenset[int] | None
    ) -> Answer:
        """Release a message; and say among how many others it hides."""
        hides = self._overview.hiding.shown(rows[0])
        by = str(request.get("by", TERMINAL))
        return {
            "id": rows[0].id.hex(),
            **await self._releasing.release(rows, by, numbers),
            **hides,
        }

    async def _answer(self, rows: Sequence[Row], what: Mapping[str, Any]) -> int:
        match what:
            case {"text": str() as text}:
                return await self._correspondence.answer(rows, text)
            case {"reply": int() as n}:
                return await self._correspondence.reply(rows, n)
            case {"dismiss": True}:
                return await self._correspondence.dismiss(rows)
        raise Asked("this version knows no such answer")

    async def _resume(self, name: str) -> Answer:
        """Lift a pause, or end what a platform said of itself; where there is neither, the order
        and the pace in which what a window held goes out. So a pause in the middle of that ends
        neither."""
        outward = self._core.outward
        resumed = await self._core.brake.resume(name)
        resumed |= outward.comes_back(name)
        let_go = not resumed and outward.lets_go(name)
        return {
            "name": name,
            "changed": resumed or let_go,
            "let_go": let_go,
            "paused": self._core.brake.paused,
        }

    async def _sending(self) -> int:
        """What had begun, and may end."""
        return (await self._spool.counts()).deliveries.get(Sent.SENDING, 0)

    # ------------------------------------------------------------ looking

    async def _status(self) -> Answer:
        counts = await self._spool.counts()
        places = await self._overview.board()
        node = self._core.settings.node
        return {
            "node": node.name,
            "role": node.role,
            "standing": self._core.standing,
            "accepted": counts.accepted,
            **{state.value: counts.states.get(state, 0) for state in State},
            "repeats": counts.repeats,
            "turned_away": counts.turned_away,
            "lost": counts.lost,
            "clock": shown_clock(self._overview.jump()),
            "answers": self._core.answers,
            "paused": self._core.brake.paused,
            "asked_back": self._overview.asked_back,
            "replies": len(await self._overview.replied()),
            "purged": self._core.purging.count,
            "least_hidden": self._overview.hiding.least(),
            "notices": list(self._core.notices),
            "page_key": self._core.page_key,
            "deliveries": counts.deliveries,
            "queues": counts.queues,
            "board": places,
            "links": self._overview.links(places),
            "astray": await self._overview.astray(),
            "processes": [
                {"role": "core", "pid": os.getpid(), "busy": self._core.pulse.busy},
                *(
                    {"role": one.role, "pid": one.pid, "busy": one.busy, "alone": one.alone}
                    for one in self._core.processes.values()
                ),
            ],
        }

    def _ways(self) -> Answer:
        """Where people may write, as the page shows it, and the file that proves it."""
        stated = self._core.ways
        if stated is None:
            raise Asked("the page key is locked: `relay unlock` first")
        document, signature = stated
        statement = read_ways(document)
        return {
            "page_key": self._core.page_key,
            "title": page_title(self._core.settings),
            "url": page_url(self._core.settings),
            "day": statement.day,
            "ways": [
                {"kind": one.kind, "shown": one.shown, "warnings": list(one.warnings)}
                for one in statement.ways
            ],
            "file": ways_file(document, signature).decode(),
        }

    async def _list(self, everything: bool) -> AsyncIterator[Answer]:
        """What has not ended, and what was set aside for a person; or everything. What its sender
        wants back comes first, what was replied to last."""
        listed: set[int] = set()  # what moves on meanwhile is met again in a later queue
        async for row in self._overview.every(Queue.POST):
            if is_asked_back(row):
                listed.add(row.seq)
                yield self._line(row)
        last = (Queue.ASSIGNED, Queue.ENDED) if everything else (Queue.ENDED,)
        for queue in (*_SHOWN, *last):
            async for row in self._overview.every(queue):
                ended = queue == Queue.ENDED and not everything
                if ended and row.state not in (State.QUARANTINED, Sent.REFUSED):
                    continue
                if row.seq not in listed:
                    listed.add(row.seq)
                    yield self._line(row)
        for row in await self._overview.replied():
            if row.seq not in listed:
                yield self._line(row)

    def _line(self, row: Row) -> Answer:
        delivery = row.seq != row.root
        return {
            "id": row.id.hex(),
            "queue": row.queue.value,
            "state": str(row.state),
            "channel": "" if delivery else row.name,
            "destination": row.name if delivery else "",
            "since_s": max(0, self._core.clock.now() - row.hour),  # a clock may be set back
            "among": self._overview.hiding.among(row),
            "why": self._overview.why(row),
        }

    async def _show(self, rows: Sequence[Row]) -> Answer:
        message = rows[0]
        answer = {**self._line(message), "deliveries": [self._line(row) for row in rows[1:]]}
        answer |= self._overview.hiding.shown(message)
        keys = self._core.keys
        if keys is None or message.queue == Queue.INBOX or message.state == State.QUARANTINED:
            return {**answer, "sealed": True}
        try:
            body = await self._spool.body(message.seq)
            if not body:
                return {**answer, "sealed": False, "read": False, "destroyed": True}
            record = await beside(len(body), restore, body, keys.storage, message.id)
        except Damaged:
            return {**answer, "sealed": True}
        shown = record.message
        if shown is None:
            return {**answer, "sealed": False, "read": False}
        return {
            **answer,
            "sealed": False,
            "read": True,
            "transport": record.transport,
            "title": shown.title,
            "text": shown.text,
            "language": shown.language,
            "flags": list(shown.flags),
            **dangers_shown.dangers_of(record),
            "media": media_shown.media_of(record),
            **await media_shown.originals_of(
                self._spool, message.seq, record, self._core.settings.spool.keep_originals
            ),
            **correspondence.shown(record),
            "sheet": await self.at_desk.looking.sheet(message.seq),
        }

    async def _media(self, rows: Sequence[Row], n: int | None) -> AsyncIterator[Answer]:
        """One cleaned medium of a message, in pieces. Raises Asked."""
        record = await self._decisions.record_of(rows[0])
        for answer in media_shown.pieces(rows[0].id.hex(), *media_shown.chosen(record, n)):
            yield answer

    async def _rows(self, digits: str) -> Sequence[Row]:
        """The rows of one message, itself first. Raises Asked."""
        try:
            prefix = bytes.fromhex(digits)
        except ValueError:
            raise Asked(
                "an id has pairs of hexadecimal digits, as `relay queue list` shows it"
            ) from None
        if len(digits) < LEAST_DIGITS:
            raise Asked(f"give at least {LEAST_DIGITS} digits of the id")
        if len(prefix) == ID_BYTES:  # a page of the desk knows it whole, and asks often
            rows = await self._whole(prefix)
        else:
            found = await self._spool.look(id=prefix, limit=PAGE)
            rows = [row for row in found if row.queue not in BESIDE]
        if not rows:
            raise Asked("no message has that id")
        if len({row.id for row in rows}) > 1:
            raise Asked("several messages begin with these digits: give more of them")
        return sorted(rows, key=lambda row: (row.seq != row.root, row.seq))

    async def _whole(self, id: bytes) -> Sequence[Row]:
        """The same of a whole id: found without a look at every row that there is."""
        seq = (await self.at_desk.messages.seqs([id])).get(id)
        return () if seq is None else await self._spool.family(seq)

    async def _withdraw(self, rows: Sequence[Row]) -> AsyncIterator[Answer]:
        outward = self._core.outward
        withdrawal = Withdrawal(self._spool, self._core.keys, outward.remove, outward.find)
        async for one in withdrawal.of(rows[0].seq):
            yield {
                "id": rows[0].id.hex(),
                "destination": one.destination,
                "gone": one.gone,
                "why": one.why,
                "url": one.url,
            }


def _numbers(said: Sequence[object]) -> frozenset[int]:
    """Numbers of media. Raises Asked."""
    numbers = [one for one in said if type(one) is int]
    if len(numbers) < len(said):
        raise Asked("media have numbers")
    return frozenset(numbers)
