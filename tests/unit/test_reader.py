"""What a mail says is read to the letter; what else it holds is kept aside; the rest is told."""

from __future__ import annotations

import base64
import quopri
import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from relay.model import Media, Message, Unreadable
from relay.reader.read import read
from relay.reader.text import MAX_TEXT, clean, unflow

PERSIAN = "سلام، می‌روم به خانهٔ پدر"


def mail(
    body: bytes | str = b"",
    *fields: bytes | str,
    kind: str = "",
    encoding: str = "",
    end: str = "\r\n",
) -> bytes:
    """A mail as an entry leaves it: those fields, an empty line, the body."""
    lines = [one if isinstance(one, bytes) else one.encode() for one in fields]
    lines += [f"Content-Type: {kind}".encode()] if kind else []
    lines += [f"Content-Transfer-Encoding: {encoding}".encode()] if encoding else []
    shown = body if isinstance(body, bytes) else body.encode()
    return b"".join(line + end.encode() for line in [*lines, b"", shown])


def multipart(*parts: bytes, sub: str = "mixed", border: str = "b") -> bytes:
    lines = [b"--" + border.encode() + b"\r\n" + part + b"\r\n" for part in parts]
    return mail(
        b"".join(lines) + b"--" + border.encode() + b"--",
        kind=f'multipart/{sub}; boundary="{border}"',
    )


def message(content: bytes, kind: str = "mail") -> Message:
    found = read(content, kind)
    assert isinstance(found, Message), found
    return found


def text_of(content: bytes, kind: str = "mail") -> str:
    return message(content, kind).text


def why(content: bytes, kind: str = "mail") -> str:
    found = read(content, kind)
    assert isinstance(found, Unreadable), "it was read"
    return found.why


def html(body: str) -> str:
    return text_of(mail(body, kind="text/html; charset=utf-8"))


PLAIN = mail("plain words", kind="text/plain")
HTML = mail("<p>words in <b>HTML</b></p>", kind="text/html")
PICTURE = mail(base64.encodebytes(b"\xff\xd8picture"), kind="image/jpeg", encoding="base64")

# ------------------------------------------------------------------ which part is the text


def test_a_plain_mail_is_its_text() -> None:
    found = message(mail(PERSIAN, "Subject: Hi", kind="text/plain; charset=utf-8"))
    assert (found.text, found.title, found.language) == (PERSIAN, "Hi", "fa")
    assert (found.media, found.flags) == ((), ())


def test_html_alone_is_read_as_text() -> None:
    assert text_of(HTML) == "words in HTML"


def test_of_alternatives_the_plain_one_is_the_text_and_the_other_is_gone() -> None:
    for parts in ((PLAIN, HTML), (HTML, PLAIN)):
        found = message(multipart(*parts, sub="alternative"))
        assert (found.text, found.media, found.flags) == ("plain words", (), ())


def test_an_empty_plain_part_gives_way_to_the_html() -> None:
    assert text_of(multipart(mail(" \r\n"), HTML, sub="alternative")) == "words in HTML"


def test_a_picture_is_kept_aside_without_its_name() -> None:
    named = PICTURE.replace(b"image/jpeg", b'image/jpeg; name="../../Ali.jpg"')
    found = message(multipart(PLAIN, named))
    assert found.text == "plain words"
    assert found.media == (Media("image/jpeg", b"\xff\xd8picture"),)
    assert found.flags == ("media",)


def test_a_picture_alone_is_a_message_without_text() -> None:
    found = message(multipart(PICTURE))
    assert (found.text, len(found.media), found.flags) == ("", 1, ("media",))


@pytest.mark.parametrize("how", ["attachment", "ATTACHMENT; filename=a.txt", ' attachment; a="b"'])
def test_a_text_that_is_marked_as_an_attachment_is_kept_aside(how: str) -> None:
    attached = mail("not for all", f"Content-Disposition: {how}", kind="text/plain")
    found = message(multipart(attached, PLAIN))
    assert found.text == "plain words"
    assert [one.content.strip() for one in found.media] == [b"not for all"]


def test_a_second_text_is_kept_aside_and_not_lost() -> None:
    found = message(multipart(PLAIN, PICTURE, mail("more words")))
    assert found.text == "plain words"
    assert [one.type for one in found.media] == ["image/jpeg", "text/plain"]
    assert b"more words" in found.media[1].content


