"""The operator's brake, a message taken back, and a copy of yesterday restored: on real nodes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import listed, printed, relay, shown, soon, status

from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"


def sent(node: Node) -> str:
    made = marker()
    assert send_mail(*node.mail, mail(f"news {made}", to=POST), to=POST)
    return made


def id_of(node: Node, made: str) -> str:
    """The id of the message, once all of it is posted; else empty."""
    for row in listed(node, everything=True):
        whole = row["destination"] == "" and row["state"] == "posted"
        if whole and made in shown(node, row["id"])["text"]:
            return str(row["id"])
    return ""


def on_page(node: Node, made: str) -> int:
    return sum(made in text for text in page_texts(node.url))


@pytest.mark.parametrize("name", [[], ["news"], ["page"]], ids=["all", "channel", "destination"])
def test_what_is_paused_is_accepted_and_posted_when_it_is_resumed(
    node: Node, name: list[str]
) -> None:
    [paused] = printed(node, "pause", *name)
    assert paused["changed"]
    made = sent(node)
    queue = "deliver" if name == ["news"] else "post"
    soon(lambda: any(row["queue"] == queue for row in listed(node)))
    if name == ["news"]:
        assert "paused" in soon(lambda: [r["why"] for r in listed(node)])[0]
    assert list(status(node)["paused"]) == (name or ["relay"])
    assert not on_page(node, made)
    [resumed] = printed(node, "resume", *name)
    said = {"name": (name or ["relay"])[0], "changed": True, "let_go": False, "paused": {}}
    assert resumed == said
    soon(lambda: on_page(node, made) == 1)


def test_a_pause_of_a_name_that_is_not_there_is_refused(node: Node) -> None:
    done = relay(node, "pause", "nobody")
    assert (done.returncode, b"no" in done.stderr) == (65, True)


def test_a_message_is_withdrawn_from_the_queue_and_from_the_page(node: Node) -> None:
    made = sent(node)
    soon(lambda: on_page(node, made) == 1)
    id = soon(lambda: id_of(node, made))
    before = status(node)
    done = relay(node, "queue", "withdraw", id)
    assert done.returncode == 0, done.stderr.decode()
    assert b"page is gone" in done.stdout
    assert not on_page(node, made)
    after = status(node)
    assert (after["posted"], after["withdrawn"]) == (before["posted"] - 1, before["withdrawn"] + 1)
    assert relay(node, "queue", "withdraw", id).returncode == 0

    printed(node, "pause", "news")
    made = sent(node)
    rows = soon(lambda: listed(node))
    assert relay(node, "queue", "withdraw", rows[0]["id"]).returncode == 0
    printed(node, "resume", "news")
    soon(lambda: not listed(node))
    assert not on_page(node, made)


def test_a_copy_of_yesterday_posts_nothing_before_a_person_says_so(tmp_path: Path) -> None:
    node = Node(tmp_path / "n", destinations=("page", "box"), more=BOX)
    (node.folder / "box").mkdir()
    with running(node):
        printed(node, "pause", "box")
        made = sent(node)
        soon(lambda: on_page(node, made) == 1)
        node.stop()
    restored = Node(tmp_path / "copy")  # the whole machine: settings, keys and data
    sockets = shutil.ignore_patterns("control", "send")
    shutil.copytree(node.folder, restored.folder, ignore=sockets, dirs_exist_ok=True)
    with running(node):
        printed(node, "resume", "box")
        soon(lambda: len(list((node.folder / "box").glob("*.json"))) == 1)
        node.stop()
    with running(restored, "--paused"):
        assert "relay" in status(restored)["paused"]
        [doubted] = [row for row in listed(restored) if row["destination"] == "box"]
        assert doubted["state"] == "unsure"
        later = sent(restored)
        soon(lambda: status(restored)["queues"]["post"] == 3)
        assert not on_page(restored, later)
        restored.stop()
    with running(restored):  # a second start: the pause stays, and is not said again
        assert "relay" in status(restored)["paused"]
        printed(restored, "resume")
        soon(lambda: on_page(restored, later) == 1)


BOX = """
[destinations.box]
bridge = "folder"
folder = "box"
"""
