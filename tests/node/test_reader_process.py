"""The reader process: what needs too much of it is set aside, and a fresh one takes its place."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from relay.model import Message, Unreadable
from relay.node import reader
from relay.node.child import Pulse
from relay.node.pipes import PlainPipe, pair
from relay.wire.frames import Read, WasRead


@contextmanager
def reading(behave: Callable[[bytes, str], object]) -> Iterator[tuple[PlainPipe, int]]:
    """A reader process that behaves so for content "hostile"; the core's end, and its pid."""
    ours, theirs = pair()
    beat, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        ours.close()
        real = reader.read

        def read(content: bytes, kind: str) -> object:
            return behave(content, kind) if content == b"hostile" else real(content, kind)

        reader.read = read  # type: ignore[assignment]
        status = 70
        try:
            status = reader.main(theirs, Pulse(write))
        finally:
            os._exit(status)
    theirs.close()
    os.close(write)
    try:
        yield PlainPipe(ours, (WasRead,)), pid
    finally:
        ours.close()
        os.close(beat)
        with pytest.raises(ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.waitpid(pid, 0)


def test_item_after_item_is_read() -> None:
    with reading(lambda content, kind: None) as (pipe, _):
        for n in range(20):
            pipe.send(Read(b"text %d" % n, "text"))
            answer = pipe.receive()
            assert isinstance(answer.message, Message) and answer.message.text == f"text {n}"


def spin(content: bytes, kind: str) -> object:
    while True:
        pass


def hoard(content: bytes, kind: str) -> object:
    return b"x" * (300 * 1024 * 1024)


def test_two_seconds_of_cpu_end_it() -> None:
    with reading(spin) as (pipe, pid):
        pipe.send(Read(b"hostile", "mail"))
        assert pipe.receive() is None
        assert os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status == signal.SIGXCPU


def test_256_megabytes_are_the_end_of_an_item_and_of_its_reader() -> None:
    with reading(hoard) as (pipe, pid):
        pipe.send(Read(b"hostile", "mail"))
        assert pipe.receive().message == Unreadable("too much memory to read")
        assert os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status == 0


KEPT: list[bytearray] = []


def keep(content: bytes, kind: str) -> object:
    """As an allocator that gives nothing back does."""
    KEPT.append(bytearray(reader.GROWN_BYTES + 1024 * 1024))
    return Message("read")


def test_one_that_an_item_has_left_with_less_memory_ends_itself() -> None:
    with reading(keep) as (pipe, pid):
        pipe.send(Read(b"hostile", "mail"))
        assert pipe.receive().message.text == "read"
        assert os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status == 0
