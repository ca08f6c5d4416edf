"""Yes is said after the put, and only after it; all channels of a mail are one put."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from relay.entry.accept import Accept
from relay.entry.seal import SealedRow
from relay.entry.strip import EntrySecrets
from relay.model import HOUR, Arrival, Verdict
from relay.wire.envelope import look, open_envelope
from relay.wire.frames import MOST_ROWS
from relay.wire.keys import make_exit_keys

NOW = 1_800_000_123
SECRETS = EntrySecrets(b"n" * 32, b"j" * 32, b"t" * 32, b"y" * 32)
KEYS = make_exit_keys(NOW)
PUBLIC = [epoch.public for epoch in KEYS.epochs]


class Clock:
    def now(self) -> int:
        return NOW


class Store:
    """What a spool is to an entry."""

    def __init__(self, verdict: Verdict = Verdict.TAKEN) -> None:
        self.puts: list[Sequence[SealedRow]] = []
        self.verdict = verdict

    async def put(self, rows: Sequence[SealedRow]) -> Verdict:
        self.puts.append(rows)
        return self.verdict


def arrival(channels: int = 1, content: bytes = b"From: m\r\nSubject: s\r\n\r\nhello") -> Arrival:
    names = tuple(f"c{n}" for n in range(channels))
    return Arrival("mail", "mail", content, names, b"m@example.net", b"post@example.org")


async def test_what_was_put_opens_at_the_exit_and_names_nobody() -> None:
    store = Store()
    accept = Accept(SECRETS, PUBLIC, Clock(), store.put)
    assert await accept(arrival()) is Verdict.TAKEN
    ((row,),) = store.puts
    opened = open_envelope(row.envelope, KEYS.keyring)
    assert opened.id == row.id
    assert opened.inside.content == b"Subject: s\r\n\r\nhello"
    assert (opened.inside.channel, opened.inside.kind) == ("c0", "mail")
    assert opened.inside.repeat_keys == row.keys and len(row.keys[0]) == 16
    assert len(opened.inside.author_tags) == 2
    assert opened.inside.return_token == b""


async def test_a_row_and_its_envelope_know_only_hours() -> None:
    store = Store()
    await Accept(SECRETS, PUBLIC, Clock(), store.put, life_s=72 * HOUR)(arrival())
    row = store.puts[0][0]
    header = look(row.envelope)
    assert row.hour == header.arrival == NOW - NOW % HOUR
    assert header.expiry % HOUR == 0
    assert 72 * HOUR <= header.expiry - NOW < 73 * HOUR


async def test_all_channels_of_a_mail_are_one_put() -> None:
    store = Store()
    assert await Accept(SECRETS, PUBLIC, Clock(), store.put)(arrival(MOST_ROWS)) == "taken"
    assert [len(rows) for rows in store.puts] == [MOST_ROWS]
    assert len({key for row in store.puts[0] for key in row.keys}) == MOST_ROWS
    assert len({row.id for row in store.puts[0]}) == MOST_ROWS


@pytest.mark.parametrize("channels", [0, MOST_ROWS + 1])
async def test_more_channels_than_a_frame_takes_are_refused(channels: int) -> None:
    store = Store()
    assert await Accept(SECRETS, PUBLIC, Clock(), store.put)(arrival(channels)) == "refused"
    assert store.puts == []


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_the_answer_is_that_of_the_put(verdict: Verdict) -> None:
    assert await Accept(SECRETS, PUBLIC, Clock(), Store(verdict).put)(arrival()) is verdict


async def test_without_a_key_to_seal_to_nothing_is_taken_until_there_is_one() -> None:
    store = Store()
    accept = Accept(SECRETS, [], Clock(), store.put)
    assert await accept(arrival()) is Verdict.BUSY
    assert store.puts == []
    accept.renew(SECRETS, PUBLIC)
    assert await accept(arrival()) is Verdict.TAKEN


async def test_a_repeat_has_the_same_keys_and_another_envelope() -> None:
    store = Store()
    accept = Accept(SECRETS, PUBLIC, Clock(), store.put)
    await accept(arrival())
    await accept(arrival())
    first, again = (rows[0] for rows in store.puts)
    assert first.keys == again.keys
    assert first.id != again.id and first.envelope != again.envelope
