"""A door and the core's side of it, each in its own loop, with the real pipe in between.

The transport is a stand-in: it brings what a test says, and keeps the answers that it is given.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
from relay.wire.keys import ExitPublic, door_file, make_door_keys, make_exit_keys
from relay.wire.token import seal_answer

NOW = 1_800_000_000
KEYS = make_exit_keys(NOW)
PUBLIC = ExitPublic(b"i" * 32, tuple(one.public for one in KEYS.epochs), b"p" * 32)
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

    def __init__(self, *, fetches: bool = False) -> None:
        self._fetches = fetches
        self.answers: list[tuple[bytes, str]] = []
        self._ids = itertools.count()
        self.opening: Opening

    def build(self, at: PigeonIn, opening: Opening) -> Opened:
        self.opening = opening
        return Opened(run=self._run, answer=self._answer, fetches=self._fetches)

    async def _run(self, ready: Callable[[str], None]) -> None:
        ready("")
        await asyncio.get_running_loop().create_future()

    async def _answer(self, way_back: bytes, text: str) -> Outcome:
        self.answers.append((way_back, text))
        return Posted("")

    async def brings(self, number: bytes, text: bytes = b"?12345678") -> Verdict:
        """A new message of somebody, and how it ended."""
        arrival = Arrival(
            "pigeon",
            "text",
            text,
            ("news",),
            number,
            b"",
            provider_id=b"%d" % next(self._ids),
            way_back=number + b"\x00mine",
        )
        return await self.opening.take_in(arrival)


class Core:
    """The core's side, in a loop and a thread of its own."""

    def __init__(self, sock: socket.socket, room: int) -> None:
        self._room = room
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
            self.spool,
            board,
            clock,
            lambda: PUBLIC.epochs,
            lambda: "ok",
            Arrivals(),
            lambda: self._room,
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

    async def accepted(self) -> int:
        """How many submissions are durable."""
        found: list[int] = []

        async def count() -> None:
            found.append((await self.spool.counts()).accepted)

        await self.does(count)
        return found[0]

    async def says(self, asked: Inside) -> None:
        """Answer what was asked."""
        sealed = seal_answer(asked.answer_key, TEXT.encode())
        await self.does(lambda: self.doors.answer(asked.return_token, sealed))

    def ended(self) -> None:
        """Wait for its end, once the door is gone."""
        self._thread.join()


@asynccontextmanager
async def serving(
    folder: Path, pigeon: Pigeon, said: io.StringIO | None = None, *, room: int = 1 << 30
) -> AsyncIterator[Core]:
    """A door that serves, in a new folder, until the end of the block. ``said`` gets its journal;
    ``room`` is how many bytes are free on the core's disk."""
    settings = _settings(folder)
    journal = Journal("door", said or io.StringIO())
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    core = Core(theirs, room)
    running: asyncio.Task[None] | None = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BUILDERS, "pigeon", pigeon.build)  # type: ignore[arg-type]
        patch.setattr(door_module, "BEAT_S", 0.01)
        try:
            door = Door(ours, Pulse(write), journal, Clock(), settings, {})
            running = asyncio.create_task(door.run())
            await soon(lambda: core.doors.open)
            yield core
        finally:
            if running is not None:
                signal.raise_signal(signal.SIGTERM)  # in order: its pulse may write no more
                await running
                await asyncio.sleep(0)
                asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
            ours.close()  # which ends the core's loop too
            await asyncio.to_thread(core.ended)
            theirs.close()
            os.close(read)
            os.close(write)


def _settings(folder: Path) -> Settings:
    (folder / "data").mkdir()
    made = parse({"channels": {"news": {}}}, folder / "relay.toml")
    write_secret(made.keys / "door.key", door_file(make_door_keys(NOW)))
    return made.model_copy(update={"transports": {"pigeon": PigeonIn()}})


async def soon(claim: Callable[[], bool]) -> None:
    """Until it is true; it becomes so in another thread."""
    async with asyncio.timeout(5):
        while not claim():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
