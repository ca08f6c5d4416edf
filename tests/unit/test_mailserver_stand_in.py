"""The stand-in for a submission server keeps the RFCs, and each script does what it says."""

from __future__ import annotations

import base64
import smtplib
import ssl
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import trio

from relay.testing.mailserver import (
    cut,
    endless,
    full,
    garbage,
    greylisted,
    hang,
    late,
    long_line,
    mailserver,
    maintenance,
    quota,
    says,
    spam,
    unknown,
)

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 +0000"


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class Client:
    """A client that says just what it is told to."""

    def __init__(self, platform, stream) -> None:
        self.platform = platform
        self.stream = stream
        self.context = ssl.create_default_context(cafile=str(platform.certificate))
        self.buffer = b""

    async def send(self, said: str | bytes) -> None:
        await self.stream.send_all(said.encode() if isinstance(said, str) else said)

    async def hear(self) -> str:
        """A whole reply, its lines joined by newlines; empty at the end."""
        lines: list[str] = []
        with trio.fail_after(5):
            while not lines or lines[-1][3:4] == "-":
                while b"\r\n" not in self.buffer:
                    got = await self.stream.receive_some(65536)
                    if not got:
                        return ""
                    self.buffer += got
                line, _, self.buffer = self.buffer.partition(b"\r\n")
                lines.append(line.decode())
        return "\n".join(lines)

    async def ask(self, *lines: str) -> str:
        """Say lines one after the other; gives the last reply."""
        reply = ""
        for line in lines:
            await self.send(f"{line}\r\n")
            reply = await self.hear()
        return reply

    async def secure(self) -> None:
        await self.ask("EHLO relay.example.org", "STARTTLS")
        await self.wrap()

    async def wrap(self) -> None:
        self.stream = trio.SSLStream(
            self.stream, self.context, server_hostname="127.0.0.1", https_compatible=True
        )
        await self.stream.do_handshake()

    async def log_in(self) -> str:
        await self.secure()
        policy = self.platform.policy
        return await self.ask("EHLO relay.example.org", plain(policy.user, policy.password))

    async def envelope(self, *recipients: str, more: str = "") -> str:
        await self.ask(f"MAIL FROM:<{self.platform.address}>{more}")
        said = [f"RCPT TO:<{one}>" for one in recipients or [self.platform.list_address]]
        return await self.ask(*said)

    async def post(self, content: bytes, **how) -> str:
        await self.envelope(**how)
        assert (await self.ask("DATA")).startswith("354 ")
        await self.send(content + b"\r\n.\r\n")
        return await self.hear()


def plain(user: str, password: str) -> str:
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def a_mail(text="The lights are out again.", id="<a1@news.example.org>", **headers) -> bytes:
    message = EmailMessage(policy=SMTP)
    told = {
        "From": "relay@news.example.org",
        "To": "list@lists.example.org",
        "Date": DATE,
        "Message-ID": id,
        "Subject": "خبر",
    }
    for name, value in (told | headers).items():
        message[name] = value
    message.set_content(text, cte="base64")
    return message.as_bytes().removesuffix(b"\r\n")


@asynccontextmanager
async def on(**how):
    clock = HandClock()
    async with mailserver(clock=clock, **how) as platform, client(platform) as one:
        yield platform, one, clock


@asynccontextmanager
async def client(platform):
    async with await trio.open_tcp_stream(platform.host, platform.port) as stream:
        made = Client(platform, stream)
        if platform.policy.tls == "now":
            await made.wrap()
        yield made


@asynccontextmanager
async def logged_in(**how):
    async with on(**how) as (platform, one, clock):
        assert (await one.hear()).startswith("220 ")
        assert (await one.log_in()).startswith("235 ")
        yield platform, one, clock


# ---------------------------------------------------------------- what arrives


async def test_a_mail_arrives_with_its_envelope():
    async with logged_in() as (platform, one, _):
        text = "سلام، ما حالمان خوب است.\n.\n..dots"
        answers = {"References": "<r@x.org> <p@news.example.org>"}
        content = a_mail(text, **answers).replace(b"\n.", b"\n..")
        await one.ask("MAIL FROM:<relay+bounce=a@news.example.org>")
        await one.ask("RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>", "DATA")
        await one.send(content + b"\r\n.\r\n")
        assert (await one.hear()).startswith("250 2.0.0 Ok: queued as ")
        assert await one.ask("QUIT") == "221 2.0.0 Bye"
        [mail] = platform.mails
        assert (mail.sender, mail.id) == (
            "relay+bounce=a@news.example.org",
            "<a1@news.example.org>",
        )
        assert mail.text == text and mail.subject == "خبر" and mail.at == NOW and mail.secure
        assert mail.parent == "<p@news.example.org>"
        assert [one.recipient for one in platform.delivered] == ["a@example.org", "b@example.org"]
        assert platform.leaked == 0


