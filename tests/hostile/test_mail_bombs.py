"""No mail of 10 MB costs more than two seconds or raises, and none takes the memory of the machine.

Each is small to send and, read the obvious way, costs minutes or gigabytes. Table B of the threat
tests: nested and empty parts, long headers, false charsets and encodings, HTML that lays itself out
without end; and whatever chance makes of a real mail.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.model import Message, Unreadable
from relay.reader.read import read
from relay.reader.text import MAX_TEXT

SECONDS = 2
"""What a reader is given for one mail."""

MOST = 10_000_000
"""Bytes of the largest mail that is accepted as it is shipped."""

_V = b"MIME-Version: 1.0\r\n"
_MIXED = _V + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
_HTML = _V + b"Content-Type: text/html\r\n\r\n"


def filled(before: bytes, unit: bytes, after: bytes = b"", most: int = MOST) -> bytes:
    """A mail of that many bytes, made of one unit again and again."""
    return before + unit * ((most - len(before) - len(after)) // len(unit)) + after


def nested(levels: int) -> bytes:
    return _V + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(levels)
    )


def fields(line: bytes, most: int = 64_000) -> bytes:
    return filled(_V, line, b"\r\nwords", most)


Bomb = Callable[[], bytes]

BOMBS: dict[str, Bomb] = {
    # parts in parts, parts beside parts
    "400 nested parts": lambda: nested(400),
    "2,000 nested parts": lambda: nested(2000),
    "8 nested parts and lines": lambda: filled(nested(7) + b"\r\n", b"\r\n"),
    "8 nested parts and long lines": lambda: filled(nested(7) + b"\r\n", b"-" * 98 + b"\r\n"),
    "8 nested parts and false borders": lambda: filled(nested(7) + b"\r\n", b"--bb" * 10 + b"\r\n"),
    "2,000 mails in mails": lambda: _V + b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "2,000 folded mails in mails": lambda: _V + b"Content-Type:\r\n message/rfc822\r\n\r\n" * 2000,
    "a mail and lines": lambda: filled(_V + b"Content-Type: message/rfc822\r\n\r\n", b"a: b\r\n"),
    "a delivery report": lambda: filled(
        _V + b"Content-Type: message/delivery-status\r\n\r\n", b"a: b\r\n\r\n"
    ),
    "100,000 empty parts": lambda: _MIXED + b"--b\r\n\r\n" * 100_000,
    "10 MB of empty parts": lambda: filled(_MIXED, b"--b\r\n\r\n"),
    "empty parts, bare CR": lambda: filled(_MIXED, b"--b\r\r"),
    "empty parts with a field": lambda: filled(_MIXED, b"--b\r\nX-A: 1\r\n\r\n"),
    "empty parts of a digest": lambda: filled(_MIXED.replace(b"mixed", b"digest"), b"--b\r\n\r\n"),
    "empty parts, border by RFC 2231": lambda: filled(
        _MIXED.replace(b"boundary=b", b"boundary*0=b"), b"--b\r\n\r\n"
    ),
    "an endless header of a part": lambda: filled(_MIXED + b"--b\r\n", b"a: b\r\n"),
    "an endless field of a part": lambda: filled(
        _MIXED + b'--b\r\nContent-Type: text/plain; a="', b";", b'"\r\n\r\nwords'
    ),
    "endless parameters of a part": lambda: filled(
        _MIXED + b"--b\r\nContent-Type: text/plain", b";a*1=x", b"\r\n\r\nwords"
    ),
    "64 fields of 1 kB in parts": lambda: filled(
        _MIXED,
        b'--b\r\nContent-Type: text/plain; a="' + b";" * 1000 + b'"\r\n\r\nx\r\n',
        b"",
        60_000,
    ),
    # headers
    "20,000 fields": lambda: _V + b"X-A: b\r\n" * 20_000 + b"\r\nwords",
    "a Subject of 1 MB": lambda: _V + b"Subject: " + b"a" * 1_000_000 + b"\r\n\r\nwords",
    "4,000 encoded words": lambda: fields(
        b"Subject:" + b" =?utf-8?Q?abc?=" * 3900 + b"\r\n", 63_000
    ),
    "encoded words, broken": lambda: _V + b"Subject: " + b"=?" * 30_000 + b"\r\n\r\nwords",
    "encoded words, base64": lambda: _V + b"Subject: " + b"=?a?b?" * 10_000 + b"\r\n\r\nwords",
    "blanks between words": lambda: _V + b"Subject: =?a?q?b?=" + b" " * 60_000 + b"\r\n\r\nwords",
    "quotes in a type": lambda: _V + b"Content-Type: text/plain; a=" + b'"' * 60_000 + b"\r\n\r\nw",
    "semicolons in quotes": lambda: (
        _V + b'Content-Type: text/plain; a="' + b";" * 60_000 + b'"\r\n\r\nwords'
    ),
    "10,000 parameters": lambda: (
        _V + b"Content-Type: text/plain" + b";a*1=x" * 10_000 + b"\r\n\r\nwords"
    ),
    "a disposition of semicolons": lambda: (
        _V + b'Content-Disposition: inline; a="' + b";" * 60_000 + b'"\r\n\r\nwords'
    ),
    "a recipient of brackets": lambda: _V + b"From: " + b"(" * 20_000 + b"\r\n\r\nwords",
    "20,000 addresses": lambda: _V + b"From: " + b"a@b.org, " * 20_000 + b"\r\n\r\nwords",
    # text
    "lines": lambda: filled(_V + b"\r\n", b"\n"),
    "blanks": lambda: filled(_V + b"\r\n", b" ", b"x"),
    "lines of blanks": lambda: filled(_V + b"\r\n", b" " * 99_999 + b"x\n"),
    "no header": lambda: b"x" * MOST,
    "isolates": lambda: filled(_V + b"\r\n", "\u2066".encode()),
    "marks on a letter": lambda: filled(_V + b"\r\na", "\u0301\u0327".encode()),
    "marks out of order": lambda: (
        _V + b"\r\na" + "\u0301".encode() * 9_000 + "\u0323".encode() * 9_000
    ),
    "flowed lines": lambda: filled(
        _V + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"a \r\n"
    ),
    "flowed quotes": lambda: filled(
        _V + b"Content-Type: text/plain; format=flowed\r\n\r\n", b">" * 99 + b" \r\n"
    ),
    # charsets and encodings
    **{
        f"the charset {name}": lambda name=name: filled(  # type: ignore[misc]
            _V + b"Content-Type: text/plain; charset=" + name + b"\r\n\r\n", b"\xd8\xa8-a9"
        )
        for name in (
            b"bogus",
            b"punycode",
            b"idna",
            b"zlib",
            b"utf-7",
            b"gb18030",
            b"hz",
            b"utf-16",
        )
    },
    "10 MB of iso-2022-jp": lambda: filled(
        _V + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", b"\x1b$B\x1b(B"
    ),
    "10 MB of high bytes": lambda: filled(_V + b"\r\n", b"\xff\xc3"),
    "quoted ends of data": lambda: filled(
        _V + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"=0D=0A.=0D=0A"
    ),
    "equals signs": lambda: filled(
        _V + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"="
    ),
    "base64 of junk": lambda: filled(_V + b"Content-Transfer-Encoding: base64\r\n\r\n", b"!a"),
    "base64 without an end": lambda: filled(
        _V + b"Content-Transfer-Encoding: base64\r\n\r\n", b"a"
    ),
    "base64 of ends": lambda: filled(_V + b"Content-Transfer-Encoding: base64\r\n\r\n", b"YQ=="),
    "uuencode": lambda: filled(
        _V + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n", b"#ABC" * 15 + b"\n"
    ),
    # HTML
    "deep HTML": lambda: filled(_HTML, b"<div>"),
    "deep HTML within its limit": lambda: _HTML + b"<div>" * 240 + b"x" * 1_000_000,
    "many elements": lambda: _HTML + b"<div>x</div>" * 19_000,
    "lists in lists": lambda: _HTML + b"<ul><li>" * 100 + b"<li>x" * 19_000,
    "a wide table": lambda: _HTML + b"<table><tr><td>" + b"w" * 900_000 + b"<tr><td>x" * 9_000,
    "tables in tables": lambda: _HTML + b"<table><tr><td>x" * 60,
    "a cell of ten million columns": lambda: _HTML + b"<table><tr><td colspan=10000000>x</table>",
    "a wide margin": lambda: _HTML + b"<p style='margin:99999em;padding-left:99999em'>x" * 9_000,
    "a style of 10 MB": lambda: filled(_HTML + b"<p style='", b";a:b", b"'>words</p>"),
    "an attribute of 10 MB": lambda: filled(_HTML + b"<p title='", b"x", b"'>words</p>"),
    "20,000 attributes": lambda: _HTML + b"<p " + b"".join(b"a%d=1 " % n for n in range(20_000)),
    "20,000 styles": lambda: _HTML + b"<p style='color:red;display:inline'>x" * 19_000,
    "10 MB of entities": lambda: filled(_HTML + b"<p>", b"&amp;"),
    "entities of entities": lambda: (
        _HTML
        + b"<!DOCTYPE a ["
        + b"".join(b"<!ENTITY a%d '%s'>" % (n + 1, b"&a%d;" % n * 10) for n in range(20))
        + b"]><p>&a20;"
    ),
    "open tags": lambda: filled(_HTML, b"<a "),
    "open comments": lambda: filled(_HTML, b"<!--"),
    "open comments within the limit": lambda: _HTML + b"<!--" * 19_000,
    "closing tags": lambda: filled(_HTML, b"</a>"),
    "line breaks": lambda: _HTML + b"<br>" * 19_000 + b"x",
    "10 MB of words": lambda: filled(_HTML + b"<p>", b"a b "),
    "10 MB of blanks": lambda: filled(_HTML + b"<p>", b" \t", b"x"),
    "60 parts of HTML": lambda: (
        _MIXED + (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p><i></i>\r\n" * 9_000) * 60
    ),
    "60 parts of pictures in HTML": lambda: filled(
        _MIXED, b"--b\r\nContent-Type: text/html\r\n\r\n" + b"= 'data'" * 20_000 + b"\r\n"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused_within_two_seconds(name: str) -> None:
    content = BOMBS[name]()
    assert len(content) <= MOST
    begun = time.process_time()
    found = read(content, "mail")
    spent = time.process_time() - begun
    assert spent < SECONDS
    assert isinstance(found, Message | Unreadable)
    assert found != Unreadable("not understood")
    assert not isinstance(found, Message) or len(found.text) <= MAX_TEXT


@pytest.mark.parametrize(
    "unit", ["\u0301", "a\u0301", "\u2066", " ", "\n", "1-", "a@b.c ", "\ufb2c", "س"]
)
def test_a_text_of_10_mb_is_read_within_two_seconds(unit: str) -> None:
    content = unit.encode() * (MOST // len(unit.encode()))
    begun = time.process_time()
    found = read(content, "text")
    assert time.process_time() - begun < SECONDS
    assert not isinstance(found, Message) or len(found.text) <= MAX_TEXT


@pytest.mark.parametrize(
    "name",
    [
        "a wide table",
        "a wide margin",
        "lists in lists",
        "many elements",
        "lines",
        "10 MB of words",
        "10 MB of empty parts",
        "an attribute of 10 MB",
        "8 nested parts and long lines",
    ],
)
def test_a_bomb_fits_into_the_memory_of_a_reader(name: str) -> None:
    """A process of its own, with 256 MB above what it has when everything is loaded."""
    program = (
        "import os, resource, sys\n"
        "from relay.reader.read import read\n"
        "read(b'Content-Type: text/html\\r\\n\\r\\n<p>warm', 'mail')\n"
        "content = sys.stdin.buffer.read()\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "most = pages * os.sysconf('SC_PAGE_SIZE') + 256 * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (most, most))\n"
        "found = read(content, 'mail')\n"
        "assert getattr(found, 'why', '') != 'too large to read', found\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        input=BOMBS[name](),
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)),
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


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
    found = read(content, kind)
    if isinstance(found, Unreadable):
        assert found.why != "not understood"
        return
    assert len(found.text) <= MAX_TEXT
    assert found.text or found.media
    assert found.text == found.text.strip("\n")
    assert not set(found.text + found.title) & set("\x00\r\x1b\u202e\ufeff\ud800")
    assert all(one.offset + one.length <= len(found.text) for one in found.marks)
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
