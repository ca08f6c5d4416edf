"""An answer, all its way: asked through a door, said by the core, and back to who asked.

The door and the core's side of it are the real ones, each in its own loop, with the real pipe in
between. The transport is a stand-in, and so is what the exit would say.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import pytest
import trio

from relay.config import Settings, parse
from relay.config.inward.common import AnsweringBySms, AnswersTo
from relay.journal import Journal
from relay.keyfiles import write_secret
from relay.model import Arrival, Outcome, Posted, Queue, Verdict
from relay.node import door as door_module
from relay.node import pipes
from relay.node.arrivals import Arrivals
from relay.node.board import Board
from relay.node.child import Pulse
from relay.node.door import Door
from relay.node.doors import Doors
from relay.node.inward import BUILDERS, Opened, Opening
from relay.node.pipes import Pipe
from relay.node.process import FROM_DOOR, Process
from relay.spool.memory import MemorySpool
from relay.wire.envelope import Inside, open_envelope
from relay.wire.keys import (
    ExitPublic,
    door_file,
    make_door_keys,
    make_exit_keys,
)
from relay.wire.token import seal_answer

NOW = 1_800_000_000
KEYS = make_exit_keys(NOW)
PUBLIC = ExitPublic(b"i" * 32, tuple(one.public for one in KEYS.epochs), b"p" * 32)
NUMBER = b"+989121234567"
TEXT = "دریافت شد"


class Clock:
    def now(self) -> int:
        return NOW


class PigeonIn(AnsweringBySms):
    """The settings of the stand-in: by SMS, within what SMS allows, but at once."""

    kind: Literal["pigeon"] = "pigeon"
    answers: AnswersTo = "asked"
    answers_every: int = 0
    answer_prefixes: tuple[str, ...] = ("+98",)


class Pigeon:
    """The stand-in: it brings what it is told to, and keeps the answers it is given."""

    def __init__(self) -> None:
        self.answers: list[tuple[bytes, str]] = []
        self._ids = itertools.count()
        self.opening: Opening

    def build(self, at: PigeonIn, opening: Opening) -> Opened:
        self.opening = opening
        return Opened(run=self._run, answer=self._answer)

    async def _run(self, ready: Callable[[str], None]) -> None:
        ready("")
        await asyncio.get_running_loop().create_future()

    async def _answer(self, way_back: bytes, text: str) -> Outcome:
        self.answers.append((way_back, text))
        return Posted("")

    async def asks(self, number: bytes) -> None:
        way_back = number + b"\x00mine"
        arrival = Arrival(
            "pigeon",
            "text",
            b"?12345678",
            ("news",),
            number,
            b"",
            provider_id=b"%d" % next(self._ids),
            way_back=way_back,
        )
        assert await self.opening.take_in(arrival) is Verdict.TAKEN


class Core:
    """The core's side, in a loop and a thread of its own."""

    def __init__(self, sock: socket.socket) -> None:
        self._pipe_end = sock
        self._began = Event()
        self._thread = Thread(target=trio.run, args=(self._main,))
        self._thread.start()
        self._began.wait(5)

    async def _main(self) -> None:
        clock = Clock()
        self._token = trio.lowlevel.current_trio_token()
        self.spool = MemorySpool(clock)
        board = Board(self.spool, clock)
        self.doors = Doors(
            self.spool, board, clock, PUBLIC, lambda: "ok", Arrivals(), lambda: 1 << 30
        )
        pipe = Pipe(self._pipe_end, FROM_DOOR)
        doorway = await self.doors.connected(Process("door", 1, pipe))
        self._began.set()
        while (frame := await pipe.receive()) is not None:
            await doorway.said(frame)

    async def does(self, what: Callable[[], Awaitable[None]]) -> None:
        """From the door's loop."""
        await asyncio.to_thread(trio.from_thread.run, what, trio_token=self._token)

    async def asked(self) -> Inside:
        """What came in and was not taken yet, opened as the exit would."""
        found: list[Inside] = []

        async def take() -> None:
            [row] = await self.spool.take(Queue.INBOX, now=NOW, limit=1)
            body = await self.spool.body(row.seq)
            found.append(open_envelope(body, KEYS.keyring).inside)

        await self.does(take)
        return found[0]

    async def says(self, asked: Inside) -> None:
        sealed = seal_answer(asked.answer_key, TEXT.encode())
        await self.does(lambda: self.doors.answer(asked.return_token, sealed))

    def ended(self) -> None:
        self._thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    made = parse({"channels": {"news": {}}}, tmp_path / "relay.toml")
    write_secret(made.keys / "door.key", door_file(make_door_keys(NOW)))
    return made.model_copy(update={"transports": {"pigeon": PigeonIn()}})


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Pigeon:
    made = Pigeon()
    monkeypatch.setitem(BUILDERS, "pigeon", made.build)  # type: ignore[arg-type]
    monkeypatch.setattr(door_module, "BEAT_S", 0.01)
    return made


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    read, write = os.pipe()
    yield Pulse(write)
    os.close(read)
    os.close(write)


@asynccontextmanager
async def serving(settings: Settings, pulse: Pulse, said: io.StringIO) -> AsyncIterator[Core]:
    ours, theirs = pipes.pair()
    core = Core(theirs)
    running: asyncio.Task[None] | None = None
    try:
        door = Door(ours, pulse, Journal("door", said), Clock(), settings, {})
        running = asyncio.create_task(door.run())
        await soon(lambda: core.doors.open)
        yield core
    finally:
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        ours.close()  # which ends the core's loop too
        await asyncio.to_thread(core.ended)
        theirs.close()


async def soon(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not claim():  # noqa: ASYNC110 - it comes true in another thread
            await asyncio.sleep(0.002)


def test_who_asked_gets_the_answer_once_and_nothing_of_it_is_kept(
    settings: Settings, pulse: Pulse, pigeon: Pigeon
) -> None:
    said = io.StringIO()

    async def story() -> None:
        async with serving(settings, pulse, said) as core:
            await pigeon.asks(NUMBER)
            asked = await core.asked()
            assert NUMBER not in asked.return_token and len(asked.answer_key) == 32
            await core.says(asked)
            await soon(lambda: pigeon.answers == [(NUMBER + b"\x00mine", TEXT)])
            await core.says(asked)  # a token is good once
            await soon(lambda: core.doors.answers["failed"] == 1)
            assert core.doors.answers["answered"] == len(pigeon.answers) == 1

    asyncio.run(story())
    kept = b"".join(one.read_bytes() for one in settings.keys.iterdir())
    assert NUMBER not in kept and TEXT.encode() not in kept
    assert (settings.keys / "pigeon.answers").read_bytes() == b"day 20833: 1 answers\n"
    assert "98912" not in said.getvalue() and TEXT not in said.getvalue()


def test_who_may_not_be_answered_gets_nothing_and_it_is_counted(
    settings: Settings, pulse: Pulse, pigeon: Pigeon
) -> None:
    async def story() -> None:
        async with serving(settings, pulse, io.StringIO()) as core:
            await pigeon.asks(b"+15550100123")  # not one of the settings' prefixes
            await core.says(await core.asked())
            await soon(lambda: core.doors.answers["capped"] == 1)
            for n in range(1, 6):
                await pigeon.asks(NUMBER)
                await core.says(await core.asked())
                await soon(lambda n=n: sum(core.doors.answers.values()) == n + 1)  # type: ignore[misc]
            assert core.doors.answers["answered"] == len(pigeon.answers) == 3

    asyncio.run(story())
