"""A database of an older version is brought up, one of a newer version is refused."""

from __future__ import annotations

import errno
import re
import sqlite3
from pathlib import Path

import pytest

from relay.model import Place
from relay.spool import opening
from relay.spool.opening import NewerSpool
from relay.spool.room import Room
from relay.spool.store import schema
from relay.spool.tables import Tables

OLD = Place("x", "slow", 7, 7, 3, "account", "answered 503")


def as_version(path: Path, version: int) -> None:
    """A database as an older version made it: before 4 nothing kept, before 3 no names, before 2
    no money."""
    text = schema()
    if version < 4:
        text = re.sub(r"CREATE TABLE kept.*?;", "", text, flags=re.DOTALL)
    if version < 3:
        text = re.sub(r"CREATE (TABLE|INDEX) named.*?;", "", text, flags=re.DOTALL)
    if version < 2:
        lines = [line for line in text.splitlines() if not line.startswith(("  month", "  spent"))]
        text = "\n".join(lines).replace("NULL,\n) STRICT", "NULL) STRICT")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        f"PRAGMA auto_vacuum = INCREMENTAL; {text}"
        f"PRAGMA application_id = {opening.APPLICATION_ID}; PRAGMA user_version = {version};"
    )
    columns = "name, state, since, last, posted, account, why"
    connection.execute(
        f"INSERT INTO board ({columns}) VALUES ('x', 'slow', 7, 7, 3, 'account', 'answered 503')"
    )
    connection.close()


@pytest.fixture(params=range(1, opening.VERSION), ids=lambda version: f"version {version}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "old.sqlite"
    as_version(path, request.param)
    return path


def test_an_older_spool_is_brought_up_and_keeps_its_board(old: Path) -> None:
    for _ in range(2):
        assert opening.check_header(old)
        connection = opening.connect(old)
        assert Tables(connection).places() == [OLD]
        assert connection.execute("PRAGMA user_version").fetchone() == (opening.VERSION,)
        connection.close()


def test_one_that_was_brought_up_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    brought_up, new = (opening.connect(path) for path in (old, tmp_path / "new.sqlite"))
    made = "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name"
    assert brought_up.execute(made).fetchall() == new.execute(made).fetchall()
    for table in ("row", "body", "named", "tally", "meta", "board", "kept"):
        columns = [tuple(one.execute(f"PRAGMA table_info({table})")) for one in (brought_up, new)]
        assert columns[0] == columns[1]
    brought_up.close()
    new.close()


def test_bringing_a_spool_up_is_done_whole_or_not_at_all(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = opening.VERSION - 1
    steps = opening._STEPS | {last: (*opening._STEPS[last], "ALTER TABLE nothing ADD COLUMN x")}
    with monkeypatch.context() as with_a_mistake:
        with_a_mistake.setattr(opening, "_STEPS", steps)
        with pytest.raises(sqlite3.Error):
            opening.connect(old)
    opening.connect(old).close()


def test_on_a_full_disk_a_spool_is_opened_without_the_ballast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spool.sqlite"
    as_version(path, 1)
    room = Room(tmp_path, min_free_bytes=0, ballast_bytes=4096)
    connect, tries = opening.connect, 0

    def full_once(path: Path) -> sqlite3.Connection:
        nonlocal tries
        tries += 1
        if tries % 2:
            raise OSError(errno.ENOSPC, "no space left")
        return connect(path)

    monkeypatch.setattr(opening, "connect", full_once)
    opening.connect_in(path, room).close()
    assert room.thrown_out and not (tmp_path / "ballast").exists()
    with pytest.raises(OSError, match="no space left"):  # and nothing more to throw out
        opening.connect_in(path, room)


def test_a_spool_of_a_later_version_is_refused_with_a_clear_word(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    as_version(path, 1)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {opening.VERSION + 1}")
    connection.close()
    with pytest.raises(NewerSpool, match="newer version"):
        opening.check_header(path)
