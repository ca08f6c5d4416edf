"""No name is kept: markers in every place a person could be named are looked for where we write.

While messages wait behind a locked exit, nothing of them may stand in any file under the node's
folder, in a log line or in a process list, in whatever encoding. After they were opened, the store
itself, read with the keys, holds what was said and nothing of who said it.
"""

from __future__ import annotations

import base64
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from leaking import leaks

from relay.cli.look import status_of
from relay.exit.record import restore
from relay.keyfiles import read_line, read_secret
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, post_sms, sms
from relay.wire.exitfile import unlock_exit
from relay.wire.pack import pack

POST = "post@example.org"
CLIENT = "127.7.31.9"
NUMBER = "+15550147382"


def send_from(node: Node, sender: str, content: bytes) -> None:
    """One mail from an address of our own on loopback that stands nowhere else."""
    with socket.create_connection(node.mail, 10, source_address=(CLIENT, 0)) as sock:
        stream = sock.makefile("rwb")
        stream.readline()
        for line in (
            b"EHLO " + sender.partition("@")[2].encode(),
            b"MAIL FROM:<" + sender.encode() + b">",
            b"RCPT TO:<" + POST.encode() + b">",
            b"DATA",
        ):
            stream.write(line + b"\r\n")
            stream.flush()
            while stream.readline()[3:4] == b"-":
                pass
        stream.write(content + b"\r\n.\r\n")
        stream.flush()
        assert stream.readline().startswith(b"250")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Node, dict[str, str]]]:
    """A node whose exit is locked, with a mail and an SMS in it, and what names their senders."""
    node = Node(tmp_path / "n")
    with running(node):
        assert node.stop() == 0
    shutil.move(node.folder / "secrets/passphrase", tmp_path / "passphrase")
    secrets = {
        "text": marker(),
        "subject": marker(),
        "sender": f"{marker()}@{marker()}.example",
        "display name": marker(),
        "number": NUMBER,
        "client": CLIENT,
        "sms": marker(),
    }
    with running(node):
        content = mail(
            f"a mail says {secrets['text']}",
            to=POST,
            sender=f"{secrets['display name']} <{secrets['sender']}>",
            subject=secrets["subject"],
        )
        send_from(node, secrets["sender"], content)
        body = sms(f"an sms says {secrets['sms']}", id="1", number=NUMBER)
        assert post_sms(f"{node.url}/in/phone", body, node.secret) == 200
        yield node, secrets


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    secret = marker()
    text = f"before {secret} after"
    for n, content in enumerate(
        [
            text.encode(),
            text.encode("utf-16-le"),
            base64.b64encode(text.encode()),
            base64.b64encode(b"x" + text.encode()),
            base64.b64encode(b"xy" + text.encode()),
            text.encode().hex().encode(),
        ]
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "file").write_bytes(content)
        assert leaks(folder, {"x": secret})


def test_nothing_that_waits_names_anybody_or_says_anything(
    locked: tuple[Node, dict[str, str]],
) -> None:
    node, secrets = locked
    assert leaks(node.folder, secrets) == []


def test_what_the_exit_opened_says_what_was_said_and_not_who(
    locked: tuple[Node, dict[str, str]], tmp_path: Path
) -> None:
    node, secrets = locked
    node.stop()
    shutil.move(tmp_path / "passphrase", node.folder / "secrets/passphrase")
    node.file.write_text(node.file.read_text().replace('review = "none"', 'review = "all"'))
    node.start()
    until = time.monotonic() + 10
    while status_of(node.file)["held"] < 2:
        assert time.monotonic() < until
    node.stop()
    passphrase = read_line(node.folder / "secrets/passphrase")
    keys = unlock_exit(read_secret(node.folder / "keys/exit.key"), passphrase)
    database = sqlite3.connect(node.folder / "data/spool.sqlite")
    try:
        rows = database.execute(
            "SELECT row.id, body.blob FROM row JOIN body USING (seq)"
        ).fetchall()
    finally:
        database.close()
    said = [repr_of(restore(blob, keys.storage, id)) for id, blob in rows]
    assert len(said) == 2
    everything = "\n".join(said)
    assert secrets["text"] in everything and secrets["sms"] in everything
    who = ("sender", "display name", "number", "client")
    assert [what for what in who if secrets[what] in everything] == []
    assert leaks(node.folder, {what: secrets[what] for what in who}) == []


def repr_of(value: object) -> str:
    """Everything in a record, although no value prints itself."""
    return pack(value).decode("utf-8", "replace")
