"""The IMAP transport where the server tells when a mail comes: woken, and never relied upon."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import soon
from dovecot import Account, Between, Dovecot
from test_mailbox import QUICK, Box, written

from relay.model import Verdict
from relay.transports.trust import Trust
from relay.transports.verdicts.provider import Provided

LONG_S = 3600.0
"""Nobody waits so long: what comes meanwhile has been told."""


@pytest.fixture
def box(dovecot: Dovecot, tmp_path: Path, request: pytest.FixtureRequest) -> Box:
    user = "i" + request.node.name.encode().hex()[-60:] + tmp_path.name[-8:]
    return Box(Account(dovecot, user), tmp_path, every_s=LONG_S, idle_s=LONG_S)


class Heard:
    """A server behind a wire that counts what a client says, and changes what it answers."""

    def __init__(self, box: Box, **more: Any) -> None:
        self.lines: list[bytes] = []
        self.between = Between(box.account.server.plain, heard=self.lines.append, **more)
        box.where = replace(box.where, port=self.between.port, tls=False)

    def said(self, word: bytes) -> int:
        return sum(word in line for line in self.lines)


def test_a_mail_wakes_us_and_is_removed(box: Box) -> None:
    with box.run():
        for text in ("one", "two", "three"):
            box.account.deliver(written(text))
            soon(lambda text=text: box.texts()[-1:] == [text], 20)
            soon(lambda: box.account.uids() == [])
    assert box.texts() == ["one", "two", "three"]


def test_one_connection_serves_many_mails(box: Box) -> None:
    heard = Heard(box)
    with heard.between, box.run():
        for n in range(5):
            box.account.deliver(written(str(n)))
            soon(lambda n=n: len(box.texts()) == n + 1, 20)
    assert heard.said(b"LOGIN") == 1
    assert heard.said(b"IDLE")


def test_a_connection_is_not_kept_for_ever(box: Box) -> None:
    """A folder that was renamed meanwhile is the old one until then."""
    heard = Heard(box)
    limits = replace(QUICK, connection_s=0.2)
    with heard.between, box.run(idle_s=0.05, every_s=0.05, limits=limits):
        soon(lambda: heard.said(b"LOGIN") > 2)
        box.account.deliver(written("on another"))
        soon(lambda: box.texts() == ["on another"])
    assert {state for state, _ in box.said} == {"works"}


def test_the_server_is_asked_anew_long_before_it_would_forget_us(box: Box) -> None:
    heard = Heard(box)
    with heard.between, box.run(idle_s=0.05):
        soon(lambda: heard.said(b"IDLE") > 3)
    assert heard.said(b"LOGIN") == 1


def test_what_a_server_did_not_tell_is_found_when_it_is_asked_anew(box: Box) -> None:
    def deaf(line: bytes) -> bytes:
        return line.replace(b"EXISTS", b"RECENT")

    heard = Heard(box, answers=deaf)
    with heard.between, box.run(idle_s=0.1):
        box.account.deliver(written("untold"))
        soon(lambda: box.texts() == ["untold"])


def test_a_connection_that_breaks_is_made_anew_and_is_no_trouble(box: Box) -> None:
    heard = Heard(box)
    with heard.between as between, box.run(every_s=0.2):
        soon(lambda: heard.said(b"IDLE"))
        between.cut_what_is_open()
        soon(lambda: heard.said(b"LOGIN") > 1)
        box.account.deliver(written("after"))
        soon(lambda: box.texts() == ["after"])
    assert {state for state, _ in box.said} == {"works"}


def without_idle(line: bytes) -> bytes:
    return line.replace(b" IDLE", b" SLOW")


def refusing(line: bytes) -> bytes:
    """A server that offers it and does not have it."""
    return b"WAIT1 BAD no such command\r\n" if line.startswith(b"+ idling") else line


@pytest.mark.parametrize("answers", [without_idle, refusing])
def test_where_a_server_cannot_tell_the_folder_is_looked_at(box: Box, answers: Any) -> None:
    heard = Heard(box, answers=answers)
    with heard.between, box.run(every_s=0.05):
        box.account.deliver(written("polled"))
        soon(lambda: box.texts() == ["polled"])
        soon(lambda: heard.said(b"LOGIN") > 2)


def test_idle_is_not_used_where_the_settings_say_so(box: Box) -> None:
    heard = Heard(box)
    with heard.between, box.run(idle_s=None, every_s=0.05):
        soon(lambda: heard.said(b"LOGIN") > 2)
    assert heard.said(b"IDLE") == 0


def test_what_could_not_be_taken_is_tried_again_before_anything_is_told(box: Box) -> None:
    box.taken.verdict = Verdict.BUSY
    with box.run(every_s=0.05):
        box.account.deliver(written("later"))
        soon(lambda: box.file.exists() and b'"tried": [[' in box.file.read_bytes())
        box.taken.verdict = Verdict.TAKEN
        soon(lambda: box.texts() == ["later"])


def test_it_ends_at_once_while_it_waits(box: Box) -> None:
    heard = Heard(box)
    with heard.between, box.run():
        soon(lambda: heard.said(b"IDLE"))
        begun = time.monotonic()
    assert time.monotonic() - begun < 6


@pytest.mark.slow  # a server takes ten seconds to stop while somebody waits on it
def test_a_server_that_is_down_is_taken_up_again(box: Box) -> None:
    server = box.account.server

    async def briefly(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))

    with box.run(every_s=0.05, pause=briefly):
        soon(lambda: box.state() == "works")
        server.stop()
        try:
            soon(lambda: box.state() == "blocked")
        finally:
            server.start()
        soon(lambda: box.state() == "works")
        box.account.deliver(written("again"))
        soon(lambda: box.texts() == ["again"])


def test_what_lay_there_before_stays_however_often_we_are_woken(box: Box) -> None:
    box.account.deliver(written("old"))
    with box.run(limits=replace(QUICK, batch=1)):
        box.account.deliver(written("new"), written("newer"))
        soon(lambda: box.texts() == ["new", "newer"])
        soon(lambda: box.account.uids() == [1])


# ---------------------------------------------------------------- what is believed of a sender

DATED = b"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"
PASSED = b"Authentication-Results: mx.example.org; dmarc=pass header.from=example.net\r\n"


@pytest.mark.parametrize(
    ("above", "flags", "answered"),
    [
        (b"Return-Path: <someone@example.net>\r\n" + PASSED, ("dmarc-pass",), True),
        (PASSED, ("dmarc-pass",), True),
        (b"Return-Path: <bounces@example.net>\r\n" + PASSED, ("dmarc-pass",), False),
        (b"Return-Path: <>\r\n" + PASSED, ("bounce", "dmarc-pass"), False),
        (PASSED + b"Auto-Submitted: auto-replied\r\n", ("dmarc-pass",), False),
        (PASSED.replace(b"mx.", b"evil."), ("dmarc-none",), False),
        (PASSED.replace(b"=pass", b"=fail") + PASSED, ("dmarc-fail",), False),
        (b"", ("dmarc-none",), False),
    ],
    ids=range(8),
)
def test_what_the_provider_wrote_of_a_sender_goes_along(
    box: Box, above: bytes, flags: tuple[str, ...], answered: bool
) -> None:
    trust = Trust(Provided("mx.example.org"), now=lambda: 0, answers=True)
    with box.run(trust=trust):
        box.account.deliver(above + DATED + written())
        soon(lambda: box.taken.arrivals)
    [arrival] = box.taken.arrivals
    assert arrival.flags == flags
    assert arrival.way_back == (b"someone@example.net" if answered else b"")
