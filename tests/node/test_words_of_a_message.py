"""An editor's words on a real node: what is held is cut, what is public says something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import listed, printed, relay, shown, soon, status

from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"


@pytest.fixture
def reviewing(tmp_path: Path):
    node = Node(tmp_path / "n")
    settings = node.file.read_text()
    node.file.write_text(settings.replace('review = "none"', 'review = "all"'))
    with running(node):
        yield node


@pytest.mark.slow
def test_a_message_is_looked_at_cut_published_and_corrected(reviewing: Node) -> None:
    node, made = reviewing, marker()
    text = f"{made}: call 0912 345 6789"
    assert send_mail(*node.mail, mail(text, to=POST), to=POST)
    [row] = soon(lambda: [row for row in listed(node) if row["state"] == "held"])
    [preview] = printed(node, "queue", "preview", row["id"])
    assert (preview["destination"], preview["parts"][0]["text"]) == ("page", text)
    [cut] = printed(node, "queue", "redact", row["id"], "phone")
    assert cut["text"] == f"{made}: call […]"
    printed(node, "queue", "release", row["id"])
    soon(lambda: page_texts(node.url) == [cut["text"]])
    soon(lambda: shown(node, row["id"])["state"] == "posted")
    done = relay(node, "queue", "correct", row["id"], "--hides", stdin=b"all is quiet\n")
    assert (done.returncode, b"page says it" in done.stdout) == (0, True), done.stderr
    assert page_texts(node.url) == ["all is quiet"]
    assert shown(node, row["id"])["written"]["text"] == text
    counts = status(node)
    assert (counts["accepted"], counts["posted"]) == (2, 2)
    assert relay(node, "queue", "withdraw", row["id"]).returncode == 0
    assert page_texts(node.url) == []
    assert status(node)["withdrawn"] == 2
