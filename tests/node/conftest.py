"""Real nodes for real clients: one that posts at once is shared by a module's tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dovecot import Dovecot, missing, running_dovecot

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, post_sms, send_mail, sms

POST = "post@example.org"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that posts to its page at once, unread."""
    with running(Node(tmp_path_factory.mktemp("node") / "n")) as started:
        yield started


def relay(node: Node | Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command ``relay`` as a user calls it, on a node's settings."""
    file = node.file if isinstance(node, Node) else node
    command = [sys.executable, "-m", "relay", *words, "-c", str(file)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60)


def printed(node: Node, *words: str) -> list[dict[str, Any]]:
    """What a command prints with --json, one value a line."""
    done = relay(node, *words, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def listed(node: Node, *, everything: bool = False) -> list[dict[str, Any]]:
    """What ``relay queue list --json`` prints, without starting a process."""
    return list(asked(node.file, {"do": "list", "all": everything}))


def shown(node: Node, id: str) -> dict[str, Any]:
    """What ``relay queue show ID --json`` prints, without starting a process."""
    [message] = asked(node.file, {"do": "show", "id": id})
    return dict(message)


def status(node: Node) -> dict[str, Any]:
    """What ``relay status --json`` prints, without starting a process."""
    return status_of(node.file)


def soon(claim: Callable[[], Any], within_s: float = 30.0) -> Any:
    """What a claim gives once it is true; fails after a while."""
    until = time.monotonic() + within_s
    while not (given := claim()):
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.02)
    return given


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
