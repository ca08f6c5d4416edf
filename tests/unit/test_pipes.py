"""Frames between processes: whole or not at all, bounded, and only those that were agreed on."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator

import pytest
import trio

from relay.errors import Damaged
from relay.model import Message
from relay.node import pipes
from relay.node.pipes import AsyncPipe, Pipe, PipeEnded, PlainPipe
from relay.wire.frames import INLINE, Durable, Read, WasRead


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a pair, closed afterwards."""
    one, two = pipes.pair()
    yield one, two
    one.close()
    two.close()


Ends = tuple[socket.socket, socket.socket]


def sized(packed_bytes: int) -> Read:
    """A frame that packs to exactly so many bytes."""
    from relay.wire.pack import pack

    spare = len(pack(Read(b"x" * 70_000, "mail"))) - 70_000
    return Read(b"x" * (packed_bytes - spare), "mail")


@pytest.mark.parametrize("size", [INLINE - 1, INLINE, INLINE + 10, 3_000_000])
async def test_a_frame_arrives_whole_in_a_packet_or_in_a_sealed_file(size: int, ends: Ends) -> None:
    one, two = ends
    ours, theirs = PlainPipe(one, ()), Pipe(two, (Read,))
    frame = sized(size) if size > 70_000 else Read(b"y" * (size - 100), "mail")
    ours.send(frame)
    assert await theirs.receive() == frame
    assert theirs.passed == []


async def test_the_end_of_the_other_process_is_the_end_of_the_frames(ends: Ends) -> None:
    one, two = ends
    theirs = Pipe(two, (Durable,))
    one.close()
    assert await theirs.receive() is None
    with pytest.raises(PipeEnded):
        await theirs.send(Durable(1))


async def test_a_frame_nobody_agreed_on_is_damage(ends: Ends) -> None:
    one, two = ends
    PlainPipe(one, ()).send(Durable(1))
    with pytest.raises(Damaged):
        await Pipe(two, (Read,)).receive()


async def test_bytes_that_are_no_frame_are_damage(ends: Ends) -> None:
    one, two = ends
    theirs = Pipe(two, (Durable,))
    for junk in (b"\x00", b"\xc1", b"\x81\xa1_\xa7Durable", b"x" * 1000):
        one.send(junk)
        with pytest.raises(Damaged):
            await theirs.receive()


async def test_a_descriptor_comes_with_the_frame_it_belongs_to(ends: Ends) -> None:
    one, two = ends
    read, write = os.pipe()
    ours, theirs = PlainPipe(one, ()), Pipe(two, (Durable,))
    ours.send(Durable(1))
    ours.send(Durable(2), read)
    assert await theirs.receive() == Durable(1)
    assert theirs.passed == []
    assert await theirs.receive() == Durable(2)
    os.write(write, b"!")
    assert os.read(theirs.passed[0], 1) == b"!"
    for fd in (read, write, theirs.passed[0]):
        os.close(fd)


async def test_a_slow_reader_makes_the_sender_wait_and_nothing_is_lost(ends: Ends) -> None:
    one, two = ends
    ours, theirs = Pipe(one, ()), Pipe(two, (Read,))
    frames = [Read(bytes([n]) * 50_000, "mail") for n in range(40)]

    async def send(some: list[Read]) -> None:
        for frame in some:
            await ours.send(frame)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send, frames[:20])
        nursery.start_soon(send, frames[20:])
        got = [await theirs.receive() for _ in frames]
    assert sorted(frame.content[:1] for frame in got) == [bytes([n]) for n in range(40)]


def test_a_door_speaks_the_same_frames(ends: Ends) -> None:
    async def door() -> None:
        one, two = ends
        ours, theirs = AsyncPipe(one, (WasRead,)), AsyncPipe(two, (Read,))
        big = Read(b"z" * 1_000_000, "text")
        await asyncio.gather(*(ours.send(big) for _ in range(3)))
        assert [await theirs.receive() for _ in range(3)] == [big] * 3
        await theirs.send(WasRead(Message("hello")))
        assert await ours.receive() == WasRead(Message("hello"))
        theirs.close()
        assert await ours.receive() is None
        ours.close()

    asyncio.run(door())


def test_descriptors_that_nobody_asked_for_do_not_fill_our_table(ends: Ends) -> None:
    one, two = ends
    hostile, ours = PlainPipe(one, ()), PlainPipe(two, (Durable,))
    with open(os.devnull) as given:
        hostile.send(Durable(0), given.fileno())
        ours.receive()
        before = len(os.listdir("/proc/self/fd"))
        for n in range(50):
            hostile.send(Durable(n), given.fileno())
            assert ours.receive() == Durable(n)
            one.sendmsg(
                [b"no frame"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _fd(given.fileno()))]
            )
            with pytest.raises(Damaged):
                ours.receive()
        assert len(os.listdir("/proc/self/fd")) <= before


def _fd(descriptor: int) -> bytes:
    return descriptor.to_bytes(4, sys.byteorder)
