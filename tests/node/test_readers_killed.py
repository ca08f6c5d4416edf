"""A reader that is killed again and again, by its work or by the kernel: no mail is lost for it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from threading import Event

from attacked import Honest, beside, handed_over, page_has
from hostile_mails import lines, multipart, part, text
from looking import soon, status
from sealing import gigabyte

from relay.model import State
from relay.testing.nodes import Node

KILLS_S = 2.5


class Kills:
    """Ends every reader with SIGKILL as soon as it is there, as a kernel without memory does."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.times = 0

    def run(self, ends: Event) -> None:
        """Until it is over."""
        while not ends.wait(0.05):
            for one in status(self._node)["processes"]:
                if one["role"] == "reader":
                    with contextlib.suppress(OSError):
                        os.kill(one["pid"], signal.SIGKILL)
                        self.times += 1


def core(node: Node) -> int:
    [pid] = [one["pid"] for one in status(node)["processes"] if one["role"] == "core"]
    return int(pid)


def all_told(node: Node) -> bool:
    """Whether nothing waits, and the sum is right."""
    now = status(node)
    assert now["accepted"] == sum(now[state] for state in State)
    return bool(now["waiting"] == 0)


def test_readers_that_are_killed_without_end_lose_no_mail_and_the_rest_goes_on(node: Node) -> None:
    before, honest, kills = core(node), Honest(node), Kills(node)
    with beside(kills):
        until = time.monotonic() + KILLS_S
        while time.monotonic() < until:
            honest.writes()
    assert kills.times > 2 and honest.refused == 0
    soon(lambda: all_told(node))
    # One at which three of them were killed is set aside with that reason, for a person to see.
    assert len(honest.texts) - status(node)["quarantined"] <= status(node)["posted"]
    assert core(node) == before


def test_mails_that_kill_their_readers_hold_up_the_next_one_by_their_own_work_only(
    node: Node,
) -> None:
    before, honest, set_aside = core(node), Honest(node), status(node)["quarantined"]
    sealed = lines(gigabyte())
    bomb = multipart(
        text(b"a bomb"),
        part(
            sealed,
            b"Content-Type: application/octet-stream",
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="a.pgp"',
        ),
    )
    for n in range(3):
        assert handed_over(node.mail, bomb + b"%d\r\n" % n) == 250
    honest.writes()
    assert honest.refused == 0
    soon(lambda: page_has(node, honest.texts), 60.0)
    soon(lambda: all_told(node), 60.0)
    assert status(node)["quarantined"] + status(node)["held"] >= set_aside + 3
    assert core(node) == before
