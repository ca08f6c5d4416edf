"""Three processes for an encrypted mail: one finds, one opens and ends, one reads."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import trio
from sealing import by_age, by_openpgp, entity, gigabyte, inline, pgp_mime

from relay.model import Ciphertext, Encrypted, Message, Reading, Unreadable
from relay.node import reader
from relay.node.child import Pulse
from relay.node.pipes import Pipe, PlainPipe, pair
from relay.node.process import TO_CORE, Process
from relay.node.readers import Readers
from relay.reader.opened import CLOSED
from relay.wire.frames import Decrypt, Read, WasDecrypted, WasRead
from relay.wire.mailkeys import MailKeys, make_mail_keys

WORDS = "پل را بستند."


def made() -> MailKeys:
    keys = make_mail_keys()
    assert keys is not None
    return keys


KEYS = made()


def forked() -> tuple[int, object]:
    """A reader process: its pid, and our end."""
    ours, theirs = pair()
    beat, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            ours.close()
            status = reader.main(theirs, Pulse(write))
        finally:
            os._exit(status)
    theirs.close()
    os.close(write)
    os.close(beat)
    return pid, ours


@contextmanager
def one() -> Iterator[tuple[PlainPipe, int]]:
    pid, ours = forked()
    pipe = PlainPipe(ours, (WasRead, WasDecrypted))  # type: ignore[arg-type]
    try:
        yield pipe, pid
    finally:
        pipe.close()
        os.waitpid(pid, 0)


def ended(pid: int) -> int:
    """How a process ended; it stays to be waited for."""
    how = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert how is not None
    return how.si_status


# ---------------------------------------------------------------- one process


def test_who_finds_something_encrypted_reads_nothing_more() -> None:
    with one() as (pipe, pid):
        pipe.send(Read(inline(by_age(b"words", KEYS.public)), "mail"))
        assert isinstance(pipe.receive().message, Encrypted)
        assert ended(pid) == 0


def test_who_opens_does_it_once_and_ends() -> None:
    sealed = by_openpgp(b"words", KEYS.public)
    with one() as (pipe, pid):
        pipe.send(Decrypt((Ciphertext("openpgp", "text", sealed),), KEYS))
        assert pipe.receive().plain == (b"words",)
        assert ended(pid) == 0


def test_who_has_read_anything_takes_no_keys() -> None:
    with one() as (pipe, pid):
        pipe.send(Read(b"text", "text"))
        assert isinstance(pipe.receive().message, Message)
        pipe.send(Decrypt((Ciphertext("age", "text", b""),), KEYS))
        assert pipe.receive() is None
        assert ended(pid) == 0


def test_a_megabyte_that_unpacks_to_a_gigabyte_ends_only_its_reader() -> None:
    with one() as (pipe, pid):
        pipe.send(Decrypt((Ciphertext("openpgp", "file", gigabyte()),), KEYS))
        answer = pipe.receive()
        assert answer is None or answer.message == Unreadable("too much memory to read")
        assert ended(pid) in (0, signal.SIGXCPU, signal.SIGABRT)


# ---------------------------------------------------------------- the core's side


class Kin:
    """What a launcher does for readers: starts one, and another when it has ended."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.readers = Readers(self.kill)
        self.killed: list[int] = []
        self.started = 0
        self.pid = 0
        self._nursery = nursery
        nursery.start_soon(self._run)

    async def kill(self, pid: int) -> None:
        self.killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    async def _run(self) -> None:
        while True:
            pid, ours = forked()
            self.started += 1
            self.pid = pid
            process = Process("reader", pid, Pipe(ours, TO_CORE["reader"]))  # type: ignore[arg-type]
            process.heard.set()
            process.began.set()
            self.readers.connected(process)
            try:
                how = await trio.to_thread.run_sync(partial(os.waitpid, pid, 0))
            finally:
                process.pipe.close()
            code = os.waitstatus_to_exitcode(how[1])
            process.status = -code if code < 0 else code
            process.dead.set()


async def readings(keys: MailKeys | None, *mails: bytes) -> tuple[list[Reading], int]:
    """What the readers of a node make of mails one after another, and how many were started."""
    read: list[Reading] = []
    async with trio.open_nursery() as nursery:
        kin = Kin(nursery)
        kin.readers.opens_with(keys)
        for mail in mails:
            with trio.fail_after(30):
                read.append(await kin.readers.read(mail, "mail"))
        started = kin.started
        with suppress(ProcessLookupError):  # it may be ending by itself
            os.kill(kin.pid, signal.SIGKILL)
        nursery.cancel_scope.cancel()
    return read, started


async def test_an_encrypted_mail_is_a_message_of_three_readers() -> None:
    mail = pgp_mime(by_openpgp(entity(WORDS, "The bridge"), KEYS.public))
    [found], started = await readings(KEYS, mail)
    assert isinstance(found, Message)
    assert (found.text, found.title, found.flags) == (WORDS, "The bridge", ("encrypted",))
    assert started == 3


async def test_mail_after_mail_is_read_whether_it_is_encrypted_or_not() -> None:
    plain = b"Content-Type: text/plain\r\n\r\nplain"
    sealed = inline(by_age(WORDS.encode(), KEYS.public))
    found, _ = await readings(KEYS, plain, sealed, plain, sealed, plain)
    texts = [one.text for one in found if isinstance(one, Message)]
    assert texts == ["plain", WORDS, "plain", WORDS, "plain"]


async def test_without_keys_it_is_set_aside_with_the_reason() -> None:
    [found], _ = await readings(None, inline(by_age(b"words", KEYS.public)))
    assert found == Unreadable(CLOSED)
