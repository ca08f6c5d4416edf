"""Two nodes in memory, each with its control socket, and ``relay bundle`` as a person calls it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import trio
from click.testing import CliRunner
from folder_parts import ENTRY, EXIT, NOW, HandClock, envelope

from relay.cli.bundle import export, import_
from relay.config import Settings, load
from relay.errors import OutwordError
from relay.model import Change, NewRow, Queue, Sent, State, Stored, hour_of
from relay.node.crossing.carried import STICK, Carried
from relay.node.crossing.returning import Newest, Returning
from relay.node.listener import listen, serve
from relay.spool.memory import MemorySpool
from relay.wire.batch import Batch
from relay.wire.batch import Carried as One
from relay.wire.envelope import look
from relay.wire.keys import link_file
from relay.wire.linkkeys import link_key_of

IDENTITY = "A" * 42 + "E"


async def says_nothing(token: bytes, sealed: bytes) -> None:
    return None


@dataclass
class Links:
    arrived: Any = None


class Core:
    """What orders need of the core of one node. It keeps in memory what came (``kept``)."""

    def __init__(self, folder: Path, seed: bytes, other: bytes, name: str, text: str) -> None:
        self.folder = folder
        for sub in (folder, folder / "keys", folder / "data"):
            sub.mkdir(mode=0o700)
        (folder / "keys" / "link.key").write_bytes(link_file(seed))
        (folder / "keys" / "link.key").chmod(0o600)
        peer = f'[peers.{name}]\nlink = "{link_key_of(other).written}"\n'
        (folder / "relay.toml").write_text(text.replace("PEER", peer))
        self.settings: Settings = load(folder / "relay.toml")
        self.clock = HandClock()
        self.spool = MemorySpool(self.clock)
        self.links: Any = Links(self.arrived)
        self.kept: dict[bytes, bytes] = {}
        self.came: list[Batch] = []
        self.full = False
        self.returning = Returning(
            self.settings.peers, says_nothing, lambda token: False, lambda: Newest(5, b"keys" * 9)
        )

    @property
    def is_entry(self) -> bool:
        return self.settings.node.role == "entry"

    async def accept(self, count: int, size: int = 100) -> list[bytes]:
        """So many messages are sealed and wait for the exit; their ids."""
        ids = []
        for n in range(count):
            sealed = envelope(f"{n:>{size}}")
            id, hour = look(sealed).id, hour_of(NOW)
            then = NewRow(Queue.OUTBOUND, Sent.WAITING, id, hour, name="exit")
            row = NewRow(Queue.ASSIGNED, State.WAITING, id, hour, body=sealed, then=(then,))
            (stored,) = await self.spool.put([row])
            assert isinstance(stored, Stored)
            ids.append(id)
        return ids

    async def carries(self, peer: str) -> AsyncGenerator[Batch, None]:
        waits = await self.spool.look(queue=Queue.OUTBOUND)
        for at in range(0, len(waits), 64):
            bodies = [await self.spool.body(row.root) for row in waits[at : at + 64]]
            yield Batch(envelopes=tuple(map(One, bodies)), serial=3)

    async def waits(self) -> int:
        return len(await self.spool.look(queue=Queue.OUTBOUND))

    async def arrived(self, link: str, peer: str, batch: Batch) -> Batch | None:
        assert link == STICK
        if self.full:
            return None
        self.came.append(batch)
        ids = [look(one.envelope).id for one in batch.envelopes]
        self.kept |= dict(zip(ids, (one.envelope for one in batch.envelopes), strict=True))
        for row in await self.spool.look(queue=Queue.OUTBOUND) if batch.durable else ():
            if row.id in batch.durable:
                await self.spool.change(row, Change(Queue.ENDED, Sent.HANDED, None))
        return Batch(durable=tuple(ids), serial=4 if self.is_entry else 0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Its control socket answers meanwhile."""
        listening = listen(self.folder / "data" / "control")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve, listening, Carried(self).answers)
            yield
            nursery.cancel_scope.cancel()


@dataclass
class Done:
    """How a command ended: its status, what it said, and with --json the values."""

    status: int
    said: str
    values: dict[str, Any] = field(default_factory=dict)


async def call(core: Core, command: click.Command, *words: object) -> Done:
    """Give a command at one node."""
    args = ["-c", str(core.folder / "relay.toml"), *map(str, words)]

    def run() -> Done:
        done = CliRunner().invoke(command, args)
        if isinstance(done.exception, OutwordError):
            return Done(done.exception.exit_code, str(done.exception))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        values = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        return Done(done.exit_code, done.output, values)

    return await trio.to_thread.run_sync(run)


async def puts(core: Core, stick: Path, *words: object) -> Done:
    return await call(core, export, stick, *words)


async def takes(core: Core, stick: Path, *words: object) -> Done:
    return await call(core, import_, stick, *words)


def entry_at(folder: Path) -> Core:
    text = (
        '[node]\nrole = "entry"\n[channels.news]\n[transports.mail]\nkind = "smtp"\n'
        'listen = "127.0.0.1:0"\nchannel = "news"\naddresses = ["post@example.org"]\n'
        f'PEERidentity = "{IDENTITY}"\n[links.stick]\nkind = "folder"\npeer = "exit"\n'
        'folder = "/nowhere"\n'
    )
    return Core(folder, ENTRY, EXIT, "exit", text)


def exit_at(folder: Path) -> Core:
    text = (
        '[node]\nrole = "exit"\n[channels.news]\nPEER[links.stick]\nkind = "folder"\n'
        'folder = "/nowhere"\n'
    )
    return Core(folder, EXIT, ENTRY, "entry", text)


@asynccontextmanager
async def two(tmp_path: Path) -> AsyncIterator[tuple[Core, Core, Path]]:
    """An entry, an exit, and a stick."""
    (tmp_path / "stick").mkdir()
    entry, there = entry_at(tmp_path / "a"), exit_at(tmp_path / "b")
    async with entry.running(), there.running():
        yield entry, there, tmp_path / "stick"
