"""No text of 10 MB costs more than two seconds, and whatever chance makes of a real mail is read or
refused. Mails that are made to cost much are in the corpus (``test_corpus_mails``).
"""

from __future__ import annotations

import random
import time
from email.message import EmailMessage

import pytest
from hostile_bombs import MOST
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.model import Message, Unreadable
from relay.reader.read import read
from relay.reader.text import MAX_TEXT

SECONDS = 2
"""What a reader is given for one mail."""


@pytest.mark.parametrize(
    "unit", ["\u0301", "a\u0301", "\u2066", " ", "\n", "1-", "a@b.c ", "\ufb2c", "س"]
)
def test_a_text_of_10_mb_is_read_within_two_seconds(unit: str) -> None:
    content = unit.encode() * (MOST // len(unit.encode()))
    begun = time.process_time()
    found = read(content, "text")
    assert time.process_time() - begun < SECONDS
    assert not isinstance(found, Message) or len(found.text) <= MAX_TEXT


def _real_mail() -> bytes:
    made = EmailMessage()
    made["Subject"] = "سلام دوستان"
    made.set_content("می‌روم به خانه\nCall 0912 123 4567\n")
    made.add_alternative("<p style='a'>می‌روم <b>به</b> خانه</p>", subtype="html")
    made.add_attachment(b"\xff\xd8picture", maintype="image", subtype="jpeg", filename="a.jpg")
    return bytes(made)


REAL = _real_mail()
PIECES = [b"\r\n", b"\n", b"--", b";", b'"', b"=", b"=?", b"?=", b"<", b">", b"&", b"\x00", b"\xff"]
PIECES += [b"Content-Type: multipart/mixed; boundary=", b"Content-Type: message/rfc822\r\n\r\n"]
PIECES += [b"boundary*0*=''%", b"charset=", b"charset*=a'b'c", b"base64", b"\r\n\r\n", b"<table>"]


def holds(content: bytes, kind: str) -> None:
    """What is true of everything that is read."""
    found = read(content, kind)  # type: ignore[arg-type]
    if isinstance(found, Unreadable):
        assert found.why != "not understood"
        return
    assert len(found.text) <= MAX_TEXT
    assert found.text or found.media
    assert found.text == found.text.strip("\n")
    assert not set(found.text + found.title) & set("\x00\r\x1b\u202e\ufeff\ud800")
    length = {"text": len(found.text), "title": len(found.title), "alt": 0}
    assert all(one.offset + one.length <= length[one.where] for one in found.marks)
    found.text.encode()
    found.title.encode()


CHANCE = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@CHANCE
@given(st.binary(max_size=2000), st.sampled_from(["mail", "text"]))
def test_any_bytes_are_read_or_refused(content: bytes, kind: str) -> None:
    holds(content, kind)


@CHANCE
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=60).map(b"".join))
def test_any_pieces_of_mails_are_read_or_refused(content: bytes) -> None:
    holds(content, "mail")


@CHANCE
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_a_mail_that_was_changed_anywhere_is_read_or_refused(chance: random.Random, n: int) -> None:
    holds(changed(REAL, chance, n), "mail")


@pytest.mark.slow
def test_fifty_thousand_changed_mails_are_read_or_refused() -> None:
    chance = random.Random(7)
    for _ in range(50_000):
        holds(changed(REAL, chance, chance.randrange(1, 40)), "mail")


def changed(content: bytes, chance: random.Random, times: int) -> bytes:
    """The bytes with some replaced, removed, repeated or put in."""
    for _ in range(times):
        at = chance.randrange(len(content) + 1)
        to = min(len(content), at + chance.choice([0, 1, 1, 5, 80]))
        put = chance.choice(
            [b"", chance.choice(PIECES), bytes([chance.randrange(256)]), content[at:to] * 2]
        )
        content = content[:at] + put + content[to:]
    return content
