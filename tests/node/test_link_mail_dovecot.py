"""A link by mail with a real IMAP server: what it takes, what it leaves, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from dovecot import PASSWORD, Account, Dovecot
from mail_link_parts import A_SEED, C_SEED, A, B, Core, carrying, mails, opening
from on_asyncio import on_asyncio

from relay.links.mail.fetching import Fetching
from relay.links.mail.link import ByMail, Ways
from relay.mailing.imap.session import Where

SPAM = b"From: x@example.com\r\nSubject: hello\r\n\r\n" + b"Buy now!\r\n" * 300
ENVELOPES = carrying(4000, 32_768)
NUMBERS = count()
WITHIN_S = 20.0


@pytest.fixture
def account(dovecot: Dovecot) -> Iterator[Account]:
    """A mailbox of its own for each test."""
    yield Account(dovecot, f"link{next(NUMBERS)}")


class Running:
    """B's link on that mailbox, what its core has, and what its board says."""

    def __init__(self, account: Account, *, delete: bool = True, password: str = PASSWORD) -> None:
        server = account.server
        ca_file = str(server.ca_file)
        where = Where("127.0.0.1", server.tls, account.user, account.folder, True, ca_file)
        self.core = Core()
        self.told: list[tuple[str, str]] = []
        self.turned: list[int] = []
        at = opening(peers=(A,), peer=A, told=self.told, turned=self.turned)
        fetching = Fetching(where, lambda: password.encode(), 0.05, 5.0, delete)
        self.link = ByMail(at, Ways(fetching=fetching))


async def until(claim: Callable[[], bool]) -> None:
    """Wait until that is so; of what lies at a server nobody tells us."""
    async with asyncio.timeout(WITHIN_S):
        while not claim():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def fetched(running: Running) -> AsyncIterator[Running]:
    """It runs inside the block."""
    task = asyncio.create_task(running.link.run(running.core.came, lambda: None))
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_ours_is_taken_out_and_all_else_stays_unread(account: Account) -> None:
    [other] = mails(ENVELOPES, seed=C_SEED)
    account.deliver(SPAM, *mails(ENVELOPES), other, SPAM)

    async def run() -> None:
        async with fetched(Running(account)) as running:
            await until(lambda: bool(running.core.got))
            await until(lambda: len(account.uids()) == 3)
            account.deliver(*mails(carrying(5)))
            await until(lambda: len(running.core.got) == 2)
            assert running.told[-1] == ("works", "")
            assert running.turned == []

    await on_asyncio(run)
    assert account.uids() == [1, 3, 4]
    assert not any(b"Seen" in one or b"Deleted" in one for one in account.flags())


async def test_an_envelope_in_parts_is_joined_and_its_mails_are_removed(account: Account) -> None:
    batch = carrying(2_097_152)
    parts = mails(batch, 500_000)
    account.deliver(*parts[3:], *parts[:2])

    async def run() -> None:
        async with fetched(Running(account)) as running:
            await until(lambda: ("works", "") in running.told)
            assert (running.core.got, len(account.uids())) == ([], len(parts) - 1)
            account.deliver(parts[2])
            await until(lambda: running.core.got == [("a", batch)])
            await until(lambda: account.uids() == [])

    await on_asyncio(run)


async def test_nothing_is_removed_before_the_core_keeps_it(account: Account) -> None:
    account.deliver(*mails(ENVELOPES))

    async def run() -> None:
        running = Running(account)
        running.core.full = True
        async with fetched(running):
            await until(lambda: bool(running.told))
            assert running.told[-1][0] == "blocked"
            assert account.uids() == [1]
            assert not any(b"Deleted" in one for one in account.flags())
            running.core.full = False
            await until(lambda: account.uids() == [])
            assert running.core.got == [("a", ENVELOPES)]

    await on_asyncio(run)


async def test_what_is_not_to_be_removed_is_flagged_and_not_taken_after_a_restart(
    account: Account,
) -> None:
    account.deliver(*mails(ENVELOPES), SPAM)

    async def run() -> None:
        async with fetched(Running(account, delete=False)) as running:
            await until(lambda: ("works", "") in running.told)
        assert ["Seen" in one.decode() for one in account.flags()] == [True, False]
        async with fetched(Running(account, delete=False)) as again:
            await until(lambda: ("works", "") in again.told)
            assert again.core.got == []

    await on_asyncio(run)


async def test_a_wrong_password_is_said_in_our_words(account: Account) -> None:
    async def run() -> None:
        async with fetched(Running(account, password="wrong")) as running:
            await until(lambda: bool(running.told))
            assert running.told[-1][0] == "login"
            assert account.user not in running.told[-1][1]

    await on_asyncio(run)


async def test_a_server_whose_certificate_is_not_believed_gets_no_password(
    account: Account, tmp_path: Path
) -> None:
    server = account.server
    where = Where("127.0.0.1", server.tls, account.user, account.folder, True, "")

    def never() -> bytes:
        return b"never sent"

    async def run() -> None:
        told: list[tuple[str, str]] = []
        at = opening(A_SEED, peers=(B,), peer=B, told=told)
        link = ByMail(at, Ways(fetching=Fetching(where, never, 0.05, 5.0)))
        task = asyncio.create_task(link.run(Core().came, lambda: None))
        await until(lambda: bool(told))
        task.cancel()
        await asyncio.wait([task])
        assert "certificate" in told[-1][1]

    await on_asyncio(run)
    assert "never" not in (server.folder / "log").read_text(errors="replace")
