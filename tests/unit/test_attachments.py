"""What people attach is kept aside, and their words are read, whichever program they use.

The mails are made up, in the shape in which each program sends them.
"""

from __future__ import annotations

import base64

import pytest

from relay.model import Message
from relay.reader.read import read

WORDS = "They closed the bridge."
PICTURE = b"\xff\xd8\xff\xe0 a picture"


def part(kind: str, content: bytes | str, *fields: str) -> str:
    """A part in base64 where it is bytes, as it is where it is text."""
    head = [f"Content-Type: {kind}", *fields]
    if isinstance(content, bytes):
        head.append("Content-Transfer-Encoding: base64")
        content = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return "\r\n".join([*head, "", content])


def of(sub: str, *parts: str, border: str) -> str:
    body = "".join(f"--{border}\r\n{one}\r\n" for one in parts)
    return part(f'multipart/{sub}; boundary="{border}"', f"{body}--{border}--\r\n")


def plain(text: str, more: str = "; charset=UTF-8") -> str:
    return part(f"text/plain{more}", text)


def html(text: str) -> str:
    return part('text/html; charset="utf-8"', f"<html><body><div>{text}</div></body></html>")


def jpeg(*fields: str, name: str = "IMG_0001.jpg") -> str:
    return part(f'image/jpeg; name="{name}"', PICTURE, *fields)


ATTACHED = 'Content-Disposition: attachment; filename="IMG_0001.jpg"'
INLINE = 'Content-Disposition: inline; filename="IMG_0001.jpg"'
CID = "Content-ID: <ii_1>"
PHONE = "\r\n\r\nSent from my iPhone"
SHOWN = '<img src="cid:ii_1">'

MAILS = {
    "gmail": of(
        "mixed",
        of("alternative", plain(WORDS), html(WORDS), border="b2"),
        jpeg(ATTACHED, "X-Attachment-Id: f_1"),
        border="b1",
    ),
    "gmail, in the text": of(
        "related",
        of("alternative", plain(f"{WORDS}\r\n[image: IMG.jpg]"), html(WORDS + SHOWN), border="b2"),
        jpeg(INLINE, CID),
        border="b1",
    ),
    "gmail of a phone": of(
        "mixed",
        of("alternative", plain(WORDS + "\r\n"), html(WORDS), border="b2"),
        jpeg(ATTACHED),
        border="b1",
    ),
    "outlook": of(
        "mixed",
        of(
            "related",
            of("alternative", plain(WORDS, '; charset="us-ascii"'), html(WORDS), border="b3"),
            jpeg(INLINE, CID),
            border="b2",
        ),
        border="b1",
    ),
    "outlook of a phone": of(
        "mixed",
        of(
            "alternative",
            plain(f"{WORDS}\r\n\r\nGet Outlook for iOS<https://aka.ms/o0ukef>"),
            html(WORDS),
            border="b2",
        ),
        jpeg(ATTACHED),
        border="b1",
    ),
    "iphone": of("mixed", plain(WORDS + "\r\n"), jpeg(INLINE), plain(PHONE), border="b1"),
    "iphone, the picture first": of("mixed", jpeg(INLINE), plain(WORDS + PHONE), border="b1"),
    "apple mail": of(
        "alternative",
        plain(WORDS),
        of("mixed", html(WORDS), jpeg(INLINE), html("<br>"), border="b2"),
        border="b1",
    ),
    "yahoo": of(
        "mixed",
        of(
            "alternative",
            plain(f"{WORDS}\r\n\r\nSent from Yahoo Mail on Android"),
            html("x"),
            border="b2",
        ),
        jpeg(ATTACHED, "Content-ID: <1>"),
        border="b1",
    ),
    "thunderbird": of(
        "mixed", plain(WORDS, "; charset=UTF-8; format=flowed"), jpeg(ATTACHED), border="b1"
    ),
    "samsung": of(
        "mixed",
        part(
            "text/html; charset=utf-8",
            f"<div>{WORDS}</div><div id='composer_signature'>"
            "<div>Sent from my Galaxy</div></div>".encode(),
        ),
        jpeg(ATTACHED),
        border="b1",
    ),
    "k-9": of(
        "mixed",
        plain(f"{WORDS}\r\n-- \r\nSent from my Android device"),
        jpeg(ATTACHED),
        border="b1",
    ),
    "a list of mailman": of(
        "mixed",
        of("mixed", plain(WORDS), jpeg(ATTACHED), border="b2"),
        plain(
            "____________________________________________\r\nNews mailing list\r\nNews@example.org"
        ),
        border="b1",
    ),
}


def message(content: str) -> Message:
    found = read(content.encode(), "mail")
    assert isinstance(found, Message), found
    return found


@pytest.mark.parametrize("name", MAILS)
def test_the_words_are_read_and_the_picture_is_kept_aside(name: str) -> None:
    found = message(MAILS[name])
    assert found.text.replace("\n[image: IMG.jpg]", "") == WORDS
    assert [(one.type, one.content) for one in found.media] == [("image/jpeg", PICTURE)]
    assert "media" in found.flags and "damaged_text" not in found.flags
    assert "IMG_0001" not in found.text


def test_words_after_a_picture_are_kept_aside_and_not_lost() -> None:
    found = message(of("mixed", plain(WORDS), jpeg(INLINE), plain("And the road."), border="b1"))
    assert [one.type for one in found.media] == ["image/jpeg", "text/plain"]
    assert b"And the road." in found.media[1].content


def test_what_only_outlook_can_open_is_kept_as_it_is() -> None:
    tnef = part('application/ms-tnef; name="winmail.dat"', b"\x78\x9f\x3e\x22", ATTACHED)
    found = message(of("mixed", plain(WORDS), tnef, border="b1"))
    assert [one.type for one in found.media] == ["application/ms-tnef"]


@pytest.mark.parametrize(
    "kind", ["image/heic", "video/quicktime", "audio/mp4", "audio/amr", "application/pdf"]
)
def test_whatever_is_attached_is_kept_with_its_type(kind: str) -> None:
    file = part(f'{kind}; name="=?utf-8?B?2LnaqdizLmpwZw==?="', b"\x00\x01file", ATTACHED)
    found = message(of("mixed", plain(WORDS), file, border="b1"))
    assert [(one.type, one.content) for one in found.media] == [(kind, b"\x00\x01file")]


@pytest.mark.parametrize("nothing", ["", "\r\n"])
def test_an_attachment_with_nothing_in_it_is_kept_aside_as_one(nothing: str) -> None:
    lost = part("image/jpeg", nothing, ATTACHED)
    for words in (WORDS, ""):
        found = read(of("mixed", plain(words), lost, border="b1").encode(), "mail")
        assert isinstance(found, Message) and found.text == words
        assert [(one.type, one.content.strip()) for one in found.media] == [("image/jpeg", b"")]


def test_a_blank_text_beside_the_words_is_not() -> None:
    found = read(of("mixed", plain(WORDS), plain("\r\n"), border="b1").encode(), "mail")
    assert isinstance(found, Message) and found.media == ()
