"""SMS that Gammu wrote down: taken once, deleted when they are ours, otherwise left in peace."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gammu_tables import TABLES

from relay.model import Arrival, Later, Posted, Refused, Stopped, Verdict
from relay.transports.gammu import Gammu
from relay.transports.gammu.database import CLOSED, LOCKED, MISSING, STRANGE, Database
from relay.transports.gammu.rows import Heard, Row, Service, said
from relay.transports.userdata import NATIONAL, Part

FARSI, SENDER, AT = "درود", "+989120000001", "2027-01-15 08:00:00"


class World:
    """A database, and what outlives a process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "smsd.db"
        self.file: bytes | None = None
        self.arrivals: list[Arrival] = []
        self.fares: list[tuple[str, str]] = []
        self.counted = {"service": 0, "turned_away": 0, "alive": 0}
        self.verdict: Callable[[Arrival], Verdict] = lambda arrival: Verdict.TAKEN
        self.asks(TABLES)

    def asks(self, sql: str, *given: Any) -> list[Any]:
        """As Gammu or its operator would."""
        with closing(sqlite3.connect(self.path)) as at:
            one = given or ";" not in sql
            rows = (at.execute(sql, given) if one else at.executescript(sql)).fetchall()
            at.commit()
            return rows

    def comes(self, text: str = FARSI, sender: str = SENDER, **more: str) -> None:
        """Gammu writes down an SMS."""
        row = {
            "ReceivingDateTime": AT, "Text": text.encode("utf-16-be", "surrogatepass").hex(),
            "SenderNumber": sender, "Coding": "Unicode_No_Compression", "UDH": "",
            "TextDecoded": "", "RecipientID": "phone1",
        } | more  # fmt: skip
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.asks(f"INSERT INTO inbox ({names}) VALUES ({marks})", *row.values())

    @property
    def there(self) -> list[tuple[int, str]]:
        return self.asks("SELECT ID, Processed FROM inbox ORDER BY ID")

    def load(self) -> bytes | None:
        return self.file

    def save(self, content: bytes) -> None:
        self.file = content

    async def take_in(self, arrival: Arrival) -> Verdict:
        verdict = self.verdict(arrival)
        if verdict is Verdict.TAKEN:
            self.arrivals.append(arrival)
        return verdict

    def count(self, name: str) -> Callable[[], None]:
        def counted() -> None:
            self.counted[name] += 1

        return counted

    def transport(self, rounds: int = 1, **more: Any) -> Gammu:
        """A process that lives for so many looks."""
        left = rounds

        async def pause(seconds: float) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise asyncio.CancelledError

        return Gammu(
            "modem",
            Database(self.path, more.pop("phone", "")),
            "news",
            store=self,
            faring=lambda state, why: self.fares.append((state, why)),
            pause=pause,
            **{name: self.count(name) for name in self.counted},
            **more,
        )

    def looks(self, rounds: int = 1, ready: Callable[[], None] = lambda: None, **more: Any) -> None:
        """Run one to its end."""

        async def run() -> None:
            task = asyncio.create_task(
                self.transport(rounds, **more).run(self.take_in, lambda address: ready())
            )
            await asyncio.wait({task})
            assert task.cancelled()

        asyncio.run(run())


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.looks()  # the first start
    made.fares.clear()
    return made


def test_an_sms_is_taken_and_then_deleted(world):
    world.comes()
    world.looks()
    [arrival] = world.arrivals
    assert (arrival.kind, arrival.content) == ("ucs2", FARSI.encode("utf-16-be"))
    assert (arrival.sender, arrival.recipient) == (SENDER.encode(), b"phone1")
    assert arrival.claimed_at == AT.encode() and arrival.repeats_without_id
    assert arrival.way_back == b"" and not arrival.segments
    assert world.there == []
    assert world.fares == [("works", "")]


def test_what_was_deleted_is_written_over(world):
    world.comes("جایی که نباید بماند")
    world.looks()
    assert "جایی".encode("utf-16-be").hex().encode() not in world.path.read_bytes()
    assert SENDER.encode() not in world.path.read_bytes()


def test_what_lies_there_at_the_first_start_is_left(tmp_path):
    world = World(tmp_path)
    world.comes("of the owner of the phone")
    world.looks(2)
    world.comes()
    world.looks()
    assert len(world.arrivals) == 1 and world.there == [(1, "true")]


def test_what_lies_there_at_the_first_start_is_taken_where_it_is_told_so(tmp_path):
    world = World(tmp_path)
    world.comes()
    world.looks(existing="take")
    assert len(world.arrivals) == 1 and world.there == []


