"""Nodes in countries of their own: a network namespace each, and cables between them.

A country is a namespace of Linux with a loopback of its own and one address on a common wire
(iproute2: ``ip netns``, a bridge, a veth pair each). So what leads from one node to another goes
over a network, under TLS, and can be cut; and what listens on loopback is in reach of its own
country alone. The test itself is abroad, at the wire's first address.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")

_CLONE_NEWNET: Final = 0x40000000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Why there can be no countries here; empty where there can."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    for name in ("ip", "nsenter"):
        if shutil.which(name) is None:
            return f"{name} is not installed (Debian: iproute2, util-linux)"
    name = f"ow{secrets.token_hex(3)}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True)
    if tried.returncode:
        return "no network namespace can be made here"
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return ""


@dataclass(frozen=True)
class Country:
    """``space`` is the namespace's name, ``address`` its own on the wire, ``abroad`` that at which
    the test is reached from it."""

    name: str
    space: str
    address: str
    abroad: str

    @property
    def before(self) -> tuple[str, ...]:
        """The words before a command that is to run there."""
        return ("nsenter", f"--net=/run/netns/{self.space}")

    def within(self, call: Callable[[], T]) -> T:
        """What a call gives that is made there. A thread of its own goes, and does not come back;
        sockets that it makes stay there."""
        given: list[T] = []
        failed: list[BaseException] = []

        def go() -> None:
            try:
                _enter(self.space)
                given.append(call())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return given[0]

    def cable(self, *, up: bool) -> None:
        """Plug it in, or pull it out."""
        _ip("-n", self.space, "link", "set", "wire", "up" if up else "down")


@dataclass
class World:
    """The wire, and who is on it."""

    tag: str
    net: str
    countries: list[Country] = field(default_factory=list)

    @property
    def abroad(self) -> str:
        """Where the test itself is on the wire."""
        return f"{self.net}.1"

    def country(self, name: str) -> Country:
        """A new one."""
        number = len(self.countries) + 2
        made = Country(name, f"{self.tag}{name}", f"{self.net}.{number}", self.abroad)
        outer = f"{self.tag}v{number}"
        _ip("netns", "add", made.space)
        self.countries.append(made)
        _ip("link", "add", outer, "type", "veth", "peer", "name", "wire", "netns", made.space)
        _ip("link", "set", outer, "master", self.tag, "up")
        for words in (
            ("addr", "add", f"{made.address}/24", "dev", "wire"),
            ("link", "set", "wire", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", made.space, *words)
        return made


@contextmanager
def world() -> Iterator[World]:
    """A wire for the test's own countries, gone with them after the block."""
    token = secrets.token_bytes(2)
    made = World(f"ow{token.hex()}", f"10.{64 + token[0] % 64}.{token[1]}")
    _ip("link", "add", made.tag, "type", "bridge")
    try:
        _ip("addr", "add", f"{made.abroad}/24", "dev", made.tag)
        _ip("link", "set", made.tag, "up")
        yield made
    finally:
        for country in made.countries:
            subprocess.run(["ip", "netns", "del", country.space], capture_output=True)
        subprocess.run(["ip", "link", "del", made.tag], capture_output=True)


@contextmanager
def ferries(to: tuple[str, int], countries: list[Country]) -> Iterator[None]:
    """On the loopback of each country the same port leads to ours: a platform that stands outside
    all of them has one address for all."""
    with ExitStack() as stack:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        stack.callback(_end, loop, thread)
        for country in countries:
            sock = country.within(lambda: socket.create_server(("127.0.0.1", to[1])))
            stack.callback(sock.close)
            served = asyncio.run_coroutine_threadsafe(_serve(sock, to), loop)
            served.result(10)
        yield


async def _serve(sock: socket.socket, to: tuple[str, int]) -> None:
    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            there = await asyncio.open_connection(*to)
            ends.append(there[1])
            await asyncio.gather(_pass(reader, there[1]), _pass(there[0], writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in ends:
                end.transport.abort()

    await asyncio.start_server(met, sock=sock)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
        writer.write_eof()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    async def all_over() -> None:
        tasks = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed

    asyncio.run_coroutine_threadsafe(all_over(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def _enter(space: str) -> None:
    """Take the calling thread into a namespace (setns(2))."""
    door = os.open(str(Path("/run/netns") / space), os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _LIBC.setns(door, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(door)


def _ip(*words: Any) -> None:
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True, timeout=20)