def test_a_mail_in_a_mail_is_kept_aside_and_not_published() -> None:
    inner = mail("of somebody else", "From: a@b.org", "Subject: private")
    found = message(multipart(PLAIN, mail(inner, kind="message/rfc822")))
    assert (found.text, found.title) == ("plain words", "")
    assert [one.type for one in found.media] == ["message/rfc822"]
    assert b"of somebody else" in found.media[0].content


@pytest.mark.parametrize("kind", ["message/rfc822", "message/delivery-status", "message/partial"])
def test_a_mail_that_is_only_a_mail_has_no_text(kind: str) -> None:
    found = message(mail(mail("inside", "Subject: no"), kind=kind))
    assert (found.text, [one.type for one in found.media]) == ("", [kind])


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b"\r\n \r\n\t\r\n", mail(kind="text/plain")],
)
def test_nothing_is_no_message(content: bytes) -> None:
    assert why(content) == "empty"
    assert why(multipart(content) if content else b"") == "empty"


def test_a_subject_alone_is_the_text() -> None:
    found = message(mail("", "Subject: All are well"))
    assert (found.text, found.title) == ("All are well", "")


@pytest.mark.parametrize(
    "content", [b"\r\nwords", b"words", b"\nwords", b"words\r\n", b"\r\nwords\r\n\r\n"]
)
def test_without_a_header_block_everything_is_text(content: bytes) -> None:
    assert text_of(content) == "words"


def test_a_first_line_that_looks_like_a_field_is_text() -> None:
    assert text_of(b"\r\nNote: water\r\n\r\nis cut") == "Note: water\n\nis cut"
    assert text_of(b"Note: water\r\n\r\nis cut") == "Note: water\n\nis cut"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_either_line_end_ends_a_header(end: str) -> None:
    assert text_of(mail("a" + end + "b", "Subject: x", kind="text/plain", end=end)) == "a\nb"


@pytest.mark.parametrize(
    "kind", ["text", "", "text/plain;", "TEXT/PLAIN; Charset=UTF-8", "nonsense"]
)
def test_a_type_that_says_little_means_plain_text(kind: str) -> None:
    assert text_of(mail(PERSIAN, kind=kind)) == PERSIAN


def test_a_multipart_whose_borders_are_missing_is_not_lost() -> None:
    for kind in ("multipart/mixed", "multipart/mixed; boundary=x"):
        found = message(mail("words", kind=kind))
        assert "words" in found.text or b"words" in found.media[0].content


def test_a_missing_last_border_is_forgiven_and_told() -> None:
    found = message(mail("--b\r\n\r\nwords", kind="multipart/mixed; boundary=b"))
    assert (found.text, found.flags) == ("words", ("damaged_text",))


def test_what_lies_before_and_after_the_parts_is_no_text() -> None:
    whole = mail(
        "This is MIME.\r\n--b\r\n\r\nwords\r\n--b--\r\nbye", kind="multipart/mixed; boundary=b"
    )
    assert text_of(whole) == "words"


def test_a_mail_as_python_writes_it_is_read_back() -> None:
    made = EmailMessage()
    made["Subject"] = PERSIAN
    made.set_content(PERSIAN + "\n" * 3 + "ب" * 500)
    made.add_alternative("<p>x", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    found = message(bytes(made))
    assert (found.text, found.title) == (PERSIAN + "\n\n\n" + "ب" * 500, PERSIAN)
    assert found.media == (Media("application/pdf", b"%PDF"),)


# ------------------------------------------------------------------ charsets and encodings


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (PERSIAN, "utf-8"),
        (PERSIAN, "UTF8"),
        ("سلام پچگ", "windows-1256"),
        ("привет", "koi8-r"),
        ("привет", "windows-1251"),
        ("你好", "gb2312"),
        ("你好", "big5"),
        ("こんにちは", "iso-2022-jp"),
        ("안녕", "euc-kr"),
        ("café", "iso-8859-1"),
        ("čeština", "iso-8859-2"),
        ("سلام", "utf-16"),
    ],
)
def test_a_declared_charset_is_used(text: str, charset: str) -> None:
    raw = base64.encodebytes(text.encode(charset))
    found = message(mail(raw, kind=f"text/plain; charset={charset}", encoding="base64"))
    assert (found.text, found.flags) == (text, ())


