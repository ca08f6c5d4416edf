"""Who seizes an exit learns what was said and not by whom.

A node that is entry and exit parts nothing while it runs (``relay status`` says so): its door knows
who writes, the memory of its core has the day keys. So here the exit's side of a node is taken: the
disk, the keys with their passphrase, and the memory of every process but the door, which stands
for the transports of another machine. What they hold is read as well with all the keys there are.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest
from hunting import disk, encodings, found_in, memory
from looking import relay, soon, status
from name_server import name_server
from raw import brought, talked
from signing import record, signed, text

from relay.exit.record import restore
from relay.keyfiles import read_line, read_secret
from relay.testing.aside import Aside, aside
from relay.testing.fediverse import fediverse
from relay.testing.gateways import Api, Post
from relay.testing.ledger import marker
from relay.testing.loopback import on_loopback
from relay.testing.mailserver import MailServer, mailserver
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import page_texts, post_sms, sms
from relay.testing.telegram import People, people
from relay.wire.envelope import open_envelope
from relay.wire.exitfile import unlock_exit
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

POST = "post@example.org"
CLIENT = "127.7.31.9"
CODES = {"mail": "48151621", "phone": "48151622", "bot": "48151623"}

MAIL = """addresses = ["post@example.org"]
verdicts = "compute"
resolver = ["127.0.0.1:{dns}"]
answers = "asked"
answer_from = "{address}"
answer_host = "127.0.0.1"
answer_port = {port}
answer_user = "{user}"
answer_password_file = "secrets/answers"
ca_file = "{authority}"
"""
PHONE = """gateway = "generic"
answers = "asked"
answer_prefixes = ["+1555"]
answers_every = "0s"
answer_url = "{api}/script"
"""
MORE = """
[transports.bot]
kind = "telegram"
token_file = "secrets/bot"
channel = "news"
base_url = "{bot}"

[transports.form]
kind = "form"
channel = "news"

[destinations.masto]
bridge = "mastodon"
server = "{masto}"
token_file = "secrets/masto"
"""


@dataclass(frozen=True)
class Scene:
    """A node, who answers go out by, and what names the people who write."""

    node: Node
    provider: Aside[MailServer]
    api: Aside[Api]
    chats: Aside[People]
    who: dict[str, str]
    said: dict[str, str]

    @property
    def chat(self) -> int:
        return int(self.who["chat"])

    # ------------------------------------------------------------ people

    def mails(self, words: str) -> None:
        """By a client on an address that stands nowhere else, with all that mail programs add."""
        sender, domain = self.who["sender"], self.who["sender"].partition("@")[2]
        day = "Fri, 1 Jan 2027 12:00:00 +0000"
        head = (
            f"Received: from [{self.who['inner address']}] by {domain}; {day}\r\n"
            f"From: =?utf-8?q?{self.who['display name']}?= <{sender}>\r\nTo: {POST}\r\n"
            f"Date: {formatdate()}\r\n"
            f"Message-ID: <{self.who['message id']}@{domain}>\r\n\r\n{words}\r\n"
        )
        whole = signed(head.encode(), domain) + b".\r\n"
        lines = (f"EHLO {domain}", f"MAIL FROM:<{sender}>", f"RCPT TO:<{POST}>", "DATA")
        said = [f"{line}\r\n".encode() for line in lines]
        heard = talked(self.node.mail, [*said, whole, b"QUIT\r\n"], client=CLIENT)
        assert heard[-2] == b"250 2.0.0 OK\r\n"

    def texts(self, words: str) -> None:
        number, id = self.who["number"], f"{self.who['id']}{words}"
        body = sms(words, id=id, number=f"+{number}")
        assert post_sms(f"{self.node.url}/in/phone", body, self.node.secret) == 200

    def chats_(self, words: str) -> None:
        self.chats.ask(lambda one: one.write(self.chat, words))

    def fills(self, field: str, words: str) -> bytes:
        """The form, as a proxy passes it on."""
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-forwarded-for": self.who["form's address"],
            "user-agent": self.who["browser"],
        }
        body = f"{field}={words}".replace(" ", "+").encode()
        return brought(self.node.url, Post(f"{self.node.url}/in/form", body, headers))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A node whose exit is locked."""
    folder = tmp_path_factory.mktemp("seized")
    who = people_who_write()
    domain = who["sender"].partition("@")[2]
    zone = {
        (f"_dmarc.{domain}", "TXT"): ['"v=DMARC1; p=reject"'],
        (f"s._domainkey.{domain}", "TXT"): [text(record())],
    }
    with ExitStack() as stack:
        provider = stack.enter_context(aside(mailserver))
        api = stack.enter_context(aside(lambda: on_loopback(Api())))
        chats = stack.enter_context(aside(people))
        masto = stack.enter_context(aside(fediverse))
        dns = stack.enter_context(name_server(zone)).address[1]
        more = MORE.format(
            bot=chats.ask(lambda one: one.base), masto=masto.ask(lambda one: one.base)
        )
        node = Node(folder / "n", settings_of(provider, api, dns) + more)
        node.write("secrets/answers", provider.ask(lambda one: one.policy.password).encode())
        node.write("secrets/bot", chats.ask(lambda one: one.token).encode())
        node.write("secrets/masto", masto.ask(lambda one: one.token).encode())
        api.ask(lambda one: setattr(one, "secret", node.secret))
        with running(node):
            pass  # it has made its keys
        shutil.move(node.folder / "secrets/passphrase", folder / "passphrase")
        stack.enter_context(running(node))
        yield Scene(node, provider, api, chats, who, {name: marker() for name in (*CODES, "form")})


