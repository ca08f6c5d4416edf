"""Locked for eight days: nothing expires, and everything is posted once when it is unlocked.

Time is moved by libfaketime (Debian: faketime), which the node's processes load.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from conftest import soon

from relay.cli.look import status_of
from relay.control import ask
from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, post_sms, send_mail, sms

POST = "post@example.org"
DAYS = 8
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


@pytest.mark.slow
@pytest.mark.skipif(LIBRARY is None, reason="apt-get install faketime")
def test_a_hundred_messages_wait_eight_days_and_are_posted_once(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    with running(node):
        node.stop()
    passphrase = (node.folder / "secrets/passphrase").read_text().strip()
    shutil.move(node.folder / "secrets/passphrase", tmp_path / "passphrase")
    ledger = Ledger()
    with running(node):
        for n in range(50):
            made = ledger.sends()
            written = mail(f"mail {made}", to=POST)
            if send_mail(*node.mail, written, to=POST):
                ledger.yes(made)
            made = ledger.sends()
            body = sms(f"sms {n} {made}".replace(str(n), "x"), id=made)
            if post_sms(f"{node.url}/in/phone", body, node.secret) == 200:
                ledger.yes(made)
        assert status_of(node.file)["waiting"] == 100
        node.stop()
    node.boots()
    for path in node.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(made.encode() in content for made in ledger.sent)
    later = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"+{DAYS}d", "FAKETIME_DONT_RESET": "1"}
    with running(node, env=later):
        now = status_of(node.file)
        assert (now["standing"], now["waiting"], now["expired"]) == ("locked", 100, 0)
        rows = list(ask(node.folder / "data/control", {"do": "list"}))
        assert min(row["since_s"] for row in rows) > (DAYS - 1) * 86400
        list(ask(node.folder / "data/control", {"do": "unlock", "passphrase": passphrase}))
        soon(lambda: status_of(node.file)["posted"] == 100, 60)
        time.sleep(1)
        verdicts = ledger.compare(page_texts(node.url))
        assert verdicts.acknowledged == 100 and verdicts.good