@pytest.mark.parametrize("kind", ["", "text/plain", "text/plain; charset=us-ascii"])
def test_utf8_needs_no_declaration(kind: str) -> None:
    found = message(mail(PERSIAN, kind=kind))
    assert (found.text, found.flags) == (PERSIAN, ())


@pytest.mark.parametrize("charset", ["bogus", "x" * 3000, "../../etc/passwd", "utf-8,utf-8", '"'])
def test_an_unknown_charset_is_guessed(charset: str) -> None:
    assert text_of(mail(PERSIAN, kind=f"text/plain; charset={charset}")) == PERSIAN


@pytest.mark.parametrize(
    "charset",
    [
        "zlib",
        "zlib_codec",
        "rot13",
        "rot_13",
        "hex",
        "bz2",
        "base64",
        "idna",
        "punycode",
        "utf-7",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "oem",
        "uu",
        "quopri",
    ],
)
def test_codecs_that_are_no_charsets_are_never_used(charset: str) -> None:
    written = "+AGE- \\u0061 xn--mgbh0fb 68656c6c6f uryyb"
    assert text_of(mail(written, kind=f"text/plain; charset={charset}")) == written


def test_persian_in_windows_1256_is_guessed_and_told() -> None:
    text = "سلام دوستان امروز در شهر ما باران آمد"
    found = message(mail(text.encode("windows-1256"), kind="text/plain"))
    assert (found.text, found.flags) == (text, ("guessed_charset",))


def test_bytes_that_are_no_utf8_are_replaced_and_told() -> None:
    found = message(mail(PERSIAN.encode() + b"\xff\xfe end", kind="text/plain; charset=utf-8"))
    assert found.text.startswith(PERSIAN)
    assert found.text.endswith("end")
    assert "damaged_text" in found.flags


def test_a_charset_in_pieces_and_percent_signs_is_understood() -> None:
    text = "سلام پچگ"
    raw = text.encode("windows-1256")
    for kind in ("charset*=us-ascii''windows-1256", "charset*0=windows; charset*1=-1256"):
        assert text_of(mail(raw, kind=f"text/plain; {kind}")) == text


def test_base64_and_quoted_printable_are_undone() -> None:
    raw = PERSIAN.encode()
    assert text_of(mail(base64.encodebytes(raw), encoding="base64")) == PERSIAN
    assert text_of(mail(quopri.encodestring(raw), encoding="Quoted-Printable")) == PERSIAN


def test_base64_with_junk_in_it_is_read_around_it_and_told() -> None:
    raw = base64.b64encode(b"many words, of a person")
    found = message(mail(raw[:8] + b"!!\xff*" + raw[8:], encoding="base64"))
    assert (found.text, found.flags) == ("many words, of a person", ("damaged_text",))


@pytest.mark.parametrize("raw", ["a", "!!!!", "====", "YQ", "YWJj\r\n--\r\nfooter of a list"])
def test_broken_base64_never_raises(raw: str) -> None:
    assert read(mail(raw, encoding="base64"), "mail") != Unreadable("not understood")


@pytest.mark.parametrize("encoding", ["x-unknown", "8bit", "binary", "", "7bit; a=b", "base65"])
def test_an_encoding_that_is_not_known_leaves_the_text_as_it_is(encoding: str) -> None:
    assert text_of(mail(PERSIAN, "Content-Transfer-Encoding: " + encoding)) == PERSIAN


def test_a_hidden_end_of_data_is_only_text() -> None:
    found = text_of(mail("a=0D=0A.=0D=0AMAIL FROM:<x>=0D=0A", encoding="quoted-printable"))
    assert found == "a\n.\nMAIL FROM:<x>"


