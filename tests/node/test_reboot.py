"""A machine that fell over: every process is gone at once, and it starts without its passphrase."""

from __future__ import annotations

import http.server
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import send_both, soon, status

from relay.control import ask
from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.senders import page_texts, request

POST = "post@example.org"


class Receiver(http.server.ThreadingHTTPServer):
    """A platform that tells a repeat by its key, and answers when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.answers = threading.Event()
        self.kept: dict[str, str] = {}
        self.asked = 0


class _Asked(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.kept[self.headers["idempotency-key"]] = body.decode()
        self.server.asked += 1
        self.server.answers.wait(30)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiver() -> Iterator[Receiver]:
    with Receiver() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield serving
        finally:
            serving.answers.set()
            serving.shutdown()
            thread.join()


def falls_over(node: Node) -> None:
    """The end of every process at once, none of them asked."""
    assert node.process is not None
    for pid in [node.process.pid, *(one["pid"] for one in status(node)["processes"])]:
        os.kill(pid, signal.SIGKILL)
    node.kill()


def test_a_machine_that_fell_over_accepts_waits_for_its_passphrase_and_posts_once(
    tmp_path: Path,
) -> None:
    ledger = Ledger()
    with receiver() as hook:
        url = f"http://127.0.0.1:{hook.server_port}/in"
        more = f'\n[destinations.hook]\nbridge = "webhook"\nurl = "{url}"\n'
        with running(Node(tmp_path / "n", more=more, destinations=("page", "hook"))) as node:
            send_both(node, ledger, 5)
            soon(lambda: hook.asked and not ledger.compare(page_texts(node.url)).missing)
            send_both(node, ledger, 5)  # these are anywhere on the path
            falls_over(node)
            passphrase = shutil.move(node.folder / "secrets/passphrase", tmp_path / "passphrase")
            hook.answers.set()

            node.start()
            assert request("GET", f"{node.url}/healthz") == (503, b"locked")
            assert (status(node)["standing"], status(node)["accepted"]) == ("locked", 20)
            send_both(node, ledger, 5)
            assert len(ledger.acknowledged) == 30
            asked = hook.asked
            assert (status(node)["standing"], status(node)["accepted"]) == ("locked", 30)
            assert status(node)["lost"] == 0

            given = {"do": "unlock", "passphrase": Path(passphrase).read_text().strip()}
            list(ask(node.folder / "data/control", given))
            soon(lambda: status(node)["posted"] == 30, 60)
            assert request("GET", f"{node.url}/healthz") == (200, b"ok")
            assert hook.asked > asked
            for texts in (page_texts(node.url), hook.kept.values()):
                verdicts = ledger.compare(texts)
                assert (verdicts.acknowledged, verdicts.seen) == (30, 30)
                assert verdicts.good


@pytest.mark.parametrize(
    "credential, file, standing",
    [
        ("right", "wrong", "ok"),
        pytest.param("wrong", "right", "ok", marks=pytest.mark.slow),
        pytest.param("wrong", "", "locked", marks=pytest.mark.slow),
    ],
)
def test_what_systemd_hands_over_opens_the_exit(
    tmp_path: Path, credential: str, file: str, standing: str
) -> None:
    node = Node(tmp_path / "n")
    with running(node):
        node.stop()
    words = {"right": (node.folder / "secrets/passphrase").read_bytes(), "wrong": b"other words\n"}
    (node.folder / "secrets/passphrase").unlink()
    if file:
        node.write("secrets/passphrase", words[file])
    handed = tmp_path / "credentials"
    handed.mkdir(mode=0o700)
    (handed / "passphrase").write_bytes(words[credential])
    (handed / "passphrase").chmod(0o440)
    with running(node, env={"CREDENTIALS_DIRECTORY": str(handed)}):
        assert status(node)["standing"] == standing
