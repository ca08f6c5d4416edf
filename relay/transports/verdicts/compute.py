"""Verdicts computed here: the door hands a mail to a child, and asks the DNS for it.

A mail waits for its verdict one second at most; then it is "none", and so is what a child ends
over. A child that was left in the middle of a mail is killed, and a fresh one takes its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from relay.errors import Damaged
from relay.transports.trust import Said
from relay.transports.verdicts.framed import HEAD, MOST_SAID, framed, length_of, unframed
from relay.transports.verdicts.lookup import KINDS, MOST_ASKED, NoAnswer, Record

WITHIN_S: Final = 1.0
"""Seconds that a mail waits for its verdict."""

AT_ONCE: Final = 2
"""Children: more mails at once wait for one."""

CHILD: Final = (sys.executable, "-I", "-m", "relay.transports.verdicts.child")

_NAME = re.compile(r"[!-~]{1,253}")
_SAID: Final[dict[str, Said]] = {"pass": "pass", "fail": "fail", "none": "none"}


@dataclass(eq=False, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Records(Protocol):
    """Who asks the DNS."""

    async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
        """The records of a name. Raises lookup.NoAnswer."""
        ...


class Computed:
    """A judge that computes. Open it before use (``async with``): a child takes a moment to start,
    and none is left behind."""

    def __init__(
        self,
        names: Records,
        *,
        within_s: float = WITHIN_S,
        at_once: int = AT_ONCE,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._names = names
        self._within_s = within_s
        self._command = command
        self._turns = asyncio.Semaphore(at_once)
        self._free: list[_Child] = []
        self._all: set[_Child] = set()

    async def __aenter__(self) -> Computed:
        with contextlib.suppress(OSError):  # then each mail tries, and is judged "none" meanwhile
            self._free.append(await self._started())
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in list(self._all):
            self._end(child)

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        """What DMARC says; "none" where that cannot be known in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._within_s
        try:
            async with asyncio.timeout_at(until), self._turns:
                return await self._judged([mail, envelope, client], until - self._within_s / 8)
        except (TimeoutError, OSError, EOFError, Damaged):
            return "none"

    async def _judged(self, given: list[Any], until: float) -> Said:
        child = self._free.pop() if self._free else await self._started()
        whole = False
        try:
            said = await self._asked(child, given, until)
            whole = True
            return said
        finally:
            if whole:
                self._free.append(child)
            else:
                self._end(child)

    async def _asked(self, child: _Child, given: list[Any], until: float) -> Said:
        """Hand a mail over and answer what is asked about it, until it is judged."""
        child.writer.write(framed(given))
        await child.writer.drain()
        for _ in range(MOST_ASKED + 1):
            length = length_of(await child.reader.readexactly(HEAD.size), MOST_SAID)
            match unframed(await child.reader.readexactly(length)):
                case [word] if word in _SAID:
                    return _SAID[word]
                case [str(name), str(kind)] if kind in KINDS and _NAME.fullmatch(name):
                    child.writer.write(framed(await self._records(name, kind, until)))
                case _:
                    raise Damaged
        raise Damaged

    async def _records(self, name: str, kind: str, until: float) -> list[Any]:
        left_s = until - asyncio.get_running_loop().time()
        if left_s <= 0:
            return ["none", []]
        try:
            async with asyncio.timeout(left_s):
                return ["told", await self._names.records(name, kind, left_s)]
        except (NoAnswer, TimeoutError):
            return ["none", []]

    async def _started(self) -> _Child:
        process, ours = _spawned(self._command)
        child = _Child(process, *await asyncio.open_connection(sock=ours))
        self._all.add(child)
        return child

    def _end(self, child: _Child) -> None:
        """Kill a child, and wait until it is gone: a moment, since nothing holds it."""
        self._all.discard(child)
        child.writer.transport.abort()
        child.process.kill()
        child.process.wait()


def _spawned(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A child that has one end of a pair as its input and output, and nothing else of ours; and the
    other end."""
    ours, theirs = socket.socketpair()
    with theirs:
        end = theirs.fileno()
        started = subprocess.Popen(
            command, stdin=end, stdout=end, stderr=subprocess.DEVNULL, env={}, cwd="/"
        )
    return started, ours