def people_who_write() -> dict[str, str]:
    return {
        "sender": f"{marker()}@{marker()}.example",
        "display name": marker(),
        "message id": marker(),
        "inner address": "10.231.17.93",
        "client": CLIENT,
        "number": "15550147382",
        "id": marker(),
        "chat": "4815162342987",
        "form's address": "2001:db8:31:9:7:1:2:3",
        "browser": marker(),
    }


def settings_of(provider: Aside[MailServer], api: Aside[Api], dns: int) -> str:
    answering = MAIL.format(
        dns=dns,
        address=provider.ask(lambda one: one.address),
        port=provider.ask(lambda one: one.port),
        user=provider.ask(lambda one: one.policy.user),
        authority=provider.ask(lambda one: one.certificate),
    )
    phone = PHONE.format(api=api.ask(lambda one: one.base))
    written = SETTINGS.format(destinations='"page", "masto"')
    written = written.replace('addresses = ["post@example.org"]\n', answering)
    written = written.replace('gateway = "generic"\n', phone)
    return written.replace("[http]\n", '[http]\nbehind = ["127.0.0.1"]\n')


def taken(scene: Scene, folder: Path) -> list[tuple[bytes, bytes]]:
    """The disk as a thief takes it, into a folder; the id and the body of each row of its spool."""
    shutil.copytree(
        scene.node.folder,
        folder,
        ignore=lambda _, names: [one for one in names if one in ("control", "send")],
    )
    with closing(sqlite3.connect(folder / "data/spool.sqlite")) as spool:
        sql = "SELECT row.id, body.blob FROM row JOIN body USING (seq) WHERE body.blob IS NOT NULL"
        return [(id, bytes(blob)) for id, blob in spool.execute(sql)]


def keys_of(scene: Scene, passphrase: Path) -> ExitKeys:
    return unlock_exit(read_secret(scene.node.folder / "keys/exit.key"), read_line(passphrase))


def as_bytes(value: object) -> bytes:
    """Everything in a value, although it does not print itself."""
    return pack(value)


# ---------------------------------------------------------------- the hunter itself


HOLDS = "import sys; held = sys.stdin.buffer.readline(); print(flush=True); sys.stdin.read()"
SECRET, NUMBER = marker(), "4815162342987"


