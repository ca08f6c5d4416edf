"""Real nodes for real clients: one that posts at once is shared by a module's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dovecot import Dovecot, missing, running_dovecot
from looking import listed, printed, relay, shown, soon, status

from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, post_sms, send_mail, sms

__all__ = ["listed", "printed", "relay", "send_both", "shown", "soon", "status"]

POST = "post@example.org"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that posts to its page at once, unread."""
    with running(Node(tmp_path_factory.mktemp("node") / "n")) as started:
        yield started


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server for every test of a session that wants one."""
    why = missing()
    if why:
        pytest.skip(why)
    with running_dovecot() as server:
        yield server


def send_both(node: Node, ledger: Ledger, times: int) -> None:
    """So many mails and as many SMS, in a ledger."""
    for _ in range(times):
        made = ledger.sends()
        if send_mail(
            *node.mail, mail(f"a mail {made}", to="post@example.org"), to="post@example.org"
        ):
            ledger.yes(made)
        made = ledger.sends()
        body = sms(f"an sms {made}", id=made)
        if post_sms(f"{node.url}/in/phone", body, node.secret) == 200:
            ledger.yes(made)
