"""A spool with rows of every kind that lie under a storage key, and what opens them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from relay.errors import Damaged
from relay.exit.originals import contents_of, set_aside
from relay.exit.progress import Frozen, Progress, frozen, progressed, thaw, thawed
from relay.exit.record import Record, restore, store
from relay.exit.sheet import BLANK, first_sheet, sheet_of
from relay.model import Change, Instant, Media, NewRow, Part, Queue, Row, Sent, State
from relay.ports import Spool
from relay.wire.epochs import StorageKey
from relay.wire.keys import ExitKeys

TEXT = "the bridge is closed"
ROAD_S = 14 * 86400
LARGE = 300 * 1024
_ids = itertools.count(1)


@dataclass
class SetClock:
    """A clock that somebody sets."""

    at: Instant
    frozen: bool = False
    doubted: bool = False

    def now(self) -> Instant:
        return self.at


def record(text: str = TEXT) -> Record:
    return Record(bytes(32), "text", "mail", "news", content=text.encode())


def message(keys: ExitKeys, hour: Instant, text: str = TEXT) -> NewRow:
    """A message that waits for a person."""
    id = next(_ids).to_bytes(16, "big")
    body = store(record(text), keys.storage, id)
    return NewRow(Queue.REVIEW, State.HELD, id, hour, due=None, body=body)


def medium(size: int) -> Media:
    return Media("image/png", TEXT.encode() + bytes(size))


async def fill(spool: Spool, keys: ExitKeys, hour: Instant, *, large: int = LARGE) -> list[int]:
    """A message with what came along, a sheet, and a delivery of which a part was sent. Their seqs:
    of the message, of what came along, of the sheet, of the delivery."""
    (stored,) = await spool.put([message(keys, hour)])
    seq = stored.seq  # type: ignore[union-attr]
    (row,) = [one for one in await spool.look() if one.seq == seq]
    delivery_id = next(_ids).to_bytes(16, "big")
    delivery = NewRow(
        Queue.POST,
        Sent.PREPARED,
        delivery_id,
        hour,
        due=None,
        name="here",
        note=progressed(Progress(n=1, url="https://example.org/1"), keys.storage, delivery_id),
        body=frozen(Frozen((Part("key", 1, 1, TEXT.encode()),)), keys.storage, delivery_id),
    )
    then = (
        set_aside(row, [medium(large)], keys.storage),
        first_sheet(BLANK, row, keys.storage),
        delivery,
    )
    assert await spool.change(row, Change(Queue.ASSIGNED, State.WAITING, None), then=then)
    return [seq, seq + 1, seq + 2, seq + 3]


async def opened(spool: Spool, seqs: Sequence[int], storage: Sequence[StorageKey]) -> list[str]:
    """Which of them open: their kinds, in order."""
    rows = {row.seq: row for row in await spool.look(limit=100_000)}
    return [kind for seq in seqs for kind in _opens(rows[seq], await spool.body(seq), storage)]


def _opens(row: Row, body: bytes, storage: Sequence[StorageKey]) -> list[str]:
    found = []
    tries = {
        "record": lambda: restore(body, storage, row.id).content == TEXT.encode(),
        "originals": lambda: TEXT.encode() in contents_of(row, body, storage)[0],
        "sheet": lambda: sheet_of(replace(row, body=body), storage) == BLANK,
        "parts": lambda: thawed(body, storage, row.id).parts[0].payload == TEXT.encode(),
        "progress": lambda: bool(thaw(row, storage).url),
    }
    for kind, opens in tries.items():
        try:
            found += [kind] if body and opens() else []
        except Damaged:
            continue
    return found


EVERY_KIND = ["record", "originals", "sheet", "parts", "progress"]
