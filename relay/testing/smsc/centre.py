"""A centre on loopback: it keeps each message until a client has said yes, as a real one does."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from relay.testing.certificates import make_pair
from relay.testing.smsc import octets
from relay.testing.smsc.faults import Fault, Moment
from relay.testing.smsc.line import Line
from relay.testing.smsc.octets import Binding, Sms, Submitted

AT_ONCE: Final = 10
"""Messages that a client gets before it has answered the first: its window."""


class Centre:
    """A stand-in for a centre. Serve it with ``async with centre() as there``.

    ``delivered`` are the messages that were answered with 0, in the order of the answers;
    ``refused`` those with "never", and ``again`` the times that one was told to come again;
    ``waiting`` what it still keeps. ``bindings`` are all that were tried, ``submitted`` what was
    sent through it.
    """

    def __init__(self) -> None:
        self.accounts = {"relay": "secret"}
        self.waiting: deque[Sms] = deque()
        self.delivered: list[Sms] = []
        self.refused: list[Sms] = []
        self.again = 0
        self.enquired = 0
        self.bindings: list[Binding] = []
        self.submitted: list[Submitted] = []
        self.lines: set[Line] = set()
        self.retry_s = 0.02
        self.at_once = AT_ONCE
        self.port = 0
        self.authority = ""
        self._faults: list[tuple[Moment, Fault]] = []
        self._server: asyncio.Server | None = None
        self._context: ssl.SSLContext | None = None
        self._changed = asyncio.Event()

    # ------------------------------------------------------------ what a test does

    def send(self, *messages: Sms) -> None:
        """People have sent these; they go to whoever is bound, now or later."""
        self.waiting.extend(messages)
        self.changed()

    def script(self, moment: Moment, *faults: Fault) -> None:
        """Add faults for the next times that a moment comes, one each, in order."""
        self._faults.extend((moment, fault) for fault in faults)

    async def until_empty(self) -> None:
        """Until it keeps nothing more."""
        await self.until(lambda: not self.waiting)

    async def until_bound(self) -> None:
        """Until a client is bound."""
        await self.until(lambda: any(line.bound for line in self.lines))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Until something holds, looked at whenever anything happens here."""
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def cut(self) -> None:
        """Every connection breaks."""
        for line in self.lines:
            line.cut()

    # ------------------------------------------------------------ what its lines ask

    def fault(self, moment: Moment) -> Fault | None:
        """The first fault that waits for this moment; it is used up."""
        for n, (wanted, fault) in enumerate(self._faults):
            if wanted == moment:
                del self._faults[n]
                return fault
        return None

    def changed(self) -> None:
        """Something happened: whoever waits looks again."""
        self._changed.set()
        for line in self.lines:
            line.look()

    def judged(self, binding: Binding) -> int:
        """The status of a bind."""
        self.bindings.append(binding)
        if binding.user not in self.accounts:
            return octets.WRONG_USER
        right = self.accounts[binding.user] == binding.password
        return octets.OK if right else octets.WRONG_PASSWORD

    # ------------------------------------------------------------ its port

    async def open(self) -> None:
        """Listen; again on the same port after ``refuse``."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=self._context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Listen no more; what is open breaks."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await self.until(lambda: not self.lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(self, reader, writer)
        self.lines.add(line)
        try:
            await line.run()
        finally:
            self.lines.discard(line)
            self.changed()


@contextlib.asynccontextmanager
async def centre(*, tls: bool = False) -> AsyncIterator[Centre]:
    """A centre that serves while the block lasts; ``authority`` is the file of who signed it."""
    with TemporaryDirectory() as folder:
        made = Centre()
        if tls:
            pair = make_pair(Path(folder))
            made.authority = str(pair.certificate)
            made._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            made._context.load_cert_chain(pair.certificate, pair.key)
        await made.open()
        try:
            yield made
        finally:
            await made.refuse()
