"""SMS from a phone or a modem of one's own: Gammu SMSD writes them down, and we take them.

What is there is taken every ``every_s``, and deleted there after it is durable with us; whatever
else becomes of it, it stays. Until then number and text lie in Gammu's database as they came.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal, Protocol

from relay.errors import OutwordError
from relay.model import Arrival, Later, Outcome, Posted, Refused, Stopped, Verdict
from relay.ports import TakeIn
from relay.transports.gammu.database import AT_ONCE, Database, Unusable
from relay.transports.gammu.rows import Heard, Row, said

READY_S: Final = 5.0
"""Seconds that the node's start waits for the first look."""

_ADOPTING = re.compile(rb"1 adopting (\d{1,19})")
_ADOPTED: Final = b"1 adopted"


class Store(Protocol):
    """Where it is kept that what lay there at first was left: durable when ``save`` returns. Both
    may raise OutwordError or OSError; ``load`` gives None where nothing was ever saved."""

    def load(self) -> bytes | None:
        """What was saved last."""
        ...

    def save(self, content: bytes) -> None:
        """Replace it in one step."""
        ...


class Gammu:
    """``ports.Transport`` and ``ports.Answers`` of one database, for one channel.

    ``existing`` says what becomes of what lies there before the first start, ``store`` remembers
    that it was done. ``number`` is ours, for the join of segments. ``answers``: arrivals get a way
    back. ``service`` is called for each message that is none of a person, ``turned_away`` for each
    that is left there, ``alive`` for each sign of life of Gammu's, ``faring`` with a state of the
    board.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        channel: str,
        *,
        store: Store,
        faring: Callable[[str, str], None],
        service: Callable[[], None] = lambda: None,
        turned_away: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
        every_s: float = 5.0,
        existing: Literal["leave", "take"] = "leave",
        answers: bool = False,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._database = database
        self._channel = channel
        self._store = store
        self._faring = faring
        self._service = service
        self._turned_away = turned_away
        self._alive = alive
        self._every_s = every_s
        self._existing = existing
        self._answers = answers
        self._pause = pause
        self._said: tuple[str, str] = ("", "")
        self._pulse: object = None
        self._adopted = False

    # ------------------------------------------------------------ round after round

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Take until cancelled. It is ready after its first look, or after ``READY_S``."""
        calls = [lambda: ready(self._name)]
        timer = asyncio.get_running_loop().call_later(
            READY_S, lambda: calls.pop()() if calls else None
        )
        try:
            while True:
                how = await self._round(take_in)
                if calls:
                    calls.pop()()
                self._say(*how)  # after that, which the board takes for "works"
                await self._pause(self._every_s)
        finally:
            timer.cancel()

    def _say(self, state: str, why: str) -> None:
        if (state, why) != self._said:
            self._said = (state, why)
            self._faring(state, why)

    async def _round(self, take_in: TakeIn) -> tuple[str, str]:
        """Take what is there. Gives a state of the board, and why."""
        try:
            await self._adopt()
            await self._take_all(take_in)
            await self._look_after()
        except Unusable as unusable:
            return unusable.state, unusable.why
        except (OutwordError, OSError):
            return "blocked", "the keys folder cannot be used: nothing is taken until it can be"
        except Exception:  # a fault of ours is no reason to close the other ways in
            return "blocked", "a fault of ours: please report it; it is tried again"
        return "works", ""

    async def _adopt(self) -> None:
        """Once, before anything is taken: leave what lay there. Which that is, is written down
        first, so that what comes after a crash is not left with it."""
        if self._adopted:
            return
        kept = await asyncio.to_thread(self._store.load)
        if kept != _ADOPTED:
            if kept is None and self._existing == "leave":
                kept = b"1 adopting %d" % await asyncio.to_thread(self._database.last)
                await asyncio.to_thread(self._store.save, kept)
            if kept is not None and (found := _ADOPTING.fullmatch(kept)):
                await asyncio.to_thread(self._database.leave_until, int(found[1]))
            await asyncio.to_thread(self._store.save, _ADOPTED)
        self._adopted = True

    async def _look_after(self) -> None:
        """Whether Gammu lives; and nothing of our answers stays in its tables."""
        if self._answers:
            await asyncio.to_thread(self._database.forget_answers)
        pulse = await asyncio.to_thread(self._database.pulse)
        if pulse != self._pulse:
            self._pulse = pulse
            self._alive()

    # ------------------------------------------------------------ message after message

    async def _take_all(self, take_in: TakeIn) -> None:
        """Every row once, from the oldest on: one that cannot be taken now holds up no other."""
        after = 0
        while rows := await asyncio.to_thread(self._database.rows, after):
            after = rows[-1].id
            await self._take(rows, take_in)
            if len(rows) < AT_ONCE:
                return

    async def _take(self, rows: Sequence[Row], take_in: TakeIn) -> None:
        heard = {row.id: (row, it) for row in rows if isinstance(it := said(row), Heard)}
        service = [row.id for row in rows if row.id not in heard]
        taking = (take_in(self._arrival(row, it)) for row, it in heard.values())
        verdicts = dict(zip(heard, await asyncio.gather(*taking), strict=True))
        taken = [id for id, one in verdicts.items() if one in (Verdict.TAKEN, Verdict.KNOWN)]
        refused = [id for id, one in verdicts.items() if one is Verdict.REFUSED]
        if taken or service:
            await asyncio.to_thread(self._database.remove, [*taken, *service])
        if refused:
            await asyncio.to_thread(self._database.leave, refused)
        for _ in service:
            self._service()
        for _ in refused:
            self._turned_away()

    def _arrival(self, row: Row, heard: Heard) -> Arrival:
        """An id begins anew with its table: so it is one only together with all else. If Gammu
        fails to remove an SMS from the phone, the same comes again under another."""
        sender, phone, at = row.sender.encode(), row.phone.encode(), row.at.encode()
        return Arrival(
            transport=self._name,
            kind="ucs2",
            content=heard.content,
            channels=(self._channel,),
            sender=sender,
            recipient=phone,
            provider_id=b"\0".join((b"%d" % row.id, at, sender, heard.content)),
            claimed_at=at,
            repeats_without_id=True,
            flags=heard.flags,
            segment=heard.part.segment,
            segments=heard.part.segments,
            reference=heard.part.reference,
            way_back=sender + b"\0" + phone if self._answers else b"",
        )

    # ------------------------------------------------------------ answers

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: Gammu sends it, as soon as it has nothing else to do."""
        number, _, phone = way_back.decode("utf-8", "replace").partition("\0")
        try:
            await asyncio.to_thread(self._database.answer, number, phone, text)
        except Unusable as unusable:
            if unusable.state == "login":
                return Stopped("Gammu's database cannot be used", unusable.why)
            return Later(unusable.why)
        except ValueError:
            return Refused("it does not fit")
        return Posted("")
