"""Dropped and destroyed: nothing of the message is kept, its rows stay for the sum."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from spool_parts import NOW, Disk

from relay.cli.queue import queue
from relay.errors import Asked, SpoolFull
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import Record, store
from relay.model import Change, Message, NewRow, Queue, Row, Sent, State
from relay.node.orders import Orders
from relay.rules.policy import Policy
from relay.spool.bodies import FILE_OVER
from relay.spool.sqlite import SqliteSpool
from relay.wire.keys import ExitKeys, make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
OF_A_TEXT = b"bytes of a text that somebody wrote, as they lie on the disk "
OF_PARTS = b"bytes of the parts that were made of it, as they lie there "


class Reasons:
    """In place of an overview: nothing is planned, so that a row's own reason is the one."""

    hiding = SimpleNamespace(among=lambda row: None, shown=lambda row: {})

    def why(self, row: Row) -> str:
        return row.why


class Core:
    """``orders.Node``, as far as these orders go, on a spool on a disk."""

    overview = Reasons()
    settings = SimpleNamespace(spool=SimpleNamespace(keep_originals=604800))
    keys: ExitKeys | None = KEYS
    policies: Mapping[str, Policy] = {}

    def __init__(self, disk: Disk, spool: SqliteSpool) -> None:
        self.disk = disk
        self.clock = disk.clock
        self.spool = spool

    def nudge(self, name: str) -> None: ...

    async def order(self, **what: object) -> dict[str, Any]:
        orders = Orders(self)  # type: ignore[arg-type]
        [answer] = [one async for one in orders.answers({"id": ID.hex(), **what})]
        return dict(answer)

    async def destroy(self) -> dict[str, Any]:
        return await self.order(do="drop", destroy=True)

    async def assigned(self, body: bytes, **states: Sent) -> Row:
        """A message with a delivery in each of these states; all have parts."""
        await self.spool.put(
            [NewRow(Queue.DELIVER, State.WAITING, ID, NOW, name="news", body=body)]
        )
        [row] = await self.spool.take(Queue.DELIVER, now=NOW, limit=1)
        then = [
            NewRow(
                Queue.ENDED if state == Sent.REFUSED else Queue.POST,
                state,
                ID,
                NOW,
                0 if state == Sent.WAITING else None,
                name,
                body=OF_PARTS * 9,
            )
            for name, state in states.items()
        ]
        change = Change(Queue.ASSIGNED, State.WAITING, due=None)
        assert await self.spool.settle(row, change, then=then)
        return row

    def on_disk(self, what: bytes) -> list[str]:
        """The files in which it stands."""
        files = [path for path in self.disk.folder.rglob("*") if path.is_file()]
        return [path.name for path in files if what in path.read_bytes()]


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    disk = Disk(tmp_path)
    with disk.spool() as spool:
        yield Core(disk, spool)
        assert await spool.self_check() == []


