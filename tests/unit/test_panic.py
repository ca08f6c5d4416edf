"""Panic: what is destroyed, in which order, and whatever stands in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli.panic import panic
from relay.clock import SystemClock
from relay.config import parse
from relay.errors import KeyFileError
from relay.journal import Journal
from relay.node import start
from relay.node.making import make_keys
from relay.node.panic import destroying
from relay.node.panic.destroying import destroyed
from relay.node.panic.listed import keys_in, listed
from relay.node.panic.running import end_node

SETTINGS = """
[node]
keys = "held"
passphrase_file = "apart/word"

[channels.news]
danger_words_file = "whom/we-protect"

[destinations.box]
bridge = "mastodon"
token_file = "apart/box"
ca_file = "everybody/ca.pem"
"""


def node_in(folder: Path, settings: str = SETTINGS) -> Path:
    for name in (
        "held/exit.key",
        "held/door.key",
        "held/users",
        "held/.exit.key.new",
        "apart/word",
        "apart/box",
        "apart/box.session/held",
        "whom/we-protect",
        "everybody/ca.pem",
        "secrets/of-last-year",
        "public/index.html",
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"secret " * 20_000)
    (folder / "relay.toml").write_text(settings)
    return folder / "relay.toml"


def left_in(folder: Path) -> set[str]:
    files = (one for one in folder.rglob("*") if not one.is_dir())
    return {str(one.relative_to(folder)) for one in files}


def test_keys_and_passphrase_go_first_and_what_is_public_stays(tmp_path: Path) -> None:
    node = listed(node_in(tmp_path))
    names = [str(one.relative_to(tmp_path)) for one in node.files]
    assert names[:3] == ["held/exit.key", "apart/word", "held/door.key"]
    assert all(one.how == "destroyed" for one in destroyed(node.files))
    assert left_in(tmp_path) == {"relay.toml", "everybody/ca.pem", "public/index.html"}


@pytest.mark.parametrize("settings", ["[node\n" + SETTINGS, SETTINGS + "\n[x]\n[x]\n"])
def test_settings_with_a_mistake_are_as_good_as_others(tmp_path: Path, settings: str) -> None:
    node = listed(node_in(tmp_path, settings))
    list(destroyed(node.files))
    assert left_in(tmp_path) == {"relay.toml", "everybody/ca.pem", "public/index.html"}


def test_without_settings_what_lies_at_the_usual_places_is_destroyed(tmp_path: Path) -> None:
    path = node_in(tmp_path)
    path.unlink()
    (tmp_path / "held").rename(tmp_path / "keys")
    list(destroyed(listed(path).files))
    assert not left_in(tmp_path) & {"keys/exit.key", "keys/door.key", "secrets/of-last-year"}


def test_a_file_is_written_over_before_it_is_unlinked(tmp_path: Path) -> None:
    file = tmp_path / "exit.key"
    file.write_bytes(b"secret" * 50_000)
    other = tmp_path / "a name that stays"
    other.hardlink_to(file)
    [ended] = destroyed([file])
    assert ended.how == "destroyed" and not file.exists()
    assert set(other.read_bytes()) == {0} and other.stat().st_size == 300_000


def test_a_file_that_may_only_be_read_is_destroyed_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"x")
    file.chmod(0o400)
    assert [one.how for one in destroyed([file])] == ["destroyed"]


def test_what_a_link_leads_to_is_left(tmp_path: Path) -> None:
    there = tmp_path / "of others"
    there.write_bytes(b"x")
    (tmp_path / "token").symlink_to(there)
    assert [one.how for one in destroyed([tmp_path / "token"])] == ["unlinked"]
    assert there.read_bytes() == b"x" and not (tmp_path / "token").is_symlink()


def test_what_a_secret_that_is_a_link_leads_to_is_destroyed_before_it(tmp_path: Path) -> None:
    path = node_in(tmp_path)
    for name in ("held/exit.key", "apart/word", "apart/box"):
        (tmp_path / "stick" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).rename(tmp_path / "stick" / name)
        (tmp_path / name).symlink_to(tmp_path / "stick" / name)
    assert tmp_path / "held/exit.key" not in keys_in(tmp_path / "held", tmp_path)
    ended = list(destroyed(listed(path).files))
    assert ended[0].file == tmp_path / "stick/held/exit.key" and ended[0].how == "destroyed"
    assert not any(one.how == "left" or "is left" in one.why for one in ended)
    assert left_in(tmp_path) == {"relay.toml", "everybody/ca.pem", "public/index.html"}


def test_the_key_of_the_certificate_is_destroyed_and_what_a_command_left_halfway(
    tmp_path: Path,
) -> None:
    tls = '\n[tls]\ncertificate = "tls/chain.pem"\nkey = "tls/key.pem"\n'
    path = node_in(tmp_path, SETTINGS + tls)
    for name in ("tls/chain.pem", "tls/key.pem", "apart/.box.tried.session/held", "apart/.box.new"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"secret")
    broken = tmp_path / "broken.toml"
    broken.write_text(f"[node\n{SETTINGS}{tls}")
    assert tmp_path / "tls/key.pem" in listed(broken).files
    broken.unlink()
    path.write_text(SETTINGS + tls.replace("tls/key", f"{tmp_path.parent}/key"))
    assert tmp_path.parent / "key.pem" not in listed(path).files  # it may be that of others too
    path.write_text(SETTINGS + tls)
    list(destroyed(listed(path).files))
    stays = {"relay.toml", "everybody/ca.pem", "public/index.html", "tls/chain.pem"}
    assert left_in(tmp_path) == stays


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_only_be_read_keeps_no_file(tmp_path: Path) -> None:
    (tmp_path / "exit.key").write_bytes(b"secret")
    tmp_path.chmod(0o500)
    assert [one.how for one in destroyed([tmp_path / "exit.key"])] == ["destroyed"]


def test_a_full_disk_keeps_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on btrfs, where what is written over needs room as well."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(destroying.os, "pwrite", full)
    (tmp_path / "exit.key").write_bytes(b"x")
    [ended] = destroyed([tmp_path / "exit.key"])
    assert (ended.how, ended.why) == ("unlinked", "No space left on device")
    assert not (tmp_path / "exit.key").exists()


@pytest.mark.parametrize("done", range(4))
def test_cut_short_anywhere_it_is_given_again(tmp_path: Path, done: int) -> None:
    path = node_in(tmp_path)
    going = destroyed(listed(path).files)
    for _ in range(done):
        next(going)
    going.close()
    assert not list(tmp_path.glob("held/exit.key")) or done == 0
    list(destroyed(listed(path).files))
    assert left_in(tmp_path) == {"relay.toml", "everybody/ca.pem", "public/index.html"}
    assert list(destroyed(listed(path).files)) == []


def test_keys_that_lie_among_other_things_are_told_from_these(tmp_path: Path) -> None:
    path = tmp_path / "relay.toml"
    path.write_text('[node]\nkeys = "."\n')
    for name in ("exit.key", "door.key", "mail.seen", "a report.odt"):
        (tmp_path / name).write_bytes(b"x")
    list(destroyed(listed(path).files))
    assert left_in(tmp_path) == {"relay.toml", "a report.odt"}


def test_settings_that_nobody_ever_writes_hold_up_nothing(tmp_path: Path) -> None:
    path = node_in(tmp_path)
    path.unlink()
    os.mkfifo(path)
    assert tmp_path / "secrets/of-last-year" in listed(path).files


def test_folders_that_lead_in_a_circle_hold_up_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys").symlink_to(tmp_path / "keys")
    ended = list(destroyed(listed(tmp_path / "relay.toml").files))
    assert {one.how for one in ended} == {"left"}


def test_where_no_node_runs_none_is_ended(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    assert end_node(tmp_path) == 0
    assert end_node(tmp_path / "no folder") == 0


def test_the_command_says_what_it_did_and_what_nobody_can_promise(tmp_path: Path) -> None:
    path = node_in(tmp_path)
    done = CliRunner().invoke(panic, ["-c", str(path), "--yes"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "destroyed: held/exit.key\n" in done.output
    assert "No node was running" in done.output and "flash storage" in done.output
    again = CliRunner().invoke(panic, ["-c", str(path), "--yes"], catch_exceptions=False)
    assert "Nothing was there to destroy" in again.output
    assert "names the exits" not in done.output


def test_at_an_entry_it_says_that_the_settings_name_its_exits(tmp_path: Path) -> None:
    path = node_in(tmp_path, '[node]\nrole = "entry"\n[channels.news]\n')
    done = CliRunner().invoke(panic, ["-c", str(path), "--yes"], catch_exceptions=False)
    assert "names the exits: remove it" in done.output


def test_what_could_not_be_destroyed_is_said_once_and_by_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def may_not(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    path = node_in(tmp_path)
    monkeypatch.setattr(Path, "unlink", may_not)
    done = CliRunner().invoke(panic, ["-c", str(path), "--yes"])
    assert done.exit_code != 0
    assert done.output.count("left: held/exit.key (Operation not permitted)") == 1


def test_no_model_of_the_settings_is_waited_for() -> None:
    """It takes seconds to load on a small machine, and the keys lie there meanwhile."""
    loads = "import relay.cli, relay.cli.panic, sys; print('pydantic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", loads], capture_output=True, check=True)
    assert said.stdout == b"False\n"


def test_a_node_without_its_keys_says_that_a_panic_destroys_them(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = node_in(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/spool.sqlite").touch()
    CliRunner().invoke(panic, ["--yes", "-c", str(file)])
    journal = Journal("launcher", StringIO())
    assert start._checked(file, journal, lambda _: None) == 78
    said = capfd.readouterr().err
    assert "exit.key is missing" in said and "`relay panic` destroys the keys" in said
    assert "token_file: names a file that cannot be used" in said
    plain = parse({"node": {"keys": "held"}, "channels": {"news": {}}}, tmp_path / "relay.toml")
    with pytest.raises(KeyFileError, match="`relay panic` destroys the keys"):
        make_keys(plain, SystemClock(), journal)


def test_without_a_yes_nothing_is_done(tmp_path: Path) -> None:
    path = node_in(tmp_path)
    before = left_in(tmp_path)
    CliRunner().invoke(panic, ["-c", str(path)], input="n\n")
    assert left_in(tmp_path) == before and os.path.getsize(tmp_path / "held/exit.key") == 140_000