async def test_dots_are_undone_and_flowed_lines_are_put_together():
    async with logged_in() as (platform, one, _):
        head = a_mail().partition(b"\r\n\r\n")[0]
        head = head.replace(b"base64", b"7bit").replace(b"charset", b"format=flowed; charset")
        body = b"One line \r\nof two.\r\n..hidden\r\n From here.\r\n-- \r\nus"
        assert (await one.post(head + b"\r\n\r\n" + body)).startswith("250 ")
        assert platform.texts == ["One line of two.\n.hidden\nFrom here.\n-- \nus"]


async def test_the_archive_drops_a_message_id_that_it_has():
    async with logged_in() as (platform, one, _):
        for text in "one", "again":
            assert (await one.post(a_mail(text))).startswith("250 ")
        assert platform.texts == ["one"] and len(platform.mails) == len(platform.delivered) == 2
        platform.drops_repeats = False
        assert platform.texts == ["one", "again"]
        platform.drops_repeats = True
        platform.forget_keys()
        await one.post(a_mail("third"))
        assert platform.texts == ["one", "third"]
        platform.drops = True
        assert (await one.post(a_mail("x", id="<b@x.org>"))).startswith("250 ")
        assert len(platform.mails) == 3


async def test_others_answer_and_the_account_writes_by_hand():
    async with on() as (platform, _, _):
        mine = platform.put("By hand.")
        answer = platform.reply(mine.id, "Here too.")
        assert platform.texts == ["By hand."] and platform.answers == [answer]
        assert answer.parent == mine.id and answer.recipients == (platform.address,)


async def test_attachments_are_shown():
    async with logged_in() as (platform, one, _):
        message = EmailMessage(policy=SMTP)
        for name, value in (
            ("From", platform.list_address),
            ("Date", DATE),
            ("Message-ID", "<m@x.org>"),
        ):
            message[name] = value
        message.set_content("Look.")
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="1.png")
        [picture] = message.iter_attachments()
        picture["Content-Description"] = "A roof at night"
        assert (await one.post(message.as_bytes().rstrip())).startswith("250 ")
        [[medium]] = [mail.media for mail in platform.public]
        assert (medium.name, medium.type, medium.alt, medium.content) == (
            "1.png", "image/png", "A roof at night", b"\x89PNG",
        )  # fmt: skip


# ---------------------------------------------------------------- who may send


async def test_what_it_offers_depends_on_tls():
    async with on() as (_, one, _):
        await one.hear()
        offers = (await one.ask("EHLO relay.example.org")).split("\n")
        assert offers[0] == "250-mail.example.org" and "250-STARTTLS" in offers
        assert "250-8BITMIME" in offers and not any("AUTH" in offer for offer in offers)
        await one.secure()
        offers = (await one.ask("EHLO relay.example.org")).split("\n")
        assert "250-AUTH PLAIN LOGIN" in offers and "250-STARTTLS" not in offers
        assert (await one.ask("STARTTLS")).startswith("503 ")


async def test_nothing_is_sent_without_tls_and_a_password():
    async with on() as (platform, one, _):
        await one.hear()
        await one.ask("EHLO relay.example.org")
        assert (await one.ask("MAIL FROM:<relay@news.example.org>")).startswith("530 5.7.0 Must")
        assert (await one.ask(plain("u", "p"))).startswith("538 ")
        assert platform.leaked == 1 and "p" not in "".join(platform.commands[2:])
        await one.secure()
        await one.ask("EHLO relay.example.org")
        assert (await one.ask("MAIL FROM:<relay@news.example.org>")).startswith("530 5.7.0 Auth")
        assert (await one.ask(plain("u", "p"))).startswith("535 5.7.8 ")


async def test_login_is_asked_word_by_word():
    async with on() as (platform, one, _):
        await one.hear()
        await one.secure()
        await one.ask("EHLO [127.0.0.1]")

        def written(text):
            return base64.b64encode(text.encode()).decode()

        policy = platform.policy
        assert await one.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        assert await one.ask(written(policy.user)) == "334 UGFzc3dvcmQ6"
        assert (await one.ask("*")).startswith("501 ")
        assert (await one.ask("AUTH PLAIN", "!")).startswith("501 5.5.2 ")
        assert (await one.ask("AUTH CRAM-MD5")).startswith("504 ")
        old = plain(policy.user, policy.password)
        platform.revoke()
        assert (await one.ask(old)).startswith("535 ")
        reply = await one.ask(f"AUTH LOGIN {written(policy.user)}", written(policy.password))
        assert reply.startswith("235 ")
        assert (await one.ask(old)).startswith("503 ")


