"""One session with a centre: bound, kept alive, and answered message by message.

The session of aiosmpplib is not used, for four reasons that its source gives: it answers one
message after the other, and no enquire_link meanwhile; it can answer with success or a generic_nack
and nothing between, so that a message which is not stored is lost or refused for good; it answers
the segments of a long SMS before anybody has them, and joins them in memory; and it reads a PDU of
any length, under no TLS. Its PDUs are used, for what we say.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiosmpplib import SmppCommand as Command
from aiosmpplib import SmppCommandStatus as Status

from relay.transports.smpp import speak, trouble
from relay.transports.smpp.limits import MOST_BYTES, SmppLimits
from relay.transports.smpp.pdu import DATA_SM, DELIVER_SM, HEADER, RESPONSE, Pdu
from relay.transports.smpp.trouble import Trouble

Judge = Callable[[Pdu], Awaitable[int]]
"""Takes a deliver_sm or data_sm; gives the status that it is answered with. Never raises."""

GOODBYE_S: Final = 0.5
"""Seconds that a centre gets to close its side."""

_SEQUENCES: Final = 0x7FFF_FFFF
_ALERT: Final = 0x0000_0102  # alert_notification, which has no answer (4.12)


class Session:
    """``alive`` is called for each answer to an enquire_link; ``settled`` is awaited when the
    centre is certain to have every answer of ours; ``slow`` is called where it had to wait."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: SmppLimits,
        judge: Judge,
        *,
        alive: Callable[[], None],
        settled: Callable[[], Awaitable[None]],
        slow: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._judge = judge
        self._alive = alive
        self._settled = settled
        self._slow = slow
        self._asked: dict[int, asyncio.Future[Pdu]] = {}
        self._taking: set[asyncio.Task[None]] = set()
        self._sequence = 0
        self._came = 0
        self._strange = 0
        self._last = False

    # ------------------------------------------------------------ from bind to unbind

    async def bind(self, account: speak.Account) -> None:
        """Open the session. Raises Trouble."""
        try:
            request = speak.bind(account)
        except ValueError:
            why = (
                f"user, password or system_type is too long for SMPP 3.4 (a password has at most "
                f"{speak.MOST_PASSWORD} characters): ask the provider for others"
            )
            raise Trouble("login", why) from None
        listening = asyncio.create_task(self._listen(bound=False))
        try:
            answer = await self._or_ended(listening, self._ask(request, self._limits.bind_s))
        finally:
            await _cancelled(listening)
        if answer.status != Status.ESME_ROK:
            raise trouble.refused_bind(answer.status)

    async def run(self) -> None:
        """Serve until it ends, which raises Trouble, or until cancelled: then what is under way
        gets a moment to be answered, and the centre is told."""
        listening = asyncio.create_task(self._listen(bound=True))
        try:
            await self._or_ended(listening, self._keep())
        except asyncio.CancelledError:
            self._last = True
            await self._leave(listening)
            raise
        finally:
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(Trouble("blocked", trouble.BROKE))
            for task in (listening, *self._taking):
                await _cancelled(task)

    async def submit(self, request: Any) -> int:
        """Send a submit_sm; gives its status. Raises Trouble where no answer came."""
        return (await self._ask(request, self._limits.answer_s)).status

    async def close(self) -> None:
        """Give the connection back, with or without the other side."""
        self._writer.close()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._writer.wait_closed()
        except OSError:  # TimeoutError is one
            self._writer.transport.abort()

    async def _leave(self, listening: asyncio.Task[None]) -> None:
        """A centre keeps what it has not been told of; it need not send the rest again."""
        with contextlib.suppress(Trouble, TimeoutError, OSError):
            async with asyncio.timeout(self._limits.last_s):
                await asyncio.gather(*self._taking)
                await self._or_ended(listening, self._ask(speak.unbind(), self._limits.last_s))

    async def _or_ended(self, listening: asyncio.Task[None], call: Any) -> Any:
        """What a call gives, unless the session ends before it does."""
        calling = asyncio.ensure_future(call)
        try:
            await asyncio.wait({listening, calling}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                listening.result()
            return await calling
        finally:
            await _cancelled(calling)

    # ------------------------------------------------------------ what we ask

    async def _keep(self) -> None:
        """Ask now and then whether it is there. Raises Trouble when it is not."""
        while True:
            await asyncio.sleep(self._limits.enquire_s)
            came, idle = self._came, not self._taking
            await self._ask(speak.enquire(), self._limits.answer_s)
            self._alive()
            if idle and came == self._came:
                await self._settled()

    async def _ask(self, request: Any, within_s: float) -> Pdu:
        """Send a request; gives its answer, whatever its status. Raises Trouble."""
        self._sequence = self._sequence % _SEQUENCES + 1
        request.sequence_num = sequence = self._sequence
        self._asked[sequence] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within_s):
                await self._say(request.pdu())
                return await self._asked[sequence]
        except TimeoutError:
            raise Trouble("blocked", trouble.SILENT) from None
        finally:
            del self._asked[sequence]

    async def _say(self, octets: bytes) -> None:
        try:
            self._writer.write(octets)
            await self._writer.drain()
        except OSError:
            raise Trouble("blocked", trouble.BROKE) from None

    # ------------------------------------------------------------ what we hear

    async def _listen(self, *, bound: bool) -> None:
        """Everything the centre says, until it ends. Raises Trouble. Before the session is open
        only one answer counts: whatever else comes first is no centre's."""
        while True:
            pdu = await self._next()
            if pdu.command & RESPONSE:
                self._answered(pdu)
                if not bound:
                    await asyncio.get_running_loop().create_future()  # what follows is for later
            elif not bound:
                raise Trouble("blocked", trouble.GARBAGE)
            else:
                await self._request(pdu)

    async def _next(self) -> Pdu:
        """One PDU. A length that cannot be ends the session: nobody knows where the next begins."""
        try:
            length, command, status, sequence = HEADER.unpack(
                await self._reader.readexactly(HEADER.size)
            )
            if not HEADER.size <= length <= MOST_BYTES:
                raise Trouble("blocked", trouble.GARBAGE)
            async with asyncio.timeout(self._limits.answer_s):
                body = await self._reader.readexactly(length - HEADER.size)
        except (OSError, EOFError):
            raise Trouble("blocked", trouble.BROKE) from None
        except TimeoutError:
            raise Trouble("blocked", trouble.SILENT) from None
        return Pdu(command, status, sequence, body)

    def _answered(self, pdu: Pdu) -> None:
        asked = self._asked.get(pdu.sequence)
        if asked is not None and not asked.done():
            asked.set_result(pdu)

    async def _request(self, pdu: Pdu) -> None:
        if pdu.command in (DELIVER_SM, DATA_SM):
            await self._deliver(pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            await self._say(speak.bare(Command.ENQUIRE_LINK_RESP, pdu.sequence))
        elif pdu.command == Command.UNBIND:
            await self._say(speak.bare(Command.UNBIND_RESP, pdu.sequence))
            raise Trouble("blocked", trouble.ENDED)
        elif pdu.command != _ALERT:
            self._strange += 1
            if self._strange > self._limits.strange:
                raise Trouble("blocked", trouble.GARBAGE)
            nack = speak.bare(Command.GENERIC_NACK, pdu.sequence, Status.ESME_RINVCMDID)
            await self._say(nack)

    async def _deliver(self, pdu: Pdu) -> None:
        """Messages are taken side by side; one too many is told to come again."""
        self._came += 1
        if self._last or len(self._taking) >= self._limits.window:
            await self._say(speak.taken(pdu.command, pdu.sequence, Status.ESME_RX_T_APPN))
            return
        task = asyncio.create_task(self._take(pdu))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _take(self, pdu: Pdu) -> None:
        """The answer to one message: after the commit, and never before."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        status = await self._judge(pdu)
        if loop.time() - began > self._limits.slow_s:
            self._slow()
        with contextlib.suppress(Trouble):  # whoever listens will know
            await self._say(speak.taken(pdu.command, pdu.sequence, status))


async def _cancelled(task: asyncio.Future[Any]) -> None:
    """End a task; what it ended with is of no interest."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
