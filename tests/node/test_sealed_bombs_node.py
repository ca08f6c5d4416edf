"""A node in whose spool lie envelopes with a good seal and a hostile inside when it starts."""

from __future__ import annotations

import time
from pathlib import Path
from secrets import token_bytes

import pytest
import trio
from attacked import Watch
from looking import soon, status
from sealed_bombs import INSIDES, READABLE, sealed_as_is

from relay.clock import SystemClock
from relay.model import NewRow, Queue, State, hour_of
from relay.spool.sqlite import SqliteSpool
from relay.testing.nodes import Node, running
from relay.wire.epochs import EpochPublic
from relay.wire.exitfile import exit_public

MIB = 1024 * 1024

PASSING = 128 * MIB
"""Bytes that the core may take while the largest envelopes pass: some copies of 16 MiB, and of the
30 MB that one reading has."""

LEFT = 48 * MIB
"""Bytes of it that may still be there afterwards."""


def lay(node: Node, to: EpochPublic) -> int:
    """Put all of them into the spool of a node that does not run; how many they are."""
    now = int(time.time())
    bodies = [
        (id, sealed_as_is(make(), to, id=id, now=now))
        for make in [*INSIDES.values(), *READABLE.values()]
        for id in [token_bytes(16)]
    ]

    async def put(spool: SqliteSpool) -> None:
        for id, body in bodies:
            await spool.put([NewRow(Queue.INBOX, State.WAITING, id, hour_of(now), body=body)])

    spool = SqliteSpool.open(
        node.folder / "data",
        node.folder / "keys/seen",
        clock=SystemClock(),
        min_free_bytes=MIB,
        ballast_bytes=MIB // 16,
        on_broken=print,
    )
    try:
        trio.run(put, spool)
    finally:
        spool.close()
    return len(bodies)


@pytest.mark.slow  # the two steps alone are tried in tests/hostile/test_sealed_bombs.py
def test_it_sets_them_aside_and_its_memory_stays_as_it_was(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    with running(node):
        soon(lambda: status(node)["standing"] == "ok")
        quiet = Watch(node)
        quiet.sample()
    to = exit_public((node.folder / "keys/exit.key").read_bytes()).epochs[0]
    many = lay(node, to)
    with running(node):
        watch = Watch(node)
        soon(lambda: (watch.sample(), status(node)["waiting"] <= 1)[1], 120.0)
        after = status(node)
        assert after["accepted"] == sum(after[state] for state in State) == many
        assert after["quarantined"] >= len(INSIDES)
        assert watch.most["core"] < quiet.most["core"] + PASSING
        rest = Watch(node)
        rest.sample()
        assert rest.most["core"] < quiet.most["core"] + LEFT
        assert len(watch.pids["core"]) == 1
        assert node.log.read_text().count("core started") == 2
