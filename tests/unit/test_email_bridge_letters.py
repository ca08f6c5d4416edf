"""The mails that a post becomes: every byte of them, threads of pictures, and what they weigh."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from email_parts import DATE, LIST, PNG, SENDER, FakeServer, Kept, a_bridge, attempt, post_of

from bridges.kit import part_key
from bridges.mail_out import drafts
from relay.model import Media, Posted, Refused

KEY = part_key(bytes(32), 0)
PERSIAN = "امشب برق نیست و می‌خواهیم همه بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷 و خوبیم.\n\n"


async def made(tmp_path, post, **settings) -> list[drafts.Draft]:
    bridge = a_bridge(tmp_path, FakeServer(), **settings)
    return [drafts.thawed(part.payload) for part in await bridge.prepare(post)]


async def read(tmp_path, post, **settings) -> list[EmailMessage]:
    return [
        message_from_bytes(one.mail.encode(), policy=default)  # type: ignore[arg-type]
        for one in await made(tmp_path, post, **settings)
    ]


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n")


async def test_every_header_is_meant(tmp_path):
    [mail] = await read(tmp_path, post_of("متن", title="عنوان", language="fa-IR"), name="خبر")
    assert dict(mail.items()) == {
        "From": f"خبر <{SENDER}>",
        "To": LIST,
        "Subject": "عنوان",
        "Date": "Wed, 18 Nov 2026 11:00:00 +0000",
        "Message-ID": f"<{KEY}@example.org>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fa",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    assert DATE == 1_794_999_600
    assert text_of(mail) == "متن"


async def test_readers_of_an_own_list_are_nobodys_business_and_can_leave(tmp_path):
    to = ["a@example.org", "b@example.org"]
    [mail] = await read(tmp_path, post_of(), to=to, unsubscribe="https://example.org/leave")
    assert mail["To"] == "undisclosed-recipients:;"
    assert not any(one in mail.as_string() for one in to)
    assert mail["List-Unsubscribe"] == "<https://example.org/leave>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [other] = await read(tmp_path, post_of(), unsubscribe="mailto:leave@example.org")
    assert other["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    ("title", "text", "subject"),
    [
        ("", "The lights are out.\nAll of them.", "The lights are out."),
        ("Dark", "The lights are out.", "Dark"),
        ("two\r\nBcc: x@example.org", "text", "two"),
        ("", "word " * 40, "word " * 13 + "word…"),
        ("", "a\u202egnp\u202c", "agnp"),
    ],
)
async def test_the_subject_is_the_title_or_the_first_words(tmp_path, title, text, subject):
    [mail] = await read(tmp_path, post_of(text, title=title))
    assert mail["Subject"] == subject
    assert mail["Bcc"] is None


async def test_the_same_post_is_the_same_bytes(tmp_path):
    post = post_of("متن", title="عنوان", media=[PNG, PNG])
    assert await made(tmp_path, post) == await made(tmp_path, post)


async def test_a_mail_is_plain_ascii_in_short_lines_whatever_is_in_it(tmp_path):
    posts = [post_of(PERSIAN * 50, title="عنوان " * 30, media=[PNG]), post_of("x" * 5000),
             post_of("=" * 500 + "\n" * 500), post_of("From me\n.\n-- \nx")]  # fmt: skip
    for post in posts:
        [draft] = await made(tmp_path, post, name="نام")
        lines = draft.mail.encode("ascii").split(b"\r\n")
        assert max(map(len, lines)) <= 998 and lines[-1] == b""
        assert not any(b"\n" in line or b"\r" in line for line in lines)


@pytest.mark.parametrize("text", [PERSIAN * 20, "From me\n.\n-- \nx", "a=b & é", "x" * 3000])
async def test_what_is_read_is_what_was_written(tmp_path, text):
    [mail] = await read(tmp_path, post_of(text))
    assert text_of(mail) == text.strip()


async def test_pictures_stand_in_the_mail_with_what_they_are_described_by(tmp_path):
    [mail] = await read(
        tmp_path, post_of("see", media=[PNG, Media("Image/JPEG", b"jpg", "یک بام\r\nX: y")])
    )
    first, second = mail.iter_attachments()
    assert (first.get_content_type(), first.get_filename()) == ("image/png", "1.png")
    assert (second.get_content_type(), second.get_filename()) == ("image/jpeg", "2.jpg")
    assert first["Content-Description"] == "a roof at night"
    assert second["Content-Description"] == "یک بام X: y"
    assert first.get_content_disposition() == "inline"
    assert first.get_content() == PNG.content


async def test_media_that_do_not_fit_into_one_mail_follow_in_others_that_answer_it(tmp_path):
    media = [Media("image/png", bytes([n]) * 40_000, f"picture {n}") for n in range(5)]
    made_of = await made(tmp_path, post_of("see these", media=media), message_bytes=150_000)
    mails = await read(tmp_path, post_of("see these", media=media), message_bytes=150_000)
    ids = [mail["Message-ID"] for mail in mails]
    assert [len([*mail.iter_attachments()]) for mail in mails] == [2, 2, 1]
    assert [mail["In-Reply-To"] for mail in mails] == [None, *ids[:-1]]
    assert mails[2]["References"] == " ".join(ids[:2])
    assert [text_of(mail) for mail in mails] == ["see these\n(1/3)", "(2/3)", "(3/3)"]
    assert [mail["Subject"] for mail in mails] == ["see these", *["Re: see these"] * 2]
    assert max(len(one.mail) for one in made_of) <= 150_000
    assert [f"<{one.after}>" if one.after else None for one in made_of] == [None, *ids[:-1]]


@pytest.mark.parametrize("text", ["see " * 20_000, "\n".join("سلام" for _ in range(9000))])
async def test_a_long_text_and_a_medium_keep_to_what_a_server_takes(tmp_path, text):
    media = [Media("image/png", b"x" * 60_000)] * 3
    parts = await made(tmp_path, post_of(text, media=media), message_bytes=150_000)
    assert max(len(one.mail) for one in parts) <= 150_000


async def test_a_mail_goes_only_after_the_one_that_it_answers(tmp_path):
    media = [Media("image/png", b"x" * 60_000)] * 3
    server = FakeServer()
    bridge = a_bridge(tmp_path, server, message_bytes=100_000)
    first, second, *_ = await bridge.prepare(post_of("see", media=media))
    assert isinstance(await bridge.send(attempt(second), Kept()), Refused)
    assert server.streams == []
    posted = await bridge.send(attempt(first), Kept())
    assert isinstance(await bridge.send(attempt(second, after=posted.ref), Kept()), Posted)


@pytest.mark.parametrize(
    ("post", "why"),
    [
        (post_of(" \x00\n"), "nothing is left of it to post"),
        (post_of("x" * 100_000), "it is longer than the mail server takes"),
        (
            post_of("see", media=[Media("image/png", b"x" * 80_000)]),
            "a medium is larger than the mail server takes",
        ),
        (
            post_of("see", media=[Media("application/pdf", b"x")]),
            "a medium is neither picture nor film nor sound",
        ),
        (post_of("see", media=[Media("image/png", b"")]), "a medium is empty"),
    ],
)
async def test_what_cannot_be_a_mail_is_refused_in_whole(tmp_path, post, why):
    server = FakeServer()
    bridge = a_bridge(tmp_path, server, message_bytes=100_000)
    [part] = await bridge.prepare(post)
    assert await bridge.send(attempt(part), Kept()) == Refused(why)
    assert server.streams == []


async def test_a_picture_alone_is_a_mail_too(tmp_path):
    [mail] = await read(tmp_path, post_of("", media=[PNG]))
    assert mail["Subject"] == "…"
    assert len([*mail.iter_attachments()]) == 1
