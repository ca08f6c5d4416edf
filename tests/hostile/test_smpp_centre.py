"""A centre that means harm, or has lost its mind: it costs us its own connection and no more."""

from __future__ import annotations

import asyncio
import struct
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from smpp_parts import QUICK, World, serving

from relay.testing.smsc import GARBAGE, HUGE, SHORT, Centre, Fault, Sms, centre, cut, sends
from relay.testing.smsc.octets import pdu
from relay.transports.smpp.limits import MOST_BYTES

SALAM = Sms("سلام".encode("utf-16-be"))
STRANGE = pdu(0x0000_0021, 1)
"""submit_multi, which is ours to say and not a centre's."""

Story = Callable[[Centre, World], Awaitable[None]]


def told(story: Story) -> World:
    world = World()

    async def run() -> None:
        async with asyncio.timeout(20), centre() as there:
            await story(there, world)

    asyncio.run(run())
    return world


@pytest.mark.parametrize("moment", ["connect", "bind", "deliver", "enquire"])
@pytest.mark.parametrize("fault", [GARBAGE, HUGE, SHORT, cut(), sends(pdu(0x15, 9) * 50)])
def test_whatever_it_says_in_between_the_messages_come_in_the_end(moment, fault):
    async def story(there: Centre, world: World) -> None:
        there.script(moment, fault, fault)
        messages = [Sms(f"{n}".encode("utf-16-be")) for n in range(10)]
        async with serving(world.transport(there), world):
            there.send(*messages)
            await there.until(lambda: len(there.delivered) >= 10)

    assert len(told(story).arrivals) == 10


async def _hostile(says: Callable[[Any, Any], Awaitable[None]], world: World, **more: Any) -> None:
    """A transport before a server that says whatever it likes, until it has been left."""
    left = asyncio.Event()

    def fare(state: str, why: str) -> None:
        world.fares.append((state, why))
        if state != "works":
            left.set()

    world.fare = fare  # type: ignore[method-assign]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(16)
            await reader.readexactly(struct.unpack("!I", head[:4])[0] - 16)
            writer.write(pdu(0x8000_0009, struct.unpack("!I", head[12:])[0], b"x\0"))
            await says(reader, writer)
            while await reader.read(65536):
                pass
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    there = Centre()
    there.port = server.sockets[0].getsockname()[1]
    gone = asyncio.get_running_loop().create_future()
    limits = replace(QUICK, answer_s=0.2, enquire_s=0.05)
    transport = world.transport(there, limits=limits, pause=lambda s: gone, **more)
    async with asyncio.timeout(20), serving(transport, world):
        await left.wait()
    server.close()


def hostile(says: Callable[[Any, Any], Awaitable[None]], **more: Any) -> tuple[str, str]:
    """How the transport fared before it."""
    world = World()
    asyncio.run(_hostile(says, world, **more))
    return world.fares[-1]


def test_a_centre_that_drips_a_pdu_is_left():
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for octet in pdu(5, 1, b"\0" * 60000)[:200]:
            writer.write(bytes([octet]))
            await asyncio.sleep(0.002)

    assert hostile(drips)[0] == "blocked"


def test_a_centre_that_reads_nothing_and_asks_for_ever_is_left():
    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()
        while True:
            writer.write(pdu(0x15, 1) * 1000)
            await writer.drain()

    assert hostile(floods)[0] == "blocked"


def test_strange_requests_are_answered_a_hundred_times_and_no_more():
    heard = bytearray()

    async def asks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STRANGE * 200)
        while more := await reader.read(65536):
            heard.extend(more)

    assert hostile(asks) == ("blocked", "what it says is no SMPP: look at host, port and tls")
    assert heard.count(pdu(0x8000_0000, 1, status=3)) == 100


def test_answers_to_nothing_we_asked_are_passed_over():
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(pdu(0x8000_0004, 77, b"1\0") * 1000 + pdu(0x8000_0015, 78))
        await asyncio.sleep(0.05)

    assert hostile(answers)[0] == "blocked"  # in the end, since it answers nothing else


def test_messages_that_are_none_are_refused_for_good_and_counted():
    async def story(there: Centre, world: World) -> None:
        class Broken(Sms):
            def body(self) -> bytes:
                return b"\0" * 7

        async with serving(world.transport(there), world):
            there.send(Broken(b""), SALAM)
            await there.until(lambda: bool(there.refused) and bool(there.delivered))

    assert told(story).turned == 1


def test_a_centre_that_announces_much_costs_no_memory_for_it():
    async def announces(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(struct.pack("!IIII", MOST_BYTES + 1, 5, 0, 1) + bytes(2 * MOST_BYTES))
        await writer.drain()

    hostile(announces)  # imports are paid for
    tracemalloc.start()
    try:
        state, _ = hostile(announces)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert state == "blocked" and peak < 2_000_000


def test_a_second_centre_is_not_harmed_by_the_first():
    async def story(there: Centre, world: World) -> None:
        there.script("deliver", *[Fault("go on", octets=b"\xff" * 64)] * 20)
        other = World()
        async with (
            centre() as good,
            serving(world.transport(there), world),
            serving(other.transport(good), other),
        ):
            there.send(SALAM)
            good.send(*[Sms(f"{n}".encode("utf-16-be")) for n in range(100)])
            await good.until(lambda: len(good.delivered) == 100)
            assert {state for state, _ in other.fares} == {"works"}

    told(story)
