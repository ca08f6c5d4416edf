"""``relay init`` when the answers are wrong, the disk is full, or the node has to be unlocked."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relay.cli.init import init
from relay.config import ImapIn, load
from relay.errors import CannotMake

MAILBOX = ("--transport", "mailbox", "--imap", "imap.example.org", "--user", "post@example.org")
PHONE = ("--transport", "phone", "--url", "https://news.example.org")


def given(*words: object, answers: str = "") -> Result:
    return CliRunner().invoke(init, list(map(str, words)), input=answers)


@pytest.mark.parametrize(
    "words",
    [
        ("--transport", "phone", "--domain", "example.org"),
        ("--transport", "mail", "--number", "+15550100123"),
        ("--imap", "imap.example.org", "--user", "post@example.org"),
        ("--transport", "mail", "--address", "post@example.org"),
        ("--transport", "mail", "--folder", "relay"),
        ("--transport", "mail", "--channel", "news"),
    ],
)
def test_an_option_of_another_way_in_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = given(tmp_path / "n", *words)
    assert done.exit_code == 2 and " is for " in done.output
    assert not (tmp_path / "n").exists()


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.cli.init._terminal", lambda: True)
    answers = ["mailbox", "https://imap.example.org", "", "imap.example.org", "post@example.org"]
    answers += ["", "news.example.org", "https://news.example.org/", "", "", ""]
    done = given(tmp_path, answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert done.output.count("Error: ") == 3
    settings = load(tmp_path / "relay.toml")
    box = settings.transports["mailbox"]
    assert isinstance(box, ImapIn) and box.host == "imap.example.org"
    assert settings.http and settings.http.url == "https://news.example.org"


@pytest.mark.parametrize("full_at", ["relay.toml", "exit.key", "firewall.nft"])
def test_a_full_disk_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: str
) -> None:
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if target.name == full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(self, target)

    (tmp_path / "n").mkdir()
    (tmp_path / "n/mine").touch()
    with monkeypatch.context() as here:
        here.setattr(Path, "rename", full)
        done = given(tmp_path / "n", *MAILBOX)
    assert isinstance(done.exception, CannotMake) and "No space left" in str(done.exception)
    assert [one.name for one in (tmp_path / "n").iterdir()] == ["mine"]
    assert given(tmp_path / "n", *MAILBOX).exit_code == 0


def test_a_full_disk_cuts_no_settings_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert given(tmp_path, *MAILBOX).exit_code == 0
    before = (tmp_path / "relay.toml").read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as here:
        here.setattr("relay.cli.init.os.fsync", full)
        assert isinstance(given(tmp_path, *PHONE).exception, OSError)
    assert (tmp_path / "relay.toml").read_bytes() == before


def test_todo_has_the_name_that_was_given_though_http_was_there(tmp_path: Path) -> None:
    assert given(tmp_path, *MAILBOX).exit_code == 0
    done = given(tmp_path, *PHONE, "--json")
    said = json.loads(done.stdout)
    assert said["by_hand"] == ['in relay.toml, [http]: url = "https://news.example.org"']
    names = {Path(one).name: Path(one).read_text() for one in said["todo"]}
    assert "https://news.example.org/in/phone" in names["phone.txt"]
    assert "news.example.org {" in names["Caddyfile"] and "dns.txt" in names


def test_only_what_is_new_is_printed(tmp_path: Path) -> None:
    assert "todo/mailbox.txt\n" in given(tmp_path, *MAILBOX).stdout
    second = given(tmp_path, *PHONE).stdout
    assert "todo/phone.txt\n" in second and "todo/mailbox.txt\n" not in second


def test_who_chose_a_passphrase_is_told_to_unlock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself = given(tmp_path / "a", *MAILBOX)
    assert "  relay unlock" not in by_itself.stdout and "starts by itself" in by_itself.stdout
    monkeypatch.setattr("relay.cli.init._terminal", lambda: True)
    answers = "\n\n\ncorrect horse\ncorrect horse\n"
    done = given(tmp_path / "b", *MAILBOX, answers=answers)
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.stdout.splitlines()]
    file = tmp_path / "b/relay.toml"
    assert lines.index(f"relay unlock -c {file}") == lines.index(f"relay run -c {file}") + 1
    assert "starts by itself" not in done.stdout
