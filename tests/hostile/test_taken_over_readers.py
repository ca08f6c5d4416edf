"""A reader that what it read has taken over: whatever it answers, the core goes on and says so.

The other end of the pair is held by the test, which is any process that an enemy runs.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import tracemalloc
from collections.abc import Callable

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from relay.exit.read import read
from relay.exit.record import Record, store
from relay.exit.review import review
from relay.model import (
    Ciphertext,
    Command,
    Encrypted,
    Mark,
    Media,
    Message,
    Queue,
    Reading,
    Row,
    State,
    Unreadable,
)
from relay.node import pipes
from relay.node.process import TO_CORE, Process
from relay.node.read_said import believed
from relay.node.readers import Readers
from relay.wire import frames
from relay.wire.keys import make_exit_keys
from relay.wire.pack import pack

KEYS = make_exit_keys(1_800_000_000)
NOT_BELIEVED = Unreadable("its reader answered in no way we know")
MIB = 1024 * 1024


class Enemy:
    """A reader's process whose end of the pair is in the hands of an enemy; killed when the core
    asks for it, and then another one, an honest one, comes."""

    def __init__(self, says: Callable[[socket.socket], None]) -> None:
        self.readers = Readers(self.kill)
        self.killed: list[int] = []
        self._says = says
        self._alive: dict[int, tuple[Process, socket.socket]] = {}

    async def kill(self, pid: int) -> None:
        self.killed.append(pid)
        process, theirs = self._alive[pid]
        theirs.close()
        process.status = 9
        process.dead.set()
        self.comes(pid + 1, lambda end: _says(end, frames.WasRead(Message("honest"))))

    def comes(self, pid: int, says: Callable[[socket.socket], None] | None = None) -> None:
        ours, theirs = pipes.pair()
        process = Process("reader", pid, pipes.Pipe(ours, TO_CORE["reader"]))
        process.began.set()
        self._alive[pid] = process, theirs
        (says or self._says)(theirs)
        self.readers.connected(process)

    async def reads(self) -> Reading:
        with trio.fail_after(20):
            return await self.readers.read(b"mail", "mail")

    def close(self) -> None:
        for process, theirs in self._alive.values():
            process.pipe.close()
            theirs.close()


def _says(end: socket.socket, frame: object) -> None:
    pipes.PlainPipe(end, ()).send(frame)


def _file(content: bytes, *, sealed: bool = True) -> int:
    file = os.memfd_create("frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(file, content)
    if sealed:
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, pipes._SEALS)
    return file


def passes(packet: bytes, *files: int) -> Callable[[socket.socket], None]:
    """Sends a packet with these descriptors."""

    def say(end: socket.socket) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files).tobytes())]
        end.sendmsg([packet], rights if files else [])
        for file in files:
            os.close(file)

    return say


def in_a_file(content: bytes, *, sealed: bool = True) -> Callable[[socket.socket], None]:
    return lambda end: passes(b"\xc1", _file(content, sealed=sealed))(end)


def answers(message: object) -> Callable[[socket.socket], None]:
    return lambda end: _says(end, frames.WasRead(message))  # type: ignore[arg-type]


GOOD = pack(frames.WasRead(Message("words")))
MANY = 4_000_000

NOT_A_FRAME = {
    "noise": passes(os.urandom(2000)),
    "one byte": passes(b"\x00"),
    "the mark of a file, and no file": passes(b"\xc1"),
    "a good frame and more": passes(GOOD + b"\xc0"),
    "half a frame": passes(GOOD[: len(GOOD) // 2]),
    "a packet longer than any": passes(b"\x91" * (pipes.INLINE + 1)),
    "a frame of another role": lambda end: _says(end, frames.Durable(7)),
    "an order to the launcher": lambda end: _says(end, frames.Kill(1)),
    "a question": lambda end: _says(end, frames.Read(b"x", "mail")),
    "the answer to another question": lambda end: _says(end, frames.WasDecrypted((b"x",))),
    "a file that can still be changed": in_a_file(GOOD, sealed=False),
    "an empty file": in_a_file(b""),
    "two files": lambda end: passes(b"\xc1", _file(GOOD), _file(GOOD))(end),
    "forty files": lambda end: passes(b"\xc1", *[_file(GOOD) for _ in range(40)])(end),
    "a directory": lambda end: passes(b"\xc1", os.open("/", os.O_RDONLY))(end),
    "the random device": lambda end: passes(b"\xc1", os.open("/dev/urandom", os.O_RDONLY))(end),
    "a file larger than any frame": in_a_file(bytes(65 * MIB)),
    "four million nothings": in_a_file(b"\xdd" + MANY.to_bytes(4, "big") + b"\xc0" * MANY),
    "four million maps": in_a_file(b"\xdd" + MANY.to_bytes(4, "big") + b"\x80" * MANY),
    "a hundred thousand lists in lists": in_a_file(b"\x91" * 100_000),
    "a list that says it has 4 billion members": passes(b"\xdd\xff\xff\xff\xff"),
    "a text of 30 MB": answers(Message("a" * 30 * MIB)),
}

NO_READING: dict[str, object] = {
    "a text past the limit": Message("a" * 20_001),
    "a title past the limit": Message("a", "b" * 301),
    "a title of two lines": Message("a", "b\nc"),
    "NUL in a text": Message("a\x00b"),
    "what XML cannot carry": Message("a\ufffe"),
    "an escape in a title": Message("a", "\x1b[2J"),
    "a mark before the text": Message("a", marks=(Mark("phone", -1, 1),)),
    "a mark behind the text": Message("a", marks=(Mark("phone", 0, 2**40),)),
    "more marks than letters": Message("a", marks=(Mark("phone", 0, 1),) * 3),
    "a mark whose kind is a line": Message("a", marks=(Mark("a\nb", 0, 1),)),
    "a mark of a kind that is a name": Message("a", marks=(Mark("Sam", 0, 1),)),
    "a mark behind the title": Message("abc", "a", marks=(Mark("phone", 0, 2, "title"),)),
    "marks without end at no place": Message("a", marks=(Mark("quote", 0, 0),) * 300),
    "a flag that is a line": Message("a", flags=("a\nb",)),
    "an empty flag": Message("a", flags=("",)),
    "a thousand flags": Message("a", flags=("a",) * 1000),
    "a type that is two lines": Message("a", media=(Media("text/plain\r\nX: y", b"x"),)),
    "no type": Message("a", media=(Media("", b"x"),)),
    "ten thousand media": Message("a", media=(Media("a/b", b""),) * 10_000),
    "a code without end": Message("a", code="1" * 5000),
    "a language without end": Message("a", language="x" * 5000),
    "an argument without end": Command("to", "x" * 30_000),
    "something encrypted beside what cannot be": Encrypted(
        (Ciphertext("age", "text", b"x"),), Message("a\x00")
    ),
}


@pytest.mark.parametrize("name", NOT_A_FRAME)
async def test_what_is_no_answer_sets_the_mail_aside_and_ends_the_reader(name: str) -> None:
    enemy = Enemy(NOT_A_FRAME[name])
    enemy.comes(1)
    tracemalloc.start()
    try:
        assert await enemy.reads() == NOT_BELIEVED
        assert tracemalloc.get_traced_memory()[1] < 100 * MIB
        assert await enemy.reads() == Message("honest")
    finally:
        tracemalloc.stop()
        enemy.close()
    assert enemy.killed == [1]


@pytest.mark.parametrize("name", NO_READING)
async def test_a_reading_that_no_reader_gives_is_not_believed(name: str) -> None:
    enemy = Enemy(answers(NO_READING[name]))
    enemy.comes(1)
    try:
        assert await enemy.reads() == NOT_BELIEVED
        assert enemy.killed == [1]
    finally:
        enemy.close()


async def test_one_that_never_answers_is_killed_and_the_mail_set_aside(
    autojump_clock: MockClock,
) -> None:
    enemy = Enemy(lambda end: None)
    enemy.comes(1)
    try:
        assert await enemy.reads() == Unreadable("too much work to read")
        assert (enemy.killed, await enemy.reads()) == ([1], Message("honest"))
    finally:
        enemy.close()


async def test_one_that_closes_its_end_and_lives_on_is_killed(autojump_clock: MockClock) -> None:
    enemy = Enemy(lambda end: end.shutdown(socket.SHUT_RDWR))
    enemy.comes(1)
    try:
        assert (await enemy.reads(), enemy.killed) == (Message("honest"), [1])
    finally:
        enemy.close()


async def test_descriptors_that_came_with_a_good_answer_are_closed() -> None:
    def say(end: socket.socket) -> None:
        for _ in range(30):
            passes(GOOD, _file(b"x"), _file(b"y"))(end)

    enemy = Enemy(say)
    enemy.comes(1)
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(30):
            assert await enemy.reads() == Message("words")
        assert len(os.listdir("/proc/self/fd")) <= before + 2  # those of the last one
    finally:
        enemy.close()


def test_why_something_could_not_be_read_is_one_short_line() -> None:
    said = believed(Unreadable("\x1b[2J" + "a" * 10_000 + "\n"))
    assert isinstance(said, Unreadable)
    assert len(said.why) <= 300 and said.why.isprintable()


def row_of(record: Record) -> Row:
    body = store(record, KEYS.storage, bytes(16))
    return Row(1, 1, 0, Queue.READ, State.WAITING, bytes(16), 0, 0, "news", "", b"", body)


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
ODD = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
NUMBER = st.integers(-(2**63), 2**63) | st.integers(0, 40)
MESSAGES = st.builds(
    Message,
    ODD,
    LINE | ODD,
    WORD,
    st.lists(st.builds(Mark, WORD, NUMBER, NUMBER), max_size=3).map(tuple),
    st.lists(st.builds(Media, WORD, st.binary(max_size=20)), max_size=3).map(tuple),
    st.lists(WORD | st.sampled_from(["perhaps_command", "known", "cut_text"]), max_size=4).map(
        tuple
    ),
    WORD | LINE,
)
READINGS = (
    MESSAGES
    | st.builds(Unreadable, ODD)
    | st.builds(Command, st.sampled_from(["code", "status", "delete", "to", "read"]), ODD, WORD)
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(READINGS)
def test_whatever_a_reading_says_it_has_one_state_after_the_next_two_steps(said: Reading) -> None:
    class Says:
        async def read(self, content: bytes, kind: str) -> Reading:
            return said

    record = Record(bytes(32), "mail", "mail", "news", content=b"x")

    async def steps() -> None:
        change = await read(row_of(record), Says(), KEYS)
        assert change.state in (State.WAITING, State.QUARANTINED, State.COMMAND)
        if change.queue == Queue.REVIEW:
            assert change.body is not None
            read_ = Row(
                1, 1, 1, Queue.REVIEW, State.WAITING, bytes(16), 0, 0, "news", "", b"", change.body
            )
            after = review(read_, KEYS, {}, 1_800_000_000, lambda low, high: low)
            assert after.state == State.HELD

    trio.run(steps)


async def test_a_reading_larger_than_what_is_kept_is_quarantined_and_ends_no_core() -> None:
    class Says:
        async def read(self, content: bytes, kind: str) -> Reading:
            return Message("a", media=(Media("text/plain", bytes(17 * MIB)),))

    record = Record(bytes(32), "text", "mail", "news", content=b"x")
    change = await read(row_of(record), Says(), KEYS)
    assert (change.queue, change.state) == (Queue.ENDED, State.QUARANTINED)
