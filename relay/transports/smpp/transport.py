"""SMS from a centre of the network, by SMPP 3.4: the one way of SMS on which nothing gets lost.

We bind to the centre, and it delivers. Each message is answered after it is durable with us, and
with "come again" where it is not; what was not answered the centre keeps and sends again. A centre
that is down is waited for, longer each time; the board says how it is, and no other way in notices.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from aiosmpplib import SmppCommandStatus as Status

from relay.errors import KeyFileError, OutwordError
from relay.model import Arrival, Later, Outcome, Posted, Refused, Unsure, Verdict
from relay.ports import Clock, TakeIn
from relay.reach.routes import DIRECT, Routes
from relay.transports.smpp import speak, trouble
from relay.transports.smpp.coding import Default
from relay.transports.smpp.connect import Where, connected
from relay.transports.smpp.doubt import Doubt, Store
from relay.transports.smpp.limits import SmppLimits
from relay.transports.smpp.pdu import Deliver, Malformed, Pdu, deliver
from relay.transports.smpp.said import Heard, Service, said, spelt
from relay.transports.smpp.session import Session
from relay.transports.smpp.trouble import Trouble

_STATUS: Final = {
    Verdict.TAKEN: Status.ESME_ROK,
    Verdict.KNOWN: Status.ESME_ROK,
    Verdict.BUSY: Status.ESME_RX_T_APPN,
    Verdict.FULL: Status.ESME_RX_T_APPN,
    Verdict.REFUSED: Status.ESME_RX_P_APPN,
}
_RECEIPTED_ID: Final = 0x001E


class Smpp:
    """``ports.Transport`` and ``ports.Answers`` of one account at a centre, for one channel.

    ``account`` is called at each connection, so that a new password is used without a restart; it
    may raise KeyFileError. ``store`` keeps what ``Doubt`` needs. ``answers``: arrivals get a way
    back. ``no_credit`` are statuses by which this provider says that the account is empty.
    ``service`` is called for each message that is none of a person, ``turned_away`` for each that
    can never be taken, ``alive`` for each sign of life, ``faring`` with a state of the board.
    ``routes``: the ways to the centre.
    """

    def __init__(
        self,
        name: str,
        where: Where,
        channel: str,
        *,
        account: Callable[[], speak.Account],
        store: Store,
        clock: Clock,
        faring: Callable[[str, str], None],
        service: Callable[[], None] = lambda: None,
        turned_away: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
        default: Default = "gsm",
        answers: bool = False,
        no_credit: frozenset[int] = frozenset(),
        limits: SmppLimits | None = None,
        routes: Routes = DIRECT,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._where = where
        self._channel = channel
        self._account = account
        self._doubt = Doubt(store, clock)
        self._faring = faring
        self._service = service
        self._turned_away = turned_away
        self._alive = alive
        self._default = default
        self._answers = answers
        self._no_credit = no_credit
        self._limits = limits or SmppLimits()
        self._routes = routes
        self._pause = pause
        self._session: Session | None = None
        self._said: tuple[str, str] = ("", "")
        self._failures = 0

    # ------------------------------------------------------------ session after session

    async def run(self, take_in: TakeIn, ready: Callable[[str], None]) -> None:
        """Serve until cancelled. It is ready once it is bound, or knows that it cannot be; and
        after ``ready_s`` in any case."""
        opened = _once(lambda: ready(f"{self._where.host}:{self._where.port}"))
        timer = asyncio.get_running_loop().call_later(self._limits.ready_s, opened)
        try:
            while True:
                ended = await self._one(take_in, opened)
                opened()
                self._say(ended.state, ended.why)
                self._failures += 1
                patient = ended.state == "login"
                chance = random.random()
                await self._pause(wait_s(self._limits, self._failures, chance, patient=patient))
        finally:
            timer.cancel()

    def _say(self, state: str, why: str) -> None:
        if (state, why) != self._said:
            self._said = (state, why)
            self._faring(state, why)

    def _lives(self) -> None:
        """The centre answers: what was before is over."""
        self._failures = 0
        self._alive()

    async def _one(self, take_in: TakeIn, opened: Callable[[], None]) -> Trouble:
        """One session, from the connection to its end. Gives why it ended, whatever that was."""
        try:
            account = self._account()
            await self._doubt.load()
            await self._connected(account, take_in, opened)
            return Trouble("blocked", trouble.ENDED)
        except Trouble as ended:
            return ended
        except KeyFileError:
            why = "the password file cannot be used: put the password there, mode 0600"
            return Trouble("login", why)
        except (OutwordError, OSError):
            why = "the keys folder cannot be used: nothing is taken until it can be written"
            return Trouble("blocked", why)
        except Exception:  # a fault of ours is no reason to close the other ways in
            why = "a fault of ours: please report it; it is tried again"
            return Trouble("blocked", why)

    async def _connected(
        self, account: speak.Account, take_in: TakeIn, opened: Callable[[], None]
    ) -> None:
        async def judge(pdu: Pdu) -> int:
            return await self._judged(pdu, take_in)

        reader, writer = await connected(self._where, self._limits.connect_s, self._routes)
        session = Session(
            reader,
            writer,
            self._limits,
            judge,
            alive=self._lives,
            settled=self._doubt.settled,
            slow=self._doubt.broke,
        )
        try:
            await session.bind(account)
            self._session = session
            self._doubt.broke()
            self._say("works", "")
            opened()
            await session.run()
        finally:
            self._session = None
            self._doubt.broke()
            await session.close()

    # ------------------------------------------------------------ message after message

    async def _judged(self, pdu: Pdu, take_in: TakeIn) -> int:
        """The status that a message is answered with. Never raises."""
        try:
            return int(await self._status(deliver(pdu), take_in))
        except Malformed:
            self._turned_away()
            return int(Status.ESME_RX_P_APPN)
        except Exception:  # any fault of ours is "come again", and says nothing
            return int(Status.ESME_RX_T_APPN)

    async def _status(self, it: Deliver, take_in: TakeIn) -> Status:
        heard = said(it, self._default)
        if not isinstance(heard, Heard):
            if isinstance(heard, Service):
                self._service()
            return Status.ESME_ROK
        verdict = await take_in(self._arrival(it, heard, await self._doubt.mark()))
        if verdict is Verdict.REFUSED:
            self._turned_away()
        return _STATUS[verdict]

    def _arrival(self, it: Deliver, heard: Heard, mark: bytes) -> Arrival:
        """A centre may give its own id as TLV. Those begin anew where it does: so it is one only
        together with sender and text."""
        sender = spelt(it.source)
        id = it.tlvs.get(_RECEIPTED_ID, b"")
        return Arrival(
            transport=self._name,
            kind=heard.kind,
            content=heard.content,
            channels=(self._channel,),
            sender=sender,
            recipient=spelt(it.destination),
            provider_id=b"\0".join((id, sender, it.user_data)) if id else b"",
            claimed_at=b"" if id else mark,
            repeats_without_id=not id,
            flags=heard.flags,
            segment=heard.part.segment,
            segments=heard.part.segments,
            reference=heard.part.reference,
            way_back=speak.way_back(it) if self._answers else b"",
        )

    # ------------------------------------------------------------ answers

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: as one SMS, or as two that are one."""
        session = self._session
        if session is None:
            return Later("the centre is not there now")
        try:
            requests = speak.submits(way_back, text, self._default)
        except ValueError:
            return Refused("it does not fit, or the way back is none of this transport")
        outcome: Outcome = Refused("there is nothing to say")
        for request in requests:
            try:
                status = await session.submit(request)
            except Trouble:
                return Unsure("the centre said nothing of it")
            if (fares := trouble.fares(status, self._no_credit)) is not None:
                self._say(*fares)
            outcome = trouble.outcome_of(status, self._no_credit)
            if not isinstance(outcome, Posted):
                break
        return outcome


def wait_s(limits: SmppLimits, failures: int, chance: float, *, patient: bool = False) -> float:
    """Seconds until the next try: doubled with each failure in a row, somewhere in the upper half
    of that (``chance`` from 0 to 1). ``patient``: never soon, since an account may be locked by too
    many tries with a wrong password."""
    first_s = limits.locked_wait_s if patient else limits.first_wait_s
    step = min(limits.longest_wait_s, first_s * 2.0 ** min(failures - 1, 30))
    return step / 2 + chance * step / 2


def _once(call: Callable[[], None]) -> Callable[[], None]:
    """A call of which only the first does anything."""
    calls = [call]
    return lambda: calls.pop()() if calls else None
