"""What a door is told of files that it cannot read: they were put there after it was granted what
lay there before. (Here their mode says no; for a confined door the kernel does.)"""

from __future__ import annotations

import asyncio
import io
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from relay.config import parse
from relay.entry.caps import Bounds, Caps
from relay.entry.limits import Limits
from relay.errors import KeyFileError
from relay.journal import Journal
from relay.keyfiles import Kept, write_secret
from relay.model import Arrival, Verdict
from relay.node import pipes
from relay.node.baton import Baton, Batons
from relay.node.child import Pulse
from relay.node.door import Door
from relay.node.remembered import Remembered
from relay.wire.frames import Recipient, SealTo
from relay.wire.keys import DoorKeys, door_file, make_door_keys, make_exit_keys, rolled

NOW = 1_800_000_000
DAY = 86400


class Hands:
    def now(self) -> int:
        return NOW


def put_by_another(path: Path, content: bytes) -> None:
    write_secret(path, content)
    path.chmod(0o644)


def test_what_another_door_put_there_is_known_by_what_it_said(tmp_path: Path) -> None:
    old, new = Remembered(tmp_path), Remembered(tmp_path)
    old.file("bot.answers").save(b"four")
    assert new.file("bot.answers").load() == b"four"
    old.file("bot.answers").save(b"five")
    (tmp_path / "bot.answers").chmod(0o644)
    with pytest.raises(KeyFileError):  # four would be one answer too many
        new.file("bot.answers").load()
    new.learn(old.known())
    assert new.file("bot.answers").load() == b"five"


def test_no_answer_is_withheld_for_a_count_that_cannot_be_read(tmp_path: Path) -> None:
    """The door before gave one more, after this one was granted what lay there."""
    old, bounds = Caps(Bounds(10, 10)), Bounds(10, 10)
    assert old.admits(b"+1555", NOW)
    put_by_another(tmp_path / "bot.answers", old.to_keep())
    kept = Kept(tmp_path / "bot.answers")
    kept.told(old.to_keep())
    new = Caps(bounds)
    new.learn(kept.load(), old.known())
    assert new.used(NOW).day.used == 1
    assert new.admits(b"+1555", NOW)


def taken_over(folder: Path, known: Mapping[str, Any] | None, lies_there: DoorKeys) -> bytes:
    """The key file after a door of old keys has taken over from one that put others there, and said
    so; or is dead (None)."""
    (folder / "data").mkdir()
    settings = parse({"channels": {"news": {}}}, folder / "relay.toml")
    file = settings.keys / "door.key"
    write_secret(file, door_file(make_door_keys(NOW - 5 * DAY)))
    after, before = socket.socketpair()
    read, write = os.pipe()
    ours, theirs = pipes.pair()
    public = make_exit_keys().epochs[0]

    async def story() -> None:
        pulse = Pulse(write, Batons(before, None))
        door = Door(ours, pulse, Journal("door", io.StringIO()), Hands(), settings, {})
        door._seal_to(SealTo((Recipient(public.id, public.public.public),), bytes(32), bytes(32)))
        put_by_another(file, door_file(lies_there))
        door._own = Moved()  # type: ignore[assignment]
        if known is None:
            after.close()
        else:
            await Baton(Batons(None, after)).give({})
            await Baton(Batons(None, after)).give(known)
        await door._baton.ask()
        door._take_up(await door._baton.taken())
        ours.close()

    asyncio.run(story())
    for one in (after, theirs):
        one.close()
    os.close(read)
    os.close(write)
    return file.read_bytes()


class Moved:
    def moved(self) -> bool:
        return True


def test_secrets_that_rolled_meanwhile_are_rolled_once(tmp_path: Path) -> None:
    today = rolled(make_door_keys(NOW - 5 * DAY), NOW)
    assert today is not None
    said = {"files": {"door.key": door_file(today)}}
    assert taken_over(tmp_path, said, today) == door_file(today)


def test_also_where_the_door_before_could_not_say_so(tmp_path: Path) -> None:
    today = rolled(make_door_keys(NOW - 5 * DAY), NOW)
    assert today is not None
    assert taken_over(tmp_path, None, today) == door_file(today)


def test_whoever_is_over_a_limit_is_so_from_the_first_moment_of_the_next_door(
    tmp_path: Path,
) -> None:
    """It counts nothing until it knows what was counted, and hears that before all the rest."""
    (tmp_path / "data").mkdir()
    settings = parse({"channels": {"news": {}}}, tmp_path / "relay.toml")
    write_secret(settings.keys / "door.key", door_file(make_door_keys(NOW)))
    after, before = socket.socketpair()
    ours, theirs = pipes.pair()
    read, write = os.pipe()
    public = make_exit_keys().epochs[0]
    counted = Limits({"send": 1})
    assert counted.enter(arrival(), NOW) is not None

    async def story() -> None:
        pulse = Pulse(write, Batons(before, None))
        door = Door(ours, pulse, Journal("door", io.StringIO()), Hands(), settings, {})
        door._limits = Limits({"send": 1})
        door._seal_to(SealTo((Recipient(public.id, public.public.public),), bytes(32), bytes(32)))
        early = asyncio.create_task(door._take_in(arrival()))
        holding = asyncio.create_task(door._hold([]))
        old = Baton(Batons(None, after))
        await old.asked()
        assert not early.done()
        await old.give({"limits": counted.known()})
        assert await early is Verdict.BUSY
        assert not door._holds  # it waits for the rest
        holding.cancel()
        ours.close()

    asyncio.run(story())
    for one in (after, before, theirs):
        one.close()
    os.close(read)
    os.close(write)


def arrival() -> Arrival:
    return Arrival("send", "text", b"text", ("news",), b"somebody", b"")
