"""A budget on a real node: it holds over a kill, and whoever raises it goes on at once."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from conftest import relay, soon, status

from relay.testing.nodes import Node, running
from relay.testing.senders import mail, send_mail

POST = "post@example.org"
BOX = '[destinations.box]\nbridge = "folder"\nfolder = "box"\nposts_per_month = 2\n'


def place(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = status(node)["board"]["box"]
    return found


def stands(node: Node, waiting: int) -> bool:
    """Whether it is spent, so many wait, and nothing is on its way."""
    at = place(node)
    return (at["state"], at["waiting"]) == ("spent", waiting)


def raise_to(node: Node, most: int) -> None:
    node.file.write_text(node.file.read_text().replace("_month = 2", f"_month = {most}"))


def posted(node: Node) -> int:
    return len(list((node.folder / "box").glob("*.json")))


def with_four_messages(tmp_path: Path) -> Node:
    (tmp_path / "n" / "box").mkdir(parents=True)
    return Node(tmp_path / "n", destinations=("box",), more=BOX)


def send_four(node: Node) -> None:
    for n in range(4):
        assert send_mail(*node.mail, mail(f"news {n}", to=POST), to=POST)
    soon(lambda: stands(node, 2))
    assert posted(node) == 2


def test_a_month_gets_what_it_has_over_a_kill_and_goes_on_with_a_higher_limit(
    tmp_path: Path,
) -> None:
    with running(with_four_messages(tmp_path)) as node:
        send_four(node)
        node.kill()
        raise_to(node, 3)
        node.start()
        soon(lambda: stands(node, 1))
        assert posted(node) == 3
        assert place(node)["why"] == "its posts for this month are spent"


@pytest.mark.slow
def test_what_the_alarm_says_helps_at_once(tmp_path: Path) -> None:
    with running(with_four_messages(tmp_path)) as node:
        send_four(node)
        assert b"until you raise posts_per_month and reload" in relay(
            node, "status", "--check"
        ).stdout  # fmt: skip
        raise_to(node, 4)
        assert node.process is not None
        node.process.send_signal(signal.SIGHUP)
        soon(lambda: posted(node) == 4)
        soon(lambda: stands(node, 0))