@pytest.mark.parametrize("file", [b"1 adopting 1", b"damaged"])
def test_a_first_start_that_was_killed_is_begun_again_and_leaves_no_more_than_it_meant(
    tmp_path, file
):
    world = World(tmp_path)
    world.comes("of the owner of the phone")
    world.comes()
    world.file = file
    world.looks()
    assert [one.content for one in world.arrivals][-1] == FARSI.encode("utf-16-be")
    assert world.there == ([(1, "true")] if file == b"1 adopting 1" else [])


def test_a_database_that_was_made_anew_is_taken_whole(world):
    for _ in range(3):
        world.comes()
    world.looks()
    world.path.unlink()
    world.asks(TABLES)
    world.comes("دیگر")
    world.looks()
    assert len(world.arrivals) == 4
    assert len({one.provider_id for one in world.arrivals}) == 4


def test_segments_are_handed_over_one_by_one_with_half_a_pair_each(world):
    for number, text in ((2, "\udf39"), (1, FARSI + "\ud83c")):
        world.comes(text, UDH=f"0500030702{number:02X}", TextDecoded="?")
    world.looks()
    found = sorted(world.arrivals, key=lambda one: one.segment)
    assert b"".join(one.content for one in found).decode("utf-16-be") == FARSI + "🌹"
    assert {(one.segments, one.reference) for one in found} == {(2, b"\x07")}


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL])
def test_what_cannot_be_taken_now_stays_and_holds_up_nothing(world, verdict):
    world.verdict = lambda one: verdict if b"1" in one.sender[-1:] else Verdict.TAKEN
    world.comes()
    world.comes(sender="+989120000002")
    world.looks(2)
    assert len(world.arrivals) == 1 and world.there == [(1, "false")]
    world.verdict = lambda one: Verdict.TAKEN
    world.looks()
    assert len(world.arrivals) == 2 and world.there == []


def test_what_can_never_be_taken_stays_and_is_counted_once(world):
    world.verdict = lambda one: Verdict.REFUSED
    world.comes()
    world.looks(3)
    assert world.there == [(1, "true")] and world.counted["turned_away"] == 1


def test_a_repeat_is_deleted_as_well(world):
    world.verdict = lambda one: Verdict.KNOWN
    world.comes()
    world.looks()
    assert world.there == []


def test_more_than_one_batch_is_taken_in_one_round(world):
    for number in range(150):
        world.comes(f"{number}")
    world.looks()
    assert len(world.arrivals) == 150 and world.there == []


def test_of_several_phones_only_the_one_that_is_named(world):
    world.comes()
    world.comes(RecipientID="phone2")
    world.looks(phone="phone2")
    assert [one.recipient for one in world.arrivals] == [b"phone2"]
    assert world.there == [(1, "false")]


@pytest.mark.parametrize(
    "row",
    [
        {"sender": "MyBank"}, {"sender": "30007"}, {"sender": ""}, {"text": ""},
        {"Coding": "8bit"}, {"UDH": "06050415811581"}, {"UDH": "0401020001"},
    ],
)  # fmt: skip
def test_a_service_message_is_counted_and_not_kept(world, row):
    world.comes(**row)
    world.looks()
    assert (world.arrivals, world.there) == ([], []) and world.counted["service"] == 1


@pytest.mark.parametrize("text", ["06", "no hex", "06" * 10_000])
def test_a_row_that_is_damaged_is_no_reason_to_stop(world, text):
    world.comes(Text=text, TextDecoded=FARSI)
    world.comes()
    world.looks()
    assert len(world.arrivals) == 2 and world.there == []


def test_a_text_that_gammu_wrote_only_once_is_still_read():
    row = Row(1, AT, "", FARSI, SENDER, "Unicode_No_Compression", "zz", "")
    heard = said(row)
    assert isinstance(heard, Heard) and heard.content == FARSI.encode("utf-16-be")
    assert said(Row(1, AT, "", "", SENDER, "", "", "")) == Service()
    segment = said(Row(1, AT, "", "", SENDER, "", "050003070201", ""))
    assert isinstance(segment, Heard) and segment.part == Part(1, 2, b"\x07")
    assert FARSI not in repr(row) and SENDER not in repr(row)


def test_gammu_gives_a_sign_of_life_as_long_as_its_phones_change(world):
    world.asks("INSERT INTO phones VALUES ('1', 'now')")
    before = world.counted["alive"]
    world.looks(5)
    assert world.counted["alive"] == before + 1


# ---------------------------------------------------------------- a database that is none


