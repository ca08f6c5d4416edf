"""One connection of a client to a centre."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import deque
from typing import Final, Protocol

from relay.testing.smsc import octets
from relay.testing.smsc.faults import Fault, Moment
from relay.testing.smsc.octets import (
    ANSWER,
    Binding,
    Heard,
    Sms,
    Submitted,
    binding,
    pdu,
    submitted,
)

_BINDS: Final = {octets.BIND_RECEIVER, octets.BIND_TRANSMITTER, octets.BIND_TRANSCEIVER}


class Behind(Protocol):
    """What is behind every line: the centre."""

    waiting: deque[Sms]
    delivered: list[Sms]
    refused: list[Sms]
    submitted: list[Submitted]
    again: int
    enquired: int
    at_once: int
    retry_s: float

    def send(self, *messages: Sms) -> None:
        """Keep these until somebody takes them."""
        ...

    def changed(self) -> None:
        """Something happened."""
        ...

    def fault(self, moment: Moment) -> Fault | None:
        """What the script says for this moment."""
        ...

    def judged(self, binding: Binding) -> int:
        """The status of a bind."""
        ...


class Line:
    """It is bound once a client has told who it is; then messages go out, so many at once."""

    def __init__(
        self, centre: Behind, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.bound = False
        self._centre = centre
        self._reader = reader
        self._writer = writer
        self._sent: dict[int, Sms] = {}
        self._sequence = 0
        self._silent = False
        self._looks = asyncio.Event()

    async def run(self) -> None:
        """Until either side ends it. What was not answered goes back to where it waited."""
        pumping = asyncio.create_task(self._pump())
        try:
            if not await self._met(self._centre.fault("connect")):
                while await self._one():
                    pass
        except (OSError, EOFError):
            pass  # the client went away, which is its right
        finally:
            pumping.cancel()
            self._centre.waiting.extendleft(reversed(self._sent.values()))
            self._writer.transport.abort()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    def look(self) -> None:
        """There may be something to send."""
        self._looks.set()

    def cut(self) -> None:
        """It breaks."""
        self._writer.transport.abort()

    # ------------------------------------------------------------ what the client says

    async def _one(self) -> bool:
        """One PDU of the client; whether the connection goes on."""
        head = await self._reader.readexactly(16)
        length, command, status, sequence = struct.unpack("!IIII", head)
        heard = Heard(command, status, sequence, await self._reader.readexactly(length - 16))
        try:
            if self._silent:
                return True
            if command in _BINDS:
                return await self._bind(heard)
            if command & ANSWER:
                return await self._answered(heard)
            return await self._request(heard)
        finally:
            self._centre.changed()

    async def _bind(self, heard: Heard) -> bool:
        fault = self._centre.fault("bind")
        status = self._centre.judged(binding(heard))
        if await self._met(fault):
            return self._silent
        status = fault.status if fault and fault.then == "say" else status
        self._say(pdu(heard.command | ANSWER, heard.sequence, b"centre\0", status))
        self.bound = status == octets.OK
        return True

    async def _request(self, heard: Heard) -> bool:
        if heard.command == octets.UNBIND:
            self._say(pdu(octets.UNBIND | ANSWER, heard.sequence))
            await self._writer.drain()
            return False
        if heard.command == octets.ENQUIRE_LINK:
            self._centre.enquired += 1
            if await self._met(self._centre.fault("enquire")):
                return self._silent
            self._say(pdu(octets.ENQUIRE_LINK | ANSWER, heard.sequence))
        elif heard.command == octets.SUBMIT_SM and self.bound:
            return await self._submit(heard)
        else:
            self._say(pdu(octets.GENERIC_NACK, heard.sequence, status=octets.INVALID_COMMAND))
        return True

    async def _submit(self, heard: Heard) -> bool:
        fault = self._centre.fault("submit")
        if fault is None or fault.made:
            self._centre.submitted.append(submitted(heard.body))
        if await self._met(fault):
            return self._silent
        status = fault.status if fault else octets.OK
        body = b"" if status else b"1\0"
        self._say(pdu(octets.SUBMIT_SM | ANSWER, heard.sequence, body, status))
        return True

    async def _answered(self, heard: Heard) -> bool:
        """A client has answered a message (or asked for none, which is its own affair)."""
        message = self._sent.get(heard.sequence)
        if message is None:
            return True
        fault = self._centre.fault("answered")
        if fault is None or fault.made:
            del self._sent[heard.sequence]
            await self._judged(message, heard.status)
        return self._silent or not await self._met(fault)

    async def _judged(self, message: Sms, status: int) -> None:
        there = self._centre
        if status == octets.OK:
            there.delivered.append(message)
        elif status == octets.NEVER:
            there.refused.append(message)
        else:
            there.again += 1
            asyncio.get_running_loop().call_later(there.retry_s, there.send, message)

    # ------------------------------------------------------------ what we say

    async def _pump(self) -> None:
        while True:
            while self.bound and self._centre.waiting and len(self._sent) < self._centre.at_once:
                message = self._centre.waiting.popleft()
                self._sequence += 1
                self._sent[self._sequence] = message
                self._say(pdu(message.command, self._sequence, message.body()))
                await self._met(self._centre.fault("deliver"))
            self._looks.clear()
            await self._looks.wait()

    def _say(self, said: bytes) -> None:
        if not self._silent:
            self._writer.write(said)

    async def _met(self, fault: Fault | None) -> bool:
        """Do what a fault says; whether nothing else is to be said now."""
        if fault is None:
            return False
        self._say(fault.octets)
        if fault.then == "unbind":
            self._sequence += 1
            self._say(pdu(octets.UNBIND, self._sequence))
        if fault.then == "hang":
            self._silent = True
        if fault.then == "cut":
            self.cut()
        return fault.then in ("cut", "hang")
