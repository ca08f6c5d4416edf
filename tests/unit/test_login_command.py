"""``relay login`` where a bridge leads: it asks, secrets come of it, and all or none are put in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from strangers import modules, offered

from relay.cli.login import NotGood, NotReached, login
from relay.cli.login_files import grown, put_together, tried_beside
from relay.cli.login_led import NoMore
from relay.errors import OutwordError
from relay.plugins import Unusable

SETTINGS = """
[channels.news]
[destinations.bird]
bridge = "bird"
keys_file = "secrets/keys"
token_file = "secrets/token"
[destinations.plain]
bridge = "plain"
token_file = "secrets/plain"
"""

BIRD = """
from pathlib import Path
from typing import ClassVar
from pydantic import BaseModel, ConfigDict
from bridges import kit
from relay.ports import Health, NotSent, Once

(Path(__file__).parent / "imported").touch()


class Plain:
    api = 1
    secrets = {"token_file": "from the\\x1b nest"}

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        token_file: str
        keys_file: str = ""

    def __init__(self, settings, http, clock):
        self.once, self.at_once = Once("none"), 1
        self._session = kit.Session(settings.token_file)
        self._token = kit.read_secret(settings.token_file)

    async def check(self):
        if self._token == b"wrong":
            return Health("", "the token is refused")
        await self._session.store({"renewed": self._token.decode()})
        return Health("a bird")


class Bird(Plain):
    @classmethod
    async def login(cls, settings, http, clock, ask):
        who = await ask("Which \\u202ebird?", False)
        if who == "none":
            return "there is no such\\x1b bird"
        if who == "raises":
            raise RuntimeError(f"the token of {who}")
        if who == "nothing":
            return {}
        if who == "other":
            return {"other_file": b"x"}
        if who == "text":
            return {"token_file": "x"}
        token = await ask("Open https://nest.example/?who and paste what you see", True)
        return {"token_file": token.encode(), "keys_file": f"key of {who}".encode()}
"""


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A node with two destinations of a third party's; one leads through a login."""
    made = modules(tmp_path / "strangers", bird=BIRD)
    offered(made, "birds", {"bird": "bird:Bird", "plain": "bird:Plain"})
    monkeypatch.syspath_prepend(made)
    (tmp_path / "relay.toml").write_text(SETTINGS)
    (tmp_path / "secrets").mkdir(mode=0o700)
    yield tmp_path
    sys.modules.pop("bird", None)


