"""Who releases a message is told among how many others it hides, and plainly if that is nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import listed, relay, shown, soon, status

from relay.rules.hiding import BY_SMS, NOBODY, NOT_KNOWN
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, post_sms, send_mail, sms

POST = "post@example.org"


@pytest.mark.slow  # the counting itself is tried in test_hiding
def test_a_person_sees_it_before_and_after_a_restart(tmp_path: Path) -> None:
    settings = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')
    with running(Node(tmp_path / "n", settings)) as node:
        for n in range(3):
            sender = f"{n}@example.net"
            assert send_mail(*node.mail, mail(f"mail {n}", to=POST), to=POST, sender=sender)
        assert post_sms(f"{node.url}/in/phone", sms("alone", id="1"), node.secret) == 200
        soon(lambda: status(node)["held"] == 4)
        soon(lambda: sorted(str(row["among"]) for row in listed(node)) == ["0", "2", "2", "2"])
        least = status(node)["least_hidden"]
        about = {"channel": "news", "transport": "phone"}
        assert least == {"among": 0, "in_part": True, **about}
        assert NOBODY in told(node, "status") and NOBODY in told(node, "board")
        [alone] = [row for row in listed(node) if row["among"] == 0]
        assert node.stop() == 0
        node.start()
        soon(lambda: shown(node, alone["id"])["by_sms"])
        assert {row["among"] for row in listed(node)} == {None}  # no tag is comparable any more
        released = told(node, "queue", "release", alone["id"])
        assert NOT_KNOWN in released and BY_SMS in released


def told(node: Node, *words: str) -> str:
    """What a command tells people."""
    return relay(node, *words).stdout.decode()
