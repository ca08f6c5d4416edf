"""The eleven commands of docs/operate.md, as they stand there: from nothing to the first post.

A throw-away root in place of the machine, with its own user and folders; a real IMAP server in
place of the provider; a server with Mastodon's API by somebody else in place of the platform; the
unit's own ExecStart line in place of systemd. What the text calls example.org is turned to these.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dovecot import PASSWORD, Account, Dovecot, missing
from installed import AS_ROOT, ROOT, Machine, installed, notified, served
from mastodon_server import TOKEN, MockServer, mock_server

from relay.testing.senders import mail, page_texts

POST = "post@example.org"
OLD, NEW = "a letter from before the first start", "the bridge is open again"

pytestmark = pytest.mark.skipif(bool(missing()) or not AS_ROOT, reason=missing() or "needs root")


def commands() -> list[str]:
    """The commands of the first hour."""
    text = (ROOT / "docs/operate.md").read_text()
    section = text[text.index("## The first hour") : text.index("## A phone with a SIM")]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    assert re.findall(r"^(\d+)\. ", section, re.MULTILINE) == [str(n) for n in range(1, 12)]
    return block[1].splitlines()


def soon(claim: Callable[[], Any]) -> Any:
    until = time.monotonic() + 30
    while not (given := claim()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return given


@pytest.fixture
def provider() -> Iterator[Dovecot]:
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[MockServer]:
    with mock_server(tmp_path) as server:
        server.reset()
        yield server


class Volunteer:
    """Somebody who types the commands, and has a password and a token at hand."""

    def __init__(self, machine: Machine, provider: Dovecot, platform: MockServer) -> None:
        self.machine = machine
        self.provider = provider
        self.platform = platform
        self.typed: list[str] = []

    def types(self, command: str) -> str:
        """Carry out one command; what it printed."""
        self.typed.append(command)
        words = shlex.split(command)
        match words[:3]:
            case ["apt-get", "install", "-y"]:
                assert set(words[3:]) == {"git", "make", "python3", "python3-venv"}
                return ""  # a package that is missing shows in the next step
            case ["git", "clone", _]:
                return ""  # these very sources are installed
            case ["make", "install"]:
                return self.machine.make("install")
            case ["relay", "init", _]:
                printed = self.machine.relay(*words[1:])
                self.stand_in()
                return printed
            case ["relay", "login", name]:
                secret = {"mailbox": PASSWORD, "mastodon": TOKEN}[name]
                return self.machine.relay("login", name, stdin=secret + "\n")
            case ["relay", "doctor"]:
                return self.machine.relay("doctor", good={0, 69})
            case ["relay", *_]:
                return self.machine.relay(*words[1:])
        raise AssertionError(f"no command that is known here: {command}")

    def stand_in(self) -> None:
        """Example names become the stand-ins, and nobody waits for a delay; else all stays."""
        file = self.machine.node / "relay.toml"
        text = file.read_text()
        port = self.provider.plain
        for written, instead in {
            'host = "imap.example.org"\nport = 993': f'host = "127.0.0.1"\nport = {port}\n'
            'tls = false\nevery = "1s"',
            "https://mastodon.example": self.platform.url,
            "127.0.0.1:8080": "127.0.0.1:0",
            "127.0.0.1:8081": "127.0.0.1:0",
            'destinations = ["page", "mastodon"]': 'destinations = ["page", "mastodon"]\n'
            'delay = ["0s", "0s"]',
            'folder = "public"': 'folder = "public"\ntick = "0s"',
        }.items():
            assert written in text
            text = text.replace(written, instead)
        file.write_text(text)

    def listed(self) -> list[dict[str, Any]]:
        lines = self.machine.relay("queue", "list", "--json").splitlines()
        return [json.loads(line) for line in lines]

    def board(self) -> dict[str, str]:
        board = json.loads(self.machine.relay("board", "--json"))
        return {name: place["state"] for name, place in board.items()}


@pytest.mark.slow  # it installs the program, with all that it needs, as `make install` does
def test_eleven_commands_lead_from_nothing_to_the_first_post(
    provider: Dovecot, platform: MockServer
) -> None:
    first_hour = commands()
    assert len(first_hour) == 11
    box = Account(provider, POST, "INBOX")
    box.deliver(mail(OLD, to=POST))
    with installed(made=False) as machine, notified(machine.root) as heard:
        volunteer = Volunteer(machine, provider, platform)
        for command in first_hour[:7]:
            volunteer.types(command)
        assert machine.owners() == {int(machine.user)}
        assert first_hour[7] == "systemctl start outword"
        with served(machine, heard, machine.as_user(machine.line())) as at:
            page = f"http://{at['http']}"
            assert first_hour[8] == "relay board"
            volunteer.types(first_hour[8])
            well = {"mailbox": "works", "mastodon": "works", "page": "works"}
            soon(lambda: volunteer.board() == well)
            box.deliver(mail(NEW, to=POST))
            [row] = soon(lambda: [r for r in volunteer.listed() if r["state"] == "held"])
            volunteer.types(first_hour[9])
            assert (platform.public(), page_texts(page)) == (0, [])  # nobody has released it
            volunteer.types(first_hour[10].replace("ID", row["id"]))
            soon(lambda: platform.public() == 1 and page_texts(page) == [NEW])
            assert NEW in platform.statuses()[0]["content"]
            assert [OLD in one for one in mails(box)] == [True]  # the new one is fetched, and gone
            it_is_taken_back(volunteer, row["id"], page)
        assert machine.owners() == {int(machine.user)}
        (machine.root / "notify").unlink()


def it_is_taken_back(volunteer: Volunteer, id: str, page: str) -> None:
    """What was posted first is the first to be withdrawn: gone there, and on the page."""
    said = volunteer.machine.relay("queue", "withdraw", id)
    assert "mastodon is gone" in said and "page is gone" in said
    assert (volunteer.platform.public(), page_texts(page)) == (0, [])


def mails(box: Account) -> list[str]:
    """The texts that lie in the mailbox."""
    with box.server.client(box.user) as client:
        client.select("INBOX", readonly=True)
        _, found = client.search(None, "ALL")
        numbers = found[0].split()
        return [str(client.fetch(n.decode(), "(BODY.PEEK[TEXT])")[1]) for n in numbers]