async def test_what_was_said_before_tls_is_forgotten():
    async with on() as (platform, one, _):
        await one.hear()
        await one.ask("EHLO relay.example.org")
        await one.send("STARTTLS\r\nEHLO injected.example.org\r\n")
        assert (await one.hear()).startswith("220 ")
        await one.wrap()
        assert (await one.ask("MAIL FROM:<relay@news.example.org>")).startswith("503 ")
        assert platform.commands == [
            "EHLO relay.example.org", "STARTTLS", "MAIL FROM:<relay@news.example.org>",
        ]  # fmt: skip


async def test_plaintext_only_shows_who_gives_the_password_away():
    async with on(tls="never") as (platform, one, _):
        await one.hear()
        offers = await one.ask("EHLO relay.example.org")
        assert "STARTTLS" not in offers and "AUTH PLAIN" in offers
        policy = platform.policy
        assert (await one.ask(plain(policy.user, policy.password))).startswith("235 ")
        assert platform.leaked == 1


async def test_tls_at_once():
    async with on(tls="now") as (platform, one, _):
        assert (await one.hear()).startswith("220 ")
        policy = platform.policy
        reply = await one.ask("EHLO relay.example.org", plain(policy.user, policy.password))
        assert reply.startswith("235 ")


@pytest.mark.parametrize("certificate", ["stranger", "expired"])
async def test_a_wrong_certificate_is_not_trusted(certificate):
    async with on(certificate=certificate) as (platform, one, _):
        await one.hear()
        with pytest.raises(trio.BrokenResourceError):
            await one.secure()
        async with client(platform) as again:
            assert (await again.hear()).startswith("220 ")


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("MAIL FROM: <relay@news.example.org>", "501 5.5.4 "),
        ("MAIL FROM:relay@news.example.org", "501 5.5.4 "),
        ("MAIL FROM:<relay@news>", "501 5.1.3 "),
        ("MAIL FROM:<>", "501 5.1.3 "),
        ("MAIL FROM:<relay@elsewhere.example.org>", "550 5.7.1 "),
        ("MAIL FROM:<خبر@news.example.org>", "553 5.6.7 "),
        ("MAIL FROM:<خبر@news.example.org> SMTPUTF8", "250 "),
        ("MAIL FROM:<relay@news.example.org> SIZE=99999999", "552 5.3.4 "),
        ("MAIL FROM:<relay@news.example.org> SIZE=x", "501 5.5.4 "),
        ("MAIL FROM:<relay@news.example.org> BODY=BINARYMIME", "501 5.5.4 "),
        ("MAIL FROM:<relay@news.example.org> RET=HDRS", "555 5.5.4 "),
        ("RCPT TO:<a@example.org>", "503 "),
        ("DATA", "503 "),
        ("EHLO", "501 "),
        ("EHLO bad_host!", "501 "),
        ("BDAT 1 LAST", "500 "),
        ("NOOP " + "x" * 600, "500 5.5.6 "),
        ("VRFY a", "252 "),
        ("RSET", "250 "),
    ],
    ids=str,
)
async def test_a_command_and_its_reply(line, reply):
    async with logged_in() as (_, one, _):
        assert (await one.ask(line)).startswith(reply)


async def test_recipients_are_taken_or_not_one_by_one():
    async with logged_in() as (platform, one, _):
        platform.policy.recipients = {"a@example.org", "b@example.org"}
        platform.policy.max_recipients = 2
        assert (await one.envelope("x@example.org")).startswith("550 5.1.1 ")
        assert (await one.ask("DATA")).startswith("554 5.5.1 ")
        said = [f"RCPT TO:<{who}@example.org>" for who in "axb"]
        replies = [(await one.ask(line))[:3] for line in said]
        assert replies == ["250", "550", "250"]
        assert (await one.ask("RCPT TO:<a@example.org> NOTIFY=NEVER")).startswith("555 ")
        assert (await one.ask("RCPT TO:<a@example.org>")).startswith("452 4.5.3 ")


async def test_new_pairs_are_put_off_for_a_while():
    async with logged_in() as (platform, one, clock):
        platform.policy.greylist_s = 300
        assert (await one.envelope()).startswith("450 4.2.0 ")
        clock.at += 299
        assert (await one.ask(f"RCPT TO:<{platform.list_address}>")).startswith("450 ")
        clock.at += 1
        assert (await one.ask(f"RCPT TO:<{platform.list_address}>")).startswith("250 ")


