"""SMS that Gammu SMSD of Debian has written down, of a phone that is a folder."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from gammu_server import GammuSmsd, gammu
from sms_servers import process, texts, until

from relay.testing.nodes import Node, running
from relay.transports.gammu.database import Database

MODEM = """
[transports.modem]
kind = "gammu"
database = "{database}"
channel = "news"
every = "1s"
existing = "{existing}"
"""
LONG = "درود بر شما ای مردم. " * 3 + "این" + "🌹" * 2 + "پایان شب سیه سپید است. " * 4 + "تمام"


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[GammuSmsd]:
    with gammu(tmp_path / "gammu", joins_s=5) as there:
        yield there


def gammu_node(folder: Path, modem: GammuSmsd, existing: str = "take") -> Node:
    return Node(folder, more=MODEM.format(database=modem.database, existing=existing))


def test_a_short_and_a_long_sms_stand_on_the_page_and_nowhere_else(tmp_path, modem):
    node = gammu_node(tmp_path / "n", modem)
    with running(node):
        modem.comes(LONG)
        modem.comes("یک", sender="+989120000002")
        modem.comes("your code is 1234", sender="30007")
        until(lambda: len(texts(node)) == 2)
        assert sorted(texts(node)) == sorted([LONG, "یک"])
        until(lambda: not modem.asks("SELECT ID FROM inbox"))
    assert modem.in_the_phone == []
    content = modem.database.read_bytes()
    assert b"+98912" not in content and "درود".encode() not in content


def test_what_gammu_could_not_make_whole_is_joined_by_us_when_the_rest_comes(tmp_path, modem):
    node = gammu_node(tmp_path / "n", modem)
    with running(node):
        made = modem.comes(LONG, lacks=2)
        until(lambda: not modem.in_the_phone)  # after its time-out Gammu writes the parts
        modem.puts(made)
        assert until(lambda: texts(node)) == [LONG]


def test_what_lay_in_the_phone_before_the_first_start_is_left(tmp_path, modem):
    node = gammu_node(tmp_path / "n", modem, existing="leave")
    modem.comes("of the owner of the phone")
    until(lambda: modem.asks("SELECT ID FROM inbox"))
    with running(node):
        modem.comes("یک")
        assert until(lambda: texts(node)) == ["یک"]
    assert modem.asks("SELECT TextDecoded, Processed FROM inbox") == [
        ("of the owner of the phone", "true")
    ]


def test_a_door_killed_at_any_moment_loses_and_doubles_nothing(tmp_path, modem):
    node = gammu_node(tmp_path / "n", modem)
    sent = [f"پیام شماره {n}" for n in range(4)]
    with running(node):
        for text in sent:
            modem.comes(text)
            os.kill(process(node, "door"), signal.SIGKILL)
        until(lambda: len(texts(node)) >= len(sent))
        time.sleep(2)
        assert sorted(texts(node)) == sorted(sent)


def test_an_sms_stays_in_the_phone_while_gammu_cannot_write_it_down(tmp_path, modem):
    node = gammu_node(tmp_path / "n", modem)
    with running(node):
        with closing(sqlite3.connect(modem.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            modem.comes("یک")
            time.sleep(4)
            assert modem.in_the_phone
            other.execute("ROLLBACK")
        assert until(lambda: texts(node)) == ["یک"]


def test_an_answer_is_sent_by_gammu_and_nothing_of_it_stays(modem):
    database, text = Database(modem.database, "phone1"), "پیام شما در انتظار است. " * 5
    database.answer("+989120000001", "phone1", text)
    asked = "SELECT TextDecoded, Status, DestinationNumber FROM sentitems ORDER BY SequencePosition"
    until(lambda: len(modem.asks(asked)) == 2)
    sent = modem.asks(asked)
    assert "".join(one[0] for one in sent) == text
    assert {one[1:] for one in sent} == {("SendingOKNoReport", "+989120000001")}
    database.forget_answers()
    for table in ("sentitems", "outbox", "outbox_multipart"):
        assert modem.asks(f"SELECT * FROM {table}") == []
