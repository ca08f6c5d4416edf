"""People at the desk of a real node: added at the terminal, in by the front door, written down."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import listed, printed, relay, soon
from looking import message_of

from relay.cli.common import asked
from relay.node.desk.signing_in import NOT_PROVED
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, send_mail
from relay.wire import totp

POST = "post@example.org"
PASSPHRASE = "seven grey herons wade"
DESK = '\n[desk]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(Node(tmp_path_factory.mktemp("desk") / "n", more=DESK)) as started:
        yield started


class Visitor:
    """A browser, as far as forms and cookies go."""

    def __init__(self, node: Node) -> None:
        self.at = node.at["desk"]
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """The status of an answer, and its page, or where it leads."""
        connection = HTTPConnection(self.at, timeout=30)
        body = None if form is None else urlencode(form)
        headers = {
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "origin": f"http://{self.at}",
            **({"content-type": "application/x-www-form-urlencoded"} if form else {}),
        }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        page = answer.read().decode()
        connection.close()
        return answer.status, answer.getheader("location") or page

    def fills_in(self, path: str, **fields: str) -> tuple[int, str]:
        """Send the form of a page."""
        _, page = self.ask("GET", path)
        csrf = re.findall(r'name="csrf" value="([^"]*)"', page)[0]
        return self.ask("POST", path, {"csrf": csrf, "to": "/", **fields})


def code(secret: bytes, steps: int = 0) -> str:
    """What a telephone shows, or will show; a minute may turn before it is looked at."""
    return totp.code(secret, int(time.time()) // totp.STEP_S + steps)


def link_for(node: Node, name: str, role: str) -> str:
    """The path of the link of somebody who is added."""
    [added] = printed(node, "users", "add", name, "--role", role)
    [link] = added["links"]
    return "/" + str(link).split("/", 3)[3]


def joins(visitor: Visitor, path: str) -> bytes:
    """Do as the page of a link says; gives the secret of the second factor."""
    _, page = visitor.ask("GET", path)
    secret = b32decode(re.findall(r'class="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", ""))
    shown = {"passphrase": PASSPHRASE, "again": PASSPHRASE, "code": code(secret)}
    assert visitor.fills_in(path, **shown)[0] == 303
    return secret


def test_somebody_is_added_joins_signs_in_and_is_removed(node: Node) -> None:
    ada, path = Visitor(node), link_for(node, "ada", "editor")
    secret = joins(ada, path)
    assert ada.ask("GET", path)[0] == 404  # good once
    assert "/sign-in" in ada.ask("GET", "/")[1]
    proof = {"name": "ada", "passphrase": PASSPHRASE, "code": code(secret, 1)}
    assert ada.fills_in("/sign-in", **proof) == (303, "/")
    assert "/sign-in" not in ada.ask("GET", "/")[1]
    eve = Visitor(node)
    assert eve.fills_in("/sign-in", **proof)[0] == 403  # the code was used
    [listed] = printed(node, "users", "list")
    assert (listed["handle"], listed["joined"]) == ("ada", True)
    assert relay(node, "users", "remove", "ada").returncode == 0
    assert "/sign-in" in ada.ask("GET", "/")[1]
    files = [*(node.folder / "data" / "audit").iterdir(), node.folder / "keys" / "users"]
    assert b"ada" not in b"".join(file.read_bytes() for file in files)


@pytest.mark.slow
def test_two_persons_release_at_the_terminal(tmp_path: Path) -> None:
    made = Node(tmp_path / "n", more=DESK)
    settings = made.file.read_text()
    made.file.write_text(settings.replace('review = "none"', 'review = "all"\ntwo_persons = "all"'))
    with running(made) as node:
        secret = joins(Visitor(node), link_for(node, "ada", "editor"))
        assert send_mail(*node.mail, mail("news of today", to=POST), to=POST)
        id = soon(lambda: message_of(node, "news of today"))["id"]
        soon(lambda: listed(node)[0]["queue"] == "review")
        for _ in range(2):  # whoever sits there is one person
            assert b"waits for a second person" in relay(node, "queue", "release", id).stdout
        proof = f"{PASSPHRASE}\n{code(secret, 1)}\n".encode()
        told = relay(node, "queue", "release", id, "--as", "ada", stdin=proof)
        assert b": released" in told.stdout, told
        soon(lambda: any("news of today" in text for text in page_texts(node.url)))


@pytest.mark.slow
def test_what_was_done_is_known_after_the_core_has_started_anew(node: Node) -> None:
    printed(node, "users", "add", "bo", "--role", "reader", "--role", "operator")
    node.stop()
    node.start()
    assert [one["handle"] for one in printed(node, "users", "list")][-1:] == ["bo"]
    told = relay(node, "queue", "release", "abcdef", "--as", "bo", stdin=b"a guess\n123456\n")
    assert (told.returncode, told.stderr) == (65, f"relay: {NOT_PROVED}\n".encode())
    deeds = [(one["handle"], one["deed"]) for one in asked(node.file, {"do": "audit"})]
    assert ("terminal", "users add") in deeds
    troubles = [one["what"] for one in asked(node.file, {"do": "check"})]
    assert not {"audit", "users"} & set(troubles)
