"""No name is kept on the way out either, nor on the way in from a mailbox.

A provider and a platform that quote all they know: what they say is in no log, no board, no alarm,
no answer to a command, and in no file but the one it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, printed, relay, soon, status
from dovecot import Account, Dovecot
from leaking import leaks
from test_mailbox_node import BOX

from relay.testing.aside import Aside, aside
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.recorder import Fault, Recorder, recorder
from relay.testing.senders import mail

POST = "post@example.org"
POSTS = "POST /api/v1/statuses"

MORE = """
[destinations.masto]
bridge = "mastodon"
server = "{masto}"
token_file = "secrets/masto"

[destinations.ops]
bridge = "webhook"
url = "{ops}"

[alarms]
to = ["ops"]
check = "1s"
"""


@pytest.fixture
def secrets() -> dict[str, str]:
    """What names people, or opens their accounts."""
    return {
        "text": marker(),
        "subject": marker(),
        "sender": f"{marker()}@{marker()}.example",
        "display name": marker(),
        "user": marker(),
        "folder": marker(),
        "password": marker(),
    }


@pytest.fixture
def around(
    tmp_path: Path, dovecot: Dovecot, secrets: dict[str, str]
) -> Iterator[tuple[Node, Account, Aside[Fediverse], Aside[Recorder]]]:
    """A node with a mailbox, a platform and somebody who reads its alarms."""
    account = Account(dovecot, secrets["user"], secrets["folder"])
    with ExitStack() as stack:
        masto = stack.enter_context(aside(fediverse))
        ops = stack.enter_context(aside(recorder))
        more = BOX.format(port=dovecot.plain, user=account.user, folder=account.folder)
        more += "idle = false\n"  # so that a new password is tried at once
        more += MORE.format(masto=masto.ask(lambda one: one.base), ops=ops.ask(lambda one: one.url))
        node = Node(tmp_path / "n", more=more, destinations=("masto",))
        node.write("secrets/box", b"sesame")
        secrets["token"] = masto.ask(lambda one: one.token)
        node.write("secrets/masto", secrets["token"].encode())
        stack.enter_context(running(node))
        yield node, account, masto, ops


def told(node: Node) -> bytes:
    """All that commands tell of a node, but for the one that shows a text."""
    said: list[Any] = [status(node), listed(node, everything=True)]
    said += [relay(node, *words).stdout.decode() for words in (("board",), ("status", "--check"))]
    return json.dumps(said, ensure_ascii=False).encode()


def test_what_a_platform_quotes_and_a_mailbox_knows_is_told_to_nobody(
    tmp_path: Path,
    secrets: dict[str, str],
    around: tuple[Node, Account, Aside[Fediverse], Aside[Recorder]],
) -> None:
    node, account, masto, ops = around
    quoted = {"error": " ".join(secrets.values()), "error_description": secrets["text"]}
    says = Fault(401, {"Content-Type": "application/json"}, json.dumps(quoted).encode())
    masto.ask(lambda one: one.script(says, says, on=POSTS))
    account.deliver(
        mail(
            f"a mail says {secrets['text']}",
            to=POST,
            sender=f"{secrets['display name']} <{secrets['sender']}>",
            subject=secrets["subject"],
        )
    )
    soon(lambda: status(node)["board"]["masto"]["state"] == "login")
    soon(lambda: any(b"masto" in one.body for one in ops.ask(lambda one: list(one.made))))
    printed(node, "pause", "masto")
    (node.folder / "secrets/box").write_bytes(secrets["password"].encode())  # a wrong one
    soon(lambda: status(node)["board"]["box"]["state"] == "login")
    (tmp_path / "told").mkdir()
    (tmp_path / "told/commands").write_bytes(told(node))
    alarms = b"".join(one.body for one in ops.ask(lambda one: list(one.made)))
    (tmp_path / "told/alarms").write_bytes(alarms)
    assert b"login" in alarms and b"paused" in alarms
    assert leaks(tmp_path / "told", secrets) == []
    (node.folder / "relay.toml").unlink()  # where user and folder stand, and
    for name in ("box", "masto"):  # these, where the secrets do
        (node.folder / "secrets" / name).unlink()
    assert leaks(node.folder, secrets) == []