@contextmanager
def holding(planted: bytes) -> Iterator[int]:
    """A process that has this in its memory."""
    command = [sys.executable, "-I", "-c", HOLDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(planted + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        yield child.pid


@pytest.mark.parametrize("n", range(len(encodings(SECRET))))
def test_the_hunter_finds_what_is_planted_in_memory_and_on_a_disk(tmp_path: Path, n: int) -> None:
    planted = b"before " + sorted(encodings(SECRET))[n] + b" after"
    (tmp_path / "file").write_bytes(planted)
    assert found_in(disk(tmp_path), {"it": SECRET}) == ["it in file"]
    with holding(planted) as pid:
        assert found_in(memory(pid, "a child"), {"it": SECRET}) == ["it in memory of a child"]


def test_the_hunter_knows_a_number_as_interpreters_hold_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(ctypes.string_at(id(int(NUMBER)), 36))
    assert found_in(disk(tmp_path), {"it": NUMBER}) == ["it in file"]


# ---------------------------------------------------------------- the seizures


def test_what_waits_behind_a_locked_exit_names_nobody_to_who_opens_it(
    scene: Scene, tmp_path: Path
) -> None:
    said = scene.said
    scene.mails(f"by mail {said['mail']}\r\n#{CODES['mail']}")
    scene.texts(f"by phone {said['phone']}\n#{CODES['phone']}")
    scene.chats_(f"by chat {said['bot']}\n#{CODES['bot']}")
    assert b"200" in scene.fills("text", f"by the form {said['form']}").partition(b"\r\n")[0]
    soon(lambda: status(scene.node)["accepted"] == 4)
    rows = taken(scene, tmp_path / "disk")
    assert found_in(disk(tmp_path / "disk"), scene.who | said) == []
    keys = keys_of(scene, scene.node.folder.parent / "passphrase")
    opened = [open_envelope(blob, keys.keyring).inside for _, blob in rows]
    assert sorted(len(one.return_token) for one in opened) == [0, 578, 578, 578]
    plain = [("an envelope", as_bytes(one)) for one in opened]
    assert {what.split()[0] for what in found_in(plain, said)} == set(said)
    assert found_in(plain, scene.who) == []


def test_what_was_posted_and_answered_names_nobody_on_disk_or_in_memory(
    scene: Scene, tmp_path: Path
) -> None:
    node, said = scene.node, scene.said
    passphrase = node.folder.parent / "passphrase"
    assert relay(node, "unlock", stdin=passphrase.read_bytes()).returncode == 0
    soon(lambda: len(page_texts(node.url)) == 4 and status(node)["posted"] == 4)
    scene.mails(f"STATUS {CODES['mail']}")
    scene.texts(f"STATUS {CODES['phone']}")
    scene.chats_(f"STATUS {CODES['bot']}")
    assert b"We know nothing" in scene.fills("text", "STATUS 99990000")
    soon(lambda: [len(one) for one in answers(scene)] == [1, 1, 1])
    assert all("is done" in one for [one] in answers(scene))
    soon(lambda: status(node)["waiting"] == 0)

    held = {one["role"]: one["pid"] for one in status(node)["processes"] if one["role"] != "door"}
    assert {"core", "reader", "outlet"} <= held.keys()
    images = [part for role, pid in held.items() for part in memory(pid, role)]
    user = scene.provider.ask(lambda one: one.policy.user)  # of the settings, so it is there
    assert "it in memory of core" in found_in(images, {"it": user})
    assert found_in(images, scene.who) == []

    shutil.copy(passphrase, node.folder / "secrets/passphrase")
    rows = taken(scene, tmp_path / "disk")
    assert found_in(disk(tmp_path / "disk"), scene.who) == []
    records = [restore(blob, keys_of(scene, passphrase).storage, id) for id, blob in rows if blob]
    plain = [("a record", as_bytes(one)) for one in records]
    assert {what.split()[0] for what in found_in(plain, said)} == set(said)
    assert found_in(plain, scene.who) == []
    assert not any(one.return_token or one.answer_key for one in records)


def answers(scene: Scene) -> list[list[str]]:
    """What came back by mail, SMS and chat."""
    return [
        scene.provider.ask(lambda one: [mail.text for mail in one.mails]),
        scene.api.ask(lambda one: [sms.text for sms in one.sent]),
        scene.chats.ask(lambda one: [answer for _, answer in one.sent]),
    ]
