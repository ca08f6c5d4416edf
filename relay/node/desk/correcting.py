"""An editor puts right what is public, everywhere at once, and sees what came of it at each place.

The correction is a message of the desk's own (``relay.exit.amending``). A person has decided, so it
waits for no delay; where two persons must, it is held until the second has seen exactly this.
Whoever gave the order is told live for a while how it goes, and may ask again at any time.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import trio

from relay.errors import Asked, Damaged
from relay.exit.amending import Versions, amending, amendment, versions_of
from relay.exit.approving import WAITS, kinds_of, needs_two
from relay.exit.kin import kin_of
from relay.exit.progress import Progress, thaw
from relay.exit.record import Record
from relay.exit.wording import with_text
from relay.model import Known, Queue, Row, Sent, State
from relay.node.decisions import Decisions, Node
from relay.node.desk.words import check_unchanged, text_of
from relay.wire.keys import ExitKeys
from relay.wire.primitives import mac

Answer = Mapping[str, Any]

FOLLOW_S: Final = 20.0
"""Seconds for which whoever corrects is told how it goes; most of it has gone out by then."""

LOOK_S: Final = 0.2

SAYS_SO: Final = "it says that already"
STAYS: Final = "an earlier text stays there as well: take it away by hand"
HELD_FOR_TWO: Final = f"a correction; it waits for {WAITS}"

_UNDER_WAY: Final = (Sent.WAITING, Sent.PREPARED, Sent.SENDING, Sent.UNSURE)


Agrees = Callable[[Row, str], Awaitable[None]]


async def nobody_agrees(row: Row, by: str) -> None:
    """It is not noted who wants it."""


class Corrections:
    """Corrects messages of one node; one at a time, so that each text has its own number."""

    def __init__(self, core: Node, decisions: Decisions, agrees: Agrees = nobody_agrees) -> None:
        """``agrees`` notes on a correction that is held who wants it: the first of two persons."""
        self._core = core
        self._decisions = decisions
        self._agrees = agrees
        self._turn = trio.Lock()

    async def correct(self, rows: Sequence[Row], order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """Put ``title``, ``text`` or both in the place of the words of a public message; ``hides``:
        what it said before is not to be seen any more. One answer a destination. Raises Asked."""
        title, text = text_of(order)
        row = await self._put(rows[0], title, text, order)
        if row.queue == Queue.REVIEW:
            await self._agrees(row, str(order.get("by", "")))
            yield {"id": row.id.hex(), "destination": "", "state": "held", "why": WAITS, "url": ""}
            return
        async for answer in self._follow(row):
            yield answer

    async def stands(self, rows: Sequence[Row], order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """What has become of a message and of each of its corrections, a destination each, in order
        of what they say. Raises Asked."""
        kin = await kin_of(self._core.spool, self._keys(), rows[0])
        for message in sorted((rows[0], *kin), key=lambda one: one.seq):
            for one in (await self._core.spool.family(message.seq))[1:]:
                yield self._said(one)

    # ------------------------------------------------------------ putting it

    async def _put(
        self, message: Row, title: str | None, text: str | None, order: Mapping[str, Any]
    ) -> Row:
        """The row of the correction; of the same deed given twice the one that is there."""
        keys, spool = self._keys(), self._core.spool
        id = _id_of(order, keys)
        async with self._turn:
            there = await self._row(id)
            if there is not None:
                return there
            check_unchanged(message, order)
            record = await self._decisions.record_of(message)
            versions = await versions_of(spool, keys, message, record)
            made = self._made(message, versions, title, text, hides=bool(order.get("hides")))
            row = amending(made, id, keys, self._core.clock.now(), *self._first_step(made))
            [stored] = await spool.put([row])
            found = await self._row(id)
        if isinstance(stored, Known) or found is None:
            raise Asked("that was done already")
        return found

    def _made(
        self, message: Row, versions: Versions, title: str | None, text: str | None, *, hides: bool
    ) -> Record:
        policy = self._core.policies.get(message.name)
        made = with_text(versions.newest, title, text, policy)
        if made is versions.newest and not hides:
            raise Asked(SAYS_SO)
        return amendment(versions, made, hides=hides)

    def _first_step(self, made: Record) -> tuple[Queue, State, str]:
        """Where it begins: on its way, or with a second person."""
        policy = self._core.policies.get(made.channel)
        if policy is None:
            raise Asked("its channel is not in the settings: add it and start the relay again")
        new = replace(made, theirs=None)  # whoever takes danger away waits for nobody
        if needs_two(policy, kinds_of(new)):
            return Queue.REVIEW, State.HELD, HELD_FOR_TWO
        return Queue.DELIVER, State.WAITING, ""

    async def _row(self, id: bytes) -> Row | None:
        found = await self._core.spool.look(id=id, limit=1)
        return found[0] if found else None

    def _keys(self) -> ExitKeys:
        if self._core.keys is None:
            raise Asked("exit.key is locked: unlock it first")
        return self._core.keys

    # ------------------------------------------------------------ what came of it

    async def _follow(self, row: Row) -> AsyncIterator[Answer]:
        """Each destination once it is settled there, and the others when there is no more time."""
        told: set[int] = set()
        until = trio.current_time() + FOLLOW_S
        while True:
            message, *rows = await self._core.spool.family(row.seq)
            over = trio.current_time() >= until
            for one in rows:
                if one.seq not in told and (over or self._is_settled(one)):
                    told.add(one.seq)
                    yield self._said(one)
            if over or (message.queue != Queue.DELIVER and len(told) == len(rows)):
                return
            await trio.sleep(LOOK_S)

    def _is_settled(self, row: Row) -> bool:
        """Whether nothing becomes of it while somebody waits: it has ended, waits for a person, or
        for a tick or a window."""
        waits = row.due is not None and row.due > self._core.clock.now() + FOLLOW_S
        return row.state not in _UNDER_WAY or (waits and row.state == Sent.WAITING)

    def _said(self, row: Row) -> Answer:
        try:
            progress = thaw(row, self._keys().storage)
        except Damaged:
            progress = Progress()
        return {
            "id": row.id.hex(),
            "destination": row.name,
            "state": _state(row, progress),
            "why": STAYS if progress.stays else row.why,
            "url": progress.url,
            "revision": progress.revision,
        }


def _state(row: Row, progress: Progress) -> str:
    """How it stands there, in one word: of what is public ``edited``, ``beside`` (an earlier text),
    ``anew`` (earlier ones were taken back), ``posted`` (a first text), ``replaced`` (taken back for
    a correction); else the state of its delivery."""
    if row.state != Sent.POSTED:
        return row.state
    if progress.replaced:
        return "replaced"
    if progress.taken and not progress.stays:
        return "anew"
    if progress.beside:
        return "beside"
    return "edited" if progress.revision > 1 else "posted"


def _id_of(order: Mapping[str, Any], keys: ExitKeys) -> bytes:
    """The id of the correction: of one that comes with a token always the same."""
    token = order.get("token")
    if isinstance(token, str) and token:
        return mac(keys.desk_secret, b"amends", token.encode())[:16]
    return secrets.token_bytes(16)
