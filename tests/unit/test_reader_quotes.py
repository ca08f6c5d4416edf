"""Of a mail the person's own words are read: not what they answer, nor what programs add to it."""

from __future__ import annotations

import pytest
from answered_mails import ALL, Answered

from relay.model import Message
from relay.reader.lines import BORDER
from relay.reader.quotes import QUOTED, REMOVED
from relay.reader.read import read


def message(content: str, kind: str = "mail") -> Message:
    found = read(content.encode(), kind)  # type: ignore[arg-type]
    assert isinstance(found, Message), found
    return found


def mail(text: str, title: str = "", kind: str = "text/plain; charset=utf-8") -> str:
    subject = f"Subject: {title}\r\n" if title else ""
    return f"{subject}Content-Type: {kind}\r\n\r\n{text}"


def html(body: str, title: str = "Re: x") -> Message:
    return message(mail(body, title, "text/html; charset=utf-8"))


def flags(found: Message) -> set[str]:
    return {QUOTED, REMOVED} & set(found.flags)


def test_sixty_mails_and_more_are_looked_at() -> None:
    assert len(ALL) > 100 and len({one.name for one in ALL}) > 90


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_words_of_the_person_are_read(one: Answered) -> None:
    found = message(mail(one.text, one.title))
    assert found.text == one.words
    assert flags(found) == one.flags


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_nobody_is_named_any_more_and_a_person_is_told_of_every_doubt(one: Answered) -> None:
    found = message(mail(one.text, one.title))
    assert "example.org" not in found.text and "Doe" not in found.text
    assert (QUOTED in found.flags) == any(mark.kind == "quote" for mark in found.marks)


@pytest.mark.parametrize("kind", ["multipart", "text"])
def test_of_what_is_no_mail_nothing_is_taken_off(kind: str) -> None:
    text = "Yes.\n\nOn Thu, Jan 1, 2026 at 12:00 PM X <x@example.org> wrote:\n> hello\n-- \nme"
    content = text if kind == "text" else mail(text)
    found = message(content, kind)
    assert "> hello" in found.text and not flags(found)


def test_a_mark_says_where_the_quoted_words_stand() -> None:
    found = message(mail("One.\n> two\n> three\nFour.\n> five"))
    spans = [(one.offset, one.length) for one in found.marks if one.kind == "quote"]
    assert [found.text[at : at + length] for at, length in spans] == ["> two\n> three", "> five"]


def test_a_quote_that_is_longer_than_a_text_may_be_cuts_nothing_of_the_answer() -> None:
    quote = "\n".join(["> " + "word " * 14] * 5000)
    found = message(mail(f"Yes.\n\nOn 1/1/26 12:00, Sam wrote:\n{quote}", "Re: x"))
    assert (found.text, found.media) == ("Yes.", ())


def test_what_a_person_writes_under_a_quote_is_kept() -> None:
    found = message(mail("On 1/1/26 12:00, Sam wrote:\n> a\n> b\n\nThe bridge is closed.", "Re: x"))
    assert (found.text, flags(found)) == ("The bridge is closed.", {REMOVED})


def test_a_picture_with_nothing_but_an_answered_mail_is_the_picture() -> None:
    parts = (
        "--b\r\n\r\nSent from my iPhone\r\n\r\n> On 1 Jan 2026, at 12:00, X <x@example.org> wrote:"
        "\r\n> hello\r\n--b\r\nContent-Type: image/jpeg\r\n\r\npicture\r\n--b--"
    )
    found = message(mail(parts, "", "multipart/mixed; boundary=b"))
    assert (found.text, [one.type for one in found.media]) == ("", ["image/jpeg"])
    assert REMOVED in found.flags


def test_a_mail_of_nothing_else_keeps_what_programs_write() -> None:
    found = message(mail("Sent from my iPhone"))
    assert (found.text, flags(found)) == ("Sent from my iPhone", {QUOTED})


def test_a_signature_as_long_as_a_letter_stays_for_a_person_to_see() -> None:
    lines = "\n".join(f"line {n} of what I saw there" for n in range(40))
    found = message(mail(f"First.\n-- \n{lines}"))
    assert found.text.endswith("line 39 of what I saw there") and flags(found) == {QUOTED}


def test_a_key_and_a_signature_that_a_program_attached_are_no_media() -> None:
    part = "--b\r\nContent-Type: application/{}\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n"
    body = "--b\r\n\r\nwords\r\n" + part.format("pgp-signature") + part.format("pgp-keys") + "--b--"
    found = message(mail(body, "", "multipart/signed; boundary=b"))
    assert (found.text, found.media, flags(found)) == ("words", (), {REMOVED})


# ---------------------------------------------------------------- HTML

GMAIL = (
    '<div dir="ltr">Closed.<div><br></div><span class="gmail_signature_prefix">-- </span><br>'
    '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><b>Sam Doe</b><br>'
    'Director</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On '
    "Thu, Jan "
    '1, 2026 at 12:00 PM X &lt;<a href="mailto:x@example.org">x@example.org</a>&gt; '
    "wrote:<br></div>"
    '<blockquote class="gmail_quote" style="border-left:1px solid rgb(204,204,204)">{}</blockquote>'
    "</div>"
)


