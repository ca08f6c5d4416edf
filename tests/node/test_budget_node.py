"""A budget on a real node: it holds over a kill, and whoever raises it goes on at once."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from conftest import relay, soon, status

from relay.testing.nodes import Node, running
from relay.testing.senders import mail, send_mail

POST = "post@example.org"
BOX = '[destinations.box]\nbridge = "folder"\nfolder = "box"\nposts_per_month = 2\n'


def place(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = status(node)["board"]["box"]
    return found


def is_spent(node: Node) -> bool:
    """Whether two are there, two wait, and nothing is on its way."""
    at = place(node)
    return (at["state"], at["waiting"]) == ("spent", 2)


def test_a_month_gets_what_it_has_over_a_kill_and_a_higher_limit_goes_on_at_once(
    tmp_path: Path,
) -> None:
    box = tmp_path / "n" / "box"
    box.mkdir(parents=True)
    with running(Node(tmp_path / "n", destinations=("box",), more=BOX)) as node:
        for n in range(4):
            assert send_mail(*node.mail, mail(f"news {n}", to=POST), to=POST)
        soon(lambda: is_spent(node))
        node.kill()
        node.start()
        soon(lambda: is_spent(node))
        assert place(node)["why"] == "its posts for this month are spent"
        assert len(list(box.glob("*.json"))) == 2
        assert b"until you raise posts_per_month" in relay(node, "status", "--check").stdout
        node.file.write_text(node.file.read_text().replace("_month = 2", "_month = 3"))
        assert node.process is not None
        node.process.send_signal(signal.SIGHUP)
        soon(lambda: len(list(box.glob("*.json"))) == 3, 20)
        soon(lambda: place(node)["waiting"] == 1)
