"""SIGHUP: new settings without a lost message; a broken file leaves the old ones in force."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from conftest import listed, soon, status

from relay.errors import OutwordError
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail

sys.path.append(str(Path(__file__).parent.parent / "crash"))
from crowd import Crowd

POST = "post@example.org"
PROCESSES = 5
"""Core, door, reader, cleaner and outlet."""


def reload(node: Node, settings: str, says: str = "new settings are in force") -> None:
    """Write new settings, send SIGHUP, and wait until the node says what it made of them."""
    node.file.write_text(settings)
    before = node.log.read_text().count(says)
    assert node.process is not None
    node.process.send_signal(signal.SIGHUP)
    soon(lambda: node.log.read_text().count(says) > before, 15)


def pids(node: Node) -> set[int]:
    try:
        return {one["pid"] for one in status(node)["processes"]}
    except OutwordError:
        return set()


def test_new_settings_are_in_force_on_the_same_ports(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        open_, old = node.file.read_text(), pids(node)
        reload(node, open_.replace('review = "none"', 'review = "all"'))
        soon(lambda: len(new := pids(node)) == PROCESSES and not new & old)
        assert send_mail(*node.mail, mail(f"read me {marker()}", to=POST), to=POST)
        soon(lambda: [r for r in listed(node) if r["why"] == "review"])
        assert page_texts(node.url) == []


def test_a_broken_file_leaves_the_old_settings_in_force(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        good, old = node.file.read_text(), pids(node)
        for broken in (
            good.replace("[channels.news]", "[channels.nwes]"),
            good.replace('bridge = "feed"', 'bridge = "nothing"'),
            good.replace('name = "test"', 'data = "elsewhere"'),
            good.replace("127.0.0.1:0", "203.0.113.1:25", 1),
        ):
            reload(node, broken, "the old ones stay in force")
        assert pids(node) == old
        text = f"still here {marker()}"
        assert send_mail(*node.mail, mail(text, to=POST), to=POST)
        soon(lambda: any(text in one for one in page_texts(node.url)))


def test_settings_taken_up_while_people_write_lose_and_double_nothing(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        crowd = Crowd(node, people=8, pause_s=0.02)
        threads = crowd.start()
        for _ in range(3):
            reload(node, node.file.read_text() + "\n")
            time.sleep(0.3)
        soon(lambda: len(crowd.ledger.acknowledged) > 20, 60)
        crowd.stop.set()
        for thread in threads:
            thread.join()
        soon(lambda: len(pids(node)) == PROCESSES)
        soon(lambda: not crowd.ledger.compare(page_texts(node.url)).missing, 30)
        soon(lambda: status(node)["waiting"] == 0, 30)
        verdicts = crowd.ledger.compare(page_texts(node.url))
        assert verdicts.good
        assert node.stop() == 0
