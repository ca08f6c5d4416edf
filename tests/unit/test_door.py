"""A door and what it must survive: a key file or a data folder that cannot be written."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from relay.clock import SteadyClock
from relay.config import Settings, parse
from relay.errors import Damaged, NoNode
from relay.journal import Journal
from relay.keyfiles import write_secret
from relay.model import Verdict
from relay.node import pipes
from relay.node.child import Pulse
from relay.node.door import Door
from relay.node.pipes import PipeEnded, PlainPipe
from relay.ports import Clock
from relay.rules.clock import Belief
from relay.testing.senders import request
from relay.transports.local import send
from relay.wire.frames import Durable, Heard, Open, Put, Recipient, Room, SealTo, Standing
from relay.wire.keys import door_file, make_door_keys, make_exit_keys

NOW = 1_800_000_000
DAY = 86400


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Core:
    """The other end: keeps whatever it is given, in a thread."""

    def __init__(self, sock: socket.socket) -> None:
        self.pipe = PlainPipe(sock, (Put, Open, Heard))
        self.puts: list[Put] = []
        self.thread = Thread(target=self._serve)
        self.thread.start()

    def seal_to(self) -> None:
        self.pipe.send(SealTo(RECIPIENTS, bytes(32), bytes(32)))
        self.pipe.send(Standing("ok"))

    def _serve(self) -> None:
        with suppress(PipeEnded, Damaged):
            while (frame := self.pipe.receive()) is not None:
                if isinstance(frame, Put):
                    self.puts.append(frame)
                    self.pipe.send(Durable(frame.n))


RECIPIENTS = tuple(Recipient(one.id, one.public.public) for one in make_exit_keys().epochs)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return parse({"channels": {"news": {}}}, tmp_path / "relay.toml")


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    read, write = os.pipe()
    yield Pulse(write)
    os.close(read)
    os.close(write)


@asynccontextmanager
async def serving(
    settings: Settings, pulse: Pulse, said: io.StringIO, clock: Clock | None = None
) -> AsyncIterator[Core]:
    ours, theirs = pipes.pair()
    door = Door(ours, pulse, Journal("door", said), clock or Hands(), settings, {})
    core = Core(theirs)
    running = asyncio.create_task(door.run())
    core.seal_to()
    try:
        yield core
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        ours.close()
        core.thread.join()
        theirs.close()


async def sent(settings: Settings, text: bytes) -> Verdict:
    for _ in range(200):
        with suppress(NoNode):
            return await asyncio.to_thread(send, settings.data / "send", "news", text)
        await asyncio.sleep(0.01)
    raise AssertionError("it does not listen")


def test_a_door_takes_a_text_in(settings: Settings, pulse: Pulse) -> None:
    write_secret(settings.keys / "door.key", door_file(make_door_keys(NOW)))

    async def story() -> None:
        async with serving(settings, pulse, io.StringIO()) as core:
            assert await sent(settings, b"a text") is Verdict.TAKEN
            assert len(core.puts) == 1

    asyncio.run(story())


def test_a_door_whose_key_file_cannot_be_written_goes_on_with_the_old_secrets(
    settings: Settings, pulse: Pulse
) -> None:
    written = door_file(make_door_keys(NOW - 5 * DAY))
    write_secret(settings.keys / "door.key", written)
    (settings.keys / ".door.key.new").mkdir()  # in the way, as a full disk would be
    said = io.StringIO()

    async def story() -> None:
        async with serving(settings, pulse, said):
            assert await sent(settings, b"a text") is Verdict.TAKEN

    asyncio.run(story())
    assert "door.key cannot be written" in said.getvalue()
    assert (settings.keys / "door.key").read_bytes() == written


@pytest.mark.parametrize(("frozen", "rolled"), [(0.0, True), (7.0, False)])
def test_join_secrets_roll_unless_the_clock_is_not_believed(
    settings: Settings, pulse: Pulse, frozen: float, rolled: bool
) -> None:
    written = door_file(make_door_keys(NOW - 5 * DAY))
    write_secret(settings.keys / "door.key", written)
    clock = SteadyClock(Belief(NOW, NOW, NOW, NOW, 0.0, frozen), lambda: 7.0)

    async def story() -> None:
        async with serving(settings, pulse, io.StringIO(), clock):
            assert await sent(settings, b"a text") is Verdict.TAKEN

    asyncio.run(story())
    clock.only_read()
    assert ((settings.keys / "door.key").read_bytes() != written) is rolled


def test_a_data_folder_that_cannot_be_written_ends_no_door(
    settings: Settings, pulse: Pulse
) -> None:
    write_secret(settings.keys / "door.key", door_file(make_door_keys(NOW)))
    (settings.data / "send").mkdir()  # in the way
    said = io.StringIO()

    async def story() -> None:
        ours, theirs = pipes.pair()
        door = Door(ours, pulse, Journal("door", said), Hands(), settings, {})
        theirs.close()  # no core either
        running = asyncio.create_task(door.run())
        await asyncio.sleep(0.1)
        assert not running.done()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        ours.close()

    asyncio.run(story())
    assert "relay send" in said.getvalue()


def test_a_door_that_cannot_go_on_hearing_its_core_ends(settings: Settings, pulse: Pulse) -> None:
    write_secret(settings.keys / "door.key", door_file(make_door_keys(NOW)))

    async def story() -> None:
        ours, theirs = pipes.pair()
        door = Door(ours, pulse, Journal("door", io.StringIO()), Hands(), settings, {})
        PlainPipe(theirs, ()).send(SealTo((Recipient(b"no", b"key"),), b"", b""))
        PlainPipe(theirs, ()).send(Durable(1))
        door._seal_to = _fails  # type: ignore[method-assign]
        with pytest.raises(LookupError):
            await asyncio.wait_for(door.run(), 5)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        ours.close()
        theirs.close()

    asyncio.run(story())


def _fails(_: object) -> None:
    raise LookupError("a fault of ours")


def test_the_door_of_an_exit_says_that_its_disk_is_full(tmp_path: Path, pulse: Pulse) -> None:
    table = {"node": {"role": "exit"}, "http": {"listen": "127.0.0.1:0"}, "channels": {"news": {}}}
    settings = parse(table, tmp_path / "relay.toml")
    http = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{http.getsockname()[1]}/healthz"

    async def says(wanted: tuple[int, bytes]) -> None:
        async with asyncio.timeout(5):
            while await asyncio.to_thread(request, "GET", url) != wanted:
                pass

    async def story() -> None:
        ours, theirs = pipes.pair()
        journal = Journal("door", io.StringIO())
        door = Door(ours, pulse, journal, Hands(), settings, {"http": http})
        running = asyncio.create_task(door.run())
        core = PlainPipe(theirs, (Open,))
        core.send(SealTo((), bytes(32), bytes(32)))
        core.send(Standing("ok"))
        for room, wanted in ((1, (200, b"ok")), (0, (503, b"disk")), (9, (200, b"ok"))):
            core.send(Room(room))
            await says(wanted)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        ours.close()
        theirs.close()

    asyncio.run(story())
    http.close()
