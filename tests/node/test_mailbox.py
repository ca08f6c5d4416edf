"""The IMAP transport against a real server: what it takes, what it leaves, and in what order."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import soon
from dovecot import (
    OTHER_PASSWORD,
    OTHER_USER,
    PASSWORD,
    Account,
    Between,
    Dovecot,
    free_port,
)

from relay.errors import KeyFileError
from relay.keyfiles import Kept
from relay.model import Verdict
from relay.testing.door import Taken, Tick, serving, with_take_in
from relay.transports.limits import MailboxLimits
from relay.transports.mailbox import Mailbox, Where, check

NOW = 1_800_000_000
QUICK = MailboxLimits(message_bytes=2000, ready_s=3, alive_s=0.1)
PERSIAN = "خبر & ☂😀/تازه"


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


def written(text: str = "body", sender: str = "Someone@Example.NET") -> bytes:
    return f"From: A Person <{sender}>\r\nSubject: x\r\n\r\n{text}\r\n".encode()


class Box:
    """A mailbox that is fetched, over and over, with all that a test wants to see of it."""

    def __init__(self, account: Account, folder: Path, **changes: Any) -> None:
        self.account = account
        self.taken = Taken()
        self.turned = Tick()
        self.clock = Hands()
        self.password = PASSWORD.encode()
        self.said: list[tuple[str, str]] = []
        self.file = folder / "keys" / "box.seen"
        self.changes = changes
        server = account.server
        self.where = Where("127.0.0.1", server.tls, account.user, account.folder)
        self.where = replace(self.where, ca_file=str(server.ca_file))

    def run(self, **changes: Any) -> AbstractContextManager[str]:
        """Runs it inside the block, as after a restart."""
        made = {
            "password": lambda: self.password,
            "store": Kept(self.file),
            "where_key": self.where.folder,
            "clock": self.clock,
            "faring": lambda state, why: self.said.append((state, why)),
            "turned_away": self.turned,
            "address": "Post@example.org",
            "every_s": 0.04,
            "limits": QUICK,
        }
        settings = {**made, **self.changes, **changes}
        return serving(with_take_in(Mailbox("box", self.where, "news", **settings).run, self.taken))

    def texts(self) -> list[str]:
        return [one.content.decode().split("\r\n\r\n")[1].strip() for one in self.taken.arrivals]

    def state(self) -> str:
        return self.said[-1][0] if self.said else ""

    def rounds(self, n: int = 2) -> None:
        """Wait until it has gone round: that it works is said each 0.1 s."""
        before = len(self.said)
        soon(lambda: len(self.said) >= before + n)


@pytest.fixture
def box(dovecot: Dovecot, tmp_path: Path, request: pytest.FixtureRequest) -> Box:
    user = "u" + request.node.name.encode().hex()[-60:] + tmp_path.name[-8:]
    return Box(Account(dovecot, user), tmp_path)


# ---------------------------------------------------------------- taking


def test_a_mail_is_taken_whole_and_removed(box: Box) -> None:
    mail = b"Return-Path: <x@example.net>\r\n" + written("سلام")
    with box.run():
        box.account.deliver(mail)
        soon(lambda: box.taken.arrivals)
        soon(lambda: box.account.uids() == [])
    [arrival] = box.taken.arrivals
    assert arrival.content == mail
    assert (arrival.transport, arrival.kind, arrival.channels) == ("box", "mail", ("news",))
    assert (arrival.sender, arrival.recipient) == (b"someone@example.net", b"post@example.org")
    assert arrival.flags == ()
    assert box.turned.n == 0


def test_what_was_there_before_the_first_start_is_left_for_good(box: Box) -> None:
    box.account.deliver(written("old"))
    with box.run():
        box.account.deliver(written("new"))
        soon(lambda: box.texts() == ["new"])
    box.account.deliver(written("while we were away"))
    with box.run():
        soon(lambda: box.texts() == ["new", "while we were away"])
        box.rounds()
    assert box.account.uids() == [1]
    assert box.file.stat().st_mode & 0o777 == 0o600


def test_what_was_there_before_is_taken_if_asked_for(box: Box) -> None:
    box.account.deliver(written("old"))
    with box.run(existing="take"):
        soon(lambda: box.texts() == ["old"])
        soon(lambda: box.account.uids() == [])


def test_another_folder_is_a_first_start_again(box: Box) -> None:
    with box.run():
        pass
    other = Account(box.account.server, box.account.user, "other")
    other.deliver(written("old"))
    box.where = replace(box.where, folder="other")
    with box.run():
        other.deliver(written("new"))
        soon(lambda: box.texts() == ["new"])
        soon(lambda: other.uids() == [1])


def test_who_reads_the_mailbox_hides_nothing_and_who_deletes_a_mail_means_it(box: Box) -> None:
    with box.run():
        pass
    box.account.deliver(written("read"), written("deleted"))
    box.account.do("STORE", "1", "+FLAGS", r"(\Seen \Flagged \Answered)")
    box.account.do("STORE", "2", "+FLAGS", r"(\Deleted)")
    with box.run():
        soon(lambda: box.texts() == ["read"])
        box.rounds()
    assert box.texts() == ["read"]
    assert box.account.uids() == [2]


def test_nothing_is_marked_as_seen(box: Box) -> None:
    box.taken.verdict = Verdict.BUSY
    with box.run():
        box.account.deliver(written())
        box.rounds(3)
    [flags] = box.account.flags()
    assert b"Seen" not in flags and b"Deleted" not in flags


@pytest.mark.parametrize("folder", [PERSIAN, "a&b", 'with "quotes" and \\', "INBOX"])
def test_a_folder_may_have_any_name(box: Box, folder: str) -> None:
    account = Account(box.account.server, box.account.user, folder)
    box.where = replace(box.where, folder=folder)
    with box.run():
        account.deliver(written(folder))
        soon(lambda: box.texts() == [folder])
        soon(lambda: account.uids() == [])


def test_a_bounce_is_flagged_and_has_no_sender(box: Box) -> None:
    with box.run():
        box.account.deliver(b"Return-Path: <>\r\n" + written())
        soon(lambda: box.taken.arrivals)
    [arrival] = box.taken.arrivals
    assert (arrival.flags, arrival.sender) == (("bounce",), b"")


def test_more_mails_than_one_command_names_are_each_taken_once(box: Box) -> None:
    box.account.deliver(*(written(str(n)) for n in range(501)))
    with box.run(existing="take"):
        soon(lambda: len(box.taken.arrivals) > 500)
        soon(lambda: box.account.uids() == [])
    assert sorted(map(int, box.texts())) == list(range(501))
    assert len({one.provider_id for one in box.taken.arrivals}) == 501


# ---------------------------------------------------------------- leaving


def test_a_mail_at_the_limit_is_taken_and_one_past_it_is_left_and_counted_once(box: Box) -> None:
    at = written("x" * (2000 - len(written(""))))
    assert len(at) == 2000
    with box.run():
        box.account.deliver(at, at[:-2] + b"y\r\n")
        soon(lambda: box.turned.n == 1)
        box.rounds()
    with box.run():
        box.rounds()
    assert [len(one.content) for one in box.taken.arrivals] == [2000]
    assert box.turned.n == 1
    assert box.account.uids() == [2]


def test_a_size_that_the_server_says_too_small_is_found_out(box: Box) -> None:
    def smaller(line: bytes) -> bytes:
        return line.replace(b"RFC822.SIZE 2001", b"RFC822.SIZE 1001")

    with Between(box.account.server.plain, answers=smaller) as between:
        box.where = replace(box.where, port=between.port, tls=False)
        with box.run():
            box.account.deliver(written("x" * (2001 - len(written("")))))
            soon(lambda: box.turned.n == 1)
            box.rounds()
    assert (box.taken.arrivals, box.turned.n, box.account.uids()) == ([], 1, [1])


def test_a_refused_mail_stays_and_is_counted_once(box: Box) -> None:
    box.taken.verdict = Verdict.REFUSED
    with box.run():
        box.account.deliver(written())
        soon(lambda: box.turned.n == 1)
        box.rounds()
    with box.run():
        box.rounds()
    assert (box.turned.n, box.account.uids()) == (1, [1])


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL])
def test_what_we_have_no_room_for_waits_at_the_provider(box: Box, verdict: Verdict) -> None:
    box.taken.verdict = verdict
    with box.run():
        box.account.deliver(written())
        box.rounds(3)
        assert box.account.uids() == [1]
        assert box.turned.n == 0
        box.taken.verdict = Verdict.TAKEN
        soon(lambda: box.texts() == ["body"])
        soon(lambda: box.account.uids() == [])


def test_a_mail_that_nobody_can_take_holds_up_no_other(box: Box) -> None:
    class Picky(Taken):
        async def __call__(self, arrival: Any) -> Verdict:
            if b"bad" in arrival.content:
                return Verdict.BUSY
            return await super().__call__(arrival)

    box.taken = Picky()
    with box.run(limits=replace(QUICK, batch=2)):
        box.account.deliver(*[written("bad")] * 3, written("good"))
        soon(lambda: box.texts() == ["good"])
        soon(lambda: box.account.uids() == [1, 2, 3])


def test_a_mail_that_was_tried_long_ago_is_doubtful(box: Box) -> None:
    box.taken.verdict = Verdict.BUSY
    with box.run():
        box.account.deliver(written())
        box.rounds(3)
    box.taken.verdict = Verdict.TAKEN
    box.clock.at += 7 * 86400
    with box.run():
        soon(lambda: box.taken.arrivals)
    assert box.taken.arrivals[0].flags == ("perhaps_repeat",)


# ---------------------------------------------------------------- removing


def without_uidplus(line: bytes) -> bytes:
    return line.replace(b" UIDPLUS", b" NOTHERE")


def test_without_uidplus_a_mail_is_removed_if_nothing_else_goes_with_it(box: Box) -> None:
    with Between(box.account.server.plain, answers=without_uidplus) as between:
        box.where = replace(box.where, port=between.port, tls=False)
        with box.run():
            box.account.deliver(written())
            soon(lambda: box.account.uids() == [])
        assert box.texts() == ["body"]


def test_without_uidplus_what_others_deleted_stays_and_the_operator_is_told(box: Box) -> None:
    box.account.deliver(written("somebody else's"))
    box.account.do("STORE", "1", "+FLAGS", r"(\Deleted)")
    with Between(box.account.server.plain, answers=without_uidplus) as between:
        box.where = replace(box.where, port=between.port, tls=False)
        with box.run():
            box.account.deliver(written("ours"))
            soon(lambda: box.state() == "login")
        with box.run():  # nor after a restart
            soon(lambda: box.state() == "login")
            box.account.deliver(written("next"))
            soon(lambda: box.texts() == ["ours", "next"])
            assert box.account.uids() == [1, 2, 3]
            box.account.do("EXPUNGE", "1:3")
            soon(lambda: box.state() == "works")
    assert box.texts() == ["ours", "next"]


def test_a_folder_that_may_not_be_changed_is_told_and_nothing_is_taken(box: Box) -> None:
    account = box.account
    with box.run():
        pass
    account.deliver(written())
    folder = account.server.folder / "mail" / account.user / f".{account.folder}"
    (folder / "dovecot-acl").write_text("owner lr\n")
    (folder / "dovecot-acl").chmod(0o644)
    with box.run():
        soon(lambda: box.state() == "login")
    assert box.taken.arrivals == []
    assert "read-only" in box.said[-1][1]
    assert "read-only" in check(box.where, PASSWORD.encode())


# ---------------------------------------------------------------- UIDVALIDITY


def test_a_folder_made_anew_is_left_and_told_until_a_person_has_moved_it(box: Box) -> None:
    account = box.account
    other = Account(account.server, account.user, "aside")
    account.deliver(written("old"))
    with box.run():
        account.deliver(written("first"))
        soon(lambda: box.texts() == ["first"])
        soon(lambda: account.uids() == [1])
    account.deliver(written("perhaps"))
    account.made_anew()
    with box.run():
        soon(lambda: box.state() == "login")
        account.deliver(written("second"))
        soon(lambda: box.texts() == ["first", "second"])
    with box.run():
        soon(lambda: box.state() == "login")
        account.do("MOVE", "1:2", other.name)
        soon(lambda: box.state() == "works")
        other.do("MOVE", "2", account.name)
        soon(lambda: box.texts() == ["first", "second", "perhaps"])
    assert len(other.uids()) == 1


def test_a_folder_made_anew_is_taken_if_existing_mails_are(box: Box) -> None:
    with box.run(existing="take"):
        box.account.deliver(written("first"))
        soon(lambda: box.account.uids() == [])
        box.rounds()
    box.account.deliver(written("second"))
    box.account.made_anew()
    with box.run(existing="take"):
        soon(lambda: box.texts() == ["first", "second"])
    one, two = box.taken.arrivals
    assert one.provider_id != two.provider_id


# ---------------------------------------------------------------- what goes wrong


@contextmanager
def silent() -> Iterator[int]:
    """Somebody who listens and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield int(sock.getsockname()[1])


