"""SIGKILL around a post to Mastodon: each message is there exactly once, whatever died and when.

The server is mastodon-mock behind a front, so that what was posted was posted by others' code; the
short form has our own stand-in there, which starts at once. A
process is killed while the server holds the request and has not acted, after it acted and before
the answer is read, or about when an answer is noted and the next request leaves. A held request is
acted on late as well, when the same post has come again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
import trio
from crowd import Crowd
from mastodon_server import TOKEN, mock_server
from processes import all_gone, on_fixed_ports, settled

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.errors import OutwordError
from relay.testing.fediverse import fediverse
from relay.testing.front import Front, front
from relay.testing.ledger import MARKER
from relay.testing.loopback import Request
from relay.testing.nodes import Node
from relay.testing.senders import page_texts, request

in_thread = trio.to_thread.run_sync

TARGETS = ("outlet", "core", "launcher")
MOMENTS = ("held", "held and late", "acted", "between")
POSTS = "POST /api/v1/statuses"
PEOPLE = 3
PAUSE_S = 0.8
"""On average, before each message of one of them: the mock takes some thirty posts a second of a
machine that does nothing else, and what waits for it would only lengthen the test."""

LATE_S = 8.0
"""A held request is let go after this long at the latest, if its post does not come again."""

MASTODON = """
[destinations.masto]
bridge = "mastodon"
server = "{server}"
token_file = "secrets/masto"
"""


class Aim:
    """Kills one process a round, at a chosen moment of a post, and starts the node again where
    that was all of it."""

    def __init__(self, node: Node, platform: Front, chance: random.Random) -> None:
        self.node = node
        self.chance = chance
        self.keys: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self._came = trio.Condition()
        self._spent: list[Request] = []
        self._target = self._moment = ""
        self._hit = trio.Event()
        platform.before, platform.after = self._before, self._after

    async def round(self, target: str, moment: str) -> None:
        """Wait for the moment, kill, and see to it that there is a node."""
        self._target, self._moment, self._hit = target, moment, trio.Event()
        with trio.fail_after(60):
            await self._hit.wait()
        if moment == "between":
            await trio.sleep(self.chance.random() * 0.02)
            await self._kill(target)
        self.kills[f"{target} {moment}"] += 1
        if target == "launcher":
            await in_thread(all_gone, self.node)
            await in_thread(self.node.start)

    async def _before(self, asked: Request) -> None:
        if asked.line != POSTS:
            return
        key = asked.headers["idempotency-key"]
        self.keys[key] += 1
        async with self._came:
            self._came.notify_all()
        if self._moment.startswith("held"):
            late = self._moment.endswith("late")
            self._spent.append(asked)
            await self._shoot()
            if late:
                with trio.move_on_after(LATE_S):
                    await self._again(key)

    async def _after(self, asked: Request) -> None:
        if asked.line != POSTS or any(asked is one for one in self._spent):
            return  # it is not a post, or whoever sent it is dead
        if self._moment == "acted":
            await self._shoot()
        elif self._moment == "between":
            self._moment = ""
            self._hit.set()

    async def _again(self, key: str) -> None:
        """Until the post of this key has come a second time."""
        async with self._came:
            while self.keys[key] < 2:
                await self._came.wait()

    async def _shoot(self) -> None:
        target, self._moment = self._target, ""
        await self._kill(target)
        self._hit.set()

    async def _kill(self, target: str) -> None:
        """SIGKILL, and wait until the process is dead."""
        if target == "launcher":
            await in_thread(self.node.kill)
            return
        pid = await in_thread(self._pid, target)
        os.kill(pid, signal.SIGKILL)
        with trio.fail_after(10):
            while alive(pid):  # noqa: ASYNC110 - another process, which tells nobody
                await trio.sleep(0.005)

    def _pid(self, role: str) -> int:
        """The process of a role; one that has only just been started is waited for."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OutwordError):
                for one in status_of(self.node.file)["processes"]:
                    if one["role"] == role:
                        return int(one["pid"])
            time.sleep(0.02)
        raise AssertionError(f"no {role}: {self.node.log.read_text()[-1500:]}")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def on_the_server(base: str, token: str) -> list[str]:
    """Every status of the account, as the server itself lists them."""
    headers = {"Authorization": f"Bearer {token}"}

    def asked(path: str) -> object:
        status, body = request("GET", base + path, headers=headers)
        assert status == 200
        return json.loads(body)

    me = asked("/api/v1/accounts/verify_credentials")
    assert isinstance(me, dict)
    texts: list[str] = []
    below = ""
    while True:
        page = asked(f"/api/v1/accounts/{me['id']}/statuses?limit=40{below}")
        assert isinstance(page, list)
        if not page:
            return texts
        texts += [one["content"] for one in page]
        below = f"&max_id={page[-1]['id']}"


def held(node: Node) -> set[str]:
    """The markers of what waits for a person at this destination."""
    found: set[str] = set()
    for row in asked(node.file, {"do": "list"}):
        if row["destination"] == "masto" and row["state"] == "held":
            [shown] = asked(node.file, {"do": "show", "id": row["id"]})
            found.update(MARKER.findall(shown["text"]))
    return found


async def kill_rounds(
    folder: Path, server: str, token: str, rounds: Sequence[tuple[str, str]]
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    async with front(server) as platform:
        more = MASTODON.format(server=platform.base)
        node = Node(folder / "node", on_fixed_ports("page", "masto"), more=more)
        node.write("secrets/masto", token.encode())
        await in_thread(node.start)
        aim = Aim(node, platform, random.Random(seed))
        crowd = Crowd(node, people=PEOPLE, pause_s=PAUSE_S)
        threads = crowd.start()
        try:
            for moment, target in rounds:
                await aim.round(target, moment)
            crowd.stop.set()
            for thread in threads:
                await in_thread(thread.join)
            status = await in_thread(settled, node)
            page = crowd.ledger.compare(await in_thread(page_texts, node.url))
            there = crowd.ledger.compare(await in_thread(on_the_server, server, token))
            waits = await in_thread(held, node)
        finally:
            crowd.stop.set()
            node.kill()  # here and now: in a thread it would be cancelled with what failed
    came_again = aim.keys.total() - len(aim.keys)
    print(
        f"{aim.kills.total()} kills {dict(aim.kills)}; {len(crowd.ledger.acknowledged)}"
        f" acknowledged, {there.seen} on the server, {came_again} came again,"
        f" {len(waits)} held; {status['deliveries']}"
    )
    assert page.missing == page.doubled == frozenset()
    assert there.doubled == frozenset()
    assert there.missing <= waits
    assert status["accepted"] == status["posted"] + status["held"]
    assert status["accepted"] >= len(crowd.ledger.acknowledged)
    assert status["quarantined"] == status["lost"] == 0
    assert came_again >= len(rounds) // 2  # the kills hit what they were aimed at


@pytest.mark.slow  # a few around each of its requests: test_kills_bridges
async def test_a_few_kills_around_a_request_to_mastodon(tmp_path: Path) -> None:
    rounds = [*product(MOMENTS, TARGETS[:2]), ("acted", "launcher")]
    async with fediverse() as server:
        await kill_rounds(tmp_path, server.base, server.token, rounds)


@pytest.mark.slow
async def test_two_hundred_kills_around_a_request_to_mastodon(tmp_path: Path) -> None:
    every = [*product(MOMENTS, TARGETS)]
    with mock_server(tmp_path) as server:
        rounds = [every[n % len(every)] for n in range(200)]
        await kill_rounds(tmp_path, server.url, TOKEN, rounds)
