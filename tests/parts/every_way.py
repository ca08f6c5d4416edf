"""One node with every way in that there is, as its operator would have it without another word.

On the other side of each stands something that keeps all it is told. Nothing goes anywhere else
that would not be seen: every connection that a process of the node opens is written down.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeVar

from dovecot import Account, Dovecot
from gammu_tables import TABLES
from looking import soon, status
from outgoing import Outgoing
from raw import Tap
from sms_gateways import KEY, SEGMENT

from relay.errors import NoNode
from relay.testing.aside import Aside, aside
from relay.testing.gateways.api import ACCOUNT
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.smsc import Centre, centre
from relay.testing.telegram import People, people
from relay.transports.gateways.table import GATEWAYS

T = TypeVar("T")

PUBLIC = """[http]
url = "https://news.example.org"
behind = ["127.0.0.1"]
"""

WAYS = """
[transports.behind]
kind = "lmtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]

[transports.box]
kind = "imap"
host = "127.0.0.1"
port = {imap}
tls = false
user = "{user}"
password_file = "secrets/box"
folder = "relay"
channel = "news"

[transports.centre]
kind = "smpp"
host = "127.0.0.1"
port = {smpp}
tls = false
user = "relay"
password_file = "secrets/centre"
channel = "news"

[transports.modem]
kind = "gammu"
database = "gammu/smsd.db"
channel = "news"
every = "1s"

[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "http://127.0.0.1:{bot}"

[transports.form]
kind = "form"
channel = "news"
"""

GATEWAY = """
[transports.{name}]
kind = "sms"
gateway = "{name}"
channel = "news"
"""


class CentreAside:
    """A centre that serves in a loop and a thread of its own."""

    def __init__(self) -> None:
        self._opened, self._loop = Event(), asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        self._ends = asyncio.Event()
        async with centre() as self._made:
            self._opened.set()
            await self._ends.wait()

    def __enter__(self) -> CentreAside:
        self._thread.start()
        assert self._opened.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._loop.close()

    def ask(self, question: Callable[[Centre], T]) -> T:
        """Look at it, or change it, between two things that it does."""

        async def asked() -> T:
            return question(self._made)

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(10)


class Modem:
    """The database of Gammu SMSD."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir()
        with contextlib.closing(sqlite3.connect(path)) as made:
            made.executescript(TABLES)

    def gets(self, text: str, sender: str) -> None:
        """An SMS came, and Gammu wrote it down."""
        row = (sender, text.encode("utf-16-be").hex(), "Unicode_No_Compression", "phone1")
        self._do(
            "INSERT INTO inbox (SenderNumber, Text, Coding, RecipientID, UDH, ReceivingDateTime,"
            " TextDecoded) VALUES (?, ?, ?, ?, '', '2027-01-15 08:00:00', '')",
            *row,
        )

    @property
    def inbox(self) -> list[Any]:
        """What nobody has taken."""
        return self._do("SELECT ID FROM inbox WHERE Processed = 'false'")

    @property
    def outgoing(self) -> list[Any]:
        """What is to be sent, and what was."""
        tables = ("outbox", "outbox_multipart", "sentitems")
        return [row for table in tables for row in self._do(f"SELECT * FROM {table}")]

    def _do(self, sql: str, *given: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=10)) as at, at:
            return at.execute(sql, given).fetchall()


@dataclass(frozen=True)
class EveryWay:
    """The node, and what is on the other side of each way."""

    node: Node
    outgoing: Outgoing
    account: Account
    centre: CentreAside
    modem: Modem
    chats: Aside[People]
    imap: Tap
    smpp: Tap
    bot: Tap

    def address(self, name: str) -> tuple[str, int]:
        """Where a transport listens."""
        host, _, port = self.node.at[name].rpartition(":")
        return host, int(port)

    def takes(self, more: int, command: int = 0) -> _Taking:
        """Inside the block so many come in, and so many of these are commands; after it all of
        them are read, and what is to become of them has become of them."""
        return _Taking(self.node, more, command)


class _Taking:
    def __init__(self, node: Node, more: int, commands: int) -> None:
        self._node, self._more = node, (more, commands)

    def _counts(self) -> tuple[int, int, int]:
        now = status(self._node)
        return now["accepted"], now["command"], now["waiting"]

    def __enter__(self) -> None:
        self._before = self._counts()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            wanted = tuple(a + b for a, b in zip(self._before, self._more, strict=False))
            soon(lambda: self._counts() == (*wanted, 0))


@contextmanager
def every_way(folder: Path, dovecot: Dovecot) -> Iterator[EveryWay]:
    """All of it, while the block lasts."""
    with ExitStack() as stack:
        there = stack.enter_context(CentreAside())
        chats = stack.enter_context(aside(people))
        account = Account(dovecot, "every@example.net")
        ports = (dovecot.plain, there.ask(lambda one: one.port), _port(chats))
        imap, smpp, bot = (stack.enter_context(Tap(port)) for port in ports)
        outgoing = Outgoing(folder / "outgoing")
        ways = WAYS.format(imap=imap.port, smpp=smpp.port, bot=bot.port, user=account.user)
        settings = SETTINGS.format(destinations='"page"').replace("[http]\n", PUBLIC)
        node = Node(folder / "n", settings, more=ways + "".join(map(_gateway, GATEWAYS)))
        _write_secrets(node, chats)
        made = Modem(node.folder / "gammu/smsd.db")
        stack.enter_context(running(node, env=outgoing.env))
        way = EveryWay(node, outgoing, account, there, made, chats, imap, smpp, bot)
        soon(lambda: _all_work(node))
        yield way


def _all_work(node: Node) -> bool:
    with contextlib.suppress(NoNode):
        board = status(node)["board"]
        return all(board[name]["state"] == "works" for name in ("box", "centre", "bot"))
    return False


def _port(chats: Aside[People]) -> int:
    return int(chats.ask(lambda one: one.base).rpartition(":")[2])


def _gateway(name: str) -> str:
    """The section of a gateway with what it needs, and no more."""
    values = {"account": ACCOUNT, "secret_file": "secrets/key", "path_secret_file": "secrets/path"}
    needs = (f'{key} = "{values[key]}"\n' for key in GATEWAYS[name].needs)
    return GATEWAY.format(name=name) + "".join(needs)


def _write_secrets(node: Node, chats: Aside[People]) -> None:
    for name, secret in {
        "key": KEY,
        "path": SEGMENT.encode(),
        "box": b"sesame",
        "centre": b"secret",
        "bot": chats.ask(lambda one: one.token).encode(),
    }.items():
        node.write(f"secrets/{name}", secret)


def now() -> int:
    """The node's clock, by which gateways sign."""
    return int(time.time())