# ------------------------------------------------------------------ the title and the language


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Hello", "Hello"),
        ("=?utf-8?B?2LPZhNin2YU=?=", "سلام"),
        ("=?UTF-8?q?=D8=B3=D9=84_x?=", "سل x"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= and =?utf-8?Q?b?=", "a and b"),
        ("=?utf-8?B?2LM=?= =?windows-1256?Q?=E1?=", "سل"),
        ("=?utf-8?B?2A==?= =?utf-8?B?sw==?=", "س"),  # a letter cut in two
        ("=?utf-8*fa?Q?a?=", "a"),
        ("a\r\n folded\r\n\tline", "a folded line"),
        (PERSIAN, PERSIAN),
        (r"C:\u0041 stays", r"C:\u0041 stays"),
        ("=?bogus?Q?abc?=", "abc"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?abc", "=?utf-8?Q?abc"),
        ("=?utf-8?Q?a=0D=0ABcc:_x@y.org?=", "a Bcc: x@y.org"),
        ("=?utf-8?Q?a=00=1B[31m=E2=80=AEb?=", "a[31mb"),
        ("a\u202eb\ufeff \u2066c", "ab c"),
    ],
)
def test_a_subject_is_read_as_people_read_it(subject: str, title: str) -> None:
    assert message(mail("words", "Subject: " + subject)).title == title


def test_raw_bytes_beside_an_encoded_word_are_kept() -> None:
    assert message(mail("x", "Subject: سلام =?utf-8?Q?a?= خوب")).title == "سلام a خوب"


@pytest.mark.parametrize(
    "subject", ["=?utf-8?B?!!!?=", "=?utf-8?B?a?=", "=?zlib?B?eJw=?=", "=?", "?="]
)
def test_a_broken_subject_never_loses_the_mail(subject: str) -> None:
    assert text_of(mail("words", "Subject: " + subject)).endswith("words")


def test_a_title_of_300_characters_is_one_and_of_301_is_a_paragraph() -> None:
    assert message(mail("words", "Subject: " + "a" * 300)).title == "a" * 300
    found = message(mail("words", "Subject: " + "a" * 301))
    assert (found.title, found.text) == ("", "a" * 301 + "\n\nwords")


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("fa", "fa"),
        ("fa-IR", "fa-IR"),
        ("en-US", "fa"),
        ("fa, en", "fa"),
        ("", "fa"),
        ("\x00", "fa"),
    ],
)
def test_a_declared_language_is_believed_where_its_letters_are(
    declared: str, language: str
) -> None:
    found = message(mail(PERSIAN, "Content-Language: " + declared))
    assert found.language == language


def test_dangers_in_the_title_are_marked_too() -> None:
    found = message(mail("words", "Subject: call 0912 123 4567"))
    assert [one.kind for one in found.marks] == ["phone"]


def test_dangers_are_marked_at_their_place_in_the_clean_text() -> None:
    found = message(mail("cafe\u0301 \u202e+98 912 123 4567"))
    (mark,) = found.marks
    assert found.text[mark.offset :][: mark.length] == "+98 912 123 4567"


