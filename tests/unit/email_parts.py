"""A mail server for the bridge to lists that exists in memory only, and says what it is told to."""

from __future__ import annotations

import base64

from bridges.email_list import EmailList
from relay.model import Attempt, Media, Post
from relay.ports import NoAnswer, NotSent

NOW = 1_795_000_000 // 3600 * 3600 + 600
DATE = NOW - 600
SENDER, LIST = "news@example.org", "list@lists.example.org"
PASSWORD = "correct horse"
PNG = Media("image/png", b"\x89PNG", "a roof at night")
OFFERS = "250-mail.example.org\r\n250-STARTTLS\r\n250-SIZE 10000000\r\n250 AUTH PLAIN LOGIN"
CUT, HANG = "cut", "hang"


class FakeServer:
    """``says`` is what a moment is answered (a verb, or a verb and its address; ``DOT`` is the end
    of a mail): a reply, ``CUT``, ``HANG``, or a list of them for one after the other."""

    def __init__(self, **says: object) -> None:
        self.says: dict[str, object] = {
            "GREETING": "220 mail.example.org ESMTP",
            "EHLO": OFFERS,
            "STARTTLS": "220 go on",
            "AUTH": "235 2.7.0 welcome",
            "MAIL": "250 2.1.0 ok",
            "RCPT": "250 2.1.5 ok",
            "DATA": "354 go on",
            "DOT": "250 2.0.0 queued",
            "QUIT": "221 bye",
            **says,
        }
        self.unreachable = False
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.secure: list[str] = []  #: what was said under TLS
        self.asked: list[tuple[str, int, str]] = []
        self.streams: list[_Stream] = []

    async def connect(self, host, port, *, tls="now", timeout_s=15.0):
        self.asked.append((host, port, tls))
        if self.unreachable:
            raise NotSent("no connection")
        self.streams.append(_Stream(self, secure=tls == "now"))
        return self.streams[-1]

    def answer(self, moment: str, argument: str = "") -> str:
        named = f"{moment} {argument}"
        found = self.says.get(named, self.says[moment])
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return str(found)

    def sent(self, verb: str) -> list[str]:
        return [one for one in self.commands if one.startswith(verb)]


class _Stream:
    def __init__(self, server: FakeServer, *, secure: bool) -> None:
        self._server = server
        self._secure = secure
        self._in = b""
        self._out: list[bytes] = []
        self._data = False
        self._dead = False
        self.closed = False
        self.tls = True
        self._say(server.answer("GREETING"))

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        if self._dead or self.closed:
            raise NoAnswer("it ended")
        self._in += said
        while not self._dead and self._step():
            pass

    def _step(self) -> bool:
        if self._data:
            mail, dot, rest = self._in.partition(b"\r\n.\r\n")
            if not dot:
                return False
            self._in, self._data = rest, False
            answer = self._server.answer("DOT")
            if answer.startswith("250"):
                self._server.mails.append(mail + b"\r\n")
            self._say(answer)
            return True
        line, end, rest = self._in.partition(b"\r\n")
        if not end:
            return False
        self._in = rest
        self._command(line.decode())
        return True

    def _command(self, line: str) -> None:
        self._server.commands.append(line)
        if self._secure:
            self._server.secure.append(line)
        verb = line.partition(" ")[0]
        address = line.partition("<")[2].partition(">")[0]
        answer = self._server.answer(verb if verb in self._server.says else "AUTH", address)
        self._data = verb == "DATA" and answer.startswith("354")
        self._say(answer)

    def _say(self, answer: str) -> None:
        if answer == CUT:
            self._dead = True
            self._out.append(b"")
        elif answer != HANG:
            self._out.append(answer.encode() + b"\r\n")
            self._dead = answer.startswith("421")

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        if not self._out:
            if self._dead:
                return b""
            raise NoAnswer("nothing comes")
        return self._out.pop(0)

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        if not self.tls:
            raise NotSent("no TLS")
        self._secure = True

    async def aclose(self) -> None:
        self.closed = True


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, server, **settings) -> EmailList:
    file = tmp_path / "password"
    if not file.exists():
        file.write_text(PASSWORD)
        file.chmod(0o600)
    said = {
        "server": "mail.example.org",
        "user": "us",
        "password_file": str(file),
        "sender": SENDER,
        "to": [LIST],
        **settings,
    }
    return EmailList(EmailList.Settings.model_validate(said), server, Hands())


def post_of(text="hello", *, title="", media=(), language="und") -> Post:
    return Post(bytes(32), text, title, language, DATE, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"") -> Attempt:
    return Attempt(part, n, NOW, after, kept)


def plain(user: str, password: str) -> str:
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()
