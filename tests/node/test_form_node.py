"""The form of a real node: through its door, to the page, and back to who asked on the form."""

from __future__ import annotations

import html
import re
import shutil
import socket
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import listed, relay, shown, soon, status

from relay.rules.words import say
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import page_texts
from relay.transports.form.page import words

FORM = """
[transports.form]
kind = "form"
channel = "news"
"""
EN = words()["en"]


def png() -> bytes:
    """A small grey picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", 16, 12, 8, 0, 0, 0, 0)
    dots = zlib.compress((b"\x00" + b"\x80" * 16) * 12)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")


def reviewed() -> str:
    return SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with a form, where everything waits for a person."""
    made = Node(tmp_path_factory.mktemp("node") / "n", reviewed(), more=FORM)
    with running(made) as started:
        yield started


def sent(node: Node, pictures: tuple[bytes, ...] = (), **fields: str) -> httpx.Response:
    """What a browser sends: always in parts, the names of files with them."""
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
    parts += [("pictures", ("me-at-home.png", one, "image/png")) for one in pictures or (b"",)]
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.post(f"{node.url}/in/form", files=parts)


def told(answer: httpx.Response) -> str:
    """What the page says, as it is read."""
    [section] = re.findall(
        r'<section class="told" role="status">(.*?)</section>', answer.text, re.S
    )
    return html.unescape(section)


def code_of(answer: httpx.Response) -> str:
    found = re.search(r'class="code" dir="ltr">([0-9 ]+)<', answer.text)
    assert found is not None, answer.text
    return found[1]


def the(node: Node, text: str) -> dict[str, Any]:
    """The message of this text, once it was read; an empty one until then."""
    for row in listed(node, everything=True):
        if row["destination"] == "" and text in shown(node, row["id"]).get("text", ""):
            return {**row}
    return {}


def test_a_page_is_shown_that_loads_nothing_and_names_nobody(node: Node) -> None:
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"{node.url}/in/form?lang=fa")
        head = client.head(f"{node.url}/in/form/")
        assert client.get(f"{node.url}/in/form/else").status_code == 404
    assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
    assert 'dir="rtl"' in page.text and words()["fa"]["title"] in page.text
    assert not {"server", "date", "set-cookie"} & {name.lower() for name in page.headers}
    assert "outword" not in page.text.lower() + str(page.headers).lower()


def test_text_and_a_picture_are_taken_and_the_code_is_shown(node: Node) -> None:
    answer = sent(node, (png(),), text="from the form with a picture", once="1")
    assert answer.status_code == 200 and EN["taken"] in told(answer)
    row = soon(lambda: the(node, "from the form with a picture"))
    soon(lambda: shown(node, row["id"])["state"] == "held")
    again = sent(node, (png(),), text="from the form with a picture", once="1")
    assert code_of(again) == code_of(answer)
    soon(lambda: status(node)["repeats"] == 1)
    assert [one["type"] for one in shown(node, row["id"])["media"]] == ["image/png"]
    assert b"me-at-home" not in b"".join(
        one.read_bytes() for one in node.folder.rglob("*") if one.is_file()
    )


def test_a_message_is_asked_about_and_taken_back_by_its_code_on_the_page(node: Node) -> None:
    code = code_of(sent(node, text="to be asked about by the form"))
    row = soon(lambda: the(node, "to be asked about by the form"))
    waits, unknown = say("waits", "en"), say("unknown", "en")
    assert waits in told(sent(node, code=code, ask="status"))
    assert waits in told(sent(node, text=f"?{code}"))
    assert unknown in told(sent(node, code="1234 567 809", ask="status"))
    assert say("nothing", "en") in told(sent(node, code=code, ask="answers"))
    assert say("deleted", "en") in told(sent(node, code=code, ask="delete"))
    soon(lambda: shown(node, row["id"])["state"] == "withdrawn")
    assert unknown in told(sent(node, code=code, ask="status"))


def test_many_who_ask_at_once_get_each_their_own_answer(node: Node) -> None:
    code = code_of(sent(node, text="one of many questions"))
    soon(lambda: the(node, "one of many questions"))
    codes = [code if n % 2 else f"13579246{n:02}" for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda one: told(sent(node, code=one, ask="status")), codes))
    wanted = [say("waits" if n % 2 else "unknown", "en") for n in range(12)]
    assert [want in got for want, got in zip(wanted, answers, strict=True)] == [True] * 12


def test_who_goes_away_before_the_answer_leaves_the_form_as_it_was(node: Node) -> None:
    asked = b"text=%3F9876543210"
    head = f"POST /in/form HTTP/1.1\r\nHost: a\r\nContent-Length: {len(asked)}\r\n".encode()
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    before = status(node)["accepted"]
    host, _, port = node.at["http"].rpartition(":")
    for _ in range(3):
        with socket.create_connection((host, int(port)), 5) as raw:
            raw.sendall(head + kind + asked)
    soon(lambda: status(node)["accepted"] == before + 3)
    assert say("unknown", "en") in told(sent(node, code="9876543210", ask="status"))


def test_a_released_message_stands_on_the_page_without_its_code(node: Node) -> None:
    code = code_of(sent(node, text="to be public by the form"))
    id = soon(lambda: the(node, "to be public by the form"))["id"]
    assert relay(node, "queue", "release", id).returncode == 0
    soon(lambda: "to be public by the form" in page_texts(node.url))
    kept = b"".join(one.read_bytes() for one in (node.folder / "public").rglob("*.*"))
    assert code.replace(" ", "").encode() not in kept and code.encode() not in kept


def test_a_locked_node_takes_messages_and_answers_who_waits_when_it_is_unlocked(
    tmp_path: Path,
) -> None:
    node = Node(tmp_path / "n", reviewed(), more=FORM)
    with running(node):
        node.stop()
    shutil.move(node.folder / "secrets/passphrase", tmp_path / "passphrase")
    with running(node):
        code = code_of(sent(node, text="to a locked node"))
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(sent, node, code=code, ask="status")
            soon(lambda: status(node)["accepted"] == 2)
            done = relay(node, "unlock", stdin=(tmp_path / "passphrase").read_bytes())
            assert done.returncode == 0
            assert say("waits", "en") in told(asked.result())


def test_a_full_disk_says_later_and_shows_the_text_again(tmp_path: Path) -> None:
    full = reviewed().replace("min_free_bytes = 1048576", f"min_free_bytes = {1 << 60}")
    node = Node(tmp_path / "n", full, more=FORM)
    with running(node):
        answer = sent(node, (png(),), text='what I saw & "heard" <there>', once="abcdef")
        assert answer.status_code == 503 and EN["later"] in html.unescape(answer.text)
        shown_again = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.S)
        assert shown_again is not None
        assert html.unescape(shown_again[1]) == 'what I saw & "heard" <there>'
        assert 'name="once" value="abcdef"' in answer.text
        asked = sent(node, code="9876543210", ask="delete")
        assert asked.status_code == 503 and 'value="9876543210"' in asked.text
    with running(Node(tmp_path / "n", reviewed(), more=FORM)) as roomy:
        sent(roomy, (png(),), text='what I saw & "heard" <there>', once="abcdef")
        soon(lambda: the(roomy, "what I saw"))
        assert status(roomy)["accepted"] == 1