# ------------------------------------------------------------------ clean text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("cafe\u0301", "café"),
        ("می\u200cروم", "می\u200cروم"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("سلام (a)\u200e\u200f!", "سلام (a)\u200e\u200f!"),
        ("a\u202a\u202b\u202c\u202d\u202eb", "ab"),
        ("س\u2066b\u2069c", "س\u2066b\u2069c"),
        ("a\u2067b", "ab"),
        ("a\u2069b", "ab"),
        ("a\u2066b\nc\u2069d", "ab\ncd"),
        ("\ufeffa\ufeffb", "ab"),
        ("a\u00adb", "ab"),
        ("a" + "".join(chr(0xE0000 + n) for n in range(128)) + "b", "ab"),
        ("a\x00\x08\x1b[31m\x7f\x80\x9fb", "a[31mb"),
        ("a\tb", "a\tb"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf", "a\nb\nc\nd\ne\nf"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a \t\u00a0\nb ", "a\nb"),
        ("\n\n  a\n", "  a"),
        ("a\ufffe\uffff\ufff9b", "ab"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_text_is_cleaned_of_what_disguises_and_of_nothing_else(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned
    assert clean(cleaned) == cleaned


def test_a_letter_keeps_thirty_marks() -> None:
    assert clean("q" + "\u0323" * 30) == "q" + "\u0323" * 30
    assert clean("q" + "\u0323" * 31) == "q" + "\u0323" * 30


@pytest.mark.parametrize(
    ("raw", "delete_space", "joined"),
    [
        ("a \nb", False, "a b"),
        ("a \nb", True, "ab"),
        ("سلا \nم", True, "سلام"),
        ("a\nb", False, "a\nb"),
        (" From x", False, "From x"),
        ("a \n> b \n> c", False, "a \n> b c"),
        ("-- \nname", False, "-- \nname"),
        ("a \n-- \nb", False, "a \n-- \nb"),
        ("a \n\nb", False, "a \n\nb"),
    ],
)
def test_flowed_lines_are_joined(raw: str, delete_space: bool, joined: str) -> None:
    strip: Callable[[str], str] = lambda text: "\n".join(map(str.rstrip, text.split("\n")))  # noqa: E731
    assert strip(unflow(raw, delete_space=delete_space)) == strip(joined)


def test_a_flowed_mail_is_joined_and_one_that_is_not_stays() -> None:
    assert text_of(mail("a \r\nb", kind="text/plain; format=flowed")) == "a b"
    assert text_of(mail("a \r\nb", kind="text/plain; format=flowed; delsp=yes")) == "ab"
    assert text_of(mail("a \r\nb", kind="text/plain; format=fixed")) == "a\nb"


# ------------------------------------------------------------------ HTML


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>evil()</script>a", "a"),
        ("<style>p {color: red}</style>a", "a"),
        ("a<!-- never -->b", "ab"),
        ("a<!--[if mso]><p>never</p><![endif]-->b", "ab"),
        ("<head><title>no</title></head><body>a", "a"),
        ("<div style='display:none'>preheader</div>a", "a"),
        ("<div style='color:red; DISPLAY : none !important'>preheader</div>a", "a"),
        ("<span style='visibility:hidden'>x</span>a", "a"),
        ("<p style='font-size:0px'>x</p>a", "a"),
        ("<p hidden>x</p>a", "a"),
        ("<template>x</template>a", "a"),
        ("<img src='http://t.example/1.gif' width=1 height=1 alt='x'>a", "a"),
        ("&lt;b&gt; &amp; &eacute; &#1587; &#x633; &nbsp;x", "<b> & é س س x"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("a  \n  b", "a b"),
        ("<p>می\u200cروم</p>", "می\u200cروم"),
        ("<p>unclosed <b>words", "unclosed words"),
        ("<?xml version='1.0' encoding='utf-16'?><p>سلام", "سلام"),
        ("<p style='margin-top:99999em;padding-left:1e999em'>a</p>", "a"),
        ("<meta charset=utf-16><p>سلام", "سلام"),
    ],
)
def test_html_gives_what_a_person_sees(written: str, shown: str) -> None:
    assert html(written) == shown


def test_an_entity_never_brings_a_file_in() -> None:
    shown = html("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>b&a;")
    assert "b&a;" in shown
    assert "root:" not in shown


def test_html_that_shows_nothing_is_kept_aside() -> None:
    found = message(mail("<p><img src='http://a.example/'></p>", kind="text/html"))
    assert (found.text, [one.type for one in found.media]) == ("", ["text/html"])


def test_a_list_is_a_line_for_each_of_its_points() -> None:
    lines = [line.strip(" *") for line in html("<ul><li>one<li>two</ul>").splitlines()]
    assert lines == ["one", "two"]


def test_a_link_is_shown_by_its_text_and_never_hides_where_it_goes() -> None:
    assert html("<a href='https://a.example/x'>https://a.example/x</a>") == "https://a.example/x"
    shown = html("<a href='https://evil.example/'>your bank</a>")
    assert shown.startswith("your bank")
    assert "evil.example" in shown
    assert "javascript" not in html("<a href='javascript:alert(1)'>a</a>")


def test_cells_of_a_table_are_words_of_a_line() -> None:
    rows = html("<table><tr><td>a<td>b<tr><td>c<td>d</table>").splitlines()
    assert [line.split() for line in rows if line] == [["a", "b"], ["c", "d"]]


def test_one_wide_cell_does_not_widen_the_others() -> None:
    rows = "<tr><td>x</td></tr>" * 2000
    assert len(html(f"<table><tr><td>{'w' * 5000}</td></tr>{rows}</table>")) < 20_000


def test_an_attribute_of_a_megabyte_is_no_text() -> None:
    assert html(f"<p title='{'x' * 1_000_000}'>a</p>") == "a"


@pytest.mark.parametrize(
    ("depth", "read_it"), [(100, True), (240, True), (300, False), (5000, False)]
)
def test_html_is_read_whole_or_refused_for_its_depth(depth: int, read_it: bool) -> None:
    found = read(mail("<div>" * depth + "words", kind="text/html"), "mail")
    assert isinstance(found, Message) is read_it
    assert not isinstance(found, Message) or found.text == "words"


# ------------------------------------------------------------------ limits


@pytest.mark.parametrize("kind", ["mail", "text"])
def test_20_000_characters_are_a_text_and_one_more_is_kept_aside_whole(kind: str) -> None:
    before = b"\r\n" if kind == "mail" else b""
    whole = ("س" * 99 + " ") * 200
    found = message(before + (whole[:-1] + "س").encode(), kind)
    assert (len(found.text), found.media, found.flags) == (MAX_TEXT, (), ())
    found = message(before + (whole + "س").encode(), kind)
    assert whole.startswith(found.text)
    assert 19_800 < len(found.text) <= MAX_TEXT
    assert found.flags == ("cut_text", "media")
    assert [one.content.decode().strip() for one in found.media] == [whole + "س"]


@pytest.mark.parametrize("letter", ["\ufb2c", "\u0958", "\U0001d160", "a\u0301", "\u0344"])
def test_no_text_is_longer_than_20_000_characters_after_cleaning(letter: str) -> None:
    raw = (letter * MAX_TEXT)[:MAX_TEXT]
    for content, kind in ((mail(raw), "mail"), (raw.encode(), "text")):
        assert len(text_of(content, kind)) <= MAX_TEXT


def test_a_long_subject_makes_no_text_longer_than_20_000_characters() -> None:
    assert len(text_of(mail("words", "Subject: " + "a" * 60_000))) <= MAX_TEXT
    assert len(text_of(mail("w" * 19_900, "Subject: " + "a" * 400))) <= MAX_TEXT


def test_64_parts_are_read_and_65_are_not() -> None:
    assert text_of(multipart(*[PLAIN] * 63)) == "plain words"
    assert why(multipart(*[PLAIN] * 64)) == "too many parts"


def test_8_levels_are_read_and_9_are_not() -> None:
    def nested(levels: int) -> bytes:
        whole = PLAIN
        for n in range(levels):
            whole = multipart(whole, border=f"b{n}")
        return whole

    assert text_of(nested(8)) == "plain words"
    assert why(nested(9)) == "parts too deep in parts"


def test_headers_of_64_kib_are_read_and_more_is_not() -> None:
    fields = [f"Content-X-{n:02}: ".ljust(1022, "x") for n in range(64)]
    assert text_of(mail("a", *fields[:63])) == "a"
    assert why(mail("a", *fields, fields[0])) == "too many headers"


def test_a_type_with_many_parameters_is_refused() -> None:
    few = "; ".join(f"a*{n}=x" for n in range(300))
    many = "; ".join(f"a*{n}=x" for n in range(10_000))
    assert text_of(mail("a", kind="text/plain; " + few)) == "a"
    assert why(mail("a", kind="text/plain; " + many[:60_000])) == "a header too long"


def test_a_subject_of_4_000_encoded_words_takes_less_than_half_a_second() -> None:
    words = " ".join(["=?utf-8?Q?abc?="] * 4000)
    begun = time.process_time()
    read(mail("words", "Subject: " + words), "mail")
    assert time.process_time() - begun < 0.5


# ------------------------------------------------------------------ plain texts (SMS, forms)


def test_a_text_is_read_as_utf8() -> None:
    found = message((PERSIAN + " \r\n\u202e").encode(), "text")
    assert (found.text, found.title, found.language, found.flags) == (PERSIAN, "", "fa", ())


def test_a_text_that_is_no_utf8_is_read_and_told() -> None:
    found = message(PERSIAN.encode() + b"\xff", "text")
    assert (found.text, found.flags) == (PERSIAN + "\ufffd", ("damaged_text",))


def test_a_text_that_looks_like_a_mail_is_only_text() -> None:
    assert text_of(b"Subject: x\n\ny", "text") == "Subject: x\n\ny"


@pytest.mark.parametrize("content", [b"", b" \n", "\u202e\ufeff".encode()])
def test_an_empty_text_is_no_message(content: bytes) -> None:
    assert why(content, "text") == "empty"


def test_what_was_read_is_never_shown_by_its_repr() -> None:
    found = message(multipart(PLAIN, PICTURE))
    assert "words" not in repr(found)
    assert "picture" not in repr(found.media)
