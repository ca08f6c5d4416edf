"""What senders want, and what an editor lets them fetch: on a real node, with its command line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from conftest import listed, printed, relay, shown, soon, status

from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, post_sms, send_mail, sms

POST = "post@example.org"
CODE = "48151623"
WORD = "sunflower-at-noon"


ANSWERED = """
[transports.line]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"
answers = "asked"
answer_prefixes = ["+1555"]
answers_every = "0s"
answer_url = "http://127.0.0.1:{port}/send"
"""


class Gateway(ThreadingHTTPServer):
    """What sends our SMS: it keeps them, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Sends)
        self.sent: list[tuple[str, str]] = []


class Sends(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        whole = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.sent.append((whole["to"], whole["text"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """It says nothing."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[Node]:
    """A node that posts at once what a known sender wrote, and holds all else."""
    settings = SETTINGS.format(destinations='"page"').replace('"none"', '"unknown"', 1)
    more = ANSWERED.format(port=gateway.server_port)
    made = Node(tmp_path_factory.mktemp("node") / "n", settings, more=more)
    with running(made) as started:
        yield started


def sends(node: Node, text: str, sender: str = "someone@example.net") -> None:
    assert send_mail(*node.mail, mail(text, to=POST), to=POST, sender=sender)


def the(node: Node, text: str) -> dict[str, Any]:
    """The message of this text, once it was read; an empty one until then."""
    for row in listed(node, everything=True):
        if row["destination"] == "" and text in shown(node, row["id"]).get("text", ""):
            return row
    return {}


def held(node: Node, text: str) -> dict[str, Any]:
    """The message of this text, once it was reviewed and waits for a person."""
    row = the(node, text)
    return row if row.get("state") == "held" else {}


def test_who_knows_the_word_is_not_reviewed_and_the_word_is_seen_nowhere(node: Node) -> None:
    added = relay(node, "senders", "add", "Ada", stdin=f"{WORD}\n".encode())
    assert (added.returncode, WORD in added.stdout.decode()) == (0, False)
    sends(node, f"from a known sender\nCODE {WORD}\n")
    row = soon(lambda: the(node, "from a known sender"))
    assert shown(node, row["id"])["sender"] == "Ada"
    soon(lambda: page_texts(node.url) == ["from a known sender"])
    sends(node, "from somebody\nCODE another-word-9\n")
    soon(lambda: held(node, "from somebody"))
    assert not any(WORD.encode() in file.read_bytes() for file in files(node))


def files(node: Node) -> list[Any]:
    return [file for file in node.folder.rglob("*") if file.is_file()]


def test_by_sms_the_word_is_a_lane_and_no_pass(node: Node) -> None:
    url, text = f"{node.url}/in/phone", f"by sms\nCODE {WORD}"
    assert post_sms(url, sms(text, id="1"), node.secret) == 200
    row = soon(lambda: held(node, "by sms"))
    assert row["why"] == "review"
    message = shown(node, row["id"])
    assert (message["sender"], message["flags"]) == ("Ada", ["known", "sms"])


def test_known_senders_are_named_and_removed(node: Node) -> None:
    assert printed(node, "senders", "list") == [{"name": "Ada"}]
    again = relay(node, "senders", "add", "Ada", stdin=b"another-word-9\n")
    assert again.returncode == 65
    weak = relay(node, "senders", "add", "Bob", stdin=b"11112222\n")
    assert (weak.returncode, b"11112222" in weak.stderr) == (65, False)
    assert relay(node, "senders", "remove", "Bob").returncode == 65
    assert printed(node, "senders", "remove", "Ada") == [{"name": "Ada", "removed": True}]
    assert printed(node, "senders", "list") == []


def test_a_sender_takes_back_what_waits(node: Node) -> None:
    sends(node, f"to be taken back\n#{CODE}\n")
    id = soon(lambda: the(node, "to be taken back"))["id"]
    sends(node, f"DELETE {CODE[:-1]}4\n")
    sends(node, f"DELETE {CODE}\n", sender="another@example.net")
    sends(node, f"DELETE {CODE}\n")
    soon(lambda: status(node)["command"] == 3)
    assert shown(node, id)["state"] == "withdrawn"


def test_what_a_sender_wants_back_that_is_public_is_first_in_line(node: Node) -> None:
    sends(node, "to be public\n#48151624\n")
    id = soon(lambda: held(node, "to be public"))["id"]
    printed(node, "queue", "release", id)
    soon(lambda: "to be public" in page_texts(node.url))
    sends(node, "-48151624\n")
    soon(lambda: status(node)["asked_back"] == 1)
    first = listed(node)[0]
    wanted = (id, "page", "held", "withdrawal asked")
    assert (first["id"], first["destination"], first["state"], first["why"]) == wanted
    assert "asked back" in [one["what"] for one in printed_anyway(node, "status", "--check")]
    [gone] = printed(node, "queue", "withdraw", id)
    assert gone["gone"]
    assert "to be public" not in page_texts(node.url)
    assert status(node)["asked_back"] == 0


def printed_anyway(node: Node, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in relay(node, *words, "--json").stdout.splitlines()]


def test_an_editor_lets_a_sender_fetch_a_question(node: Node) -> None:
    sends(node, "to be asked about\n#48151625\n")
    id = soon(lambda: the(node, "to be asked about"))["id"]
    refused = relay(node, "queue", "answer", id, stdin=b"call 0912 345 6789")
    assert (refused.returncode, b"a number" in refused.stderr) == (65, True)
    done = relay(node, "queue", "answer", id, stdin=b"How many are there?\n")
    assert (done.returncode, b"fetch" in done.stdout) == (0, True)
    assert shown(node, id)["answers"] == ["How many are there?"]
    told = relay(node, "queue", "show", id).stdout
    assert b"How many are there?" in told and b"code     48151625," in told and b"way      " in told
    assert relay(node, "queue", "answer", id, "--reply", "1").returncode == 65


IDS = itertools.count()


def says(node: Node, text: str, number: str = "+15550100199") -> None:
    """Somebody sends an SMS to the number that answers."""
    body = sms(text, id=f"line {next(IDS)}", number=number)
    assert post_sms(f"{node.url}/in/line", body, node.secret) == 200


def test_by_sms_who_asks_is_told_and_nobody_else(node: Node, gateway: Gateway) -> None:
    says(node, "by the line that answers\n#48151626")
    soon(lambda: the(node, "by the line that answers"))
    assert gateway.sent == []
    says(node, "?48151626")
    soon(lambda: len(gateway.sent) == 1)
    says(node, "STATUS 48151626", "+15550100200")
    soon(lambda: len(gateway.sent) == 2)
    says(node, "READ")
    soon(lambda: len(gateway.sent) == 3)
    (_, waits), (_, unknown), (_, nothing) = gateway.sent
    assert [to for to, _ in gateway.sent] == ["+15550100199", "+15550100200", "+15550100199"]
    assert "waits" in waits and "nothing under this code" in unknown
    assert nothing == "There is nothing to read."
