"""The desk's process: it listens for browsers, and asks the core for all it shows."""

from __future__ import annotations

import asyncio
import signal
import socket

from relay.config import Settings
from relay.journal import Journal
from relay.node.child import BEAT_S, Pulse
from relay.node.confined import keep_to
from relay.node.desk.asking import HEARS, Asking
from relay.node.granted import granted_to
from relay.node.pipes import AsyncPipe
from relay.ports import Clock


def main(
    core: socket.socket,
    pulse: Pulse,
    journal: Journal,
    clock: Clock,
    settings: Settings,
    sock: socket.socket,
) -> int:
    """Serve until told to stop, or until the core is gone."""
    keep_to(granted_to("desk", settings))
    asyncio.run(_run(AsyncPipe(core, HEARS), pulse))
    return 0


async def _run(pipe: AsyncPipe, pulse: Pulse) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    asking = Asking(pipe)
    tasks = [loop.create_task(one) for one in (asking.run(), _beat(pulse), stop.wait())]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for task in done:
        task.result()


async def _beat(pulse: Pulse) -> None:
    while True:
        pulse.beat()
        await asyncio.sleep(BEAT_S)
