"""The line that a node writes to itself: known again wherever it comes out, and no one else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from relay.exit.naming import Familiar
from relay.exit.read import NOT_OURS, read
from relay.exit.record import Record, restore, store
from relay.exit.review import review
from relay.model import Change, Kind, NewRow, Queue, Reading, Row, State
from relay.reader import read as reading
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.canary import begins_like_one, digest_of, is_line_of, new_line
from relay.wire.keys import make_exit_keys

KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = make_exit_keys()
ID = b"i" * 16


class Clock:
    def now(self) -> int:
        return 1_800_000_000


class Reader:
    async def read(self, content: bytes, kind: Kind) -> Reading:
        said = reading.read(content, kind)
        assert isinstance(said, Reading)
        return said


async def row_of(
    content: bytes, kind: Kind, *, code: str = "", tags: tuple[bytes, ...] = ()
) -> Row:
    spool = MemorySpool(Clock())
    record = Record(bytes(32), kind, "mail", "news", (), tags, content=content, code=code)
    body = store(record, KEYS.storage, ID)
    await spool.put([NewRow(Queue.READ, State.WAITING, ID, 0, body=body, name="news")])
    [row] = await spool.take(Queue.READ, now=0, limit=1)
    spool.close()
    return row


async def read_as(content: bytes, kind: Kind = "text", key: bytes = KEY) -> Change:
    familiar = Familiar(tries=lambda transport, text: is_line_of(key, text))
    return await read(await row_of(content, kind), Reader(), KEYS, familiar)


def held(change: Change) -> str:
    return restore(change.body or b"", KEYS.storage, ID).held


def as_it_comes(line: str, kind: Kind) -> bytes:
    if kind == "mail":
        return f"Content-Type: text/plain\r\n\r\n{line}\r\n".encode()
    return line.encode("utf-16-be" if kind == "ucs2" else "ascii")


def test_a_line_is_known_by_the_key_that_made_it_and_by_no_other() -> None:
    line = new_line(KEY)
    assert is_line_of(KEY, line) and not is_line_of(OTHER, line)
    assert new_line(KEY) != line and digest_of(line) != digest_of(new_line(KEY))


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda line: line[:-1],
        lambda line: line + " and more",
        lambda line: "\n" + line,
        lambda line: line.lower(),
        lambda line: line[:-5] + "AAAAA",
        lambda line: "canary " + "A" * 52,
        lambda line: "canary",
        lambda line: "",
    ],
)
def test_what_is_not_quite_one_is_none(spoilt) -> None:  # type: ignore[no-untyped-def]
    assert not is_line_of(KEY, spoilt(new_line(KEY)))


@pytest.mark.parametrize("kind", ["mail", "text", "gsm", "ucs2"])
async def test_ours_ends_unseen_however_it_came(kind: Kind) -> None:
    change = await read_as(as_it_comes(new_line(KEY), kind), kind)
    assert change == Change(Queue.ENDED, State.COMMAND, due=None, body=b"")


async def test_of_ours_nothing_is_remembered_and_no_code_is_bound() -> None:
    def wrote(row: Row, tags: Sequence[bytes], code: str) -> None:
        raise AssertionError("a line has no author")

    row = await row_of(new_line(KEY).encode(), "text", code="123456789012", tags=(b"t" * 16,))
    familiar = Familiar(wrote=wrote, tries=lambda transport, text: is_line_of(KEY, text))
    change = await read(row, Reader(), KEYS, familiar)
    assert (change.state, change.names, change.body) == (State.COMMAND, (), b"")


@pytest.mark.parametrize("kind", ["mail", "text", "gsm", "ucs2"])
async def test_another_node_s_waits_for_a_person_though_nothing_else_does(kind: Kind) -> None:
    change = await read_as(as_it_comes(new_line(OTHER), kind), kind)
    assert (change.queue, held(change)) == (Queue.REVIEW, NOT_OURS)
    policies = {"news": Policy(review="none", danger="off")}  # drawn letters may be a plate
    row = await row_of(b"", "text")
    judged = review(_with(row, change), KEYS, policies, 0, lambda least, most: least)
    assert (judged.state, judged.why) == (State.HELD, NOT_OURS)


def _with(row: Row, change: Change) -> Row:
    return replace(row, queue=change.queue, body=change.body or b"")


@pytest.mark.parametrize("more", ["{}\nand what I saw", "{} yes", "{}\n\n{}"])
async def test_nobody_hides_a_message_behind_one(more: str) -> None:
    line = new_line(KEY)
    change = await read_as(more.format(line, line).encode())
    assert (change.queue, held(change)) == (Queue.REVIEW, NOT_OURS)


@pytest.mark.parametrize(
    "text", ["canary", "canary in the mine", "a canary AAAAAAAAAAAAAAAAAAAA", "CANARY ISLANDS"]
)
async def test_a_text_about_birds_is_a_text(text: str) -> None:
    assert not begins_like_one(text)
    change = await read_as(text.encode())
    assert (change.queue, held(change)) == (Queue.REVIEW, "")


async def test_a_line_with_a_title_is_not_one_of_ours() -> None:
    mail = b"Subject: see below\r\nContent-Type: text/plain\r\n\r\n" + new_line(KEY).encode()
    change = await read_as(mail, "mail")
    assert (change.queue, held(change)) == (Queue.REVIEW, NOT_OURS)


async def test_without_a_canary_a_line_waits_for_a_person() -> None:
    change = await read(await row_of(new_line(KEY).encode(), "text"), Reader(), KEYS)
    assert (change.queue, held(change)) == (Queue.REVIEW, NOT_OURS)
