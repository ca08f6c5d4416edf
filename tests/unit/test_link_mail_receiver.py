"""A link by mail as a whole, over loopback: out by SMTP, in by a receiver of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from mail_link_parts import (
    A_SEED,
    C_SEED,
    DRESS,
    NOW,
    TO,
    A,
    B,
    C,
    Core,
    carrying,
    mails,
    opening,
    sending,
)
from on_asyncio import on_asyncio

from relay.links.mail.letter import letter
from relay.links.mail.link import ByMail, Ways
from relay.links.mail.parcel import Veil
from relay.links.port import Given, Later
from relay.mailing.submission import Account, NotTaken, logged_in
from relay.wire.batch import Batch
from relay.wire.padding import CLASSES

BATCH = carrying(4000, 32_768)


@dataclass
class Running:
    """A link of B's that listens, and what its core has and its board says."""

    port: int
    core: Core
    told: list[tuple[str, str]]
    turned: list[int]

    async def said(self, mail: bytes, sender: str = "mx@example.org", to: str = TO) -> int:
        """The code that a mail is answered with."""
        account = Account("127.0.0.1", self.port, "off")
        try:
            async with logged_in(account, b"") as line:
                await line.hand_in((sender,), to, mail)
        except NotTaken as not_taken:
            return not_taken.code
        return 250


@asynccontextmanager
async def receiving(peers=(A,), peer=None, full: bool = False):
    """Such a link, while the block lasts."""
    sock = socket.create_server(("127.0.0.1", 0))
    running = Running(sock.getsockname()[1], Core(full), [], [])
    at = opening(peers=peers, peer=peer, sock=sock, told=running.told, turned=running.turned)
    link = ByMail(at, Ways(address=TO))
    ready = asyncio.Event()
    task = asyncio.create_task(link.run(running.core.came, ready.set))
    await ready.wait()
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])


def received(claim: Callable[[Running], Awaitable[None]], **how: object) -> Awaitable[None]:
    async def run() -> None:
        async with receiving(**how) as running:
            await claim(running)

    return on_asyncio(run)


def to_b(running: Running) -> ByMail:
    """A's link to it, without anybody between them."""
    return ByMail(opening(A_SEED, (B,), B), Ways(replace(sending(running.port, user=""))))


async def test_what_one_node_hands_over_the_other_has() -> None:
    async def claim(running: Running) -> None:
        assert await to_b(running).hand_over(B, BATCH) == Given()
        assert running.core.got == [("a", BATCH)]
        assert running.told == [("works", "")]

    await received(claim)


@pytest.mark.parametrize("size", [CLASSES[-2], pytest.param(CLASSES[-1], marks=pytest.mark.slow)])
async def test_a_large_envelope_arrives_in_one_piece(size: int) -> None:
    async def claim(running: Running) -> None:
        whole = carrying(size)
        assert await to_b(running).hand_over(B, whole) == Given()
        assert running.core.got == [("a", whole)]

    await received(claim)


async def test_a_core_that_is_full_makes_the_other_side_keep_it() -> None:
    async def claim(running: Running) -> None:
        told = await to_b(running).hand_over(B, BATCH)
        assert isinstance(told, Later) and told.state == "blocked"
        running.core.full = False
        assert await to_b(running).hand_over(B, BATCH) == Given()  # by a link that has not rested
        assert running.core.got == [("a", BATCH)]

    await received(claim, full=True)


async def test_a_stranger_is_turned_away_whatever_is_brought() -> None:
    async def claim(running: Running) -> None:
        [of_c] = mails(BATCH, seed=C_SEED)
        [good] = mails(BATCH)
        at = good.index(b"\r\n\r\n", good.index(b"octet-stream")) + 400
        changed = good[:at] + b"AAAA" + good[at + 4 :]
        unsigned = letter(DRESS, Veil(A.key, B.key).over(next(of_one_byte())), bytes(16), NOW)
        for mail in (b"Subject: hello\r\n\r\nspam\r\n", of_c, changed, unsigned):
            assert await running.said(mail) == 554
        assert await running.said(good, to="other@b.example.net") == 550
        assert (running.core.got, len(running.turned) >= 5) == ([], True)
        assert await running.said(good) == 250
        assert running.core.got == [("a", BATCH)]

    await received(claim)


def of_one_byte():
    from relay.links.mail.parcel import parcels

    return parcels(b"x", 10)


async def test_every_peer_is_heard_where_the_link_leads_to_none() -> None:
    async def claim(running: Running) -> None:
        for seed in (A_SEED, C_SEED):
            assert await running.said(*mails(BATCH, seed=seed)) == 250
        assert [name for name, _ in running.core.got] == ["a", "c"]

    await received(claim, peers=(A, C))


async def test_a_bounce_is_taken_and_shown() -> None:
    async def claim(running: Running) -> None:
        [sent] = mails(BATCH, seed=bytes([2]) * 32, to=A)
        report = b"Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n" + sent
        assert await running.said(report, sender="") == 250
        assert await running.said(b"Subject: away\r\n\r\nI am away\r\n", sender="") == 554
        assert running.told[-1][0] == "blocked" and "came back" in running.told[-1][1]
        assert await running.said(*mails(BATCH)) == 250
        assert running.told[-1] == ("works", "")

    await received(claim)


@pytest.mark.parametrize(
    "said",
    [
        b"From: a\r\n\r\nline\n.\r\nMAIL FROM:<x@y.z>\r\n",
        b"nul \x00 in it\r\n",
        b"x" * 1200 + b"\r\n",
    ],
)
async def test_it_is_as_strict_as_the_way_in_by_mail(said: bytes) -> None:
    async def claim(running: Running) -> None:
        assert 500 <= await running.said(said) < 600
        assert running.core.got == []

    await received(claim)


async def test_a_link_without_smtp_says_that_it_leads_nowhere() -> None:
    link = ByMail(opening(A_SEED, (B,), B), Ways())
    told = await link.hand_over(B, Batch())
    assert isinstance(told, Later)


async def test_a_link_to_one_peer_carries_nothing_to_another() -> None:
    link = ByMail(opening(A_SEED, (B, C), B), Ways(sending(1)))
    told = await link.hand_over(C, BATCH)
    assert isinstance(told, Later)
