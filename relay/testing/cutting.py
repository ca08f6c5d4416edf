"""A line of TCP that does what bad networks do: it cuts, delays, throttles, corrupts and swallows.

It stands between a client and a server, and passes bytes on until a script says otherwise; which
byte that is, is exact, whatever pieces the bytes come in. It runs in a thread of its own, so that
trio, asyncio and whole processes can talk through it::

    with cutting(("127.0.0.1", port), scripted(Fate(up=Spoil(300)))) as line:
        ...  # connect to ("127.0.0.1", line.port): the first connection ends after 300 bytes
    assert line.spoilt == 1

What becomes of a connection is its ``Fate``, asked for by its number (0, 1, 2, ...) when it is
made: ``scripted``, ``always``, ``at_random`` (by a seed, so that a run can be repeated), or any
function of the number. It may be changed at any time (``line.fates = ...``), and ``line.cut()``
ends what is open now.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

AT_ONCE_BYTES: Final = 16 * 1024
"""Bytes read at once."""

MOMENTS: Final = 20
"""Into so many pieces a second is divided what is throttled."""

_RESET: Final = struct.pack("ii", 1, 0)

Then = Literal["reset", "close", "half", "swallow", "hang", "corrupt"]


@dataclass(frozen=True, slots=True)
class Spoil:
    """What happens to one direction of a connection once ``at`` bytes have passed in it.

    ``reset``: both sides get a reset (RST), and may lose by it what they had not read yet.
    ``close``: both get an end (FIN), which is a reset for who is talking still. ``half``: only who
    receives does, and the other direction goes on. ``swallow``: what comes is taken and goes
    nowhere. ``hang``: nothing more is taken. ``corrupt``: the next byte has a bit turned over, and
    all goes on.
    """

    at: int
    then: Then = "reset"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one connection. ``up`` is from the client to the server, ``down`` back.
    ``delay_s``: seconds that each piece waits; ``bytes_per_s``: what passes at most each way, 0 for
    all there is."""

    up: Spoil | None = None
    down: Spoil | None = None
    delay_s: float = 0.0
    bytes_per_s: int = 0


_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]

Fates = Callable[[int], Fate]
"""The fate of the connection with this number, the first one being 0."""

WHOLE: Final = Fate()


def always(fate: Fate) -> Fates:
    """The same for all."""
    return lambda n: fate


def scripted(*fates: Fate, then: Fate = WHOLE) -> Fates:
    """One each for the first connections; ``then`` for all that follow."""
    return lambda n: fates[n] if n < len(fates) else then


def at_random(
    seed: int, most: int, thens: Sequence[Then] = ("reset", "close"), share: float = 1.0
) -> Fates:
    """Each connection is spoilt in one direction, after 0 to ``most`` bytes; of all only a
    ``share`` (0 to 1). The same for the same seed and number."""

    def fate(n: int) -> Fate:
        chance = random.Random(f"{seed}/{n}")
        if chance.random() >= share:
            return WHOLE
        spoil = Spoil(chance.randint(0, most), chance.choice(thens))
        return Fate(up=spoil) if chance.random() < 0.5 else Fate(down=spoil)

    return fate


@dataclass(slots=True)
class Passed:
    """What one connection has passed on by now, in bytes."""

    up: int = 0
    down: int = 0