def run(node: Path, *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(login, [*words, "-c", str(node / "relay.toml")], input=stdin)


def kept(node: Path) -> dict[str, str]:
    """Every file there, by its path."""
    folder = node / "secrets"
    return {
        str(one.relative_to(folder)): one.read_text().strip()
        for one in folder.rglob("*")
        if one.is_file()
    }


def test_each_question_takes_a_line_and_all_secrets_are_put_in_place(node: Path) -> None:
    done = run(node, "bird", "--json", stdin="robin\nthe-token\n")
    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert (told["account"], set(told["files"])) == ("a bird", {"token_file", "keys_file"})
    there = kept(node)
    assert (there["token"], there["keys"]) == ("the-token", "key of robin")
    assert set(there) == {"token", "keys", "token.session/held"}
    assert {(node / "secrets" / one).stat().st_mode & 0o777 for one in there} == {0o600}
    assert "the-token" not in done.output


def test_its_questions_are_shown_and_cannot_turn_a_terminal_around(node: Path) -> None:
    done = run(node, "bird", stdin="robin\nthe-token\n")
    assert "Which bird?" in done.stderr
    assert "Open https://nest.example/?who and paste" in done.stderr
    assert "It is in place: " in done.stdout and "(account: a bird)" in done.stdout


def test_a_third_partys_code_is_announced_before_it_is_imported(node: Path) -> None:
    done = run(node, "bird", stdin="robin\nthe-token\n")
    [announced, *_] = done.stderr.splitlines()
    assert "package birds 1.0" in announced and "in this process" in announced
    (node / "strangers/imported").unlink()
    sys.modules.pop("bird")
    run(node, "plain", "--unchecked", stdin="the-token\n")
    assert "in this process" in done.stderr


def test_a_session_that_was_made_while_it_was_tried_goes_into_place_with_the_secret(
    node: Path,
) -> None:
    assert run(node, "plain", stdin="first\n").exit_code == 0
    assert json.loads(kept(node)["plain.session/held"])["renewed"] == "first"
    assert isinstance(run(node, "plain", stdin="wrong\n").exception, NotGood)
    assert (kept(node)["plain"], set(kept(node))) == ("first", {"plain", "plain.session/held"})
    assert run(node, "plain", stdin="second\n").exit_code == 0
    assert json.loads(kept(node)["plain.session/held"])["renewed"] == "second"
    assert set(kept(node)) == {"plain", "plain.session/held"}


def test_where_a_bridge_says_where_it_is_got_that_is_shown(
    node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    done = run(node, "plain", stdin="first\n")
    assert done.exit_code == 0 and "from the nest" in done.stderr


def test_on_a_terminal_only_what_is_no_secret_is_echoed(
    node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    done = run(node, "bird", stdin="robin\nthe-token\n")
    assert done.exit_code == 0, done.exception
    assert "Answer: robin" in done.output and "Answer (not shown):" in done.output
    assert "the-token" not in done.output


@pytest.mark.parametrize(
    ("stdin", "kind", "words"),
    [
        ("none\n", NotGood, "there is no such bird; nothing was put in place"),
        ("raises\n", NotGood, "its bridge failed: runtimeerror"),
        ("nothing\n", NotGood, "its bridge gave no secret"),
        ("text\n", NotGood, "its bridge gave no secret for token_file"),
        ("other\n", NotGood, 'other_file = "secrets/..."'),
        ("robin\n\n", NotGood, "its bridge gave no secret for token_file"),
        ("robin\nwrong\n", NotGood, "the token is refused; nothing was put in place"),
        ("robin\n", NoMore, "a line for each question"),
        ("", NoMore, "a line for each question"),
    ],
)
def test_a_login_that_fails_is_told_in_our_words_and_changes_nothing(
    node: Path, stdin: str, kind: type[OutwordError], words: str
) -> None:
    done = run(node, "bird", stdin=stdin)
    assert type(done.exception) is kind and words in str(done.exception)
    assert kept(node) == {} and "token of" not in str(done.exception)


def test_one_secret_can_still_be_pasted(node: Path) -> None:
    done = run(node, "bird", "--setting", "token_file", stdin="pasted\n")
    assert done.exit_code == 0, done.exception
    assert kept(node)["token"] == "pasted" and "Which bird" not in done.stderr


def test_unchecked_asks_and_tries_nothing(node: Path) -> None:
    assert run(node, "bird", "--unchecked", stdin="robin\nwrong\n").exit_code == 0
    assert kept(node) == {"token": "wrong", "keys": "key of robin"}


def test_settings_of_a_bridge_that_are_wrong_are_named_before_it_asks(node: Path) -> None:
    file = node / "relay.toml"
    file.write_text(file.read_text().replace('keys_file = "', 'colour = "grey"\nkeys_file = "'))
    done = run(node, "bird", stdin="robin\nthe-token\n")
    assert isinstance(done.exception, Unusable)
    assert "colour is not a key we know" in str(done.exception) and "grey" not in done.output
    assert "Which" not in done.stderr


def test_a_bridge_that_is_not_installed_takes_a_secret_only_unchecked(node: Path) -> None:
    file = node / "relay.toml"
    file.write_text(file.read_text().replace('bridge = "plain"', 'bridge = "gone"'))
    assert isinstance(run(node, "plain", stdin="x\n").exception, NotGood)
    assert run(node, "plain", "--unchecked", stdin="the-token\n").exit_code == 0
    assert kept(node) == {"plain": "the-token"}


# ---------------------------------------------------------------- all or none


@pytest.fixture
def three(tmp_path: Path) -> dict[Path, bytes]:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"old")
    return {tmp_path / name: b"new" for name in ("a", "b", "c")}


def held(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_all_of_them_are_put_in_place(tmp_path: Path, three: dict[Path, bytes]) -> None:
    put_together(three)
    assert held(tmp_path) == {"a": b"new", "b": b"new", "c": b"new"}


@pytest.mark.parametrize("name", ["a", "b", "c"])
@pytest.mark.parametrize("step", ["write", "move"])
def test_a_disk_that_fails_leaves_all_of_them_as_they_were(
    tmp_path: Path,
    three: dict[Path, bytes],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    name: str,
) -> None:
    rename = Path.rename
    fails = {"write": f".{name}.next", "move": name}[step]

    def failing(path: Path, to: Path) -> Any:
        if Path(to).name == fails and path.name != f".{name}.before":
            raise OSError(28, os.strerror(28), str(to))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError):
        put_together(three)
    assert held(tmp_path) == {"a": b"old", "b": b"old"}


def test_what_is_tried_is_away_when_it_was_tried(tmp_path: Path) -> None:
    with (
        pytest.raises(NotReached),
        tried_beside({tmp_path / "a": b"x", tmp_path / "[b]": b"y"}) as there,
    ):
        assert {one.read_bytes() for one in there.values()} == {b"x", b"y"}
        (tmp_path / ".[b].tried.session").mkdir()
        (tmp_path / ".[b].tried.session/held").write_bytes(b"z")
        raise NotReached
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_in_a_folder_of_its_own_while_it_was_tried_goes_into_place(
    tmp_path: Path,
) -> None:
    (own := tmp_path / "own").mkdir()
    with tried_beside({tmp_path / "a": b"x"}, own) as there:
        (own / ".a.tried.session").write_bytes(b"z")
        assert grown(there, own) == {own / "a.session": b"z"}
    assert list(own.iterdir()) == []


def test_a_session_of_the_version_before_makes_room_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "a.session").write_bytes(b"old")
    put_together({tmp_path / "a.session/held": b"new"})
    assert (tmp_path / "a.session/held").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 1
