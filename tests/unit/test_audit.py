"""Who did what: there before it is done, and noticed if anybody touches it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trio
from desk_people import KEYS, START, Hands, Office
from trio.testing import MockClock

from relay.errors import Asked, SpoolFull
from relay.node.desk import auditfolder
from relay.node.desk.audit import Audit
from relay.node.desk.noted import ids_of, said_of
from relay.node.desk.people import DEEDS
from relay.node.desk.throttle import Budget, Rate
from relay.spool.memory import MemorySpool

DAY_S = 86400


class Desk:
    """An audit in a folder, and what becomes of both."""

    def __init__(self, at: Path) -> None:
        self.folder = at / "audit"
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.frozen = False
        self.audit = self._begun()

    def _begun(self) -> Audit:
        return Audit(self.folder, self.spool, self.clock, 90 * DAY_S, lambda: self.frozen)

    async def begin(self) -> Audit:
        self.audit = self._begun()
        self.audit.unlock(KEYS)
        await self.audit.open()
        return self.audit

    async def writes(self, *deeds: str) -> None:
        for deed in deeds:
            await self.audit.write("ada", deed)

    async def deeds(self) -> list[str]:
        """All of them, oldest first."""
        return [one.deed for one in reversed(await self.audit.read(1 << 62, 1000))]

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir())


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    await made.begin()
    return made


async def test_what_was_done_is_known_after_a_restart(desk: Desk) -> None:
    await desk.audit.write("ada", "publish", ["abcd", "ef01"], "only none")
    await desk.writes("hold")
    await desk.begin()
    await desk.writes("drop")
    newest, _, oldest = await desk.audit.read(1 << 62, 10)
    assert (newest.n, newest.deed) == (3, "drop")
    assert (oldest.n, oldest.handle, oldest.deed) == (1, "ada", "publish")
    assert (oldest.ids, oldest.said) == (("abcd", "ef01"), "only none")
    assert oldest.hour == START - START % 3600  # the hour, and nothing finer
    assert not desk.audit.altered


async def test_it_is_read_by_the_page_newest_first(desk: Desk) -> None:
    await desk.writes(*(str(n) for n in range(1, 8)))
    assert [one.n for one in await desk.audit.read(1 << 62, 3)] == [7, 6, 5]
    assert [one.n for one in await desk.audit.read(5, 3)] == [4, 3, 2]
    assert [one.n for one in await desk.audit.read(1, 3)] == []


async def test_nothing_of_it_can_be_read_on_the_disk(desk: Desk) -> None:
    await desk.audit.write("ada", "publish", ["abcdef"], "channel news")
    await desk.audit.write("ada", "hold")
    content = b"".join(file.read_bytes() for file in desk.files)
    assert not any(word in content for word in (b"ada", b"publish", b"abcdef", b"news"))
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in desk.files)
    assert all(file.stat().st_mtime % 3600 == 0 for file in desk.files)


async def test_how_long_an_entry_is_does_not_tell_what_was_done(desk: Desk) -> None:
    await desk.writes("hold")
    before = desk.files[0].stat().st_size
    await desk.audit.write("grace", "publish", ["abcdef012345"], "channel news")
    head = before - (desk.files[0].stat().st_size - before)
    assert 0 < head < 100


async def test_each_day_has_a_file_and_the_chain_goes_on(desk: Desk) -> None:
    for deed in ("one", "two", "three"):
        await desk.writes(deed)
        desk.clock.at += DAY_S
    assert [file.name[:10] for file in desk.files] == ["0000000001", "0000000002", "0000000003"]
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "two", "three"]


async def test_a_clock_that_is_set_back_leaves_the_order_as_it_is(desk: Desk) -> None:
    for by_s in (0, 5 * DAY_S, -9 * DAY_S):
        desk.clock.at += by_s
        await desk.writes(f"by {by_s}")
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["by 0", "by 432000", "by -777600"]


async def test_a_full_file_is_followed_by_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditfolder, "MOST_BYTES", 700)
    await desk.writes("one", "two", "three", "four")
    assert len(desk.files) > 1
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "two", "three", "four"]


# ---------------------------------------------------------------- touched


async def test_an_entry_that_is_altered_is_noticed_wherever(desk: Desk) -> None:
    await desk.writes("one", "two", "three")
    file, whole = desk.files[0], desk.files[0].read_bytes()
    for at in range(0, len(whole), 97):
        for path in desk.files:
            path.unlink()
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        spool = MemorySpool(desk.clock)
        for name, value in (await desk.spool.remembered()).items():
            await spool.remember(name, value)
        audit = Audit(desk.folder, spool, desk.clock, 90 * DAY_S, lambda: False)
        audit.unlock(KEYS)
        await audit.open()
        assert audit.altered, at


async def test_what_is_left_can_be_read_and_a_new_chain_is_begun(desk: Desk) -> None:
    await desk.writes("one", "two", "three")
    file = desk.files[0]
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert (await desk.begin()).altered
    await desk.writes("four")
    assert await desk.deeds() == ["one", "two", "audit altered", "four"]
    numbers = [one.n for one in await desk.audit.read(1 << 62, 10)]
    assert numbers == [5, 4, 2, 1]  # 3 was there, and nobody takes its place
    assert not (await desk.begin()).altered  # it is said once, and stands in it
    assert await desk.deeds() == ["one", "two", "audit altered", "four"]


@pytest.mark.parametrize("cut", ["end", "file in between", "first file", "last file", "everything"])
async def test_what_is_cut_out_is_noticed(desk: Desk, cut: str) -> None:
    for deed in ("one", "two", "three"):
        await desk.writes(deed, f"{deed} again")
        desk.clock.at += DAY_S
    first, between, last = desk.files
    match cut:
        case "end":
            content = last.read_bytes()
            last.write_bytes(content[: len(content) // 2 + 30])
        case "file in between":
            between.unlink()
        case "first file":
            first.unlink()
        case "last file":
            last.unlink()
        case "everything":
            for file in desk.files:
                file.unlink()
    assert (await desk.begin()).altered


async def test_two_files_that_are_exchanged_are_noticed(desk: Desk) -> None:
    await desk.writes("one")
    desk.clock.at += DAY_S
    await desk.writes("two")
    one, two = desk.files
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert (await desk.begin()).altered


async def test_the_audit_of_another_node_is_none_of_ours(desk: Desk, tmp_path: Path) -> None:
    await desk.writes("one")
    (tmp_path / "b").mkdir()
    other = Desk(tmp_path / "b")
    await other.begin()
    assert not other.audit.altered
    await other.begin()
    other.folder.mkdir(exist_ok=True)
    (other.folder / desk.files[0].name).write_bytes(desk.files[0].read_bytes())
    await other.writes()
    assert not (await other.begin()).altered  # the same key, and nothing was there: a copy of data


@pytest.mark.parametrize("left", [1, 3, 40, 200])
async def test_an_entry_that_was_not_written_to_its_end_was_no_deed(desk: Desk, left: int) -> None:
    await desk.writes("one")
    whole = desk.files[0].stat().st_size
    await desk.writes("two")
    with_two = desk.files[0].read_bytes()
    desk.files[0].write_bytes(with_two[:whole])
    await desk.begin()  # altered: the spool has heard of it
    assert desk.audit.altered
    # And where the process ended in the middle of it, the spool has not.
    again = Desk(desk.folder.parent / str(left))
    again.folder.parent.mkdir()
    await again.begin()
    await again.writes("one")
    size = again.files[0].stat().st_size
    with again.files[0].open("ab") as file:
        file.write(with_two[whole : whole + left])
    assert not (await again.begin()).altered
    assert again.files[0].stat().st_size == size
    await again.writes("two")
    assert await again.deeds() == ["one", "two"]


async def test_wherever_a_write_ends_nothing_before_it_is_lost(desk: Desk) -> None:
    await desk.writes("one")
    heard = (await desk.spool.remembered())["audit"]
    whole = desk.files[0].stat().st_size
    await desk.writes("two")
    content = desk.files[0].read_bytes()
    for end in range(whole, len(content), 11):
        desk.files[0].write_bytes(content[:end])
        await desk.spool.remember("audit", heard)
        assert not (await desk.begin()).altered, end
        assert await desk.deeds() == ["one"]


async def test_a_process_that_ends_before_the_spool_has_heard_does_no_harm(desk: Desk) -> None:
    await desk.writes("one")
    heard = await desk.spool.remembered()
    await desk.writes("two")
    await desk.spool.remember("audit", heard["audit"])
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "two"]


async def test_a_file_that_was_only_begun_does_no_harm(desk: Desk) -> None:
    await desk.writes("one")
    (desk.folder / "0000000002.2027-01-16").write_bytes(b"OUTWL1\n")
    assert not (await desk.begin()).altered
    await desk.writes("two")
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "two"]


async def test_what_is_no_file_of_ours_is_left_alone(desk: Desk) -> None:
    await desk.writes("one")
    stray = desk.folder / "notes.txt"
    stray.write_text("x")
    os.symlink("/etc/passwd", desk.folder / "0000000009.2027-01-16")
    assert not (await desk.begin()).altered
    desk.clock.at += 400 * DAY_S
    await desk.audit.purge()
    assert stray.exists()


# ---------------------------------------------------------------- a full disk


async def test_what_cannot_be_written_down_is_not_done(tmp_path: Path) -> None:
    office = Office(tmp_path)
    session = await office.session("ada", "editor", "operator")
    folder = office.settings.data / "audit"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    with pytest.raises(Asked, match="nothing was done"):
        await office.ask("publish", session=session, ids=["abcd"])
    assert office.done == []
    assert await office.ask("pause", session=session, name="relay") == {"by": "ada"}
    assert await office.ask("show", session=session, id="abcd") == {"by": "ada"}


async def test_a_write_that_failed_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.writes("one")
    write_all = auditfolder.write_all

    def half(file: int, content: bytes) -> None:
        write_all(file, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(auditfolder, "write_all", half)
    with pytest.raises(Asked, match="nothing was done"):
        await desk.writes("two")
    monkeypatch.setattr(auditfolder, "write_all", write_all)
    await desk.writes("three")
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "three"]


async def test_a_spool_without_room_does_not_stop_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(name: str, value: bytes) -> None:
        raise SpoolFull

    await desk.writes("one")
    monkeypatch.setattr(desk.spool, "remember", full)
    await desk.writes("two")
    desk.clock.at += 400 * DAY_S
    await desk.audit.purge()  # not now: what is let go of must be known first
    monkeypatch.undo()
    assert not (await desk.begin()).altered
    assert await desk.deeds() == ["one", "two"]


# ---------------------------------------------------------------- letting go


async def test_what_is_old_is_let_go_of_and_missed_by_nobody(desk: Desk) -> None:
    await desk.writes("one")
    desk.clock.at += 60 * DAY_S
    await desk.writes("two")
    desk.clock.at += 31 * DAY_S
    await desk.audit.purge()
    assert await desk.deeds() == ["two"]
    assert not (await desk.begin()).altered
    desk.clock.at += 91 * DAY_S
    await desk.audit.purge()
    assert desk.files == []
    assert not (await desk.begin()).altered
    await desk.writes("three")
    assert [(one.n, one.deed) for one in await desk.audit.read(1 << 62, 9)] == [(3, "three")]
    assert not (await desk.begin()).altered


async def test_nothing_is_let_go_of_while_the_time_is_in_doubt(desk: Desk) -> None:
    await desk.writes("one")
    desk.clock.at += 400 * DAY_S
    desk.frozen = True
    await desk.audit.purge()
    assert await desk.deeds() == ["one"]


async def test_what_was_altered_is_let_go_of_in_its_turn(desk: Desk) -> None:
    await desk.writes("one", "two")
    os.truncate(desk.files[0], 400)
    await desk.begin()
    desk.clock.at += 91 * DAY_S
    await desk.writes("three")
    await desk.audit.purge()
    assert await desk.deeds() == ["three"]
    assert not (await desk.begin()).altered


# ---------------------------------------------------------------- what is written


async def test_everything_that_changes_something_is_written_down(tmp_path: Path) -> None:
    office = Office(tmp_path)
    session = await office.session("ada", "editor")
    await office.ask("show", session=session, id="abcd")
    await office.ask("publish", session=session, ids=["abcd"])
    await office.order("hold", id="abcd")
    await office.order("list")
    await office.ask("sign-out", session=session)
    assert await office.entries() == [
        ("terminal", "users add"),
        ("ada", "join"),
        ("ada", "sign-in"),
        ("ada", "publish"),
        ("terminal", "hold"),
        ("ada", "sign-out"),
    ]


@pytest.mark.parametrize(
    ("error", "became"), [(Asked("no"), "not done"), (ValueError("a fault of ours"), "failed")]
)
async def test_what_was_not_done_is_written_down_as_that(
    tmp_path: Path, error: Exception, became: str
) -> None:
    office = Office(tmp_path)

    async def fails(order: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        raise error
        yield {}

    office.people._answers = fails
    with pytest.raises(type(error)):
        await office.order("hold", id="abcd")
    assert await office.entries() == [("terminal", "hold"), ("terminal", f"hold: {became}")]


async def test_nobody_fills_the_disk_with_what_they_did(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    office = Office(tmp_path)
    session = await office.session("ada", "editor")
    written: list[str] = []

    async def write(handle: str, deed: str, *more: object, **others: object) -> None:
        written.append(deed)

    office.people.audit.write = write  # type: ignore[method-assign]
    with trio.move_on_after(60):
        while True:
            await office.ask("hold", session=session, id="abcd")
    assert DEEDS.burst < len(written) <= DEEDS.burst + 60 / DEEDS.every_s + 1


async def test_the_terminal_waits_for_nothing(tmp_path: Path, mock_clock: MockClock) -> None:
    office = Office(tmp_path)
    office.people._deeds = Budget(Rate(1, 1000))
    for _ in range(3):
        await office.order("hold", id="abcd")


async def test_what_the_terminal_did_while_the_keys_were_locked_is_written_afterwards(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path)
    office.begin(unlocked=False)
    await office.order("pause", name="relay")
    office.people.unlock(KEYS)
    await office.order("resume", name="relay")
    assert await office.entries() == [("terminal", "pause"), ("terminal", "resume")]


async def test_wrong_passphrases_are_counted_and_no_name_of_a_stranger_is_kept(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path)
    await office.has("ada")
    for name in ("ada", "ada", "my passphrase by mistake"):
        with pytest.raises(Asked):
            await office.ask("sign-in", name=name, passphrase="guess", code="123456")
    await office.people.look()
    told = [one async for one in office.people.terminal({"do": "audit", "limit": 2})]
    assert sorted((one["handle"], one["said"]) for one in told) == [
        ("", "times 1"),
        ("ada", "times 2"),
    ]


def test_no_text_and_no_name_of_a_sender_is_written_down() -> None:
    order = {
        "do": "correct",
        "id": "abcd12",
        "title": "A title",
        "text": "a text",
        "channel": "news",
        "without": ["page", "No Name"],
        "only": [1, 2],
        "hides": True,
        "why": "because",
        "passphrase": "x",
    }
    assert ids_of(order) == ("abcd12",)
    assert said_of(order) == "channel news, without page, only 1 2, hides"
    assert said_of({"do": "senders", "add": "ada", "word": "sunflower7"}) == ""
    assert ids_of({"do": "publish", "ids": ["abcd", "no id", 7, "ABCD"]}) == ("abcd",)
    assert said_of({"do": "publish", "only": []}) == "only none"
    group = {"do": "publish", "ids": ["abcd"], "with": {"abcd": ["ef01", "ef02"], "x": "odd"}}
    assert said_of(group) == "with 2 more"


def test_what_is_undone_can_be_told_from_the_rest() -> None:
    said = said_of({"do": "drop", "ids": ["abcd"], "token": "a token of the page"})
    assert said == "deed " + said_of({"do": "undo", "deed": "a token of the page"})[-8:]
    assert "token" not in said
