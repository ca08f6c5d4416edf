"""A node that is stopped in order, and a platform that sends us away: nothing becomes doubtful."""

from __future__ import annotations

import http.server
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import listed, relay, soon, status

from relay.testing.nodes import Node, running
from relay.testing.senders import mail, send_mail

POST = "post@example.org"


class Platform(http.server.ThreadingHTTPServer):
    """A web address that cannot tell a repeat; it takes its time, and counts."""

    daemon_threads = True
    status = 200
    slow_s = 0.0
    asked = 0


class _Asked(http.server.BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        self.server.asked += 1
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(self.server.slow_s)
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def platform() -> Iterator[Platform]:
    with Platform(("127.0.0.1", 0), _Asked) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield serving
        finally:
            serving.shutdown()
            thread.join()


def node_of(folder: Path, to: Platform) -> Node:
    url = f"http://127.0.0.1:{to.server_port}/in"
    hook = f'\n[destinations.hook]\nbridge = "webhook"\nonce = "none"\nurl = "{url}"\n'
    return Node(folder / "n", more=hook, destinations=("page", "hook"))


@pytest.mark.parametrize(
    "all_at_once",
    [
        pytest.param(False, id="the launcher", marks=pytest.mark.slow),
        pytest.param(True, id="every process"),
    ],
)
def test_what_is_being_sent_when_the_node_is_stopped_is_sent_to_its_end(
    tmp_path: Path, all_at_once: bool
) -> None:
    with platform() as slow, running(node_of(tmp_path, slow)) as node:
        slow.slow_s = 1.0
        assert send_mail(*node.mail, mail("a text", to=POST), to=POST)
        soon(lambda: slow.asked)
        if all_at_once:  # as systemd does it: SIGTERM to every process of the unit
            for process in status(node)["processes"]:
                os.kill(process["pid"], signal.SIGTERM)
        assert node.stop() == 0
        node.start()
        [counted] = [status(node)["deliveries"]]
        assert {state: n for state, n in counted.items() if n} == {"posted": 2}
        assert slow.asked == 1


def test_an_account_that_is_refused_is_not_asked_again_at_once(tmp_path: Path) -> None:
    with platform() as closed, running(node_of(tmp_path, closed)) as node:
        closed.status = 401
        assert send_mail(*node.mail, mail("a text", to=POST), to=POST)
        [stopped] = soon(lambda: [r for r in listed(node) if r["state"] == "stopped"])
        soon(lambda: status(node)["board"]["hook"]["state"] == "login")
        time.sleep(1.0)
        assert closed.asked == 1
        closed.status = 200
        assert relay(node, "queue", "retry", stopped["id"]).returncode == 0
        soon(lambda: status(node)["posted"] == 1)
        assert closed.asked == 2
        assert status(node)["board"]["hook"]["state"] == "works"
