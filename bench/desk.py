"""How fast the desk answers with 100,000 messages in it, and how fast its index is filled.

    python -m bench.desk [--messages 100000] [--rounds 40] [--node]

Asks every page many times, in the process of the desk as a browser does (ASGI, guard included; the
core is made up and answers at once), while nothing else goes on, and once more while news come. So
these are the desk's own times. With --node a real node's core is asked in place of the made-up one:
its spool is filled with as many messages. The goals: 95 of 100 answers of each page within 200 ms,
the index filled within 20 s, and no page ever held up for more than 50 ms by its being filled.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from bench.desk_cards import NOW, cards
from bench.desk_node import started
from bench.figures import machine, percentile, table
from relay.desk import who
from relay.desk.app import Desk, app_of
from relay.desk.core import Heard, Order, Refused, Told
from relay.desk.reached import At
from relay.node.desk.asking import HEARS, Asking
from relay.node.desk.process import SELDOM
from relay.node.pipes import AsyncPipe

SESSION = "bench"
Took = tuple[float, float]
LOOK_S = 0.002
"""Seconds between two looks at how far the index is."""

GOAL_MS, GOAL_BUILD_S, GOAL_HELD_UP_MS = 200, 20, 50


class MadeUp:
    """A core that knows cards by heart."""

    def __init__(self, n: int) -> None:
        self.cards = list(cards(n))
        self._heard: list[Heard] = []
        editor = {"handle": "bench", "roles": ["editor"], "language": "en"}
        self._says: Mapping[str, Callable[[Order], Iterable[Told]]] = {
            "who": lambda order: [editor],
            "cards": self._after,
            "show": lambda order: [self._shown(order["id"])],
            "outbox": lambda order: [{"deeds": []}],
            "asides": lambda order: [{"asides": []}],
        }

    def hear(self, heard: Heard) -> None:
        """As desk.core.Core."""
        self._heard.append(heard)

    def tell(self, news: Told) -> None:
        """Tell news to the desk."""
        for heard in self._heard:
            heard(news)

    async def ask(self, order: Order) -> AsyncIterator[Told]:
        """As desk.core.Core."""
        if order["do"] not in self._says:
            raise Refused("that is no order")
        for told in self._says[order["do"]](order):
            yield told

    async def one(self, order: Order) -> Told:
        """As desk.core.Core."""
        last: Told = {}
        async for told in self.ask(order):
            last = told
        return last

    def _after(self, order: Order) -> Iterable[Told]:
        batch = self.cards[order["after"] : order["after"] + order["limit"]]
        return [{"cards": batch}, {"upto": order["after"] + len(batch)}]

    def _shown(self, id: str) -> Told:
        card = next(one for one in self.cards if one["id"] == id)
        return {name: card[name] for name in ("id", "state", "title", "text", "language", "queue")}


class Browser:
    """Asks an application for pages, and says how long each took: by the clock, and of computing
    (ms)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(self, path: str, form: Mapping[str, str] | None = None) -> Took:
        """One page. Raises RuntimeError for any other answer."""
        before, _, query = path.partition("?")
        body = urlencode({"csrf": who.csrf_of(SESSION), **form}).encode() if form else b""
        headers = {"host": "127.0.0.1:8081", "cookie": f"{who.SESSION}={SESSION}"}
        if form:
            headers |= {
                "origin": "http://127.0.0.1:8081",
                "content-type": "application/x-www-form-urlencoded",
            }
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": "POST" if form else "GET", "path": before, "raw_path": before.encode(),
            "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8081),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        status = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            status.append(message.get("status"))

        began, computed = time.perf_counter(), time.process_time()
        await self._app(scope, receive, send)
        if status[0] != 200:
            raise RuntimeError(f"{path}: {status[0]}")
        return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - computed)


@dataclass(slots=True)
class Filled:
    """Seconds until everything can be looked for, and until what is nearly equal is grouped, with
    those of computing; the longest slice, in ms, and of computing."""

    found_s: float = 0.0
    found_cpu_s: float = 0.0
    grouped_s: float = 0.0
    grouped_cpu_s: float = 0.0
    slice_ms: float = 0.0
    slice_cpu_ms: float = 0.0


async def filled(desk: Desk) -> Filled:
    """Fill the index."""
    made, began = Filled(), time.perf_counter()
    last, computed = began, time.process_time()
    last_cpu = computed
    index = desk.building.look(SESSION)
    while desk.building.state == "filling" or index.ungrouped:
        await asyncio.sleep(LOOK_S)
        now, cpu = time.perf_counter(), time.process_time()
        made.slice_cpu_ms, last_cpu = max(made.slice_cpu_ms, 1000 * (cpu - last_cpu)), cpu
        made.slice_ms, last = max(made.slice_ms, 1000 * (now - last - LOOK_S)), now
        if desk.building.state == "whole" and not made.found_s:
            made.found_s, made.found_cpu_s = now - began, time.process_time() - computed
    made.grouped_s = time.perf_counter() - began
    made.grouped_cpu_s = time.process_time() - computed
    return made


