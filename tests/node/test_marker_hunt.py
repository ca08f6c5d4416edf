"""A marker hunt: what people wrote to a busy node, and who they are, is looked for everywhere.

In every file that it made, in its log, in what every process of it shows of itself (names, command
lines, environments), and ten seconds after the last accept in the memory of each. The numbers that
``docs/threats.md`` states are the ones that are asked for here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import soon, status
from hunting import disk, encodings, memory

from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, post_sms, request, send_mail, sms

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="reads the memory of processes: needs root"),
]

POST = "post@example.org"
MAILS, TEXTS, FORMS = 200, 80, 40
QUIET_S = 10.0

DOOR_MOST = {"sender": 0, "number": 0, "text": 2}
CORE_MOST = {"sender": 0, "number": 0, "text": 8}
READER_MOST = {"sender": 0, "number": 0, "text": 8}
"""How many of these may be found; docs/threats.md says how many were."""

FORM = """
[transports.form]
kind = "form"
channel = "news"
"""

SENDER, TEXT, NUMBER = "qzsendervkj", "qztextwxvkj", "1555017"


@dataclass(frozen=True)
class Marked:
    """A node to which many have written, when nobody writes any more; and what is sought by what
    it is."""

    node: Node
    sought: dict[str, list[str]]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    """One where all of it waits for a person, so that nothing of it is public."""
    settings = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')
    node = Node(tmp_path_factory.mktemp("hunt") / "n", settings, more=FORM)
    with running(node):
        people = [f"{SENDER}{n:03}{marker()}" for n in range(MAILS)]
        numbers = [f"{NUMBER}{n:04}" for n in range(TEXTS)]
        said = [f"{TEXT}{n:03}{marker()}" for n in range(MAILS + TEXTS + FORMS)]
        with ThreadPoolExecutor(4) as crowd:
            mails = [*crowd.map(lambda n: mails_in(node, people[n], said[n]), range(MAILS))]
            texts = [
                *crowd.map(lambda n: texts_in(node, numbers[n], said[MAILS + n]), range(TEXTS))
            ]
            forms = [*crowd.map(lambda text: fills_in(node, text), said[MAILS + TEXTS :])]
        assert all((*mails, *texts, *forms))
        soon(lambda: status(node)["held"] == len(said))
        time.sleep(QUIET_S)
        yield Marked(node, {"sender": people, "number": numbers, "text": said})


def mails_in(node: Node, who: str, text: str) -> bool:
    sender = f"{who}@example.net"
    written = mail(f"a mail says {text}", to=POST, sender=f"{who} <{sender}>", subject=who)
    return send_mail(*node.mail, written.replace(b"Subject: ", b"X-Mine: "), to=POST, sender=sender)


def texts_in(node: Node, number: str, text: str) -> bool:
    body = sms(f"an sms says {text}", id=marker(), number=f"+{number}")
    return post_sms(f"{node.url}/in/phone", body, node.secret) == 200


def fills_in(node: Node, text: str) -> bool:
    body = urlencode({"text": f"a form says {text}"}).encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return request("POST", f"{node.url}/in/form", body, kind)[0] == 200


def counted(contents: Sequence[bytes], sought: dict[str, list[str]]) -> dict[str, int]:
    """How many of each stand there, in whatever encoding. All of a kind begin alike, so that most
    of it need not be looked through for each."""
    found = {}
    for what, prefix in (("sender", SENDER), ("number", NUMBER), ("text", TEXT)):
        begun = encodings(prefix)
        near = [one for one in contents if any(coded in one for coded in begun)]
        found[what] = sum(
            any(coded in one for one in near for coded in encodings(mark)) for mark in sought[what]
        )
    return found


def held_by(marked: Marked, role: str) -> dict[str, int]:
    """How many of each the processes of a role hold."""
    pids = [one["pid"] for one in status(marked.node)["processes"] if one["role"] == role]
    assert pids
    contents = [content for pid in pids for _, content in memory(pid, role)]
    found = counted(contents, marked.sought)
    print(role, found)
    return found


def test_nothing_of_it_stands_in_any_file_or_log(marked: Marked) -> None:
    contents = [content for _, content in disk(marked.node.folder)]
    assert marked.node.log in marked.node.folder.iterdir()
    assert counted(contents, marked.sought) == {"sender": 0, "number": 0, "text": 0}


def test_no_process_shows_anything_of_it(marked: Marked) -> None:
    pids = [one["pid"] for one in status(marked.node)["processes"]]
    shown = [
        (Path("/proc") / str(pid) / name).read_bytes()
        for pid in pids
        for name in ("cmdline", "comm", "environ")
    ]
    assert counted(shown, marked.sought) == {"sender": 0, "number": 0, "text": 0}


@pytest.mark.parametrize(
    ("role", "most"), [("door", DOOR_MOST), ("core", CORE_MOST), ("reader", READER_MOST)]
)
def test_memory_holds_no_more_of_it_than_we_say(
    marked: Marked, role: str, most: dict[str, int]
) -> None:
    found = held_by(marked, role)
    assert all(found[what] <= most[what] for what in most), found


def test_what_a_door_forgot_is_gone_with_it(marked: Marked) -> None:
    node = marked.node
    node.file.write_text(node.file.read_text().replace("[http]", "door_accepts = 10\n\n[http]", 1))
    assert node.stop() == 0
    node.start()
    for n in range(10):
        assert mails_in(node, f"{SENDER}{n}another", f"{TEXT}{n}another")
    [old] = [one["pid"] for one in status(node)["processes"] if one["role"] == "door"]
    soon(lambda: old not in [one["pid"] for one in status(node)["processes"]])
    sought = {
        "sender": [f"{SENDER}{n}another" for n in range(10)],
        "number": [],
        "text": [f"{TEXT}{n}another" for n in range(10)],
    }
    assert held_by(Marked(node, sought), "door") == {"sender": 0, "number": 0, "text": 0}
