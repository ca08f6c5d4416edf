"""The children that judge, few and reused; none is started for one mail, and none is left behind.

A child takes a moment to start, longer on a machine under load. So it is started beside the mails:
one that gives up waiting does not take the start from those after it. Two starts are some time
apart, so that mails which end their child again and again cost no more than a part of one core.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.errors import Damaged
from relay.transports.verdicts.framed import (
    HEAD,
    MOST_SAID,
    READY,
    framed,
    length_of,
    unframed,
)

START_S: Final = 20.0
"""Seconds a child gets until it is ready: a fifth of one is usual."""

AGAIN_S: Final = 0.5
"""Seconds between two starts, doubled each time that one failed, up to ``LONGEST_S``."""

LONGEST_S: Final = 60.0


@dataclass(eq=False, slots=True)
class Child:
    """One process and the two ends of what is said to it."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, value: list[Any]) -> None:
        """Raises OSError where it is gone."""
        self.writer.write(framed(value))
        await self.writer.drain()

    async def heard(self) -> list[Any]:
        """What it says. Raises EOFError where it is gone, Damaged for what nobody says."""
        length = length_of(await self.reader.readexactly(HEAD.size), MOST_SAID)
        return unframed(await self.reader.readexactly(length))


class Children:
    """At most ``most`` of them. ``async with children: async with children.one() as child: ...``"""

    def __init__(self, command: Sequence[str], most: int, again_s: float = AGAIN_S) -> None:
        self._command = command
        self._most = most
        self._again_s = again_s
        self._waiting = 0
        self._failed = 0
        self._not_before = 0.0
        self._free: asyncio.Queue[Child] = asyncio.Queue()
        self._all: set[Child] = set()
        self._starting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Children:
        self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        for child in list(self._all):
            self._end(child)

    def __len__(self) -> int:
        return len(self._all)

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[Child]:
        """A child that is free, once there is one. It is used again if this is left in order; else
        it is ended, since nobody knows what it is at."""
        self._waiting += 1
        try:
            if self._free.empty():
                self._start()
            child = await self._free.get()
        finally:
            self._waiting -= 1
        try:
            yield child
        except BaseException:
            self._end(child)
            self._start()
            raise
        self._free.put_nowait(child)

    def _start(self) -> None:
        if self._starting is None or self._starting.done():
            self._starting = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        """Start what is needed, each when it is time: one in any case, more for mails that wait."""
        loop = asyncio.get_running_loop()
        while len(self._all) < self._most:
            await asyncio.sleep(self._not_before - loop.time())
            if self._all and not (self._waiting and self._free.empty()):
                return
            self._failed += 1  # until it is ready
            wait_s = min(LONGEST_S, self._again_s * 2.0 ** (min(self._failed, 30) - 1))
            self._not_before = loop.time() + wait_s
            with contextlib.suppress(OSError, EOFError, Damaged):  # TimeoutError is an OSError
                self._free.put_nowait(await self._ready())
                self._failed = 0

    async def _ready(self) -> Child:
        child = await self._spawned()
        try:
            async with asyncio.timeout(START_S):
                if await child.heard() != READY:
                    raise Damaged
        except BaseException:
            self._end(child)
            raise
        return child

    async def _spawned(self) -> Child:
        process, ours = spawned(self._command)
        try:
            child = Child(process, *await asyncio.open_connection(sock=ours))
        except BaseException:
            ours.close()
            process.kill()
            process.wait()
            raise
        self._all.add(child)
        return child

    def _end(self, child: Child) -> None:
        """Kill it, and wait until it is gone: a moment, since nothing holds it."""
        self._all.discard(child)
        child.writer.transport.abort()
        child.process.kill()
        child.process.wait()


def spawned(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A child that has one end of a pair as its input and output, and nothing else of ours; and the
    other end."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            end = theirs.fileno()
            started = subprocess.Popen(
                command, stdin=end, stdout=end, stderr=subprocess.DEVNULL, env={}, cwd="/"
            )
    except BaseException:
        ours.close()
        raise
    return started, ours
