"""ports.Reader, a process away: one item at a time, and what is hostile ends only its reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import trio

from relay.errors import Damaged
from relay.model import Ciphertext, Encrypted, Kind, Reading, Unreadable
from relay.node.process import Process
from relay.node.read_said import believed
from relay.node.solo import Solo, Unanswered
from relay.wire import frames
from relay.wire.mailkeys import MailKeys

READ_S = 10.0
"""Wall seconds a reader gets for one item; its own limit is 2 s of CPU."""

Asked = frames.Read | frames.ReadDecrypted | frames.Decrypt
Answer = frames.WasRead | frames.WasDecrypted


class Readers:
    """ports.Reader over whichever reader process is alive now; one item at a time.

    What is encrypted is opened by a reader that was asked nothing before and is asked nothing
    after: one that has parsed what people write is never given a key.
    """

    def __init__(self, kill: Callable[[int], Awaitable[None]]) -> None:
        self._solo = Solo("reader", "read", _believed, kill)
        self._turn = trio.Lock()
        self._keys: MailKeys | None = None

    def opens_with(self, keys: MailKeys | None) -> None:
        """From now on what is encrypted to these keys is opened; with None nothing is."""
        self._keys = keys

    def connected(self, process: Process) -> None:
        """A new reader is there."""
        self._solo.connected(process)

    async def read(self, content: bytes, kind: Kind) -> Reading:
        """As ports.Reader; takes as long as it takes to have a reader."""
        async with self._turn:
            said = await self._message(frames.Read(content, kind))
            return await self._opened(said) if isinstance(said, Encrypted) else said

    async def _opened(self, found: Encrypted) -> Reading:
        """What an encrypted mail says, by two readers more."""
        plain: tuple[bytes | None, ...] = (None,) * len(found.parts)
        if self._keys is not None:
            await self._solo.replaced()
            answer = await self._solo.ask(frames.Decrypt(found.parts, self._keys), READ_S)
            if isinstance(answer, Unanswered):
                return Unreadable(answer.why)
            if not isinstance(answer, frames.WasDecrypted):
                said = answer.message
                return said if isinstance(said, Unreadable) else Unreadable(_SAYS_NOTHING)
            if len(answer.plain) != len(found.parts):
                return Unreadable(_SAYS_NOTHING)
            plain = answer.plain
        await self._solo.replaced()
        said = await self._message(_parted(found, plain))
        return Unreadable(_SAYS_NOTHING) if isinstance(said, Encrypted) else said

    async def _message(self, asked: Asked) -> Reading | Encrypted:
        answer = await self._solo.ask(asked, READ_S)
        if isinstance(answer, frames.WasRead):
            return answer.message
        return Unreadable(answer.why if isinstance(answer, Unanswered) else _SAYS_NOTHING)


def _believed(asked: Asked, answer: object) -> Answer:
    """What a reader says, as it may go on. Raises Damaged."""
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
