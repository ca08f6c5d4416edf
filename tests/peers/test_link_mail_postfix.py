"""A link by mail before Postfix and Dovecot: handed in, carried, fetched, and what comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from dovecot import PASSWORD
from front_server import Front, front
from mail_link_parts import A_SEED, B_SEED, DRESS, A, B, Core, carrying, mails, opening
from mail_server import LARGEST, LOST, READER, SENDER, USER, MailHost, mail_host
from on_asyncio import on_asyncio

from relay.links.mail.fetching import Fetching
from relay.links.mail.letter import Dress
from relay.links.mail.link import ByMail, Ways
from relay.links.mail.outward import Sending
from relay.links.port import Given, Later
from relay.mailing.imap.session import Where
from relay.mailing.submission import Account

WITHIN_S = 60.0
TLS = {"tls": "tls", "starttls": "starttls"}


@pytest.fixture(scope="module")
def host() -> Iterator[MailHost]:
    """One for all tests here."""
    with mail_host() as made:
        yield made


def sending(host: MailHost, tls: str = "tls", to: str = READER) -> Sending:
    """As a provider wants it of any mail program."""
    port = host.tls if tls == "tls" else host.starttls
    account = Account("127.0.0.1", port, TLS[tls], USER, host.authority)  # type: ignore[arg-type]
    dress = Dress(SENDER, to, "Backup", "The backup is attached.", "backup.bin")
    return Sending(account, PASSWORD.encode, dress, 10 * 1024 * 1024, 30.0)


class End:
    """One end of the link: what its core has, and what its board says."""

    def __init__(self, seed: bytes, peer: object, ways: Ways) -> None:
        self.core = Core()
        self.told: list[tuple[str, str]] = []
        at = opening(seed, (peer,), peer, told=self.told)  # type: ignore[arg-type]
        self.link = ByMail(at, ways)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.link.run(self.core.came, lambda: None))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def fetching(host: MailHost, user: str) -> Fetching:
    """The mailbox of a user, whose folder is made with the first mail."""
    plain = host.imap
    return Fetching(Where("127.0.0.1", plain, user, "INBOX", tls=False), PASSWORD.encode, 0.1, 10.0)


async def until(claim: Callable[[], bool]) -> None:
    """Wait until that is so; of what lies at a server nobody tells us."""
    async with asyncio.timeout(WITHIN_S):
        while not claim():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_postfix_brings_what_it_keeps_while_the_core_is_full() -> None:
    """A node that hears SMTP itself, and a mail server of the world that comes again."""
    batch = carrying(4000, 400_000)
    sock = socket.create_server(("127.0.0.1", 0))
    parts = mails(batch, 200_000, dress=replace(DRESS, to=READER))

    async def run(postfix: Front) -> None:
        told: list[tuple[str, str]] = []
        core = Core(full=True)
        link = ByMail(opening(B_SEED, (A,), sock=sock, told=told), Ways(address=READER))
        task = asyncio.create_task(link.run(core.came, lambda: None))
        for mail in parts:
            await asyncio.to_thread(postfix.take, mail, READER)
        await until(lambda: "451 4.3.0" in postfix.said)
        assert (core.got, postfix.waiting()) == ([], 1)
        core.full = False
        await until(lambda: core.got == [("a", batch)])
        await until(lambda: postfix.waiting() == 0)
        task.cancel()
        await asyncio.wait([task])

    with front(f"[127.0.0.1]:{sock.getsockname()[1]}", by="smtp") as (postfix, _):
        await on_asyncio(lambda: run(postfix))


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_batch_goes_through_postfix_and_is_taken_out_of_the_mailbox(
    host: MailHost, tls: str
) -> None:
    batch = carrying(4000, 4000, 32_768)

    async def run() -> None:
        a = End(A_SEED, B, Ways(sending(host, tls)))
        b = End(B_SEED, A, Ways(fetching=fetching(host, "reader")))
        async with b.running():
            assert await a.link.hand_over(B, batch) == Given()
            await until(lambda: b.core.got == [("a", batch)])
            await until(lambda: host.mails(READER) == [])
            assert b.told[-1] == ("works", "")

    await on_asyncio(run)


async def test_no_mail_is_larger_than_postfix_says_and_the_parts_are_joined(
    host: MailHost,
) -> None:
    batch = carrying(LARGEST * 2, 4000)

    async def run() -> None:
        a = End(A_SEED, B, Ways(sending(host)))
        b = End(B_SEED, A, Ways(fetching=fetching(host, "reader")))
        assert await a.link.hand_over(B, batch) == Given()
        lain = await asyncio.to_thread(host.mails, READER, 4)
        assert max(map(len, lain)) <= LARGEST
        async with b.running():
            await until(lambda: len(b.core.got) == 2)
            await until(lambda: host.mails(READER) == [])
        envelopes = [one for _, part in b.core.got for one in part.envelopes]
        assert sorted(envelopes, key=lambda one: len(one.envelope)) == list(batch.envelopes[::-1])

    await on_asyncio(run)


async def test_postfix_names_no_more_of_us_than_it_was_told(host: MailHost) -> None:
    async def run() -> None:
        await End(A_SEED, B, Ways(sending(host))).link.hand_over(B, carrying(10))

    await on_asyncio(run)
    [mail] = host.mails(READER, 1)
    top = mail.partition(b"\r\n\r\n")[0].lower()
    for word in (b"outword", b"relay", b"python", b"x-mailer", b"user-agent"):
        assert word not in top
    host.empty()


async def test_what_postfix_sends_back_is_shown(host: MailHost) -> None:
    async def run() -> None:
        a = End(A_SEED, B, Ways(sending(host, to=LOST), fetching(host, "relay")))
        assert await a.link.hand_over(B, carrying(4000)) == Given()
        async with a.running():
            await until(lambda: any("came back" in why for _, why in a.told))

    await on_asyncio(run)
    host.empty()


async def test_a_wrong_password_is_the_operators_to_mend(host: MailHost) -> None:
    async def run() -> None:
        at = replace(sending(host), password=lambda: b"wrong")
        told = await End(A_SEED, B, Ways(at)).link.hand_over(B, carrying(10))
        assert isinstance(told, Later) and told.state == "login"

    await on_asyncio(run)


async def test_a_sender_that_is_not_the_accounts_is_refused_and_said(host: MailHost) -> None:
    async def run() -> None:
        at = sending(host)
        at = replace(at, dress=replace(at.dress, sender="other@example.org"))
        told = await End(A_SEED, B, Ways(at)).link.hand_over(B, carrying(10))
        assert isinstance(told, Later) and "sender" in told.why

    await on_asyncio(run)
