"""A transport that really serves, in a thread of its own, and takes in for a test that watches.

``with serving(transport.run, Recorder()) as address: ...``. The code under test runs on asyncio, as
in a door; the test itself is plain and uses blocking sockets, as a client would.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from relay.model import Arrival, Verdict
from relay.ports import TakeIn


class Taken:
    """``ports.TakeIn`` that keeps what it took and answers as the test says.

    ``verdict`` is the answer; ``fault`` is raised instead; ``wait_s`` passes first.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.verdict = Verdict.TAKEN
        self.fault: Exception | None = None
        self.wait_s = 0.0

    async def __call__(self, arrival: Arrival) -> Verdict:
        if self.wait_s:
            await asyncio.sleep(self.wait_s)
        if self.fault is not None:
            raise self.fault
        if self.verdict in (Verdict.TAKEN, Verdict.KNOWN):
            self.arrivals.append(arrival)
        return self.verdict


class Tick:
    """A counter to hand over where a transport counts."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> None:
        self.n += 1


def listening(host: str = "127.0.0.1") -> socket.socket:
    """A listening socket on a free port of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((host, 0))
    sock.listen()
    sock.setblocking(False)
    return sock


@contextmanager
def serving(run: Callable[[Callable[[str], None]], Awaitable[None]]) -> Iterator[str]:
    """Run a transport until the block ends; gives the address it said it is ready at."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    said: list[str] = []
    failed: list[BaseException] = []

    def is_ready(address: str) -> None:
        said.append(address)
        ready.set()

    async def serve() -> None:
        await run(is_ready)

    task = loop.create_task(serve())

    def main() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # the thread's guard: the test is to see it, not a log
            failed.append(error)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            ready.set()

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    try:
        if not ready.wait(5) or not said:
            raise RuntimeError("the transport did not open") from next(iter(failed), None)
        yield said[0]
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
    if failed:
        raise failed[0]


def with_take_in(
    run: Callable[[TakeIn, Callable[[str], None]], Awaitable[None]], take_in: TakeIn
) -> Callable[[Callable[[str], None]], Awaitable[None]]:
    """A transport's ``run`` with its first argument given."""
    return lambda ready: run(take_in, ready)


def port_of(address: str) -> int:
    """The port of "127.0.0.1:2525"."""
    return int(address.rpartition(":")[2])
