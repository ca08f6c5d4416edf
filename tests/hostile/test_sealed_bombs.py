"""Under a good seal, to our own public key: whatever is inside has one state; memory is flat."""

from __future__ import annotations

import tracemalloc

import pytest
from sealed_bombs import INSIDES, READABLE, sealed_as_is

from relay.exit.read import read
from relay.exit.unseal import unseal
from relay.model import Queue, Reading, Row, State
from relay.reader.read import read as read_content
from relay.wire.envelope import look
from relay.wire.keys import make_exit_keys

MIB = 1024 * 1024
NOW = 1_800_000_000
KEYS = make_exit_keys(NOW)
TO = KEYS.epochs[0].public


class Here:
    """A reader in this process."""

    async def read(self, content: bytes, kind: str) -> Reading:
        return read_content(content, kind)  # type: ignore[arg-type, return-value]


def row_of(body: bytes, queue: Queue = Queue.INBOX) -> Row:
    id = look(body).id if queue == Queue.INBOX else bytes(16)
    return Row(1, 1, 0, queue, State.WAITING, id, 0, 0, "", "", b"", body)


@pytest.mark.parametrize("name", INSIDES)
def test_what_is_no_inside_is_quarantined_and_takes_no_memory(name: str) -> None:
    row = row_of(sealed_as_is(INSIDES[name](), TO, now=NOW))
    tracemalloc.start()
    try:
        change = unseal(row, KEYS)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(row.body) + 4 * MIB
    finally:
        tracemalloc.stop()
    assert (change.queue, change.state, change.why) == (
        Queue.ENDED,
        State.QUARANTINED,
        "damaged envelope",
    )


@pytest.mark.parametrize("name", READABLE)
async def test_what_can_be_opened_has_a_state_after_it_was_read(name: str) -> None:
    row = row_of(sealed_as_is(READABLE[name](), TO, now=NOW))
    opened = unseal(row, KEYS)
    assert opened.queue == Queue.READ and opened.body is not None
    kept = Row(1, 1, 1, Queue.READ, State.WAITING, row.id, 0, 0, "", "", b"", opened.body)
    change = await read(kept, Here(), KEYS)
    assert change.state in (State.WAITING, State.QUARANTINED, State.COMMAND)