def test_a_wrong_password_is_told_and_a_new_one_used_at_once(box: Box) -> None:
    box.password = b"wrong"
    with box.run():
        soon(lambda: box.state() == "login")
        assert "password_file" in box.said[-1][1]
        box.password = PASSWORD.encode()
        soon(lambda: box.state() == "works")


def test_a_password_file_that_cannot_be_used_is_told(box: Box) -> None:
    def fails() -> bytes:
        raise KeyFileError

    with box.run(password=fails):
        soon(lambda: box.state() == "login")


@pytest.mark.parametrize("password", [b"", b"\xff", b"two\r\nlines"])
def test_a_password_that_is_no_line_of_text_is_never_sent(box: Box, password: bytes) -> None:
    heard: list[bytes] = []
    with Between(box.account.server.plain, heard=heard.append) as between:
        where = replace(box.where, port=between.port, tls=False)
        assert "write its file anew" in check(where, password)
    assert not [line for line in heard if b"LOGIN" in line or b"AUTH" in line]


def test_a_user_and_a_password_may_be_in_any_script(dovecot: Dovecot) -> None:
    where = Where("127.0.0.1", dovecot.plain, OTHER_USER, "INBOX", tls=False)
    assert check(where, OTHER_PASSWORD.encode()) == ""
    assert "user or password" in check(where, "رمز".encode())


