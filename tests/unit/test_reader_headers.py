"""What is a header field of a stripped mail, and what is already its text."""

from __future__ import annotations

import pytest

from relay.model import Message
from relay.reader.read import read


def message(content: bytes) -> Message:
    found = read(content, "mail")
    assert isinstance(found, Message), found
    return found


@pytest.mark.parametrize("blank", [b" ", b"\t", b" \t "])
def test_a_blank_before_the_colon_does_not_end_the_header(blank: bytes) -> None:
    found = message(
        b"Subject" + blank + b": News\r\nContent-Type" + blank + b": multipart/mixed; boundary=b"
        b"\r\n\r\n--b\r\n\r\nSubject : stays\r\n--b--\r\n"
    )
    assert (found.title, found.text) == ("News", "Subject : stays")


@pytest.mark.parametrize(
    "text", ["Note: they came at noon", "Warning : stay away", "From here on: silence", "no colon"]
)
def test_a_mail_without_header_is_all_text(text: str) -> None:
    for before in (b"", b"\r\n"):
        found = message(before + text.encode() + b"\r\nsecond line\r\n")
        assert (found.title, found.text) == ("", f"{text}\nsecond line")


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("fa", "fa"),
        ("fa-IR", "fa-IR"),
        ("en-US", "ar"),
        ("fa, en", "ar"),
        ("<x>", "ar"),
        ("", "ar"),
    ],
)
def test_a_declared_language_is_believed_where_it_is_written_in_these_letters(
    declared: str, language: str
) -> None:
    content = f"Content-Language: {declared}\r\nContent-Type: text/plain\r\n\r\nسلام".encode()
    assert message(content).language == language


def test_a_danger_in_the_title_is_a_mark_at_its_place_there() -> None:
    found = message(b"Subject: call 0912 345 6789\r\n\r\nnow")
    assert [(one.where, one.kind, one.offset, one.length) for one in found.marks] == [
        ("title", "phone", 5, 13)
    ]


@pytest.mark.parametrize("control", ["&#1;", "\x01", "&#xfffe;", "&#xd800;"])
def test_a_control_character_in_a_link_does_not_cost_the_mail(control: str) -> None:
    link = f"<p>a <a href='https://e.example/{control}x'>b{control}</a> c"
    found = message(b"Content-Type: text/html\r\n\r\n" + link.encode())
    assert found.text.startswith("a b")
    assert found.text.endswith("x> c")
    assert "\x01" not in found.text


def test_a_control_character_beside_hidden_text_does_not_cost_the_mail() -> None:
    body = b"<p>a&#1;<span style='display:none'>no</span>&#2;b"
    assert message(b"Content-Type: text/html\r\n\r\n" + body).text == "ab"
