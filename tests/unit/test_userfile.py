"""keys/users: whatever becomes of the file, nobody comes in by it, and it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from desk_people import KEYS, Office

from relay.errors import Asked, KeyFileError
from relay.keyfiles import Kept
from relay.node.desk.userfile import MOST_DEVICES, MOST_USED, MOST_USERS, User, UserFile
from relay.wire.keys import make_exit_keys
from relay.wire.primitives import Argon2


class File:
    """A file that is read and replaced whole."""

    def __init__(self, content: bytes | None = None) -> None:
        self.content = content
        self.unreadable = self.full = False

    def load(self) -> bytes | None:
        if self.unreadable:
            raise KeyFileError("users can be read by others: use chmod 600")
        return self.content

    def save(self, content: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.content = content


def ada(**more: object) -> User:
    return User("ada", ("editor",), 0, b"digest", 0, **more)  # type: ignore[arg-type]


async def saved() -> File:
    file = File()
    await UserFile(file, KEYS).put(ada())
    return file


async def test_users_are_there_after_a_restart_and_lie_nowhere_readable() -> None:
    file = await saved()
    assert UserFile(file, KEYS).user("ada").roles == ("editor",)
    assert file.content is not None
    assert b"ada" not in file.content
    assert b"editor" not in file.content


async def test_how_many_users_there_are_does_not_show_in_the_size_of_the_file() -> None:
    file = await saved()
    one = len(file.content or b"")
    users = UserFile(file, KEYS)
    for name in "bcd":
        await users.put(User(name, ("reader",), 0, b"", 0))
    assert len(file.content or b"") == one


async def test_a_file_that_is_damaged_has_no_users_and_is_left_as_it_is() -> None:
    file = await saved()
    whole = file.content or b""
    for at in range(0, len(whole), 101):
        file.content = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        users = UserFile(file, KEYS)
        assert not users.opened, at
        for asks in (lambda users=users: users.users, lambda users=users: users.user("ada")):
            with pytest.raises(Asked, match="restore it from your backup"):
                asks()
        with pytest.raises(Asked):
            await users.put(ada())
        assert file.content != whole


@pytest.mark.parametrize("content", [b"", b"\0", b"OUTWU1\n", b"OUTWS1\n" + bytes(4000)])
async def test_what_is_no_such_file_has_no_users(content: bytes) -> None:
    assert not UserFile(File(content), KEYS).opened


async def test_the_file_of_another_exit_key_has_no_users() -> None:
    assert not UserFile(await saved(), make_exit_keys()).opened


async def test_a_file_that_others_can_read_has_no_users() -> None:
    file = await saved()
    file.unreadable = True
    assert not UserFile(file, KEYS).opened


async def test_a_file_that_asks_for_all_memory_has_no_users() -> None:
    file = File()
    await UserFile(file, KEYS).put(ada(cost=Argon2(4 * 1024 * 1024, 1, 1)))
    assert not UserFile(file, KEYS).opened


async def test_where_nothing_can_be_written_nothing_is_changed() -> None:
    file = await saved()
    users = UserFile(file, KEYS)
    file.full = True
    with pytest.raises(Asked, match="nothing was changed"):
        await users.remove("ada")
    with pytest.raises(Asked, match="nothing was changed"):
        await users.put(User("bo", ("reader",), 0, b"", 0))
    assert list(users.users) == ["ada"]


async def test_what_happens_by_the_way_holds_for_as_long_as_the_process() -> None:
    file = await saved()
    users = UserFile(file, KEYS)
    file.full = True
    await users.note(users.user("ada").with_code_used(7))
    assert users.user("ada").used == (7,)  # the code is good no more, also on a full disk
    assert UserFile(file, KEYS).user("ada").used == ()


def test_what_is_kept_of_a_user_is_bounded() -> None:
    user = ada()
    for n in range(1000):
        user = user.with_code_used(n).with_device(bytes([n % 256]))
    assert user.used == tuple(range(1000 - MOST_USED, 1000))
    assert len(user.devices) == MOST_DEVICES


async def test_the_largest_file_is_one_that_can_be_read_again(tmp_path: Path) -> None:
    users = UserFile(Kept(tmp_path / "users"), KEYS)
    full = ada(used=tuple(range(2**40, 2**40 + MOST_USED)), devices=(bytes(32),) * MOST_DEVICES)
    users.users.update({f"user{n}": replace(full, handle=f"user{n}") for n in range(MOST_USERS)})
    await users.put(full)
    assert len(UserFile(Kept(tmp_path / "users"), KEYS).users) == MOST_USERS + 1


async def test_at_the_desk_nobody_comes_in_and_everybody_is_told_why(tmp_path: Path) -> None:
    office = Office(tmp_path)
    await office.has("ada")
    (tmp_path / "keys" / "users").write_bytes(b"garbage")
    office.begin()
    assert office.people.unread
    with pytest.raises(Asked, match="keys/users cannot be opened"):
        await office.enters("ada")
    with pytest.raises(Asked, match="keys/users cannot be opened"):
        await office.order("users", add="eve", roles=["editor"])
    assert (tmp_path / "keys" / "users").read_bytes() == b"garbage"