def test_a_folder_that_is_not_there_is_told_until_it_is(box: Box) -> None:
    box.where = replace(box.where, folder="later")
    with box.run():
        soon(lambda: box.state() == "login")
        Account(box.account.server, box.account.user, "later")
        soon(lambda: box.state() == "works")


def test_a_server_that_goes_is_blocked_and_works_when_it_is_back(box: Box) -> None:
    server = box.account.server
    with box.run():
        soon(lambda: box.state() == "works")
        server.stop()
        try:
            soon(lambda: box.state() == "blocked")
            blocked = len([one for one in box.said if one[0] == "blocked"])
        finally:
            server.start()
        soon(lambda: box.state() == "works")
        box.account.deliver(written())
        soon(lambda: box.texts() == ["body"])
    assert blocked <= 2  # said once for each reason, not with each try


def test_a_certificate_of_another_authority_is_not_believed(box: Box) -> None:
    box.where = replace(box.where, ca_file=str(box.account.server.other_file))
    with box.run():
        soon(lambda: box.state() == "blocked")
    assert "certificate" in box.said[-1][1]
    assert "certificate" in check(replace(box.where, ca_file=""), b"x")  # nor by the system
    elsewhere = replace(box.where, host="localhost", ca_file=str(box.account.server.ca_file))
    assert "certificate" in check(elsewhere, b"x")  # it is for 127.0.0.1


