"""Ways in by mail behind real servers: Postfix hands over by LMTP, swaks writes under TLS."""

from __future__ import annotations

import asyncio
import email
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dovecot import PASSWORD
from front_server import front
from mail_server import READER, SENDER, USER, MailHost, mail_host
from running import free_port

from relay.cli.look import status_of
from relay.mailing.submission import Account
from relay.model import Posted
from relay.testing.certificates import make_pair
from relay.testing.ledger import Ledger, marker
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts
from relay.transports.answering.answers import Answers

TO, OTHER = "post@example.org", "family@example.org"
WITHIN_S = 60.0

LMTP = """
[transports.behind]
kind = "lmtp"
{where}
channel = "news"
addresses = ["post@example.org", "family@example.org"]
per_sender = 1000
"""


def soon(claim: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
    """What a claim gives once it is true; fails after a while."""
    until = time.monotonic() + within_s
    while not (given := _true(claim)):
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.05)
    return given


def _true(claim: Callable[[], Any]) -> Any:
    with suppress(OSError):
        return claim()


def behind(folder: Path, where: str) -> Node:
    """A node that listens for LMTP there."""
    return Node(folder / "n", more=LMTP.format(where=where))


# ---------------------------------------------------------------- Postfix, by LMTP


def test_postfix_hands_a_mail_to_two_addresses_over_once(tmp_path: Path) -> None:
    port = free_port()
    text = f"by way of postfix {marker()}"
    node = behind(tmp_path, f'listen = "127.0.0.1:{port}"')
    with front(f"inet:127.0.0.1:{port}") as (host, _), running(node):
        host.take(mail(text, to=TO), TO, OTHER)
        soon(lambda: page_texts(node.url) == [text])
        soon(lambda: host.waiting() == 0)
        assert status_of(node.file)["accepted"] == 1
        assert host.said.count("status=sent (250 2.0.0 OK)") == 2


def test_postfix_keeps_its_mail_while_the_node_is_down(tmp_path: Path) -> None:
    port = free_port()
    node = behind(tmp_path, f'listen = "127.0.0.1:{port}"')
    texts = [f"for later {marker()}" for _ in range(5)]
    with front(f"inet:127.0.0.1:{port}") as (host, _):
        for text in texts:
            host.take(mail(text, to=TO), TO)
        soon(lambda: "status=deferred" in host.said)
        assert host.waiting() == 5
        with running(node):
            soon(lambda: sorted(page_texts(node.url)) == sorted(texts))
            soon(lambda: host.waiting() == 0)


def test_a_node_killed_while_mails_are_handed_over_loses_and_doubles_none(tmp_path: Path) -> None:
    port = free_port()
    node = behind(tmp_path, f'listen = "127.0.0.1:{port}"')
    ledger = Ledger()
    with front(f"inet:127.0.0.1:{port}") as (host, _):
        for life in range(6):
            with running(node):
                for _ in range(20):
                    made = ledger.sends()
                    host.take(mail(f"a report {made}", to=TO), TO, OTHER)
                    ledger.yes(made)
                soon(lambda life=life: status_of(node.file)["accepted"] > 10 * life)
        with running(node):
            soon(lambda: host.waiting() == 0)
            soon(lambda: len(page_texts(node.url)) >= 120)
            assert ledger.compare(page_texts(node.url)).good


def test_a_mail_server_that_was_down_is_heard_again(tmp_path: Path) -> None:
    port = free_port()
    node = behind(tmp_path, f'listen = "127.0.0.1:{port}"')
    texts = [f"before and after {marker()}" for _ in range(2)]
    with front(f"inet:127.0.0.1:{port}") as (host, server), running(node):
        host.take(mail(texts[0], to=TO), TO)
        soon(lambda: page_texts(node.url) == texts[:1])
        server.stop()
        server.start()
        host.take(mail(texts[1], to=TO), TO)
        soon(lambda: sorted(page_texts(node.url)) == sorted(texts))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that Postfix's user may enter."""
    made = Path(tempfile.mkdtemp(prefix="lmtp-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_postfix_hands_over_at_a_unix_socket_if_its_user_is_named(
    tmp_path: Path, place: Path
) -> None:
    text = f"through a socket {marker()}"
    where = f'socket = "{place}/lmtp"'
    with front(f"unix:{place}/lmtp") as (host, _):
        with running(behind(tmp_path / "closed", where)):
            host.take(mail(text, to=TO), TO)
            soon(lambda: "status=deferred" in host.said)  # it is another user, and has to wait
            assert host.waiting() == 1
        open_ = behind(tmp_path / "open", where + '\nclients = ["postfix"]')
        with running(open_):
            soon(lambda: page_texts(open_.url) == [text])


# ---------------------------------------------------------------- swaks


def swaks(*words: str) -> subprocess.CompletedProcess[str]:
    """What a person types to try a mail server."""
    command = ["swaks", "--helo", "client.example.net", "--from", "someone@example.net", *words]
    command += ["--header", "Subject: a word"]  # its own says to the second when: that is danger
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def test_swaks_writes_under_starttls_and_by_lmtp(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    port = free_port()
    node = Node(tmp_path / "n", more=LMTP.format(where=f'listen = "127.0.0.1:{port}"'))
    text = node.file.read_text().replace("[channels", 'behind = ["127.0.0.1"]\n[channels', 1)
    text = text.replace('["post@example.org"]\n', '["post@example.org"]\nstarttls = "require"\n', 1)
    node.file.write_text(text + pair.settings)
    texts = [f"by swaks {marker()}" for _ in range(2)]
    with running(node):
        mx = f"{node.mail[0]}:{node.mail[1]}"
        plain = swaks("--server", mx, "--to", TO, "--body", "in the clear")
        assert plain.returncode != 0 and "530" in plain.stdout
        tls = swaks("--server", mx, "--to", TO, "--tls", "--body", texts[0])
        assert tls.returncode == 0 and "TLSv1.3" in tls.stdout, tls.stdout
        refused = swaks("--server", mx, "--to", "nobody@example.org", "--tls", "--body", "x")
        assert refused.returncode != 0 and "550" in refused.stdout
        both = ["--to", f"{TO},{OTHER}", "--body", texts[1]]
        lmtp = swaks("--server", f"127.0.0.1:{port}", "--protocol", "LMTP", *both)
        assert lmtp.returncode == 0 and lmtp.stdout.count("250 2.0.0 OK") >= 2, lmtp.stdout
        soon(lambda: sorted(page_texts(node.url)) == sorted(texts))


# ---------------------------------------------------------------- answers, through Postfix


@pytest.fixture(scope="module")
def provider() -> Iterator[MailHost]:
    with mail_host() as made:
        yield made


class Hands:
    def now(self) -> int:
        return int(time.time())


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_an_answer_goes_through_a_strict_provider_and_names_nobody(
    provider: MailHost, tls: Any
) -> None:
    provider.empty()
    port = provider.starttls if tls == "starttls" else provider.tls
    account = Account("127.0.0.1", port, tls, USER, provider.authority)
    made = Answers(account, SENDER, PASSWORD.encode, Hands())
    outcome = asyncio.run(made.answer(READER.encode(), "در انتظار است"))
    assert outcome == Posted("")
    [raw] = provider.mails(READER, 1)
    got = email.message_from_bytes(raw)
    assert got["Return-Path"] == "<>"
    assert (got["Subject"], got["Auto-Submitted"]) == ("Re:", "auto-replied")
    assert got["In-Reply-To"] is None and got["User-Agent"] is None
    assert got["Received"].startswith("from [127.0.0.1]")  # all that its provider learns of a host
