"""What an operator sees of posting, on a real node: keys of the board, and a message destroyed."""

from __future__ import annotations

from conftest import listed, printed, relay, shown, soon, status

from relay.testing.ledger import marker
from relay.testing.nodes import Node
from relay.testing.senders import mail, send_mail

POST = "post@example.org"


def test_the_board_says_what_is_old_and_what_was_spent(node: Node) -> None:
    page = status(node)["board"]["page"]
    assert (page["stale"], page["spent"], page["limit"], page["unit"]) == (0, None, None, "")


def test_a_message_that_waits_is_dropped_and_destroyed(node: Node) -> None:
    printed(node, "pause", "page")
    made = marker()
    assert send_mail(*node.mail, mail(f"news {made}", to=POST), to=POST)
    [row] = soon(lambda: [row for row in listed(node) if row["queue"] == "post"])
    before = status(node)
    assert made in shown(node, row["id"])["text"]
    [done] = printed(node, "queue", "drop", row["id"], "--destroy")
    assert done == {"id": row["id"], "changed": 2}
    after = shown(node, row["id"])
    assert (after["destroyed"], "text" in after) == (True, False)
    assert b"nothing is kept of it" in relay(node, "queue", "show", row["id"]).stdout
    assert [one["state"] for one in after["deliveries"]] == ["dropped"]
    now = status(node)
    assert (now["accepted"], now["dropped"]) == (before["accepted"], before["dropped"] + 1)
    printed(node, "resume", "page")