def test_nothing_goes_over_a_network_in_clear(box: Box) -> None:
    for host in ("192.0.2.1", "imap.example.org", "localhost.example.org"):
        assert "tls" in check(replace(box.where, host=host, tls=False), b"x")
    box.where = replace(box.where, port=box.account.server.plain, tls=False)
    with box.run():
        soon(lambda: box.state() == "works")


def test_check_is_content_with_what_is_right_and_names_nobody_otherwise(box: Box) -> None:
    right, password = box.where, PASSWORD.encode()
    assert check(right, password) == ""
    with silent() as port:
        begun = time.monotonic()
        slow = check(replace(right, port=port), password, timeout_s=0.2)
        assert time.monotonic() - begun < 6
    troubles = [
        slow,
        check(right, b"wrong"),
        check(replace(right, folder="nowhere"), password),
        check(replace(right, port=free_port()), password),
        check(replace(right, port=box.account.server.plain), password),
        check(replace(right, ca_file="/nowhere"), password),
        check(replace(right, host="nowhere.invalid"), password),
    ]
    assert len(set(troubles)) == 7 and all(":" in one for one in troubles)
    for said in [*troubles, repr(right)]:
        for name in (right.user, right.host, "nowhere", "wrong"):
            assert name not in said


def test_it_ends_at_once_while_a_server_is_silent(box: Box) -> None:
    with silent() as port:
        box.where = replace(box.where, port=port)
        with box.run(limits=replace(QUICK, ready_s=0.05)):
            begun = time.monotonic()
        assert time.monotonic() - begun < 6


