"""A reader that has parsed anything is never given a key, however it behaves."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.model import Ciphertext, Encrypted, Message, Reading, Unreadable
from relay.node import pipes
from relay.node.process import TO_CORE, Process
from relay.node.readers import Readers
from relay.wire import frames
from relay.wire.mailkeys import MailKeys, MailPublic

KEYS = MailKeys(b"openpgp", "age", MailPublic("certificate", "A" * 40, "age1" + "q" * 58))
PART = Ciphertext("age", "text", b"sealed")
FOUND = frames.WasRead(Encrypted((PART,)))


class Scripted:
    """Readers that say what they are told to: one a list, frame after frame. ``None`` in a list:
    end in order; what goes on after its list lives until it is killed."""

    def __init__(self, *lives: list[Any]) -> None:
        self.readers = Readers(self.kill)
        self.readers.opens_with(KEYS)
        self.asked: list[list[Any]] = []
        self.killed: list[int] = []
        self._lives = lives
        self._alive: dict[int, Process] = {}

    async def kill(self, pid: int) -> None:
        self.killed.append(pid)
        self._alive[pid].dead.set()

    async def run(self) -> None:
        for pid, script in enumerate(self._lives):
            ours, theirs = pipes.pair()
            process = Process("reader", pid, pipes.Pipe(ours, TO_CORE["reader"]))
            process.began.set()
            self._alive[pid] = process
            self.readers.connected(process)
            try:
                await self._live(process, theirs, script)
            finally:
                process.pipe.close()
                theirs.close()

    async def _live(self, process: Process, theirs: socket.socket, script: list[Any]) -> None:
        pipe = pipes.Pipe(theirs, (frames.Read, frames.Decrypt, frames.ReadDecrypted))
        heard: list[Any] = []
        self.asked.append(heard)
        for answer in script:
            if answer is None:
                await wait_all_tasks_blocked()  # what it said was heard
                process.dead.set()
                return
            asked = await pipe.receive()
            heard.append(asked)
            await pipe.send(answer)
        await process.dead.wait()


async def reading(scripted: Scripted) -> Reading:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scripted.run)
        with trio.fail_after(5):
            read = await scripted.readers.read(b"mail", "mail")
        nursery.cancel_scope.cancel()
    return read


GOOD = [[FOUND, None], [frames.WasDecrypted((b"plain",)), None], [frames.WasRead(Message("words"))]]


async def test_each_of_three_is_told_what_it_needs() -> None:
    scripted = Scripted(*GOOD)
    assert await reading(scripted) == Message("words")
    first, second, third = scripted.asked
    assert first == [frames.Read(b"mail", "mail")]
    assert second == [frames.Decrypt((PART,), KEYS)]
    opened = Encrypted((Ciphertext("age", "text", b"plain"),))
    assert third == [frames.ReadDecrypted(opened, ())]
    assert scripted.killed == []


async def test_one_that_lives_on_is_killed_before_the_next_is_asked(
    autojump_clock: MockClock,
) -> None:
    scripted = Scripted([FOUND], [frames.WasDecrypted((b"plain",))], GOOD[2])
    assert await reading(scripted) == Message("words")
    assert scripted.killed == [0, 1]
    assert [[type(one) for one in heard] for heard in scripted.asked] == [
        [frames.Read],
        [frames.Decrypt],
        [frames.ReadDecrypted],
    ]


async def test_what_could_not_be_opened_is_handed_on_as_it_is() -> None:
    scripted = Scripted(GOOD[0], [frames.WasDecrypted((None,)), None], GOOD[2])
    await reading(scripted)
    assert scripted.asked[2] == [frames.ReadDecrypted(Encrypted(()), (PART,))]


@pytest.mark.parametrize(
    "lie",
    [
        frames.WasDecrypted(()),
        frames.WasDecrypted((b"a", b"b")),
        frames.WasRead(Message("made up")),
        FOUND,
    ],
)
async def test_an_answer_that_does_not_fit_sets_the_item_aside(lie: Any) -> None:
    found = await reading(Scripted(GOOD[0], [lie, None], [frames.WasRead(Message("x"))]))
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("lie", [frames.WasDecrypted((b"plain",)), FOUND])
async def test_what_was_opened_is_not_opened_again(lie: Any) -> None:
    assert isinstance(await reading(Scripted(*GOOD[:2], [lie, None])), Unreadable)


async def test_a_reader_of_plain_mail_cannot_claim_to_have_opened_it() -> None:
    assert isinstance(await reading(Scripted([frames.WasDecrypted((b"x",)), None])), Unreadable)