async def test_the_account_is_held_back_and_put_off_and_suspended():
    async with logged_in() as (platform, one, clock):
        mail = f"MAIL FROM:<{platform.address}>"
        platform.policy.mails_allowed = 1
        await one.post(a_mail())
        assert (await one.ask(mail)).startswith("450 4.7.1 ")
        clock.at += 3600
        platform.policy.full = True
        assert (await one.ask(mail)).startswith("452 4.3.1 ")
        platform.suspend()
        assert (await one.ask(mail)).startswith("550 5.7.1 ")


async def test_twenty_wrong_commands_are_enough():
    async with on() as (_, one, _):
        await one.hear()
        assert (await one.ask(*["FOO"] * 21)).startswith("500 ")
        assert (await one.hear()).startswith("421 4.7.0 ") and await one.hear() == ""


# ---------------------------------------------------------------- messages


def without(name: str) -> bytes:
    lines = a_mail().split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(f"{name}:".encode()))


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (without("From"), "554 5.6.0 From is wanted once"),
        (without("Date"), "554 5.6.0 Date is wanted once"),
        (without("Message-ID"), "554 5.6.0 Message-ID is wanted once"),
        (without("MIME-Version"), "554 5.6.0 no MIME-Version"),
        (b"Subject: a\r\n" + a_mail(), "554 5.6.0 Subject is there twice"),
        (a_mail().replace(b"<a1@news.example.org>", b"a1"), "554 5.6.0 Message-ID is none"),
        (a_mail().replace(DATE.encode(), b"yesterday"), "554 5.6.0 Date is none"),
        (a_mail().replace(b"From: relay@news", b"From: x@else"), "550 5.7.1 "),
        (a_mail().replace(b"From: ", b"From: a@news.example.org, "), "554 5.6.0 From is not one"),
        (b"No header here\r\n" + a_mail(), "554 5.6.0 Not a header"),
        (a_mail() + b"\n", "550 5.5.2 "),
        (a_mail() + b"\r\n" + b"x" * 999, "554 5.6.0 Line too long"),
        (a_mail() + b"\0", "554 5.6.0 NUL"),
        ("X-A: سلام\r\n".encode() + a_mail(), "554 5.6.9 "),
        (a_mail() + b"\r\n\xff", "554 5.6.3 "),
        (a_mail("x").replace(b"base64", b"7bit") + b"\r\n" + b"x" * 998, "250 "),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_a_message_that_is_not_in_order(content, reply):
    async with logged_in() as (platform, one, _):
        assert (await one.post(content)).startswith(reply)
        assert len(platform.mails) == (reply == "250 ")


async def test_eight_bits_are_taken_when_they_are_announced():
    async with logged_in() as (platform, one, _):
        head = a_mail().partition(b"\r\n\r\n")[0].replace(b"base64", b"8bit")
        good = head + "\r\n\r\nسلام".encode()
        assert (await one.post(good)).startswith("554 5.6.3 ")
        assert (await one.post(good, more=" BODY=8BITMIME")).startswith("250 ")
        assert platform.texts == ["سلام"]
        bad = head.replace(b"8bit", b"quoted-printable") + "\r\n\r\nسلام".encode()
        assert (await one.post(bad, more=" BODY=8BITMIME")).startswith("554 5.6.0 eight bits")
        bad = head + b"\r\n\r\n\xff"
        assert (await one.post(bad, more=" BODY=8BITMIME")).startswith("554 5.6.0 a text is not")


async def test_a_message_that_is_larger_than_it_said():
    async with logged_in() as (platform, one, _):
        platform.policy.max_bytes = 1000
        assert (await one.post(a_mail("x" * 2000))).startswith("552 5.3.4 ")
        assert (await one.ask("NOOP")).startswith("250 ")


# ---------------------------------------------------------------- scripts


async def test_a_server_that_goes_down_says_so_at_the_greeting():
    async with on() as (platform, _, _):
        platform.closed = maintenance()
        async with client(platform) as one:
            assert (await one.hear()).startswith("421 ") and await one.hear() == ""
        platform.closed = says("554 5.3.2 No SMTP service here")
        async with client(platform) as one:
            assert (await one.hear()).startswith("554 ")
        platform.closed = None
        async with client(platform) as one:
            assert (await one.hear()).startswith("220 ")


