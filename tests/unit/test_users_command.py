"""``relay users``, and what a user shows at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from relay.cli.queue import release
from relay.cli.users import NoDesk, NoProof, users

USER = {"handle": "ada", "roles": ["editor"], "joined": True, "invited": False, "since": 0}


class Node:
    """A node that answers as it is told, and keeps what it was asked."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, at: Path, answer: Mapping[str, Any]
    ) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.file = at / "relay.toml"
        self._answer = answer
        for where in ("users", "queue"):
            monkeypatch.setattr(f"relay.cli.{where}.asked", self._ask)
        self.has("[desk]\n")

    def _ask(self, path: Path, order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        self.asked.append(order)
        return [self._answer]

    def has(self, written: str) -> None:
        self.file.write_text(f"[channels.news]\n{written}")

    def users(self, *words: str, **more: Any) -> Result:
        return CliRunner().invoke(users, [*words, "-c", str(self.file)], **more)


def linked(monkeypatch: pytest.MonkeyPatch, at: Path) -> Node:
    return Node(monkeypatch, at, {**USER, "link": "SECRET", "until": 1})


def test_who_is_added_gets_a_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = linked(monkeypatch, tmp_path)
    done = node.users("add", "ada", "--role", "editor", "--role", "originals")
    assert "  http://127.0.0.1:8081/join/SECRET\n" in done.output
    order = {"do": "users", "add": "ada", "roles": ["editor", "originals"]}
    assert node.asked == [order]


@pytest.mark.parametrize(
    ("desk", "link"),
    [
        ('listen = "127.0.0.1:99"', "http://127.0.0.1:99"),
        ('listen = "[::1]:99"', "http://[::1]:99"),
        ('hosts = ["desk.example.org"]\nbehind = ["127.0.0.1"]', "https://desk.example.org"),
        ('hosts = ["abc.onion"]', "http://abc.onion"),
        ('hosts = ["abc.onion"]\nbehind = ["127.0.0.1"]', "http://abc.onion"),
        ('hosts = ["10.8.0.1"]', "http://10.8.0.1:8081"),
        ('hosts = ["d.org"]\n[tls]\ncertificate = "c"\nkey = "k"', "https://d.org:8081"),
    ],
)
def test_a_link_leads_to_where_the_desk_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, desk: str, link: str
) -> None:
    node = linked(monkeypatch, tmp_path)
    node.has(f"[desk]\n{desk}\n")
    assert f"  {link}/join/SECRET\n" in node.users("link", "ada").output


def test_without_a_desk_there_is_no_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = linked(monkeypatch, tmp_path)
    node.has("")
    assert isinstance(node.users("link", "ada").exception, NoDesk)
    assert isinstance(node.users("add", "ada", "--role", "editor").exception, NoDesk)
    assert node.asked == []


def test_at_an_entry_the_desk_is_said_to_be_at_its_exit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = linked(monkeypatch, tmp_path)
    node.file.write_text('[node]\nrole = "entry"\n[channels.news]\n')
    refused = node.users("add", "ada", "--role", "editor").exception
    assert "at its exit" in str(refused) and "[desk]" not in str(refused)


def test_a_role_is_one_that_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = linked(monkeypatch, tmp_path)
    for words in (["add", "ada"], ["add", "ada", "--role", "chief"], ["roles", "ada"]):
        assert node.users(*words).exit_code == 2
    assert node.asked == []


def test_everybody_is_listed_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    new = {**USER, "handle": "bo", "joined": False}
    late = {**new, "handle": "cy", "invited": True}
    node = Node(monkeypatch, tmp_path, {"users": [USER, new, late]})
    said = node.users("list").output
    for line in ("ada", "has joined", "bo", "has not joined yet; the link is too old", "cy"):
        assert line in said
    assert "Nobody" in Node(monkeypatch, tmp_path, {"users": []}).users("list").output


def test_roles_are_changed_and_users_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = Node(monkeypatch, tmp_path, USER)
    assert node.users("roles", "ada", "--role", "editor").output == "ada is editor.\n"
    assert node.users("remove", "ada").output == "ada may not use the desk any more.\n"
    assert node.asked[-1] == {"do": "users", "remove": "ada"}


def released(node: Node, shown: str) -> Result:
    words = ["abcdef", "--as", "ada", "-c", str(node.file)]
    return CliRunner().invoke(release, words, input=shown)


def test_a_user_releases_at_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = Node(monkeypatch, tmp_path, {"id": "abcdef", "changed": 1, "waits": "a second person"})
    assert "waits for a second person" in released(node, "four grey words \n123456\n").output
    proof = {"name": "ada", "passphrase": "four grey words ", "code": "123456"}
    assert node.asked == [{"do": "release", "id": "abcdef", "as": proof}]


@pytest.mark.parametrize("shown", ["", "\n", "four grey words\n", "\n123456\n", "\udcff\n1\n"])
def test_without_passphrase_and_code_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shown: str
) -> None:
    node = Node(monkeypatch, tmp_path, {"id": "abcdef"})
    done = CliRunner().invoke(
        release,
        ["abcdef", "--as", "ada", "-c", str(node.file)],
        input=shown.encode(errors="surrogateescape"),
    )
    assert isinstance(done.exception, NoProof)
    assert node.asked == []
