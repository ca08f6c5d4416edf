"""The key files of a node: which there are, how exit.key is replaced, and what a panic finds."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from relay.clock import SystemClock
from relay.config import Settings, parse
from relay.errors import Asked, Damaged, KeyFileError, WrongPassphrase
from relay.journal import Journal
from relay.keyfiles import read_secret, replace_secret, write_secret
from relay.node.exit_key import ExitKey
from relay.node.key_orders import KeyOrders, having_taken
from relay.node.making import make_keys
from relay.node.panic.destroying import destroyed
from relay.node.panic.listed import keys_in, listed
from relay.node.rolling.keyring import Keyring
from relay.node.rolling.said import about
from relay.wire import exitfile, primitives
from relay.wire.bundle import read_request, sign_bundle
from relay.wire.epochs import DAY_S
from relay.wire.exitfile import exit_public, lock_exit, unlock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys, read_door_file, read_link_file
from relay.wire.primitives import signing_public
from relay.wire.rolling import bundle_of, rolled

WORD = b"00" * 32
NOW = 1_764_460_800 + 7
ROAD_S = 3 * DAY_S
SEED = b"\x07" * 32


def of_role(folder: Path, role: str) -> Settings:
    file = folder / "relay.toml"
    file.write_text(f'[node]\nrole = "{role}"\n[channels.news]\n')
    return parse({"node": {"role": role}, "channels": {"news": {}}}, file)


def made(settings: Settings, **more: Any) -> None:
    make_keys(settings, SystemClock(), Journal("test", StringIO()), **more)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


# ---------------------------------------------------------------- made


@pytest.mark.parametrize("role", ["exit", "both"])
def test_a_node_that_opens_has_three_key_files(tmp_path: Path, role: str) -> None:
    settings = of_role(tmp_path, role)
    made(settings)
    assert names(settings.keys) == ["door.key", "exit.key", "link.key"]
    assert len(exit_public(read_secret(settings.keys / "exit.key")).epochs) == 61


def test_an_entry_has_no_exit_key_and_no_passphrase(tmp_path: Path) -> None:
    settings = of_role(tmp_path, "entry")
    made(settings)
    assert names(settings.keys) == ["door.key", "link.key"]
    assert not (tmp_path / "secrets").exists()
    (settings.data).mkdir()
    (settings.data / "spool.sqlite").touch()
    made(settings)  # it has messages, and nothing of it is lost


def test_an_entry_with_an_exit_key_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    settings = of_role(tmp_path, "entry")
    write_secret(settings.keys / "exit.key", b"whatever it is")
    with pytest.raises(KeyFileError, match="take it off this machine"):
        made(settings)


def test_an_entry_without_any_key_beside_messages_is_not_begun_anew_by_itself(
    tmp_path: Path,
) -> None:
    """After a panic the service of a node starts it once more."""
    settings = of_role(tmp_path, "entry")
    settings.data.mkdir()
    (settings.data / "spool.sqlite").touch()
    with pytest.raises(KeyFileError, match="panic"):
        made(settings)
    assert not list(settings.keys.glob("*"))
    made(settings, anew=True)
    (settings.keys / "link.key").unlink()
    made(settings)
    assert (settings.keys / "link.key").exists()


def test_the_link_key_is_a_copy_of_what_the_door_signs_with(tmp_path: Path) -> None:
    settings = of_role(tmp_path, "entry")
    made(settings)
    door = read_door_file(read_secret(settings.keys / "door.key"))
    assert read_link_file(read_secret(settings.keys / "link.key")) == door.entry


# ---------------------------------------------------------------- replaced


def an_exit_key(folder: Path) -> tuple[ExitKey, Path]:
    settings = of_role(folder, "both")
    path = settings.keys / "exit.key"
    keys = rolled(make_exit_keys(NOW), NOW, ROAD_S, 1)
    write_secret(path, lock_exit(keys, Passphrase(WORD, stretched=False)))
    return ExitKey(settings), path


def test_what_is_opened_is_one_object_however_often_it_is_opened(tmp_path: Path) -> None:
    key, path = an_exit_key(tmp_path)
    keys = key.opened(WORD)
    key.write(rolled(keys, NOW + DAY_S, ROAD_S, 1))
    assert key.opened(WORD) is keys
    with pytest.raises(WrongPassphrase):
        key.opened(b"another")
    assert keys == key.opened(WORD) and exit_public(path.read_bytes()) == key.public


def test_what_is_written_is_what_the_next_process_opens(tmp_path: Path) -> None:
    key, path = an_exit_key(tmp_path)
    keys = key.opened(WORD)
    for n in range(1, 4):
        newer = rolled(keys, NOW + n * DAY_S, ROAD_S, 1)
        key.write(newer)
        assert unlock_exit(path.read_bytes(), WORD) == newer != keys
        assert key.public == newer.public and key.bundle == newer.bundle
        keys.renew(newer)


def held_by(root: object) -> Iterator[bytes]:
    """Every bytes object that can be reached from an object, as in a copy of a core's memory."""
    seen: set[int] = set()
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        if isinstance(one, bytes):
            yield one
        elif not callable(one):
            todo += gc.get_referents(one)


