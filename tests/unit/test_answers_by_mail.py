"""An answer by mail: the letter, how it is handed in, and what is said of how it ended."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dovecot import make_certificates

from relay.errors import KeyFileError
from relay.mailing import submission
from relay.mailing.submission import Account
from relay.model import Later, Outcome, Posted, Refused, Stopped, Unsure
from relay.transports.answering.answers import Answers
from relay.transports.answering.letter import letter

NOW = 1_800_003_599
US, TO = "post@example.org", b"person@example.net"
PASSWORD = b"correct horse"
OFFERS = ["250-mail.example.org", "250-PIPELINING", "250 AUTH PLAIN LOGIN"]

Says = dict[str, Any]
"""Answers by the beginning of what was said; None: cut the connection, "" never answer."""


class Server:
    """Says what a test says, and keeps what it heard."""

    def __init__(self, says: Says, context: ssl.SSLContext | None = None) -> None:
        self.says = {
            "GREETING": "220 mail.example.org ESMTP Postfix",
            "EHLO": OFFERS,
            "STARTTLS": "220 go on",
            "AUTH": "235 ok",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "RSET": "250 ok",
            "DATA": "354 go on",
            ".": "250 queued",
            "QUIT": "221 bye",
            **says,
        }
        self.context = context
        self.heard: list[str] = []
        self.secure: list[str] = []
        self.mails: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = False
        if not await self._say(writer, "GREETING"):
            return
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            if tls:
                self.secure.append(line)
            key = next((k for k in self.says if line.startswith(k)), "QUIT")
            if not await self._say(writer, key):
                return
            if key == "DATA":
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                if not await self._say(writer, "."):
                    return
            if key == "STARTTLS" and self.context is not None:
                await writer.start_tls(self.context)
                tls = True

    async def _say(self, writer: asyncio.StreamWriter, key: str) -> bool:
        said = self.says[key]
        if said is None:
            return False
        lines = [said] if isinstance(said, str) else said
        writer.write("".join(f"{line}\r\n" for line in lines if line).encode())
        await writer.drain()
        return True

    def sent(self, verb: str) -> list[str]:
        return [line for line in self.heard if line.startswith(verb)]


class Hands:
    def now(self) -> int:
        return NOW


def answered(
    server: Server,
    *,
    tls: Any = "off",
    ca_file: str = "",
    user: str = "relay",
    password: Callable[[], bytes] = lambda: PASSWORD,
    text: str = "It waits.",
    port: int = 0,
) -> Outcome:
    async def run() -> Outcome:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1 << 20)
        async with listening:
            at = port or listening.sockets[0].getsockname()[1]
            account = Account("127.0.0.1", at, tls, user, ca_file)
            return await Answers(account, US, password, Hands()).answer(TO, text)

    return asyncio.run(run())


# ---------------------------------------------------------------- the letter


def test_a_letter_says_that_a_machine_wrote_and_nothing_of_what_it_answers() -> None:
    text = "در انتظار است\n.\n..two"
    raw = letter(US, TO.decode(), text, NOW)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert [(k, str(v)) for k, v in mail.items() if k != "Message-ID"] == [
        ("From", US),
        ("To", TO.decode()),
        ("Subject", "Re:"),
        ("Date", "Fri, 15 Jan 2027 08:00:00 +0000"),  # the hour, and our zone is nobody's to know
        ("Auto-Submitted", "auto-replied"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "base64"),
        ("MIME-Version", "1.0"),
    ]
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", mail["Message-ID"])
    assert mail.get_content().splitlines() == text.splitlines()
    assert raw.isascii() and all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_no_two_letters_have_one_id() -> None:
    ids = {
        email.message_from_bytes(letter(US, "a@b.example", "x", NOW))["Message-ID"] for _ in "abc"
    }
    assert len(ids) == 3


# ---------------------------------------------------------------- handing in


def test_it_is_handed_in_once_with_an_empty_mail_from() -> None:
    server = Server({})
    assert answered(server) == Posted("")
    assert server.sent("MAIL") == ["MAIL FROM:<>"]
    assert server.sent("RCPT") == ["RCPT TO:<person@example.net>"]
    assert server.sent("EHLO") == ["EHLO [127.0.0.1]"]  # no host of ours is named
    [mail] = server.mails
    assert b"Received" not in mail and b"User-Agent" not in mail and b"X-Mailer" not in mail


def test_a_server_that_takes_no_empty_mail_from_gets_our_address() -> None:
    server = Server({"MAIL FROM:<>": "550 5.7.1 no", "MAIL": "250 ok"})
    server.says = {"MAIL FROM:<>": server.says.pop("MAIL FROM:<>"), **server.says}
    assert answered(server) == Posted("")
    assert server.sent("MAIL") == ["MAIL FROM:<>", f"MAIL FROM:<{US}>"]
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        (OFFERS, ["AUTH PLAIN AHJlbGF5AGNvcnJlY3QgaG9yc2U="]),
        (["250 AUTH LOGIN"], ["AUTH LOGIN"]),
        (["250 SIZE 1"], ["AUTH PLAIN AHJlbGF5AGNvcnJlY3QgaG9yc2U="]),
    ],
)
def test_it_logs_in_as_the_server_can(offers: list[str], said: list[str]) -> None:
    server = Server(
        {"EHLO": offers, "AUTH LOGIN": "334 x", "cmVsYXk=": "334 y", "Y29ycmV": "235 ok"}
    )
    server.says = {"AUTH LOGIN": server.says.pop("AUTH LOGIN"), **server.says}
    assert answered(server) == Posted("")
    assert server.sent("AUTH") == said


def test_without_a_user_nobody_logs_in() -> None:
    server = Server({})
    assert answered(server, user="") == Posted("")
    assert server.sent("AUTH") == []


def test_a_text_with_dots_at_the_beginning_of_lines_ends_where_it_ends() -> None:
    stuffed = submission._stuffed(b"a\r\n.\r\n..b\r\n.c")
    assert stuffed == b"a\r\n..\r\n...b\r\n..c\r\n."
    assert submission._stuffed(b".\r\n") == b"..\r\n."


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    make_certificates(folder)
    return folder


def context(folder: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "server.pem", folder / "server.key")
    return made


def test_the_password_goes_under_tls_alone(certificates: Path) -> None:
    server = Server({}, context(certificates))
    ca = str(certificates / "ca.pem")
    assert answered(server, tls="starttls", ca_file=ca) == Posted("")
    assert server.sent("AUTH") and set(server.sent("AUTH")) <= set(server.secure)
    assert server.heard[:2] == ["EHLO [127.0.0.1]", "STARTTLS"]


@pytest.mark.parametrize("ca", ["other.pem", "", "missing.pem"])
def test_a_certificate_that_is_not_believed_gets_no_password(certificates: Path, ca: str) -> None:
    server = Server({}, context(certificates))
    ca_file = str(certificates / ca) if ca else ""
    assert isinstance(answered(server, tls="starttls", ca_file=ca_file), Later)
    assert server.sent("AUTH") == []


@pytest.mark.parametrize("answer", ["454 not now", "500 what?", "220 yes\r\n250 and more"])
def test_a_server_without_starttls_gets_nothing_in_clear(answer: str) -> None:
    server = Server({"STARTTLS": answer})
    assert isinstance(answered(server, tls="starttls"), Later | Refused)
    assert not server.sent("AUTH") and not server.sent("MAIL")


def test_in_clear_only_to_this_machine() -> None:
    async def run() -> Outcome:
        account = Account("192.0.2.1", 25, "off")
        return await Answers(account, US, lambda: b"", Hands()).answer(TO, "x")

    assert isinstance(asyncio.run(run()), Later)


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({"GREETING": "554 go away"}, Refused),
        ({"GREETING": "421 busy"}, Later),
        ({"GREETING": None}, Later),
        ({"GREETING": "HTTP/1.1 400 Bad Request"}, Later),
        ({"EHLO": ["250-x"] * 100 + ["250 y"]}, Later),
        ({"EHLO": "250 " + "x" * 10_000}, Later),
        ({"AUTH": "535 5.7.8 no"}, Stopped),
        ({"AUTH": "454 later"}, Later),
        ({"MAIL": "451 later"}, Later),
        ({"MAIL": "550 no"}, Refused),
        ({"RCPT": "550 no such user"}, Refused),
        ({"RCPT": "450 greylisted"}, Later),
        ({"RCPT": "251 will forward"}, Posted),
        ({"DATA": "554 no"}, Refused),
        ({"DATA": None}, Later),
        ({".": "554 spam"}, Refused),
        ({".": "451 later"}, Later),
        ({".": None}, Unsure),
        ({".": "999 what"}, Unsure),
    ],
)
def test_how_it_ended_is_told(says: Says, kind: type) -> None:
    assert isinstance(answered(Server(says)), kind)


def test_nobody_there_is_later() -> None:
    with __import__("socket").create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    assert isinstance(answered(Server({}), port=port), Later)


@pytest.mark.parametrize(("moment", "kind"), [("MAIL", Later), (".", Unsure)])
def test_a_server_that_never_answers_is_left(
    moment: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "ANSWER_S", 0.05)
    assert isinstance(answered(Server({moment: ""})), kind)


def test_a_password_that_cannot_be_read_stops_it() -> None:
    def fails() -> bytes:
        raise KeyFileError

    server = Server({})
    assert isinstance(answered(server, password=fails), Stopped)
    assert server.heard == []


def test_no_word_of_how_it_ended_names_anybody() -> None:
    for says in ({"AUTH": "535 relay correct horse"}, {"RCPT": "550 <person@example.net>"}):
        told = repr(answered(Server(says)))
        for name in ("person", "horse", "relay@", "127.0.0.1"):
            assert name not in told
