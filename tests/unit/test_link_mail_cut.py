"""A line to the other side that breaks anywhere: a batch arrives, or is tried again."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from mail_link_parts import A_SEED, B, Core, carrying, opening, sending
from on_asyncio import on_asyncio

from relay.links.mail.link import ByMail, Ways
from relay.links.port import Given
from relay.testing.cutting import Fates, at_random, cutting
from relay.wire.batch import Batch

TO = "two@b.example.net"
TRIES = 200


async def crossed(fates: Fates, *batches: Batch) -> Core:
    """What the other side has once each of these is given, over a line with these fates."""
    core = Core()
    sock = socket.create_server(("127.0.0.1", 0))

    async def run(port: int) -> None:
        link = ByMail(opening(sock=sock), Ways(address=TO))
        task = asyncio.create_task(link.run(core.came, lambda: None))
        for batch in batches:
            for _ in range(TRIES):  # each by a link that has not rested
                at = replace(sending(port, user="", most_bytes=80_000), within_s=0.5)
                handed = await ByMail(opening(A_SEED, (B,), B), Ways(at)).hand_over(B, batch)
                if handed == Given():
                    break
            else:
                raise AssertionError("never given")
        task.cancel()
        await asyncio.wait([task])

    with cutting(sock.getsockname(), fates) as line:
        await on_asyncio(lambda: run(line.port))
    return core


@pytest.mark.parametrize("seed", range(3))
async def test_over_a_line_that_is_cut_at_random_each_batch_arrives(seed: int) -> None:
    batches = [carrying(4000 + n, 5000) for n in range(6)]
    core = await crossed(at_random(seed, 40_000, share=0.7), *batches)
    got = [batch for _, batch in core.got]
    assert all(batch in got for batch in batches)  # some twice: an answer was lost
    assert all(batch in batches for batch in got)


async def test_what_is_changed_on_the_line_is_no_batch() -> None:
    batches = [carrying(4000 + n, 5000) for n in range(6)]
    core = await crossed(at_random(7, 12_000, ("corrupt",), share=0.5), *batches)
    assert all(batch in batches for _, batch in core.got)