def opens(file: bytes, link: bytes) -> bool:
    _, _, clear, sealed = exitfile._parted(file)
    try:
        primitives.open_(link, sealed, exitfile.MAGIC + clear)
    except Damaged:
        return False
    return True


def test_nothing_that_a_core_holds_opens_the_file_of_yesterday(tmp_path: Path) -> None:
    key, path = an_exit_key(tmp_path)
    keys = key.opened(WORD)
    files = [path.read_bytes()]
    for n in range(1, 4):
        newer = rolled(keys, NOW + n * DAY_S, ROAD_S, 1)
        key.write(newer)
        keys.renew(newer)
        files.append(path.read_bytes())
    held = {one for one in held_by(key) if len(one) == 32}
    assert keys.page in held and key._turning is not None and key._turning.link in held
    ahead = {exitfile._turned(one) for one in held}
    assert not any(opens(file, link) for file in files for link in held | ahead)
    assert WORD not in set(held_by(key))
    assert all(unlock_exit(file, WORD) for file in files)  # as it is written in docs/operate.md


def test_what_cannot_be_written_leaves_the_file_as_it_was_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, path = an_exit_key(tmp_path)
    keys, before, shown = key.opened(WORD), path.read_bytes(), key.public
    newer = rolled(keys, NOW + DAY_S, ROAD_S, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("relay.keyfiles.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            key.write(newer)
    assert path.read_bytes() == before and key.public == shown
    key.write(newer)
    assert unlock_exit(path.read_bytes(), WORD) == newer


def test_what_was_there_is_written_over_once_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "exit.key"
    write_secret(path, b"yesterday" * 1000)
    with open(path, "rb") as still:
        replace_secret(path, b"today")
        assert b"yesterday" not in still.read()
    assert path.read_bytes() == b"today" and names(tmp_path) == ["exit.key"]


@pytest.mark.parametrize("step", ["_exchanged", "sync_folder", "_write_over"])
@pytest.mark.parametrize("exchanges", [True, False])
def test_what_a_killed_process_left_is_written_over_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, exchanges: bool
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    path, beside = tmp_path / "exit.key", tmp_path / ".exit.key.new"
    write_secret(path, b"yesterday" * 1000)
    with monkeypatch.context() as patched:
        patched.setattr(f"relay.keyfiles.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            replace_secret(path, b"today" * 1000)
    left = beside.read_bytes()
    with open(beside, "rb") as still:
        if not exchanges:
            monkeypatch.setattr("relay.keyfiles._exchanged", lambda *_: False)
        replace_secret(path, b"tomorrow")
        assert still.read() != left and path.read_bytes() == b"tomorrow"
    assert names(tmp_path) == ["exit.key"]


def test_where_two_files_cannot_change_their_names_one_takes_the_place_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.keyfiles._exchanged", lambda *_: False)
    test_what_was_there_is_written_over_once_it_is_replaced(tmp_path)


def test_a_link_in_the_place_of_a_file_is_replaced_and_what_it_leads_to_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "real").write_bytes(b"theirs")
    (tmp_path / "exit.key").symlink_to(tmp_path / "real")
    replace_secret(tmp_path / "exit.key", b"today")
    assert (tmp_path / "real").read_bytes() == b"theirs"
    assert not (tmp_path / "exit.key").is_symlink() and names(tmp_path) == ["exit.key", "real"]


def test_a_copy_that_somebody_made_by_a_link_is_theirs(tmp_path: Path) -> None:
    path, copy = tmp_path / "exit.key", tmp_path / "backup"
    write_secret(path, b"yesterday")
    os.link(path, copy)
    replace_secret(path, b"today")
    assert copy.read_bytes() == b"yesterday" and path.read_bytes() == b"today"


def test_the_first_of_its_name_replaces_nothing(tmp_path: Path) -> None:
    replace_secret(tmp_path / "exit.key", b"today")
    assert (tmp_path / "exit.key").read_bytes() == b"today"


# ---------------------------------------------------------------- a panic


@pytest.mark.parametrize("role", ["entry", "both"])
def test_a_panic_finds_the_link_key_and_who_our_exits_are(tmp_path: Path, role: str) -> None:
    settings = of_role(tmp_path, role)
    made(settings)
    for name in ("b.bundle", "c.bundle", ".c.bundle.new", "b.damaged"):
        write_secret(settings.keys / "exits" / name, b"who they are")
    found = listed(tmp_path / "relay.toml")
    assert found.opens is (role == "both")
    assert {one.how for one in destroyed(found.files)} == {"destroyed"}
    assert [one for one in settings.keys.rglob("*") if one.is_file()] == []


def test_a_core_in_a_panic_destroys_them_as_well(tmp_path: Path) -> None:
    settings = of_role(tmp_path, "entry")
    made(settings)
    write_secret(settings.keys / "exits" / "b.bundle", b"who they are")
    found = {one.name for one in keys_in(settings.keys, tmp_path)}
    assert {"door.key", "link.key", "b.bundle"} <= found


def test_among_the_files_of_others_a_panic_takes_what_is_ours(tmp_path: Path) -> None:
    (tmp_path / "exits").mkdir()
    for name in ("exits/b.bundle", "exits/of the building.pdf"):
        (tmp_path / name).write_bytes(b"x")
    found = {one.name for one in keys_in(tmp_path, tmp_path)}
    assert "b.bundle" in found and "of the building.pdf" not in found


# ---------------------------------------------------------------- orders


class Disk:
    """Where the keys are written, unless it is full."""

    def __init__(self) -> None:
        self.written: list[ExitKeys] = []
        self.full = False

    def write(self, keys: ExitKeys) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.written.append(keys)


class Core:
    """What the orders need of a core whose exit.key is open."""

    def __init__(self, keys: ExitKeys) -> None:
        self.told = 0
        self.disk = Disk()
        self.clock: Any = SimpleNamespace(now=lambda: NOW + 60)
        self.settings: Any = SimpleNamespace(node=SimpleNamespace(road_s=ROAD_S))
        ring = Keyring(keys, self.disk, self._tell)
        self.rolling: Any = SimpleNamespace(ring=ring, shown=lambda: about(ring.keys))

    async def _tell(self) -> None:
        self.told += 1


def offline() -> ExitKeys:
    return rolled(make_exit_keys(NOW, signing_public(SEED)), NOW, ROAD_S, 1)


def b64(content: bytes) -> str:
    from base64 import b64encode

    return b64encode(content).decode()


async def test_a_bundle_that_was_signed_elsewhere_is_in_force_once_it_is_written() -> None:
    keys = offline()
    core = Core(keys)
    signed = sign_bundle(read_request(bundle_of(keys, NOW, ROAD_S)), SEED)
    assert (await KeyOrders(core).take(b64(signed)))["unsigned"] == 0
    assert core.disk.written[0].bundle == keys.bundle == signed and core.told == 1
    await KeyOrders(core).take(b64(signed))  # again: nothing is to be done
    assert len(core.disk.written) == core.told == 1
    assert having_taken(keys, signed) is keys


@pytest.mark.parametrize("written", ["", "****", "AAAA", b64(bytes(100)), "\udcff"])
async def test_what_is_no_bundle_of_ours_changes_nothing(written: str) -> None:
    core = Core(offline())
    with pytest.raises(Asked):
        await KeyOrders(core).take(written)
    assert core.disk.written == [] and core.told == 0


async def test_keys_are_revoked_and_the_exit_is_ended() -> None:
    keys = rolled(make_exit_keys(NOW), NOW, ROAD_S, 1)
    core = Core(keys)
    gone = keys.epochs[0].id
    await KeyOrders(core).revoke([gone.hex()], all=False)
    assert keys.revoked == (gone,) and keys.public.of(NOW) is not None
    assert (await KeyOrders(core).revoke([], all=True))["ended"]
    assert keys.ended and keys.public.of(NOW) is None and gone in keys.keyring


@pytest.mark.parametrize("ids", [[], ["zz"], ["00" * 8], ["0"]])
async def test_what_is_no_id_of_ours_revokes_nothing(ids: list[str]) -> None:
    core = Core(rolled(make_exit_keys(NOW), NOW, ROAD_S, 1))
    with pytest.raises(Asked):
        await KeyOrders(core).revoke(ids, all=False)
    assert core.disk.written == []


async def test_on_a_full_disk_nothing_is_revoked_and_the_order_says_so() -> None:
    keys = rolled(make_exit_keys(NOW), NOW, ROAD_S, 1)
    core = Core(keys)
    core.disk.full = True
    with pytest.raises(Asked, match="cannot be written"):
        await KeyOrders(core).revoke([keys.epochs[0].id.hex()], all=False)
    assert keys.revoked == () and core.told == 0


async def test_a_locked_exit_and_one_without_its_identity_say_so() -> None:
    core = Core(offline())
    with pytest.raises(Asked, match="another machine"):
        await KeyOrders(core).revoke([], all=True)
    core.rolling = None
    orders = KeyOrders(core)
    for order in (orders.take(b64(b"x")), orders.revoke(["00"], all=False), orders.roll()):
        with pytest.raises(Asked, match="relay unlock"):
            await order


async def test_what_is_no_order_about_keys_is_refused() -> None:
    for order in ({"do": "revoke", "ids": [1]}, {"do": "bundle", "bundle": 1}, {"do": "other"}):
        with pytest.raises(Asked, match="no such order"):
            await KeyOrders(Core(offline())).answer(order)
