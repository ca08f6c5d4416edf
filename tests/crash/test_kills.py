"""SIGKILL at any moment, of anything: nothing acknowledged is missing, nothing is public twice.

Real processes and real sockets. Where a receiver knows our key (the page, a webhook that keeps
Idempotency-Keys) each message is there exactly once. Where it does not, no message is there twice:
every doubtful delivery ends held, so that posted and held together are all.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
from crowd import ADDRESS, Crowd
from processes import all_gone, on_fixed_ports, settled

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.errors import OutwordError
from relay.testing.ledger import MARKER, marker
from relay.testing.nodes import Node
from relay.testing.recorder import Recorder, hang, recorder
from relay.testing.senders import mail, page_texts, send_mail

TARGETS = ("node", "core", "door", "reader", "outlet")

HOOKS = """
[destinations.keyed]
bridge = "webhook"
url = "{keyed}"
at_once = 8

[destinations.keyless]
bridge = "webhook"
url = "{keyless}"
once = "none"
at_once = 4
"""


def crash_node(folder: Path, keyed: Recorder, keyless: Recorder) -> Node:
    """A node on fixed ports, so that people find it again after a restart."""
    settings = on_fixed_ports("page", "keyed", "keyless")
    return Node(folder, settings, more=HOOKS.format(keyed=keyed.url, keyless=keyless.url))


class Killer:
    """Kills one process a round, when it is busy, and starts the node again where it was all."""

    def __init__(self, node: Node, crowd: Crowd, seed: int) -> None:
        self.node = node
        self.crowd = crowd
        self.chance = random.Random(seed)
        self.busy = 0
        self.kills = 0

    def round(self, target: str) -> None:
        while not self._kill(target):
            time.sleep(0.05)  # it had ended in between, with another that was killed before
        self.kills += 1
        if target == "node":
            self.node.kill()
            all_gone(self.node)
            self.node.start()

    def _kill(self, target: str) -> bool:
        pid, busy = self._find(target)
        time.sleep(self.chance.random() * 0.05)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.busy += busy
        return True

    def _find(self, target: str) -> tuple[int, bool]:
        """The pid to kill, and whether its last beat said busy; waits a while for a busy one."""
        until = time.monotonic() + 10
        while True:
            processes = self._processes()
            assert self.node.process is not None
            if target == "node" and any(one["busy"] for one in processes):
                return self.node.process.pid, True
            for one in processes:
                if one["role"] == target and (one["busy"] or time.monotonic() > until):
                    return one["pid"], one["busy"]
            if time.monotonic() > until + 10:
                raise AssertionError(f"no {target} came back: {self.node.log.read_text()[-1500:]}")
            time.sleep(0.05)

    def _processes(self) -> list[dict[str, Any]]:
        try:
            processes: list[dict[str, Any]] = status_of(self.node.file)["processes"]
            return processes
        except OutwordError:
            return []


def held_markers(node: Node) -> Iterator[str]:
    for row in asked(node.file, {"do": "list"}):
        if row["destination"] == "keyless" and row["state"] == "held":
            [shown] = asked(node.file, {"do": "show", "id": row["id"]})
            yield from MARKER.findall(shown["text"])


def texts(hook: Recorder) -> list[str]:
    return [request.body.decode() for request in hook.made]


async def kill_rounds(tmp_path: Path, rounds: int, messages: int, pause_s: float) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    async with recorder() as keyed, recorder(keys=False) as keyless:
        node = crash_node(tmp_path / "node", keyed, keyless)
        await trio.to_thread.run_sync(node.start)
        crowd = Crowd(node, enough=messages, pause_s=pause_s)
        killer = Killer(node, crowd, seed)
        threads = crowd.start()
        try:
            for n in range(rounds):
                await trio.to_thread.run_sync(killer.round, TARGETS[n % len(TARGETS)])
            await trio.to_thread.run_sync(crowd.wait)
            crowd.stop.set()
            for thread in threads:
                await trio.to_thread.run_sync(thread.join)
            status = await trio.to_thread.run_sync(settled, node)
            page = crowd.ledger.compare(await trio.to_thread.run_sync(page_texts, node.url))
            held = set(await trio.to_thread.run_sync(lambda: list(held_markers(node))))
            print(
                f"{killer.kills} kills, {killer.busy} of a busy process; "
                f"{len(crowd.ledger.acknowledged)} acknowledged, {crowd.repeated} repeats, "
                f"{len(held)} held; {status['deliveries']}"
            )
        finally:
            crowd.stop.set()
            node.kill()  # here and now: in a thread it would be cancelled with what failed
    assert page.missing == frozenset() and page.doubled == frozenset()
    with_key = crowd.ledger.compare(texts(keyed))
    assert with_key.missing == frozenset() and with_key.doubled == frozenset()
    without = crowd.ledger.compare(texts(keyless))
    assert without.doubled == frozenset()
    assert without.missing <= held
    assert status["accepted"] == status["posted"] + status["held"]
    assert status["accepted"] >= len(crowd.ledger.acknowledged)
    assert status["quarantined"] == status["lost"] == 0
    assert killer.busy >= killer.kills * 3 // 4


async def test_a_few_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    await kill_rounds(tmp_path, rounds=6, messages=150, pause_s=0.1)


@pytest.mark.slow
async def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    await kill_rounds(tmp_path, rounds=200, messages=5000, pause_s=0.8)


async def test_the_core_killed_while_a_bridge_sleeps_in_its_send_doubles_nothing(
    tmp_path: Path,
) -> None:
    """The outlet dies with its core; the receiver had made the post, and nobody heard of it."""
    async with recorder(hang()) as keyed, recorder(hang(), keys=False) as keyless:
        node = crash_node(tmp_path / "node", keyed, keyless)
        await trio.to_thread.run_sync(node.start)
        try:
            made = marker()
            written = mail(f"a mail says {made}", to=ADDRESS)
            await trio.to_thread.run_sync(lambda: send_mail(*node.mail, written, to=ADDRESS))
            with trio.fail_after(20):
                while len(keyed.made) + len(keyless.made) < 2:  # noqa: ASYNC110 - other processes
                    await trio.sleep(0.02)
            [core] = [
                one["pid"] for one in status_of(node.file)["processes"] if one["role"] == "core"
            ]
            os.kill(core, signal.SIGKILL)
            status = await trio.to_thread.run_sync(settled, node)
            held = set(await trio.to_thread.run_sync(lambda: list(held_markers(node))))
        finally:
            node.kill()  # here and now: in a thread it would be cancelled with what failed
    assert len(keyed.requests) == 2 and len(keyed.made) == 1
    assert len(keyless.requests) == len(keyless.made) == 1
    assert held == {made}
    assert status["deliveries"] == {"posted": 2, "held": 1}
