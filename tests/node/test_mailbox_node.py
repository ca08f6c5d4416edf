"""A node that fetches a mailbox: from the provider's folder to the page, once, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import soon, status
from dovecot import PASSWORD, Account, Between, Dovecot, free_port
from test_reload import reload

from relay.errors import NoNode
from relay.testing.ledger import Ledger, marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"

BOX = """
[transports.box]
kind = "imap"
host = "127.0.0.1"
port = {port}
tls = false
user = "{user}"
password_file = "secrets/box"
folder = "{folder}"
channel = "news"
every = "1s"
per_sender = 1000
existing = "take"
"""


def made(folder: Path, account: Account, port: int = 0, password: str = PASSWORD) -> Node:
    """A node with a mailbox, not started yet."""
    port = port or account.server.plain
    more = BOX.format(port=port, user=account.user, folder=account.folder)
    node = Node(folder / "n", more=more)
    node.write("secrets/box", password.encode())
    return node


def state(node: Node) -> dict[str, Any]:
    with suppress(NoNode):  # while it takes up new settings
        return dict(status(node)["board"]["box"])
    return {"state": ""}


def door(node: Node) -> int:
    [found] = [one["pid"] for one in status(node)["processes"] if one["role"] == "door"]
    return int(found)


@pytest.fixture(scope="module")
def fetching(
    dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Node, Account]]:
    """A node that fetches, for the tests that do it no harm."""
    account = Account(dovecot, "markuser@example.net", "markfolder خبر")
    with running(made(tmp_path_factory.mktemp("fetching"), account)) as node:
        yield node, account


def test_a_mail_in_a_folder_comes_onto_the_page_and_nothing_names_its_place(
    fetching: tuple[Node, Account],
) -> None:
    node, account = fetching
    text = f"the road is open {marker()}"
    account.deliver(mail(text, to=POST, subject="a road"))
    soon(lambda: any(text in one for one in page_texts(node.url)))
    soon(lambda: account.uids() == [])
    soon(lambda: state(node)["state"] == "works")
    seen = node.folder / "keys" / "box.seen"
    assert seen.stat().st_mode & 0o777 == 0o600
    for told in (seen.read_bytes(), node.log.read_bytes()):
        assert b"mark" not in told and b"sesame" not in told


def test_ready_is_said_after_the_first_look_so_that_what_comes_then_is_taken(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    account = Account(dovecot, "after-ready")
    account.deliver(mail("before", to=POST))
    node = made(tmp_path, account)
    node.file.write_text(node.file.read_text().replace('existing = "take"', 'existing = "leave"'))
    with running(node):
        text = f"after {marker()}"
        account.deliver(mail(text, to=POST))
        soon(lambda: page_texts(node.url) == [text])
    assert account.uids() == [1]


def test_a_mailbox_that_is_down_holds_up_nothing_else(dovecot: Dovecot, tmp_path: Path) -> None:
    account = Account(dovecot, "wrong-word")
    with running(made(tmp_path, account, password="wrong")) as node:
        text = f"by mail {marker()}"
        assert send_mail(*node.mail, mail(text, to=POST), to=POST)
        soon(lambda: page_texts(node.url) == [text])
        seen: set[str] = set()

        def refused() -> dict[str, Any] | None:
            board = state(node)
            seen.add(f"{board['state']}: {board.get('why')}")
            return board if board["state"] == "login" else None

        try:
            board = soon(refused, 90)
        except AssertionError:
            raise AssertionError(f"the board said {seen}") from None
        assert "password_file" in board["why"]
        reload(node, node.file.read_text().replace(f"= {dovecot.plain}", f"= {free_port()}"))
        soon(lambda: state(node)["state"] == "blocked")


@contextmanager
def cut_at(word: bytes, port: int, kill: Any) -> Iterator[Between]:
    """The first time a client says this word, ``kill`` is called and the word is not passed on."""
    met: list[bytes] = []

    def heard(line: bytes) -> None:
        if word in line and not met:
            met.append(line)
            kill()
            raise ConnectionError

    with Between(port, heard=heard) as between:
        yield between
    assert met


def test_a_door_killed_between_keeping_and_removing_takes_each_mail_once(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    account = Account(dovecot, "killed-door")
    nodes: list[Node] = []

    def kill_the_door() -> None:
        os.kill(door(nodes[0]), signal.SIGKILL)

    by = cut_at(b"STORE", dovecot.plain, kill_the_door)
    with by as between, running(made(tmp_path, account, between.port)) as node:
        nodes.append(node)
        texts = [f"one of three {marker()}" for _ in range(3)]
        account.deliver(*(mail(text, to=POST) for text in texts))
        soon(lambda: account.uids() == [])
        soon(lambda: sorted(page_texts(node.url)) == sorted(texts))
        assert (status(node)["accepted"], status(node)["repeats"]) == (3, 0)


@pytest.mark.slow  # as the one before, by another way of hearing of it
def test_a_mail_that_is_told_is_taken_once_though_the_door_is_killed_before_it_is_removed(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    account = Account(dovecot, "told-and-killed")
    account.deliver(mail("what lay there before", to=POST))
    nodes: list[Node] = []

    def kill_the_door() -> None:
        os.kill(door(nodes[0]), signal.SIGKILL)

    with cut_at(b"STORE", dovecot.plain, kill_the_door) as between:
        node = made(tmp_path, account, between.port)
        told_only = node.file.read_text().replace('every = "1s"', 'every = "1h"')
        node.file.write_text(told_only.replace('existing = "take"', 'existing = "leave"'))
        with running(node):
            nodes.append(node)
            texts = [f"told {marker()}" for _ in range(3)]
            for text in texts:
                account.deliver(mail(text, to=POST))
                soon(lambda text=text: text in page_texts(node.url))
            soon(lambda: account.uids() == [1])
            assert sorted(page_texts(node.url)) == sorted(texts)
            assert status(node)["accepted"] == 3


def test_what_was_kept_and_not_noted_down_meets_its_repeat_key(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    account = Account(dovecot, "killed-node")
    nodes: list[Node] = []
    text = f"only once {marker()}"
    with cut_at(b"STORE", dovecot.plain, lambda: nodes[0].kill()) as by:
        node = made(tmp_path, account, by.port)
        with running(node):
            nodes.append(node)
            account.deliver(mail(text, to=POST))
            assert node.process is not None
            node.process.wait(10)
        seen = node.folder / "keys" / "box.seen"
        table = json.loads(seen.read_bytes())
        assert table["taken"] == [1]
        # as it is when the machine stops a moment earlier, right after the commit
        now = int(time.time())
        seen.write_text(json.dumps({**table, "taken": [], "tried": [[1, now - now % 3600]]}))
        with running(node):
            soon(lambda: account.uids() == [])
            soon(lambda: page_texts(node.url) == [text])
            assert (status(node)["accepted"], status(node)["repeats"]) == (1, 1)


def test_a_full_disk_leaves_mails_at_the_provider(dovecot: Dovecot, tmp_path: Path) -> None:
    account = Account(dovecot, "full-disk")
    node = made(tmp_path, account)
    roomy = node.file.read_text()
    full = roomy.replace("min_free_bytes = 1048576", f"min_free_bytes = {1 << 60}")
    node.file.write_text(full)
    text = f"for later {marker()}"
    account.deliver(mail(text, to=POST))
    with running(node):
        seen = node.folder / "keys" / "box.seen"
        soon(lambda: b'"tried": [[1' in seen.read_bytes())
        assert account.uids() == [1]
        reload(node, roomy)
        soon(lambda: page_texts(node.url) == [text])
        soon(lambda: account.uids() == [])


def test_a_hundred_mails_come_onto_the_page_each_once(fetching: tuple[Node, Account]) -> None:
    node, account = fetching
    ledger, before = Ledger(), status(node)
    for _ in range(100):
        ledger.yes(ledger.sends())
    account.deliver(*(mail(f"a report {one}", to=POST) for one in ledger.sent))
    soon(lambda: account.uids() == [], 30)
    soon(lambda: status(node)["posted"] == before["posted"] + 100, 30)
    assert status(node)["accepted"] == before["accepted"] + 100
    assert status(node)["repeats"] == before["repeats"]
    found = [text for text in page_texts(node.url) if text.startswith("a report")]
    assert ledger.compare(found).good
