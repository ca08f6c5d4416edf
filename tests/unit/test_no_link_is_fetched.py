"""No link in a text is ever opened, and the host of none is ever asked for.

From its bytes to the parts that a bridge makes of it, a text goes through code that has no way to a
network: reader, rules and the steps of the exit import none, and of a bridge only what leads to its
own platform does (``relay.reach``, by its settings). In a node the kernel sees to it besides: the
reader makes no socket, the core none that leads out.
"""

from __future__ import annotations

import ast
import socket
from pathlib import Path

import pytest
from test_mentions_quiet import BRIDGES, post_of

from relay.exit.guard import guarded
from relay.exit.record import Record
from relay.model import Message
from relay.reader.read import read
from relay.rules.policy import Policy

ROOT = Path(__file__).parent.parent.parent
LEADS_OUT = {
    "socket", "ssl", "http", "http.client", "urllib.request", "httpx", "httpcore", "asyncio",
    "requests", "relay.reach", "dns", "aiohttp", "ftplib", "smtplib",
}  # fmt: skip

PAGE = """<html><head><link rel=stylesheet href="http://tracker.invalid/a.css">
<meta http-equiv=refresh content="0;url=http://tracker.invalid/b"></head>
<body background="http://tracker.invalid/c"><img src="http://tracker.invalid/d.png">
<iframe src="//tracker.invalid/e"></iframe><a href="http://tracker.invalid/f?utm_source=x">see</a>
<video poster="http://tracker.invalid/g"></video><object data="http://tracker.invalid/h"></object>
words http://tracker.invalid/i?fbclid=1 and mailto:a@tracker.invalid</body></html>"""


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a host, or for a connection, fails the test."""

    def asked(*args: object, **named: object) -> None:
        raise AssertionError("a host of a text was asked for")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        monkeypatch.setattr(socket, name, asked)
    monkeypatch.setattr(socket.socket, "connect", asked)


def module_of(path: Path) -> set[str]:
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.add(node.module)
    return named


@pytest.mark.parametrize("room", ["reader", "rules", "exit"])
def test_what_reads_and_decides_imports_nothing_that_leads_out(room: str) -> None:
    for path in (ROOT / "relay" / room).rglob("*.py"):
        named = module_of(path)
        assert not {one for one in named for out in LEADS_OUT if f"{one}.".startswith(f"{out}.")}


@pytest.mark.parametrize(
    "bridge", ["composing.py", "blocks.py", "letters.py", "facets.py", "links.py"]
)
def test_what_makes_parts_of_a_text_imports_nothing_that_leads_out(bridge: str) -> None:
    for path in (ROOT / "bridges").rglob(bridge):
        named = module_of(path)
        assert not {one for one in named for out in LEADS_OUT if f"{one}.".startswith(f"{out}.")}


@pytest.mark.usefixtures("nowhere")
def test_a_mail_full_of_links_is_read_judged_and_made_into_posts_without_a_look_at_them() -> None:
    mail = f"Subject: http://tracker.invalid/s\r\nContent-Type: text/html\r\n\r\n{PAGE}"
    message = read(mail.encode(), "mail")
    assert isinstance(message, Message)
    assert "http://tracker.invalid/i" in message.text
    assert "fbclid" not in message.text
    record = Record(bytes(32), "mail", "post", "news", message=message)
    made = guarded(record, Policy(danger="redact"))
    assert made.message is not None
    for composed in BRIDGES.values():
        assert composed(post_of(made.message.text))