def test_a_command_that_takes_too_long_is_cut(box: Box) -> None:
    with silent() as port:
        box.where = replace(box.where, port=port)
        with box.run(limits=replace(QUICK, command_s=0.05)):
            soon(lambda: box.state() == "blocked")
    assert "too slow" in box.said[-1][1]


@pytest.mark.parametrize(
    "answer",
    [b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n", b"* 1 FETCH (UID x\r\n", b"what?\r\n"],
)
def test_a_server_that_says_anything_is_blocked_and_costs_nothing(box: Box, answer: bytes) -> None:
    def odd(line: bytes) -> bytes:
        return answer if b"BODY[]" in line else line

    with Between(box.account.server.plain, answers=odd) as between:
        box.where = replace(box.where, port=between.port, tls=False)
        with box.run():
            box.account.deliver(written())
            soon(lambda: box.state() == "blocked")
    assert box.taken.arrivals == []
    assert box.account.uids() == [1]


def test_nothing_is_taken_while_the_keys_folder_cannot_be_written(box: Box) -> None:
    with box.run():
        pass
    (box.file.parent / ".box.seen.new").mkdir()  # in the way, as a full disk would be
    box.account.deliver(written())
    with box.run():
        soon(lambda: box.state() == "blocked")
        assert box.taken.arrivals == []
        (box.file.parent / ".box.seen.new").rmdir()
        soon(lambda: box.texts() == ["body"])


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"version": 2}', b"[" * 100_000])
def test_a_damaged_file_stops_it_rather_than_have_it_guess(box: Box, damage: bytes) -> None:
    with box.run():
        pass
    box.file.write_bytes(damage)
    box.account.deliver(written())
    with box.run():
        soon(lambda: box.state() == "login")
    assert "box.seen" in box.said[-1][1]
    assert (box.taken.arrivals, box.file.read_bytes()) == ([], damage)


def test_a_fault_of_ours_is_told_and_ends_nothing(box: Box) -> None:
    box.taken.fault = LookupError("a fault")
    with box.run():
        box.account.deliver(written())
        soon(lambda: box.state() == "blocked")
        box.taken.fault = None
        soon(lambda: box.texts() == ["body"])
    assert "fault" in next(why for state, why in box.said if state == "blocked")
