"""Verdicts computed here: the door hands a mail to a child, and asks the DNS for it.

A mail waits for its verdict one second at most; then it is "none", and so is what a child ends
over. A child that was left in the middle of a mail is killed, and a fresh one takes its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
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
        self._free: list[Process] = []
        self._all: set[Process] = set()

    async def __aenter__(self) -> Computed:
        with contextlib.suppress(OSError):  # then each mail tries, and is judged "none" meanwhile
            self._free.append(await self._started())
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in list(self._all):
            await self._ended(child)

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
                await asyncio.shield(self._ended(child))

    async def _asked(self, child: Process, given: list[Any], until: float) -> Said:
        """Hand a mail over and answer what is asked about it, until it is judged."""
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(framed(given))
        await child.stdin.drain()
        for _ in range(MOST_ASKED + 1):
            length = length_of(await child.stdout.readexactly(HEAD.size), MOST_SAID)
            match unframed(await child.stdout.readexactly(length)):
                case [word] if word in _SAID:
                    return _SAID[word]
                case [str(name), str(kind)] if kind in KINDS and _NAME.fullmatch(name):
                    child.stdin.write(framed(await self._records(name, kind, until)))
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

    async def _started(self) -> Process:
        child = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/"
        )
        self._all.add(child)
        return child

    async def _ended(self, child: Process) -> None:
        """Kill a child, and wait until it is gone."""
        self._all.discard(child)
        if child.returncode is None:
            child.kill()
        await child.wait()
        if child.stdin is not None:
            child.stdin.close()
