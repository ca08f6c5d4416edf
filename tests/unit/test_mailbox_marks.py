"""What a mailbox must remember: which mails are ours to take, which were tried, which are ours."""

from __future__ import annotations

import json

import pytest

from relay.errors import Damaged
from relay.mailing.imap.session import Opened
from relay.transports.imap.head import MOST_FIELD, is_bounce, sender_of
from relay.transports.imap.marks import MOST_LEFT, SURE_S, Marks, adopted, read
from relay.transports.mailbox import LONGEST_S, wait_s

NOW = 1_800_000_000 - 1_800_000_000 % 3600


def marks(**changes: object) -> Marks:
    made = Marks("where", 7, 5)
    for key, value in changes.items():
        setattr(made, key, value)
    return made


def test_marks_come_back_as_they_were() -> None:
    made = marks(tried={5: NOW, 9: NOW}, taken={6}, left={7, 8}, renewed=True)
    assert read(made.written()).written() == made.written()
    assert read(made.written()).tried == {5: NOW, 9: NOW}


def test_the_file_stays_small() -> None:
    made = marks(left=set(range(1, MOST_LEFT + 2)))
    kept = read(made.written()).left
    assert len(kept) == MOST_LEFT and 1 not in kept and MOST_LEFT + 1 in kept


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2),
        ("where", 1),
        ("validity", 0),
        ("validity", True),
        ("first", 0),
        ("first", "1"),
        ("renewed", 1),
        ("tried", [[1]]),
        ("tried", {}),
        ("taken", ["x"]),
        ("left", None),
    ],
)
def test_what_is_no_marks_is_damaged(key: str, value: object) -> None:
    table = json.loads(marks().written())
    with pytest.raises(Damaged):
        read(json.dumps({**table, key: value}).encode())
    del table[key]
    with pytest.raises(Damaged):
        read(json.dumps(table).encode())


def test_a_mail_is_doubtful_once_its_repeat_key_may_be_forgotten() -> None:
    made = marks()
    assert made.trying([5], NOW + 3599) == set()
    assert made.trying([5, 6], NOW + SURE_S) == set()
    assert made.trying([5, 6], NOW + SURE_S + 1) == {5}


def test_what_is_not_in_the_folder_any_more_is_forgotten() -> None:
    made = marks(tried={5: NOW}, taken={6}, left={7})
    assert not made.forget_all_but({5, 6, 7, 8})
    assert made.forget_all_but({5})
    assert (made.tried, made.taken, made.left) == ({5: NOW}, set(), set())


def test_at_the_first_start_existing_mails_are_left_unless_asked_for() -> None:
    assert adopted(None, Opened(7, 12), "where", take=False).first == 12
    assert adopted(None, Opened(7, 12), "where", take=True).first == 1
    elsewhere = adopted(marks(tried={5: NOW}), Opened(7, 12), "elsewhere", take=False)
    assert (elsewhere.first, elsewhere.renewed, elsewhere.tried) == (12, False, {})


def test_a_known_folder_goes_on_as_before_whatever_the_setting_says_now() -> None:
    made = marks()
    assert adopted(made, Opened(7, 12), "where", take=True) is made
    assert adopted(made, Opened(7, 12), "where", take=False) is made


@pytest.mark.parametrize(
    ("pending", "take", "first", "renewed"),
    [
        ({}, False, 12, True),
        ({}, True, 1, False),
        ({"tried": {5: NOW}}, True, 12, True),
        ({"taken": {5}}, True, 12, True),
        ({"renewed": True}, True, 12, True),
    ],
)
def test_after_a_change_of_uidvalidity_nothing_is_taken_that_may_have_been_before(
    pending: dict[str, object], take: bool, first: int, renewed: bool
) -> None:
    made = adopted(marks(**pending), Opened(8, 12), "where", take=take)
    assert (made.validity, made.first, made.renewed) == (8, first, renewed)


# ---------------------------------------------------------------- who sends


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"From: Someone@Example.NET", b"someone@example.net"),
        (b'FROM : "Doe, A" <a@example.net>', b"a@example.net"),
        (b"From: A\r\n <a@example.net>", b"a@example.net"),
        (b"X: 1\r\nFrom: a@example.net\r\nTo: b@example.net", b"a@example.net"),
        (b"From: a@example.net, b@example.net", b""),
        (b"From: a@example.net\r\nFrom: b@example.net", b""),
        (b"From: nobody", b""),
        (b"To: b@example.net", b""),
        (b"X: 1\r\n\r\nFrom: a@example.net", b""),
        ("From: علی@example.net".encode(), "علی@example.net".encode()),
        (b"From: \xff <a@example.net>", b"a@example.net"),
        (b"From: " + b"x" * MOST_FIELD + b" <a@example.net>", b""),
    ],
)
def test_the_sender_is_the_one_address_in_from(header: bytes, sender: bytes) -> None:
    assert sender_of(header + b"\r\n\r\nbody") == sender


def test_a_long_from_is_parsed_up_to_the_limit() -> None:
    address = b" <a@example.net>"
    for more, found in ((0, b"a@example.net"), (1, b"")):
        name = b"x" * (MOST_FIELD - len(address) + more)
        assert sender_of(b"From:" + name + address + b"\r\n\r\n") == found


def test_the_topmost_return_path_says_whether_it_is_a_bounce() -> None:
    assert is_bounce(b"Return-Path: <>\r\nX: 1\r\n\r\n")
    assert is_bounce(b"return-path:<>\r\n\r\n")
    assert not is_bounce(b"Return-Path: <a@example.net>\r\nReturn-Path: <>\r\n\r\n")
    assert not is_bounce(b"X: 1\r\n\r\nReturn-Path: <>\r\n")


# ---------------------------------------------------------------- when to try again


def test_a_mailbox_that_is_down_is_waited_for_longer_each_time() -> None:
    assert wait_s(60, 0, 0.9) == 60
    assert [wait_s(60, n, 1.0) for n in range(1, 7)] == [120, 240, 480, 900, 900, 900]
    assert [wait_s(60, n, 0.0) for n in range(1, 7)] == [60, 120, 240, 450, 450, 450]
    assert wait_s(60, 10_000, 1.0) == LONGEST_S
    assert wait_s(3600, 5, 0.0) == 3600


@pytest.mark.parametrize(
    "junk", [b"(" * 2000, b"[(" * 1000, b"a:" * 1000, b"(\\" * 900, b"<" * 2000]
)
def test_a_sender_made_to_break_a_parser_is_nobody(junk: bytes) -> None:
    assert sender_of(b"From: " + junk + b"\r\n\r\nx\r\n") == b""