@pytest.mark.parametrize("size", [1000, FILE_OVER + 1000], ids=["in a page", "in a file"])
async def test_what_is_destroyed_lies_nowhere_on_the_disk_at_once(core: Core, size: int) -> None:
    body = (OF_A_TEXT * (size // len(OF_A_TEXT) + 1))[:size]
    row = await core.assigned(body, box=Sent.HELD, hook=Sent.WAITING, page=Sent.REFUSED)
    assert core.on_disk(OF_A_TEXT) and core.on_disk(OF_PARTS)
    assert await core.destroy() == {"id": ID.hex(), "changed": 4}
    assert core.on_disk(OF_A_TEXT) == core.on_disk(OF_PARTS) == []
    assert await core.spool.body(row.seq) == b""
    counts = await core.spool.counts()
    assert counts.deliveries == {"dropped": 2, "refused": 1}
    assert counts.states == {"refused": 1}


@pytest.mark.parametrize(
    ("queue", "state"),
    [
        (Queue.INBOX, State.WAITING),
        (Queue.READ, State.WAITING),
        (Queue.REVIEW, State.HELD),
        (Queue.DELIVER, State.WAITING),
        (Queue.ENDED, State.QUARANTINED),
    ],
)
async def test_it_works_wherever_a_message_is(core: Core, queue: Queue, state: State) -> None:
    due = None if state != State.WAITING else 0
    await core.spool.put([NewRow(queue, state, ID, NOW, due, body=OF_A_TEXT * 9)])
    await core.destroy()
    assert core.on_disk(OF_A_TEXT) == []
    assert (await core.spool.counts()).states == {"dropped": 1}


async def test_what_was_set_aside_is_dropped_without_destroying_as_well(core: Core) -> None:
    await core.spool.put([NewRow(Queue.ENDED, State.QUARANTINED, ID, NOW, None, body=OF_A_TEXT)])
    assert (await core.order(do="drop"))["changed"] == 1
    assert (await core.spool.counts()).states == {"dropped": 1}
    assert core.on_disk(OF_A_TEXT)


async def test_a_log_that_cannot_be_emptied_is_no_success(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    await core.assigned(OF_A_TEXT * 9, box=Sent.HELD)
    worker = core.spool._worker

    def full(how: str) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patched:
        patched.setattr(worker, "_checkpoint", full)
        with pytest.raises(SpoolFull):
            await core.destroy()
    assert (await core.destroy())["changed"] == 2  # and again, when there is room
    assert core.on_disk(OF_A_TEXT) == []


async def test_while_a_part_is_being_sent_nothing_is_destroyed(core: Core) -> None:
    await core.assigned(OF_A_TEXT * 9, box=Sent.SENDING, hook=Sent.HELD)
    with pytest.raises(Asked, match="being sent at this moment"):
        await core.destroy()
    assert core.on_disk(OF_A_TEXT)
    assert (await core.spool.counts()).deliveries == {"sending": 1, "held": 1}


async def test_while_a_step_has_it_in_its_hands_nothing_is_destroyed(core: Core) -> None:
    await core.assigned(OF_A_TEXT * 9, box=Sent.WAITING, hook=Sent.HELD)
    [_] = await core.spool.take(Queue.POST, now=NOW, limit=1, name="box")
    with pytest.raises(Asked, match="try again"):
        await core.destroy()
    assert core.on_disk(OF_A_TEXT) and core.on_disk(OF_PARTS)


async def test_of_a_message_that_was_posted_the_text_is_destroyed_and_the_count_stays(
    core: Core,
) -> None:
    row = await core.assigned(OF_A_TEXT * 9, box=Sent.WAITING)
    [delivery] = await core.spool.take(Queue.POST, now=NOW, limit=1)
    done = Progress(refs=("its ref",), kept=b"words of the post")
    note = progressed(done, KEYS.storage, ID)
    await core.spool.settle(delivery, Change(Queue.ENDED, Sent.POSTED, due=None, note=note))
    assert (await core.destroy())["public"] is True
    assert core.on_disk(OF_A_TEXT) == []
    assert (await core.spool.counts()).states == {"posted": 1}
    kept = next(one for one in await core.spool.look() if one.seq != row.seq)
    assert thaw(kept, KEYS.storage) == Progress(refs=("its ref",))  # it can be taken back still


async def test_of_what_is_destroyed_nothing_is_shown(core: Core) -> None:
    message = Message("the bridge is open again")
    record = store(Record(bytes(32), "text", "phone", "news", message=message), KEYS.storage, ID)
    await core.assigned(record, box=Sent.HELD)
    assert (await core.order(do="show"))["text"] == message.text
    await core.destroy()
    shown = await core.order(do="show")
    assert (shown["destroyed"], shown["read"], "text" in shown) == (True, False, False)


@pytest.mark.parametrize(
    ("words", "order", "said"),
    [
        (["drop", "0001"], {"do": "drop", "id": "0001"}, "dropped"),
        (
            ["drop", "0001", "--destroy"],
            {"do": "drop", "id": "0001", "destroy": True},
            "dropped, and destroyed",
        ),
    ],
)
def test_the_command_says_what_it_did(
    monkeypatch: pytest.MonkeyPatch, words: list[str], order: dict[str, object], said: str
) -> None:
    asked: list[object] = []

    def ask(path: Path, what: dict[str, object]) -> list[dict[str, object]]:
        asked.append(what)
        return [{"id": ID.hex(), "changed": 1}]

    monkeypatch.setattr("relay.cli.queue.asked", ask)
    assert CliRunner().invoke(queue, words).output == f"{ID.hex()[:12]}: {said}\n"
    assert asked == [order]
    assert '"changed": 1' in CliRunner().invoke(queue, [*words, "--json"]).output


def test_the_command_says_that_what_is_public_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"id": ID.hex(), "changed": 2, "public": True}
    monkeypatch.setattr("relay.cli.queue.asked", lambda path, what: [answer])
    said = CliRunner().invoke(queue, ["drop", "0001", "--destroy"]).output
    assert "what is public stays: `relay queue withdraw` takes it back" in said
    assert "dropped" not in said
