"""The desk's process: it listens for browsers, and asks the core for all it shows."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Mapping
from typing import Any

from relay.config import Settings
from relay.desk.app import Desk, app_of
from relay.desk.reached import At
from relay.journal import Journal
from relay.node.bounds import give_back_free
from relay.node.child import BEAT_S, Pulse
from relay.node.confined import keep_to
from relay.node.desk.asking import HEARS, Asking
from relay.node.granted import granted_to
from relay.node.pipes import AsyncPipe
from relay.node.watch import Watch
from relay.ports import Clock
from relay.serving.certificate import Certificate
from relay.serving.forwarded import Proxies
from relay.serving.limits import HttpLimits
from relay.serving.server import Gone, Receive, Scope, Send, Server

LIMITS = HttpLimits(goodbye_s=0.5)
"""When it is told to end it has a second (``launcher.GRACE_S``)."""

SELDOM = (700, 10, 10_000)
"""When garbage is collected (``gc.set_threshold``): to look through everything takes a fifth of a
second where 100,000 messages are in the index, and no page is answered meanwhile."""


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
    gc.set_threshold(*SELDOM)
    watch = _watch(settings, journal, clock)
    asyncio.run(_run(AsyncPipe(core, HEARS), pulse, settings, sock, watch, clock))
    return 0


async def _run(
    pipe: AsyncPipe,
    pulse: Pulse,
    settings: Settings,
    sock: socket.socket,
    watch: Watch | None,
    clock: Clock,
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    asking = Asking(pipe)
    desk = Desk(asking, _at(settings, watch), clock.now)
    asking.hear(_swept)
    server = _server(desk, sock, watch)
    parts: list[Awaitable[Any]] = [
        asking.run(),
        _beat(pulse),
        server.run(lambda: None),
        stop.wait(),
        *([watch.run()] if watch else []),
    ]
    tasks = [asyncio.ensure_future(one) for one in parts]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    for task in done:
        task.result()


def _swept(news: Mapping[str, Any]) -> None:
    """Give back what was forgotten once nobody is there any more: free memory still has it."""
    if news.get("nobody"):
        gc.collect()
        give_back_free()


def _at(settings: Settings, watch: Watch | None) -> At:
    desk = settings.desk
    assert desk is not None  # without [desk] there is no such process
    hosts = frozenset(host.lower() for host in desk.hosts)
    return At(hosts, Proxies(desk.behind), tls=watch is not None)


def _server(desk: Desk, sock: socket.socket, watch: Watch | None) -> Server:
    app = app_of(desk)

    async def asgi(_: Gone, scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    certificate = watch.certificate if watch else None
    return Server(sock, asgi, LIMITS, certificate=certificate, behind=desk.at.behind)


def _watch(settings: Settings, journal: Journal, clock: Clock) -> Watch | None:
    """The certificate of ``[tls]``, where no proxy shows one for us."""
    files, desk = settings.tls, settings.desk
    if files is None or desk is None or desk.behind:
        return None
    certificate = Certificate(settings.at(files.certificate), settings.at(files.key))
    # The door tells the core what is wrong with it; here it is only taken up anew.
    watch = Watch(certificate, journal, clock, tell=lambda _: None)
    watch.look()
    return watch


async def _beat(pulse: Pulse) -> None:
    while True:
        pulse.beat()
        await asyncio.sleep(BEAT_S)