Asks = Sequence[tuple[str, str, Mapping[str, str] | None]]
"""Pages: their names, their paths, and their forms if they have one."""


def pages(n: int) -> Asks:
    """Every page, where there are so many messages."""
    some = next(islice(cards(n), n // 2, None))
    word = "خیابان"
    return [
        ("lane, everything", "/lanes/held", None),
        ("lane, page 51", "/lanes/held?at=1000", None),
        ("lane, danger, oldest first", "/lanes/danger?order=oldest", None),
        ("lane, new, narrowed", "/lanes/new?language=fa&channel=news", None),
        ("lane, mine (empty)", "/lanes/mine", None),
        ("a tenth by chance", "/lanes/held/sample", None),
        ("group, the largest", f"/groups/{_largest(n)}", None),
        ("group, any", f"/groups/{some['seq']}", None),
        ("message", f"/messages/{some['id']}", None),
        ("outbox", "/outbox", None),
        ("set aside", "/asides", None),
        ("search, a common word", "/search", {"said": word}),
        ("search, Chinese", "/search", {"said": "长江路"}),
        ("search, what waits", "/search", {"said": "street shots", "held": "1"}),
        ("search, nothing found", "/search", {"said": "zebra crossing"}),
        ("search, an id", "/search", {"said": some["id"][:8]}),
        ("pulse", "/pulse", None),
    ]


def _largest(n: int) -> int:
    """The first message of a text that is told as often as any."""
    often, first = Counter[str](), dict[str, int]()
    for card in cards(n):
        often[card["text"]] += 1
        first.setdefault(card["text"], card["seq"])
    return first[often.most_common(1)[0][0]]


async def asked(
    asks: Asks, desk: Desk, rounds: int, core: MadeUp | None = None
) -> dict[str, list[Took]]:
    """Every page so many times; where a core is given, after it has told of some changes."""
    browser, times = Browser(app_of(desk)), dict[str, list[Took]]()
    for n in range(rounds):
        for name, path, form in asks:
            if core is not None:
                some = core.cards[n * 40 : n * 40 + 40]
                core.tell({"cards": [{**card, "assignee": "bench"} for card in some]})
            times.setdefault(name, []).append(await browser.ask(path, form))
        await desk.building.settled()
    return times


async def run(n: int, rounds: int) -> None:
    """Measure with a made-up core, and print."""
    core = MadeUp(n)
    desk = Desk(core, At(), lambda: NOW)
    await measured(pages(n), desk, rounds, core)


async def run_with(n: int, rounds: int, pipe: socket.socket) -> None:
    """Measure with a real one at the other end of this pipe, and print."""
    asking = Asking(AsyncPipe(pipe, HEARS))
    hears = asyncio.create_task(asking.run())
    desk = Desk(asking, At(), lambda: NOW)
    await measured(pages(n), desk, rounds)
    hears.cancel()


async def measured(asks: Asks, desk: Desk, rounds: int, core: MadeUp | None = None) -> None:
    """Fill the index, ask every page, print what that took."""
    took = await filled(desk)
    n, groups = len(desk.building.index), len(desk.building.index.tallies.groups)
    print(f"{n:,} messages in {groups:,} groups. All can be looked for", end=" ")
    print(
        f"after {took.found_s:.1f} s ({took.found_cpu_s:.1f} s of CPU; goal {GOAL_BUILD_S})",
        end=",",
    )
    print(
        f" all are grouped after {took.grouped_s:.1f} s ({took.grouped_cpu_s:.1f} s of CPU);",
        end="",
    )
    print(f" longest slice {took.slice_ms:.0f} ms ({took.slice_cpu_ms:.0f} ms of CPU;", end=" ")
    print(f"goal {GOAL_HELD_UP_MS})")
    still = await asked(asks, desk, rounds)
    busy = await asked(asks, desk, max(1, rounds // 2), core) if core else still
    head = ("page", "p50 ms", "p95 ms", "p95 of CPU", "p95 with news", f"goal {GOAL_MS} ms")
    rows = [head]
    for name, times in still.items():
        clock, cpu = ([one[which] for one in times] for which in (0, 1))
        p95, with_news = percentile(clock, 0.95), percentile([one[0] for one in busy[name]], 0.95)
        held = "yes" if max(p95, with_news) < GOAL_MS else "NO"
        shown = (percentile(clock, 0.5), p95, percentile(cpu, 0.95), with_news)
        texts = [f"{one:.0f}" for one in shown]
        rows.append((name, *texts[:3], texts[3] if core else "-", held))
    print(table(rows))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of this process: {peak} MB")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="bench.desk", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--node", action="store_true", help="ask a real core, its spool on a disk")
    asked_for = parser.parse_args()
    gc.set_threshold(*SELDOM)
    print(machine())
    if not asked_for.node:
        asyncio.run(run(asked_for.messages, asked_for.rounds))
        return
    with tempfile.TemporaryDirectory() as folder:
        pid, pipe = started(asked_for.messages, Path(folder))
        asyncio.run(run_with(asked_for.messages, asked_for.rounds, pipe))
        pipe.close()
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
