"""Envelopes a second over a link by HTTPS on loopback, beside plain requests to an ordinary server.

    python -m bench.links [--rounds 5] [--quick] [--markdown] [--json FILE]

Envelopes of 4 kB. Ours is a link from its batch to its answer: mutual TLS 1.3 with pinned keys,
each batch signed and checked. Theirs is httpx, posting the same bytes to Starlette behind hypercorn
under TLS 1.3, which reads them and answers. Neither keeps anything: this is the way, not the disk.
The server is a process of its own on each side.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import secrets
import socket
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench import figures
from bench.accept import parsed
from bench.figures import OURS, Case, Run
from bench.processes import cpu_s
from relay.links.https.calling import Calling
from relay.links.https.listening import Listening
from relay.links.port import Durable, Opening, Peer
from relay.testing.certificates import make_pair
from relay.wire.batch import NOTHING, Batch, Carried
from relay.wire.linkkeys import link_key_of

PEER = "httpx, hypercorn"
ENVELOPE = 4096 + 1300
"""Bytes of the smallest envelope, with its header for one exit."""

CASES = (
    Case("64 in a batch", 1, 64, kept=True, messages=6400, probed=False),
    Case("1 in a batch", 1, 1, kept=True, messages=500, probed=False),
)
"""``sessions`` is how many go in one request, on both sides."""

ENTRY, EXIT = bytes([1]) * 32, bytes([2]) * 32


class Now:
    """A clock."""

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time())


def opening(seed: bytes, peer: bytes, sock: socket.socket | None = None) -> Opening:
    """What a link is made with."""
    other = Peer("peer", link_key_of(peer))
    known = {other.key.public: other}
    return Opening("link", seed, link_key_of(seed), known, other, Now(), sock=sock)


def serve_ours(sock: socket.socket, folder: Path) -> None:
    """An exit that keeps nothing."""

    async def came(peer: Peer, batch: Batch) -> Batch:
        return NOTHING

    asyncio.run(Listening(opening(EXIT, ENTRY, sock), 60).run(came, lambda: None))


def serve_theirs(sock: socket.socket, folder: Path) -> None:
    """A page that takes a post."""

    async def taken(request: Request) -> Response:
        await request.body()
        return Response()

    config = Config()
    config.bind = [f"fd://{sock.fileno()}"]
    config.certfile, config.keyfile = str(folder / "node.pem"), str(folder / "node.key")
    config.accesslog = config.errorlog = None
    app: Any = Starlette(routes=[Route("/", taken, methods=["POST"])])
    asyncio.run(serve(app, config))


async def hand_over(at: tuple[str, int], batches: int, each: int, folder: Path) -> float:
    """Seconds that our link takes for so many batches."""
    link = Calling(opening(ENTRY, EXIT), *at, 60)
    [peer] = link._opening.peers.values()
    made = [_batch(each) for _ in range(batches)]
    await link.hand_over(peer, NOTHING)
    began = time.perf_counter()
    for batch in made:
        if not isinstance(await link.hand_over(peer, batch), Durable):
            raise RuntimeError("a batch was not taken")
    return time.perf_counter() - began


async def post(at: tuple[str, int], batches: int, each: int, folder: Path) -> float:
    """Seconds that httpx takes for the same bytes."""
    trusting = ssl.create_default_context(cafile=str(folder / "node.pem"))
    bodies = [b"".join(one.envelope for one in _batch(each).envelopes) for _ in range(batches)]
    url = f"https://127.0.0.1:{at[1]}/"
    async with httpx.AsyncClient(verify=trusting) as client:
        (await client.post(url, content=b"")).raise_for_status()
        began = time.perf_counter()
        for body in bodies:
            (await client.post(url, content=body)).raise_for_status()
        return time.perf_counter() - began


def _batch(each: int) -> Batch:
    return Batch(envelopes=tuple(Carried(secrets.token_bytes(ENVELOPE)) for _ in range(each)))


Serve = Callable[[socket.socket, Path], None]
Give = Callable[[tuple[str, int], int, int, Path], Awaitable[float]]
SIDES: dict[str, tuple[Serve, Give]] = {OURS: (serve_ours, hand_over), PEER: (serve_theirs, post)}


def run(side: str, case: Case, round_: int) -> Run:
    """One run against a fresh server."""
    served, give = SIDES[side]
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        socket.create_server(("127.0.0.1", 0)) as sock,
    ):
        make_pair(Path(folder))
        process = multiprocessing.get_context("fork").Process(
            target=served, args=(sock, Path(folder)), daemon=True
        )
        process.start()
        assert process.pid is not None
        try:
            load, used_s = figures.load(), cpu_s(process.pid) + time.process_time()
            batches = case.messages // case.sessions
            took = give(sock.getsockname(), batches, case.sessions, Path(folder))
            seconds = asyncio.run(_of(took))
            used_s = cpu_s(process.pid) + time.process_time() - used_s
        finally:
            process.kill()
            process.join()
    return Run(case.name, side, round_, case.messages, seconds, used_s, load)


async def _of(took: Awaitable[float]) -> float:
    return await took


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, save."""
    given: argparse.Namespace = parsed(arguments, __doc__)
    cases = [replace(one, messages=one.messages // 4) for one in CASES] if given.quick else CASES
    before, runs = figures.machine(), list[Run]()
    for round_ in range(given.rounds):
        for case in cases:
            for side in (OURS, PEER) if round_ % 2 else (PEER, OURS):
                runs.append(run(side, case, round_))
                given.say(f"round {round_ + 1}, {case.name}: {side} {runs[-1].rate:,.0f}/s")
    print(f"\nEnvelopes a second over a link by HTTPS. {before}.")
    print(figures.table(figures.compared(runs, cases, PEER), markdown=given.markdown))
    if given.json:
        figures.save(given.json, runs, {"machine": before, "peer": PEER})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