@pytest.mark.parametrize(
    "body",
    [
        GMAIL.format("are you there?"),
        '<div>Closed.</div><br><blockquote type="cite"><div>On 1 Jan 2026, at 12:00, X '
        "&lt;x@example.org"
        "&gt; wrote:</div><br><div>are you there?</div></blockquote>",
        '<p>Closed.</p><div class="moz-cite-prefix">On 1/1/26 12:00, X wrote:<br></div>'
        '<blockquote type="cite" cite="mid:1"><p>are you there?</p></blockquote>'
        '<div class="moz-signature">-- <br>Sam Doe</div>',
        '<div>Closed.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" '
        'dir="ltr"><b>From:'
        "</b> X &lt;x@example.org&gt;<br><b>Sent:</b> Thursday, January 1, 2026 12:00 "
        "PM<br><b>To:</b> "
        "us@example.org<br><b>Subject:</b> x</div><div>are you there?</div>",
        '<div dir="auto">Closed.</div><div id="ms-outlook-mobile-signature">Get <a '
        'href="https://aka.ms/'
        'AAb9ysg">Outlook for Android</a></div>',
        '<div>Closed.</div><div class="yahoo_quoted"><div>On Thursday, January 1, 2026 at '
        "12:00:00 PM "
        "GMT+1, X &lt;x@example.org&gt; wrote:</div><div>are you there?</div></div>",
        '<div>Closed.</div><div class="protonmail_signature_block">Sent with Proton '
        "Mail</div><div class="
        '"protonmail_quote">On Thursday, 1 January 2026 at 12:00, X &lt;x@example.org&gt; '
        "wrote:<br>"
        '<blockquote class="protonmail_quote" type="cite">are you there?</blockquote></div>',
        '<div>Closed.</div><div>01.01.2026, 12:00, "X" &lt;x@example.org&gt;:</div><blockquote>'
        "<div>где ты?</div></blockquote>",
        '<div>Closed.</div><br><blockquote style="border-left:1px solid #0857A6; '
        'margin:10px">Четверг, 1'
        " января 2026, 12:00 +03:00 от X &lt;x@example.org&gt;:<br>где ты?</blockquote>",
    ],
    ids=[
        "gmail",
        "apple",
        "thunderbird",
        "outlook",
        "outlook mobile",
        "yahoo",
        "proton",
        "yandex",
        "mail.ru",
    ],
)
def test_of_html_the_words_are_read_without_quotes_and_signatures(body: str) -> None:
    found = html(body)
    assert (found.text, flags(found)) == ("Closed.", {REMOVED})


def test_what_gmail_passes_on_is_kept_without_its_header() -> None:
    found = html(
        '<div>See.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded '
        "message "
        '---------<br>From: <strong>X</strong> &lt;<a href="mailto:x@example.o'
        'rg">x@example.org</a>&gt;'
        "<br>Date: Thu, Jan 1, 2026 at 12:00 PM<br>Subject: x<br>To: us &lt;us"
        "@example.org&gt;<br></div>"
        "<br><br>The bridge is closed.</div>",
        "Fwd: x",
    )
    assert found.text.split() == ["See.", "The", "bridge", "is", "closed."]
    assert flags(found) == {REMOVED}


def test_answers_between_quotes_of_html_stay_with_them() -> None:
    cite = '<blockquote class="gmail_quote">{}</blockquote>'
    found = html(
        f"{cite.format('The bridge?')}<div>Closed.</div>{cite.format('The road?')}<p>Open."
    )
    assert found.text.replace("\n\n", "\n") == "> The bridge?\nClosed.\n> The road?\nOpen."
    assert flags(found) == {QUOTED}


def test_an_indentation_is_no_quote() -> None:
    indented = '<blockquote style="margin:0 0 0 40px;border:none"><div>indented</div></blockquote>'
    found = html(f"<div>one</div>{indented}")
    assert (found.text.split(), flags(found)) == (["one", "indented"], set())


def test_a_letter_typed_into_the_signature_is_not_lost() -> None:
    letter = "<br>".join(f"line {n} of what I saw there" for n in range(40))
    found = html(f'<div id="Signature">{letter}</div>', "")
    assert found.text.endswith("line 39 of what I saw there")


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/html; charset=utf-8"])
def test_nobody_draws_our_borders_for_us(kind: str) -> None:
    found = message(mail(f"one {BORDER}( two {BORDER}) three {BORDER}[ four {BORDER}]", "", kind))
    assert (found.text, flags(found)) == ("one ( two ) three [ four ]", set())


# ---------------------------------------------------------------- format=flowed, RFC 3676


@pytest.mark.parametrize("delsp", ["", "; delsp=yes"])
def test_flowed_quotes_and_a_signature_go_after_they_were_joined(delsp: str) -> None:
    space = " " if delsp else ""
    text = (
        f"They closed {space}\nthe bridge. It is {space}\nguarded.\n\nOn 1/1/26 12:00, Sam wrote:\n"
        f"> are you {space}\n> there?\n>> yes {space}\n>> I am\n\n-- \nSam"
    )
    found = message(mail(text, "Re: x", f"text/plain; format=flowed; charset=utf-8{delsp}"))
    assert found.text == "They closed the bridge. It is guarded."
    assert flags(found) == {REMOVED}


def test_a_flowed_line_that_was_stuffed_is_no_quote() -> None:
    found = message(mail(" > 1000 people \nwere there", "", "text/plain; format=flowed"))
    assert found.text == "> 1000 people were there"
