"""A real node, a thread of five parts, and SIGKILL to the outlet and the core after the third.

The server has Mastodon's API and keeps our keys; a front before it holds the fourth request while
both processes die, before the server has acted or after it. Five parts stand there in the end, each
an answer to the one before, and none twice.
"""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from processes import on_fixed_ports, settled

from relay.cli.look import status_of
from relay.errors import OutwordError
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.front import Front, front
from relay.testing.loopback import Request
from relay.testing.nodes import Node
from relay.testing.senders import mail, send_mail

ADDRESS = "post@example.org"
POSTS = "POST /api/v1/statuses"
COUNTER = re.compile(r"\((\d)/5\)")
TEXT = " ".join(f"The sentence of number {n} says what was seen there by many." for n in range(37))

MASTODON = """
[destinations.masto]
bridge = "mastodon"
server = "{server}"
token_file = "secrets/masto"
"""

in_thread = trio.to_thread.run_sync


class Aim:
    """Kills both processes when the fourth part comes for the first time."""

    def __init__(self, node: Node, platform: Front, moment: str) -> None:
        self.node = node
        self.moment = moment
        self.posts = 0
        self.killed: list[int] = []
        platform.before, platform.after = self._before, self._after

    async def _before(self, request: Request) -> None:
        if request.line == POSTS:
            self.posts += 1
            await self._at("held")

    async def _after(self, request: Request) -> None:
        if request.line == POSTS:
            await self._at("acted")

    async def _at(self, moment: str) -> None:
        if self.posts == 4 and moment == self.moment and not self.killed:
            self.killed = await in_thread(self._pids)
            for pid in self.killed:
                os.kill(pid, signal.SIGKILL)
            await in_thread(self._all_dead)

    def _pids(self) -> list[int]:
        """The outlet's, and then the core's."""
        pids = {one["role"]: one["pid"] for one in status_of(self.node.file)["processes"]}
        return [pids["outlet"], pids["core"]]

    def _all_dead(self) -> None:
        until = time.monotonic() + 10
        while any(alive(pid) for pid in self.killed):
            assert time.monotonic() < until
            time.sleep(0.005)


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def thread_of(server: Fediverse) -> list[tuple[str, bool]]:
    """What stands there, in order: the number of each part, and if it answers the one before."""
    parts, before = [], None
    for status in server.public:
        number = COUNTER.search(status.text)
        assert number is not None
        parts.append((number[1], status.parent == before))
        before = status.id
    return parts


def written(node: Node) -> bool:
    try:
        return send_mail(*node.mail, mail(TEXT, to=ADDRESS), to=ADDRESS)
    except (OSError, OutwordError):
        return False


@pytest.mark.parametrize("moment", ["held", "acted"])
async def test_a_thread_goes_on_where_both_processes_died(tmp_path: Path, moment: str) -> None:
    async with fediverse() as server, front(server.base) as platform:
        more = MASTODON.format(server=platform.base)
        node = Node(tmp_path / "node", on_fixed_ports("page", "masto"), more=more)
        node.write("secrets/masto", server.token.encode())
        await in_thread(node.start)
        try:
            aim = Aim(node, platform, moment)
            assert await in_thread(written, node)
            with trio.fail_after(60):
                while not aim.killed:  # noqa: ASYNC110 - other processes
                    await trio.sleep(0.02)
            status = await in_thread(settled, node)
        finally:
            node.kill()  # here and now: in a thread it would be cancelled with what failed
    assert thread_of(server) == [(f"{n}", True) for n in range(1, 6)]
    assert aim.posts == 6
    assert status["deliveries"] == {"posted": 2}
    assert status["posted"] == status["accepted"] == 1