@pytest.mark.parametrize(
    ("moment", "fault"),
    [
        ("MAIL", full()),
        ("MAIL*news.example.org", says("421 4.7.0 Too many connections")),
        ("RCPT*", greylisted()),
        ("RCPT", says("451 4.3.0 Try again")),
        ("RCPT list@lists.example.org", unknown()),
        ("RCPT", quota()),
        ("DATA", says("451 4.3.0 Try again")),
    ],
)
async def test_a_scripted_reply_to_the_envelope(moment, fault):
    async with logged_in() as (platform, one, _):
        platform.script(fault, on=moment)
        said = [f"MAIL FROM:<{platform.address}>", f"RCPT TO:<{platform.list_address}>", "DATA"]
        replies = [await one.ask(line) for line in said[: 1 + "MRD".index(moment[0])]]
        assert replies[-1] == fault.reply and all(one[0] == "2" for one in replies[:-1])
        if fault.reply.startswith("421"):
            assert await one.hear() == ""
        else:
            await one.ask("RSET")
            assert (await one.post(a_mail())).startswith("250 ")


async def test_one_recipient_of_several_is_refused():
    async with logged_in() as (platform, one, _):
        platform.script(unknown(), on="RCPT b@example.org")
        replies = [
            await one.envelope("a@example.org"),
            await one.ask("RCPT TO:<b@example.org>"),
            await one.ask("RCPT TO:<c@example.org>"),
        ]
        assert [reply[:3] for reply in replies] == ["250", "550", "250"]
        await one.ask("DATA")
        await one.send(a_mail() + b"\r\n.\r\n")
        await one.hear()
        assert platform.mails[0].recipients == ("a@example.org", "c@example.org")


@pytest.mark.parametrize(
    "fault", [spam(), says("451 4.3.0 Error"), says("250 2.0.0 Ok", made=True)]
)
async def test_a_scripted_reply_to_the_message(fault):
    async with logged_in() as (platform, one, _):
        platform.script(fault, on="DOT")
        assert await one.post(a_mail()) == fault.reply
        assert len(platform.public) == fault.made
        await one.post(a_mail())
        assert len(platform.public) == 1


@pytest.mark.parametrize("made", [True, False])
async def test_a_cut_after_the_dot_before_and_after_it_was_stored(made):
    async with logged_in() as (platform, one, _):
        platform.script(cut(made=made), on="DOT")
        assert await one.post(a_mail()) == ""
        assert len(platform.public) == made


async def test_no_reply_after_the_dot():
    async with logged_in() as (platform, one, _):
        platform.script(hang(), on="DOT")
        with trio.move_on_after(0.05) as patience:
            await one.post(a_mail())
        assert patience.cancelled_caught and len(platform.public) == 1


async def test_late_is_taken_when_the_client_has_gone():
    async with logged_in() as (platform, one, _):
        platform.script(late(), on="DOT")
        await one.envelope()
        await one.ask("DATA")
        await one.send(a_mail() + b"\r\n.\r\n")
        await one.stream.aclose()
        with trio.fail_after(5):
            while not platform.public:
                await trio.lowlevel.checkpoint()


async def test_replies_that_are_none():
    async with logged_in() as (platform, one, _):
        platform.script(long_line(), garbage(), on="DOT")
        assert len(await one.post(a_mail())) == 100_004
        assert (await one.post(a_mail(id="<b@x.org>"))).startswith("<html>")
        assert len(platform.public) == 2
        platform.script(endless(), on="NOOP")
        await one.send("NOOP\r\n")
        got = 0
        while got < 500_000:
            got += len(await one.stream.receive_some(65536))


async def test_tls_that_is_not_to_be_had_and_a_login_that_is_not():
    async with on() as (platform, one, _):
        platform.script(says("454 4.7.0 TLS not available"), on="STARTTLS")
        platform.script(says("454 4.7.0 Temporary authentication failure"), on="AUTH")
        await one.hear()
        assert (await one.ask("EHLO relay.example.org", "STARTTLS")).startswith("454 ")
        assert (await one.log_in()).startswith("454 ")


async def test_refused_ends_what_is_open():
    async with on() as (platform, one, _):
        await one.hear()
        platform.refuse()
        assert await one.hear() == ""
        with pytest.raises(OSError, match=r"."):
            await trio.open_tcp_stream(platform.host, platform.port)
        await platform.open()
        async with client(platform) as again:
            assert (await again.hear()).startswith("220 ")


async def test_an_ordinary_client_gets_through():
    async with on() as (platform, one, _):

        def sent():
            with smtplib.SMTP(platform.host, platform.port, timeout=10) as smtp:
                smtp.starttls(context=one.context)
                smtp.login(platform.policy.user, platform.policy.password)
                return smtp.sendmail(
                    platform.address, [platform.list_address], a_mail("از سوی smtplib")
                )

        assert await trio.to_thread.run_sync(sent) == {}
        assert platform.texts == ["از سوی smtplib"]
