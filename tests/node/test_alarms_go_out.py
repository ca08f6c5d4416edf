"""Alarms of a real node: a webhook hears of a pause, of a wrong clock, and of a locked key."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from conftest import printed, relay, soon

from relay.testing.abroad import filtered
from relay.testing.aside import aside
from relay.testing.certificates import make_pair
from relay.testing.loopback import Fault
from relay.testing.nodes import Node, running

ELSEWHERE = "alarms.outword.invalid"
REACHED = """
[destinations.elsewhere]
bridge = "webhook"
url = "https://{name}/in"
routes = ["abroad"]
ca_file = "platform.pem"

[routes.abroad]
proxy = "{proxy}"
"""


class Ops(http.server.ThreadingHTTPServer):
    """Where an operator reads."""

    daemon_threads = True

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), _Asked)


class _Asked(http.server.BaseHTTPRequestHandler):
    server: Ops

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(json.loads(body)["text"])
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ops() -> Iterator[Ops]:
    with Ops() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield serving
        finally:
            serving.shutdown()
            thread.join()


def node_with(ops: Ops, folder: Path) -> Node:
    more = f"""
[destinations.ops]
bridge = "webhook"
url = "http://127.0.0.1:{ops.server_port}/in"

[alarms]
to = ["ops"]
check = "1s"
"""
    return Node(folder, more=more)


def test_a_pause_is_an_alarm_that_goes_out_though_everything_is_paused(
    tmp_path: Path, ops: Ops
) -> None:
    with running(node_with(ops, tmp_path / "n")) as node:
        assert relay(node, "status", "--check").stdout == b"good\n"
        printed(node, "pause")
        soon(lambda: any("everything is paused" in text for text in ops.heard))
        checked = relay(node, "status", "--check")
        assert (checked.returncode, b"relay resume" in checked.stdout) == (69, True)
        printed(node, "resume")
        soon(lambda: "over: paused relay" in ops.heard)
        assert relay(node, "status", "--check").returncode == 0


def test_a_clock_two_hours_off_those_elsewhere_is_an_alarm(tmp_path: Path, ops: Ops) -> None:
    (tmp_path / "n").mkdir()
    pair = make_pair(tmp_path / "n", "platform", host=ELSEWHERE)
    with aside(lambda: filtered(ELSEWHERE, pair)) as there:
        date = {"Date": formatdate(time.time() + 7500, usegmt=True)}
        there.ask(lambda one: setattr(one.hook, "good", Fault(headers=date, made=True)))
        node = node_with(ops, tmp_path / "n")
        written = node.file.read_text().replace('to = ["ops"]', 'to = ["ops", "elsewhere"]')
        proxy = there.ask(lambda one: one.proxy.proxy)
        node.file.write_text(written + REACHED.format(name=ELSEWHERE, proxy=proxy))
        with running(node):
            printed(node, "pause")  # so that something is sent, and an answer comes with its Date
            soon(lambda: any("2 h behind" in text for text in ops.heard))
            assert b"clock" in relay(node, "status", "--check").stdout


def test_a_locked_node_says_so_and_can_be_told_from_one_that_is_well(
    tmp_path: Path, ops: Ops
) -> None:
    node = node_with(ops, tmp_path / "n")
    with running(node):
        node.stop()
    (node.folder / "secrets/passphrase").rename(tmp_path / "passphrase")
    with running(node):
        soon(lambda: any("locked since" in text for text in ops.heard))
        checked = relay(node, "status", "--check")
        assert (checked.returncode, b"relay unlock" in checked.stdout) == (69, True)
        passphrase = (tmp_path / "passphrase").read_bytes()
        assert relay(node, "unlock", stdin=passphrase).returncode == 0
        soon(lambda: "over: locked" in ops.heard)