def test_a_database_that_is_not_there_is_a_state_and_is_not_made(world):
    world.path.unlink()
    world.looks()
    assert world.fares == [("login", MISSING)] and not world.path.exists()


def test_what_is_wrong_at_the_start_is_said_after_it_is_ready(world):
    world.path.unlink()  # the board takes "ready" for "works", and is told only of changes
    world.looks(2, ready=lambda: world.fares.append(("ready", "")))
    assert world.fares == [("ready", ""), ("login", MISSING)]


def test_a_file_that_is_no_database_is_a_state(world):
    world.path.write_bytes(b"not a database at all, and long enough to look like one" * 20)
    world.looks()
    assert world.fares == [("login", STRANGE)]


def test_a_database_of_somebody_else_is_a_state(world):
    world.path.unlink()
    world.asks("CREATE TABLE news (a); CREATE TABLE more (b);")
    world.looks()
    assert world.fares == [("login", STRANGE)]


def test_a_database_that_is_not_ours_is_a_state(world, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    world.looks()
    assert world.fares == [("login", CLOSED)]


def test_a_database_that_is_locked_is_waited_for(world, monkeypatch):
    monkeypatch.setattr("relay.transports.gammu.database.BUSY_S", 0.01)
    world.comes()
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        world.looks()
        other.execute("ROLLBACK")
    world.looks()
    assert world.fares == [("blocked", LOCKED), ("works", "")]
    assert len(world.arrivals) == 1


# ---------------------------------------------------------------- answers


def answered(world: World, text: str) -> object:
    async def run() -> object:
        return await world.transport(answers=True).answer(f"{SENDER}\0phone1".encode(), text)

    return asyncio.run(run())


def test_an_arrival_has_a_way_back_only_where_answers_are_given(world):
    world.comes()
    world.looks(answers=True)
    assert world.arrivals[0].way_back == f"{SENDER}\0phone1".encode()


def test_an_answer_is_put_where_gammu_finds_it(world):
    assert answered(world, "It waits.") == Posted("")
    [row] = world.asks(
        "SELECT DestinationNumber, TextDecoded, Coding, UDH, MultiPart, SenderID, DeliveryReport"
        " FROM outbox"
    )
    assert row == (SENDER, "It waits.", "Default_No_Compression", None, "false", "phone1", "no")
    assert world.asks("SELECT * FROM outbox_multipart") == []


def test_an_answer_of_two_parts_is_one_text(world):
    text = "پیام شما در انتظار است. " * 5
    assert answered(world, text) == Posted("")
    [(id, first, coding, udh)] = world.asks("SELECT ID, TextDecoded, Coding, UDH FROM outbox")
    [(other, second, number, udh2)] = world.asks(
        "SELECT ID, TextDecoded, SequencePosition, UDH FROM outbox_multipart"
    )
    assert (id, coding, number) == (other, "Unicode_No_Compression", 2)
    assert first + second == text and udh[:6] == udh2[:6] == "050003"
    assert (udh[8:], udh2[8:]) == ("0201", "0202") and udh[6:8] == udh2[6:8]


def test_an_answer_that_does_not_fit_is_not_sent(world):
    assert isinstance(answered(world, "م" * 140), Refused)
    assert world.asks("SELECT * FROM outbox") == []


def test_an_answer_without_a_database_is_the_operators_to_mend(world, monkeypatch):
    monkeypatch.setattr("relay.transports.gammu.database.BUSY_S", 0.01)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert isinstance(answered(world, "It waits."), Later)
        other.execute("ROLLBACK")
    world.path.unlink()
    assert isinstance(answered(world, "It waits."), Stopped)


def test_what_gammu_keeps_of_our_answers_is_deleted_and_nothing_else(world):
    world.asks("INSERT INTO sentitems VALUES ('+1', 'ours', 1, 'answers')")
    world.asks("INSERT INTO sentitems VALUES ('+1', 'theirs', 2, 'operator')")
    world.looks(answers=True)
    assert world.asks("SELECT TextDecoded FROM sentitems") == [("theirs",)]


@pytest.mark.parametrize(
    ("coding", "flags"),
    [("Default_No_Compression", (NATIONAL,)), ("Unicode_No_Compression", ())],
)
def test_septets_of_a_national_table_are_marked(coding: str, flags: tuple[str, ...]) -> None:
    """Gammu reads them as the default alphabet."""
    heard = said(Row(1, AT, "0041", "A", SENDER, coding, "03240101", ""))
    assert isinstance(heard, Heard) and heard.flags == flags
