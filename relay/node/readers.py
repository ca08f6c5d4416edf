"""ports.Reader, a process away: one item at a time, and what is hostile ends only its reader."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace

import trio

from relay.errors import Damaged
from relay.model import Ciphertext, Encrypted, Kind, Reading, Unreadable
from relay.node.pipes import PipeEnded
from relay.node.process import Process
from relay.node.read_said import believed
from relay.wire import frames
from relay.wire.mailkeys import MailKeys

READ_S = 10.0
"""Wall seconds a reader gets for one item; its own limit is 2 s of CPU."""

READ_TRIES = 3
"""A reader that was killed from outside so often while at one item did not die by chance."""

LEAVE_S = 1.0
"""Wall seconds for a reader to end that has nothing more to do; then it is killed."""

Asked = frames.Read | frames.ReadDecrypted | frames.Decrypt
Answer = frames.WasRead | frames.WasDecrypted


class Readers:
    """ports.Reader over whichever reader process is alive now; one item at a time.

    What is encrypted is opened by a reader that was asked nothing before and is asked nothing
    after: one that has parsed what people write is never given a key.
    """

    def __init__(self, kill: Callable[[int], Awaitable[None]]) -> None:
        self._kill = kill
        self._turn = trio.Lock()
        self._now: Process | None = None
        self._used: Process | None = None
        self._came = trio.Event()
        self._keys: MailKeys | None = None

    def opens_with(self, keys: MailKeys | None) -> None:
        """From now on what is encrypted to these keys is opened; with None nothing is."""
        self._keys = keys

    def connected(self, process: Process) -> None:
        """A new reader is there."""
        self._now = process
        self._came.set()
        self._came = trio.Event()

    async def read(self, content: bytes, kind: Kind) -> Reading:
        """As ports.Reader; takes as long as it takes to have a reader."""
        async with self._turn:
            said = await self._message(frames.Read(content, kind))
            return await self._opened(said) if isinstance(said, Encrypted) else said

    async def _opened(self, found: Encrypted) -> Reading:
        """What an encrypted mail says, by two readers more."""
        plain: tuple[bytes | None, ...] = (None,) * len(found.parts)
        if self._keys is not None:
            await self._replaced()
            answer = await self._answer(frames.Decrypt(found.parts, self._keys))
            if isinstance(answer, Unreadable):
                return answer
            if not isinstance(answer, frames.WasDecrypted):
                said = answer.message
                return said if isinstance(said, Unreadable) else Unreadable(_SAYS_NOTHING)
            if len(answer.plain) != len(found.parts):
                return Unreadable(_SAYS_NOTHING)
            plain = answer.plain
        await self._replaced()
        said = await self._message(_parted(found, plain))
        return Unreadable(_SAYS_NOTHING) if isinstance(said, Encrypted) else said

    async def _message(self, asked: Asked) -> Reading | Encrypted:
        answer = await self._answer(asked)
        if isinstance(answer, frames.WasRead):
            return answer.message
        return answer if isinstance(answer, Unreadable) else Unreadable(_SAYS_NOTHING)

    async def _answer(self, asked: Asked) -> Answer | Unreadable:
        killed = ended = 0
        while killed < READ_TRIES and ended < 2 * READ_TRIES:
            process = await self._alive()
            said = await self._ask(process, asked)
            if said is not None:
                return said
            await self._gone(process)
            if process.status == signal.SIGXCPU:
                return Unreadable("too much work to read")
            if process.status == signal.SIGABRT:  # how their libraries end without memory
                return Unreadable("too much memory to read")
            killed += process.status != 0
            ended += 1  # also in order, as it may once after the item before
        return Unreadable("its reader was killed three times")

    async def _alive(self) -> Process:
        """A reader that has begun: one that ends before is no judgement about an item."""
        while True:
            if self._now is None or self._now.dead.is_set():
                await self._came.wait()
                continue
            process = self._now
            await process.began.wait()
            if not process.dead.is_set():
                return process

    async def _replaced(self) -> None:
        """The reader that was asked last is gone; the next one was asked nothing."""
        if self._used is not None:
            await self._gone(self._used)

    async def _gone(self, process: Process) -> None:
        """It is dead, also where it has only closed its end and would live on."""
        with trio.move_on_after(LEAVE_S):
            await process.dead.wait()
            return
        await self._kill(process.pid)
        await process.dead.wait()

    async def _ask(self, process: Process, asked: Asked) -> Answer | Unreadable | None:
        self._used = process
        try:
            with trio.move_on_after(READ_S) as limit:
                await process.pipe.send(asked)
                answer = await process.pipe.receive()
                if answer is not None:
                    return self._said(asked, answer)
        except PipeEnded:
            return None
        except Damaged:
            await self._kill(process.pid)
            return Unreadable(_SAYS_NOTHING)
        if limit.cancelled_caught:
            await self._kill(process.pid)
            await process.dead.wait()
            return Unreadable("too much work to read")
        return None

    @staticmethod
    def _said(asked: Asked, answer: object) -> Answer:
        if isinstance(answer, frames.WasRead):
            return frames.WasRead(believed(answer.message))
        if isinstance(asked, frames.Decrypt) and isinstance(answer, frames.WasDecrypted):
            return answer
        raise Damaged


_SAYS_NOTHING = "its reader answered in no way we know"


def _parted(found: Encrypted, plain: tuple[bytes | None, ...]) -> frames.ReadDecrypted:
    """What was opened, with its plaintexts, and what was not."""
    opened: list[Ciphertext] = []
    closed: list[Ciphertext] = []
    for part, content in zip(found.parts, plain, strict=True):
        if content is None:
            closed.append(part)
        else:
            opened.append(replace(part, content=content))
    return frames.ReadDecrypted(replace(found, parts=tuple(opened)), tuple(closed))
