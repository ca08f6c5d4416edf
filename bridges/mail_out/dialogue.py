"""The words of SMTP (RFC 5321) over a stream of bytes: a command, and the reply to it.

No library does it: smtplib blocks, and aiosmtplib wants asyncio; smtpproto opens no sockets itself,
but takes most refusals for a breach of the protocol and gives no code for them, so that "not taken"
after the final dot could not be told from "nobody knows", which is all that matters here. It also
writes a mail anew for each server, and ours is frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex
import trio

from relay.ports import NoAnswer, NotSent, Stream

MOST_LINE: Final = 4096
"""512 are allowed (RFC 5321, 4.5.3.1.5); some say more."""

MOST_LINES: Final = 200
COMMAND_S: Final = 60.0
SEND_S: Final = 60.0
LEAVE_S: Final = 2.0
CHUNK_BYTES: Final = 128 * 1024

_LINE: Final = regex.compile(
    rb"(?P<code>[2-5][0-9]{2})(?:(?P<more>[ -])(?P<text>.*))?", regex.DOTALL
)
_ENHANCED: Final = regex.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?=\s|$)")


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """``code`` has three digits; ``enhanced`` is what RFC 3463 adds to it, "" if it does not."""

    code: int
    lines: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """It was done."""
        return 200 <= self.code < 300

    @property
    def enhanced(self) -> str:
        """Like "5.7.1"; empty if there is none."""
        found = _ENHANCED.match(self.lines[-1]) if self.lines else None
        return found[0] if found else ""


class Dialogue:
    """One connection. Everything raises NoAnswer once it is of no use any more."""

    def __init__(self, stream: Stream, until: float) -> None:
        """``until``: by trio's clock, when it must have come to an end, but for the last reply."""
        self._stream = stream
        self._until = until
        self._heard = b""
        self.offers: dict[str, str] = {}
        """What the server can (EHLO), in capitals, with what it says of it."""

    async def say(self, *commands: str) -> list[Reply]:
        """Each command's reply; all go out at once where the server can take that (RFC 2920)."""
        if "PIPELINING" not in self.offers:
            return [(await self._said([one]))[0] for one in commands]
        return await self._said(commands)

    async def _said(self, commands: list[str] | tuple[str, ...]) -> list[Reply]:
        self._in_turn()
        said = "".join(f"{one}\r\n" for one in commands).encode("ascii")
        await self._stream.send(said, timeout_s=self._left(SEND_S))
        return [await self.reply() for _ in commands]

    async def greeted(self, name: str) -> Reply:
        """EHLO under this name; what the server offers is known afterwards."""
        [reply] = await self.say(f"EHLO {name}")
        if reply.good:
            words = (line.strip().upper().partition(" ") for line in reply.lines[1:])
            self.offers = {word: more.strip() for word, _, more in words}
        return reply

    async def under_tls(self) -> None:
        """Go on under TLS. What was said before in the clear counts for nothing (RFC 3207, 4.2).
        Raises NotSent if it is not had."""
        self._heard = b""
        self.offers = {}
        await self._stream.start_tls(timeout_s=self._left(30.0))

    async def content(self, mail: bytes) -> None:
        """The mail without its end, dots doubled (RFC 5321, 4.5.2): nothing is taken yet."""
        doubled = regex.sub(rb"(?m)^\.", b"..", mail)
        for at in range(0, len(doubled), CHUNK_BYTES):
            chunk = doubled[at : at + CHUNK_BYTES]
            await self._stream.send(chunk, timeout_s=self._left(SEND_S))
        self._in_turn()

    def _in_turn(self) -> None:
        """A reply too many would be taken for the next one: for the yes to a mail, in the end."""
        if self._heard:
            raise NoAnswer("it speaks out of turn")

    async def dot(self, within_s: float) -> Reply:
        """The end of the mail, and the reply to it. Whatever is raised here is doubt."""
        self._until = trio.current_time() + within_s
        await self._stream.send(b".\r\n", timeout_s=SEND_S)
        return await self.reply(within_s)

    async def reply(self, within_s: float = COMMAND_S) -> Reply:
        """What the server says next."""
        until = min(self._until, trio.current_time() + within_s)
        lines: list[str] = []
        while len(lines) < MOST_LINES:
            found = _LINE.fullmatch(await self._line(until))
            if not found:
                break
            lines.append((found["text"] or b"").decode("utf-8", "replace"))
            if found["more"] != b"-":
                return Reply(int(found["code"]), tuple(lines))
        raise NoAnswer("it does not speak SMTP")

    async def _line(self, until: float) -> bytes:
        while b"\n" not in self._heard:
            left_s = until - trio.current_time()
            if len(self._heard) > MOST_LINE or left_s <= 0:
                raise NoAnswer("no end of a line")
            got = await self._stream.receive(timeout_s=left_s)
            if not got:
                raise NoAnswer("it hung up")
            self._heard += got
        line, _, self._heard = self._heard.partition(b"\n")
        return line.rstrip(b"\r")

    def _left(self, most_s: float) -> float:
        left_s = min(most_s, self._until - trio.current_time())
        if left_s <= 0:
            raise NoAnswer("it took too long")
        return left_s

    async def leave(self) -> None:
        """Take one's leave, without waiting for what is said to it, and close. It is not cancelled:
        by now it is known how the mail ended, and that must not be lost."""
        with trio.CancelScope(shield=True):
            try:
                await self._stream.send(b"QUIT\r\n", timeout_s=LEAVE_S)
            except (NoAnswer, NotSent):
                pass
            finally:
                await self._stream.aclose()

    async def aclose(self) -> None:
        """Close it, without ceremony."""
        await self._stream.aclose()
