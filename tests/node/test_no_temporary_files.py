"""No temporary file is made anywhere: not for a large mail, not for a picture in a form, not for a
webhook; nor by a process that only starts. What a node writes lies in its own folders.

Each process of it tells by an audit hook (PEP 578) what is opened to be written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import soon, status

from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, post_sms, request, send_mail, sms

POST = "post@example.org"

FORM = """
[transports.form]
kind = "form"
channel = "news"
"""

WATCHED = """
import os, sys
if "run" in sys.orig_argv:
    told = os.open(os.environ["WRITTEN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def heard(event, given):
        if event == "open" and given[2] & writes:
            os.write(told, f"open {given[0]!r}\\n".encode())
        elif event in ("tempfile.mkstemp", "tempfile.mkdtemp", "os.mkdir", "os.rename"):
            os.write(told, f"{event} {given[0]!r}\\n".encode())

    sys.addaudithook(heard)
"""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Node, Path]]:
    """A node, and the file in which every file stands that it opened to write."""
    (tmp_path / "sitecustomize.py").write_text(WATCHED)
    written = tmp_path / "written"
    node = Node(tmp_path / "n", SETTINGS.format(destinations='"page"'), more=FORM)
    env = {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WRITTEN": str(written),
    }
    with running(node, env=env):
        yield node, written


def with_a_picture(text: str) -> tuple[bytes, dict[str, str]]:
    """What a browser sends, and the headers with it: larger than what servers keep in memory."""
    parts = (
        b'--x\r\ncontent-disposition: form-data; name="text"\r\n\r\n' + text.encode(),
        b'--x\r\ncontent-disposition: form-data; name="pictures"; filename="me.png"\r\n'
        b"content-type: image/png\r\n\r\n\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024),
        b"--x--\r\n",
    )
    return b"\r\n".join(parts), {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.slow
def test_what_a_node_writes_lies_in_its_own_folders(watched: tuple[Node, Path]) -> None:
    node, written = watched
    assert send_mail(*node.mail, mail("a large mail\n" + "x y z\n" * 400_000, to=POST), to=POST)
    assert send_mail(*node.mail, mail("a mail", to=POST), to=POST)
    assert post_sms(f"{node.url}/in/phone", sms("an sms", id="1"), node.secret) == 200
    body, headers = with_a_picture("from the form")
    assert request("POST", f"{node.url}/in/form", body, headers)[0] in (200, 413)
    soon(lambda: "an sms" in page_texts(node.url))
    soon(lambda: status(node)["queues"].get("read", 0) == 0)
    assert node.stop() == 0
    opened = {line.partition(" ")[2].strip("'\"") for line in written.read_text().splitlines()}
    own = tuple(str(node.folder / name) for name in ("data", "keys", "public", "secrets", "log"))
    elsewhere = [path for path in opened if not path.startswith(own) and is_on_a_disk(path)]
    assert any("spool.sqlite" in path or "seen" in path for path in opened)
    assert elsewhere == []


def is_on_a_disk(path: str) -> bool:
    """Not a descriptor, a device, or a view of the kernel's."""
    return not path.startswith(("/dev/", "/proc/", "/sys/")) and not path.lstrip("-").isdigit()