@dataclass(slots=True)
class Line:
    """The line. ``connections`` is what each has passed on, in the order in which they were made;
    ``spoilt`` how often something of a fate has happened. While ``blocked`` is set, whoever
    connects is cut at once."""

    to: tuple[str, int]
    fates: Fates
    host: str = ""
    port: int = 0
    blocked: bool = False
    spoilt: int = 0
    connections: list[Passed] = field(default_factory=list)
    _open: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False)

    def cut(self) -> None:
        """Reset all that is open now."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed, and so are they
                self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        for writer in tuple(self._open):
            _reset(writer)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = {writer}
        try:
            self._open |= mine
            if self.blocked:
                _reset(writer)
                return
            fate, passed = self.fates(len(self.connections)), Passed()
            self.connections.append(passed)
            there = await asyncio.open_connection(*self.to, limit=AT_ONCE_BYTES)
            mine.add(there[1])
            self._open |= mine
            await self._joined(fate, passed, (reader, writer), there)
        except OSError:
            _reset(writer)  # nobody is there
        finally:
            self._open -= mine
            for one in mine:
                one.transport.abort()

    async def _joined(self, fate: Fate, passed: Passed, client: _End, server: _End) -> None:
        for _, writer in (client, server):  # what was passed on has left when it is counted
            writer.transport.set_write_buffer_limits(0)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_Way(self, fate, passed, client, server, "up").run())
                both.create_task(_Way(self, fate, passed, server, client, "down").run())
        except* (OSError, _Over):
            pass


class _Over(Exception):
    """The connection has ended as its fate has it."""


class _Way:
    """One direction of one connection, from one end to the other."""

    def __init__(
        self,
        line: Line,
        fate: Fate,
        passed: Passed,
        source: _End,
        sink: _End,
        name: Literal["up", "down"],
    ) -> None:
        self._line = line
        self._fate = fate
        self._spoil = fate.up if name == "up" else fate.down
        self._passed = passed
        self._name = name
        self._source = source
        self._to = sink[1]
        throttled = fate.bytes_per_s // MOMENTS or 1
        self._at_once = min(AT_ONCE_BYTES, throttled) if fate.bytes_per_s else AT_ONCE_BYTES

    async def run(self) -> None:
        """Until its end. Raises _Over where both directions end with it."""
        more = True
        if self._spoil is not None and self._spoil.at == 0 and self._spoil.then != "corrupt":
            more = await self._spoilt(self._spoil, b"")
        while more and (piece := await self._source[0].read(self._at_once)):
            more = await self._met(piece)
        if more:
            self._to.write_eof()

    async def _met(self, piece: bytes) -> bool:
        """Pass on a piece as far as it goes; whether this direction goes on."""
        spoil = self._spoil
        left = len(piece) if spoil is None else spoil.at - self._count
        await self._pass_on(piece[:left])
        reached = spoil is not None and self._count >= spoil.at
        if spoil is None or not reached or (spoil.then == "corrupt" and left >= len(piece)):
            return True
        return await self._spoilt(spoil, piece[left:])

    @property
    def _count(self) -> int:
        return int(getattr(self._passed, self._name))

    async def _spoilt(self, spoil: Spoil, rest: bytes) -> bool:
        """Do it; whether this direction goes on."""
        self._line.spoilt += 1
        self._spoil = None
        match spoil.then:
            case "corrupt":
                await self._pass_on(bytes([rest[0] ^ 1]) + rest[1:])
                return True
            case "half":
                self._to.write_eof()
                while await self._source[0].read(AT_ONCE_BYTES):  # else its sender is reset
                    pass
                return False
            case "swallow":
                while await self._source[0].read(AT_ONCE_BYTES):
                    pass
                await asyncio.Event().wait()
            case "hang":
                await asyncio.Event().wait()
        for writer in (self._to, self._source[1]):
            _reset(writer) if spoil.then == "reset" else writer.close()
        raise _Over

    async def _pass_on(self, piece: bytes) -> None:
        if not piece:
            return
        if self._fate.delay_s:
            await asyncio.sleep(self._fate.delay_s)
        if self._fate.bytes_per_s:
            await asyncio.sleep(len(piece) / self._fate.bytes_per_s)
        self._to.write(piece)
        await self._to.drain()
        setattr(self._passed, self._name, self._count + len(piece))


def _reset(writer: asyncio.StreamWriter) -> None:
    """As who is cut: nothing more is sent, and the other side gets a reset (socket(7))."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def cutting(
    to: tuple[str, int], fates: Fates | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Line]:
    """A line to a host and port while the block lasts, at a free port of this machine unless told
    where. What is open at its end is reset."""
    line = Line(to, fates or always(WHOLE))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as sock:
        line.host, line.port = sock.getsockname()[:2]
        up, stop = threading.Event(), asyncio.Event()
        thread = threading.Thread(target=lambda: asyncio.run(_serve(line, sock, up, stop)))
        thread.start()
        up.wait()
        try:
            yield line
        finally:
            assert line._loop is not None
            line._loop.call_soon_threadsafe(stop.set)
            thread.join()


async def _serve(line: Line, sock: socket.socket, up: threading.Event, stop: asyncio.Event) -> None:
    under_way: set[asyncio.Task[None]] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await line._met(reader, writer)
        except asyncio.CancelledError:
            pass  # the block is at its end; asyncio would report it
        finally:
            under_way.discard(task)

    line._loop = asyncio.get_running_loop()
    server = await asyncio.start_server(met, sock=sock, limit=AT_ONCE_BYTES)
    up.set()
    await stop.wait()
    server.close()
    line._cut_all()
    for task in tuple(under_way):
        task.cancel()
    ended: Sequence[Awaitable[None]] = tuple(under_way)
    await asyncio.gather(*ended, return_exceptions=True)
