"""Mails whose text is against the reader, or against whoever reads it later."""

from __future__ import annotations

from corpus import Corpus
from hostile_mails import lines, mail, multipart, part, text

WORDS = Corpus()

UTF_8 = b"Content-Type: text/plain; charset=utf-8"
HTML = b"Content-Type: text/html; charset=utf-8"


def says(words: str) -> bytes:
    """A mail that says this."""
    return mail(words.encode("utf-8", "surrogatepass"), UTF_8)


def shows(source: bytes | str) -> bytes:
    """A mail of HTML."""
    return mail(source if isinstance(source, bytes) else source.encode(), HTML)


# ---------------------------------------------------------------- letters

WORDS.each(
    {
        f"text of {name}": lambda one=one: says(f"before {one * 3000} after")  # type: ignore[misc]
        for name, one in {
            "Zalgo": "a\u0301\u0327\u0489\u20dd\u0338",
            "overrides": "\u202eabc\u202c",
            "isolates that are not closed": "\u2067a",
            "isolates that were not opened": "a\u2069",
            "tags": "\U000e0041\U000e007f",
            "flags of tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
            "families of families": "\U0001f468\u200d\U0001f469\u200d",
            "joiners": "\u200d\u200c",
            "no-break things": "\ufeff\u00ad\u2060\u180e",
            "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff",
            "private letters": "\ue000\U000f0000",
            "long ligatures": "\ufdfa\ufdfb",
            "Hangul in pieces": "\u1112\u1161\u11ab",
            "letters that grow when normalised": "\u0344\u0958\U0001d160",
            "variation selectors": "a\ufe0f\U000e0100",
            "replacement characters": "\ufffd",
            "letters of two scripts that look alike": "p\u0430yp\u0430l ",
            "controls": "\x01\x07\x08\x0b\x0c\x1b[2J\x7f\x9b",
            "ends of lines": "\u2028\u2029\x85\x0b",
            "lone surrogates": "\ud800a\udfff",
            "surrogate pairs in UTF-8": "\ud83d\ude00",
            "links": "http://127.0.0.1/?utm_source=a&fbclid=b ",
            "links to nobody": "javascript:alert(1) data:text/html,a file:///etc/passwd ",
            "mentions": "@everyone <!channel> @all <@123> ",
            "hashes": "#a",
            "addresses": "a@b.org ",
            "digits of every script": "\u0660\u06f1\u0966\u09e6\uff11\U0001d7ce",
            "superscripts and circles": "\u00b2\u2460\u3220",
            "templates": "{{7*7}}${7*7}<%=7*7%>#{7*7}",
            "markup": "</script><img src=x onerror=alert(1)>]]>&lt;",
            "formulas": "=cmd|' /C calc'!A0\n",
            "format strings": "%s%n%x{0.__class__}",
            "database commands": "'; DROP TABLE rows; --",
            "markdown": "[x](javascript:a)![](http://127.0.0.1)",
            "carets of quotes": "> > > >\n",
            "signatures": "-- \nname\n",
            "commands": "DELETE 1234567890\n",
            "log-in codes": "Your code is 123456\n",
            "coordinates": "35.6892, 51.3890 ",
            "numbers": "+98 912 123 45 67 ",
        }.items()
    }
)


@WORDS
def letters_that_are_longer_than_they_need_be() -> bytes:
    return mail(b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\xf8\x88\x80\x80\x80" * 500 + b"words", UTF_8)


@WORDS
def letters_past_the_last_one() -> bytes:
    return mail(b"\xf4\x90\x80\x80\xf7\xbf\xbf\xbf\xff" * 500 + b"words", UTF_8)


@WORDS
def letters_cut_in_half_at_the_end() -> bytes:
    return mail("words \U0001f600".encode()[:-1], UTF_8)


@WORDS
def one_letter_with_ten_thousand_marks() -> bytes:
    return says("a" + "\u0301" * 10_000)


@WORDS
def one_word_of_a_megabyte() -> bytes:
    return says("a" * 1_000_000)


@WORDS
def a_hundred_thousand_lines() -> bytes:
    return mail(b"a\r\n" * 100_000, UTF_8)


@WORDS
def quotes_of_quotes_of_quotes() -> bytes:
    return mail(b"\r\n".join(b">" * n + b" a" for n in range(900)), UTF_8)


@WORDS
def an_answer_to_an_answer_without_end() -> bytes:
    return mail(b"On Monday a wrote:\r\n> On Sunday b wrote:\r\n> > words\r\n" * 2000, UTF_8)


# ---------------------------------------------------------------- charsets

WORDS.each(
    {
        f"the charset {name.decode('ascii', 'replace')}": lambda name=name: mail(  # type: ignore[misc]
            b"+AAAA- \x1b$B\x1b(B ~{<:Ky2;S{#} \x80\xfe\xff\x00d\xd8\xff\xdf words\r\n" * 200,
            b"Content-Type: text/plain; charset=" + name,
        )
        for name in (
            b"rot13",
            b"hex",
            b"base64",
            b"zip",
            b"bz2",
            b"uu",
            b"quopri",
            b"raw_unicode_escape",
            b"undefined",
            b"mbcs",
            b"oem",
            b"palmos",
            b"cp65001",
            b"utf-8-sig",
            b"utf-16le",
            b"utf-32",
            b"utf_7",
            b"iso-2022-kr",
            b"iso-2022-cn",
            b"iso-2022-jp-3",
            b"euc-tw",
            b"big5hkscs",
            b"shift_jisx0213",
            b"johab",
            b"ebcdic-cp-be",
            b"x-mac-farsi",
            b"viscii",
            b"../../etc/passwd",
            b"os.system",
            b"\x00",
            b"utf-8\x00",
            b"a" * 900,
            b'""',
            b"*",
            b"unknown-8bit",
            b"us-ascii",
        )
    }
)


@WORDS
def UTF_16_without_an_end() -> bytes:
    return mail(
        lines(b"\xff\xfe" + b"\x00\xd8" * 5000 + b"a"),
        b"Content-Type: text/plain; charset=utf-16",
        b"Content-Transfer-Encoding: base64",
    )


@WORDS
def a_charset_that_HTML_says_otherwise() -> bytes:
    return mail(
        b'<meta charset="utf-7">+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
        b"Content-Type: text/html",
    )


@WORDS
def an_HTML_charset_of_regular_expressions() -> bytes:
    return mail(
        b"<meta " + b"charset " * 2000 + b'charset="' + b"a" * 5000, b"Content-Type: text/html"
    )


# ---------------------------------------------------------------- format=flowed

FLOWED = b"Content-Type: text/plain; charset=utf-8; format=flowed"


@WORDS
def a_paragraph_that_flows_for_ever() -> bytes:
    return mail(b"a \r\n" * 60_000, FLOWED)


@WORDS
def flowed_quotes_of_every_depth() -> bytes:
    return mail(b"".join(b">" * (n % 300) + b" a \r\n" for n in range(3000)), FLOWED)


@WORDS
def flowed_signatures_that_flow() -> bytes:
    return mail(b"-- \r\n" * 10_000 + b"a", FLOWED + b"; delsp=yes")


@WORDS
def flowed_lines_of_stuffed_blanks() -> bytes:
    return mail((b" " * 900 + b"\r\n") * 500 + b"words", FLOWED + b"; delsp=yes")


@WORDS
def a_format_that_is_none() -> bytes:
    return mail(
        b"words \r\nwords", b"Content-Type: text/plain; format=flowed; format=fixed; delsp=maybe"
    )


# ---------------------------------------------------------------- HTML


@WORDS
def a_million_attributes() -> bytes:
    return shows(b"<p " + b"a=1 " * 1_000_000 + b">words")


@WORDS
def an_attribute_that_never_ends() -> bytes:
    return shows(b'<p title="' + b"a" * 500_000)


@WORDS
def tags_two_hundred_thousand_deep() -> bytes:
    return shows(b"<b>" * 200_000 + b"words")


@WORDS
def tags_that_close_what_was_never_opened() -> bytes:
    return shows(b"</div></p></table>" * 20_000 + b"words")


@WORDS
def tables_in_cells_of_tables() -> bytes:
    return shows(b"<table><tr><td>" * 80 + b"words")


@WORDS
def a_list_that_begins_at_a_googol() -> bytes:
    return shows(
        b'<ol start="1' + b"0" * 5000 + b'"><li>words<li value="-9999999999999999999999">a'
    )


@WORDS
def a_cell_over_two_billion_rows() -> bytes:
    return shows(b'<table><tr><td rowspan="2147483648" colspan="1e999">a<td rowspan="-1">words')


@WORDS
def a_style_without_an_end() -> bytes:
    return shows(b"<style>" + b"a{b:c(" * 50_000 + b"words")


@WORDS
def a_style_of_imports() -> bytes:
    return shows(b"<style>@import url(http://127.0.0.1:1/a);" * 2000 + b"</style>words")


@WORDS
def a_style_that_hides_everything() -> bytes:
    return shows(b'<div style="display:none;font-size:0;color:#fff">hidden</div>words')


@WORDS
def a_style_of_escapes() -> bytes:
    return shows(b'<p style="' + b"\\64 \\69 " * 20_000 + b'">words')


@WORDS
def scripts_in_every_attribute() -> bytes:
    return shows('<img src=x onerror=alert(1)><a href="java\tscript:a">b</a><svg/onload=a>words')


@WORDS
def pictures_that_are_fetched() -> bytes:
    return shows(b'<img src="http://127.0.0.1:1/pixel?id=1" width=1 height=1>' * 500 + b"words")


@WORDS
def frames_and_objects() -> bytes:
    return shows(
        b'<iframe src="file:///etc/passwd"></iframe><object data="a"></object><embed>words'
    )


@WORDS
def a_base_and_a_refresh() -> bytes:
    return shows(
        b'<base href="http://127.0.0.1:1/"><meta http-equiv=refresh content="0;url=a">words'
    )


@WORDS
def comments_in_comments() -> bytes:
    return shows(b"<!--[if IE]><!-->" * 20_000 + b"words")


@WORDS
def CDATA_and_declarations() -> bytes:
    return shows(b"<![CDATA[" * 5000 + b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>words")


@WORDS
def processing_instructions() -> bytes:
    return shows(b"<?php system('a'); ?>" * 5000 + b"words")


@WORDS
def a_billion_laughs_in_HTML() -> bytes:
    made = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    return shows(f'<!DOCTYPE l [<!ENTITY l0 "lol">{made}]><p>&l9;')


@WORDS
def entities_of_huge_numbers() -> bytes:
    return shows("<p>&#" + "9" * 5000 + ";&#x110000;&#0;&#xD800;&#xFFFE;&#-1; words")


@WORDS
def entities_without_an_end() -> bytes:
    return shows(b"&" * 200_000 + b"words")


@WORDS
def a_tag_of_a_megabyte() -> bytes:
    return shows(b"<" + b"a" * 1_000_000 + b">words")


@WORDS
def NUL_in_tags() -> bytes:
    return shows(b"<scr\x00ipt>alert(1)</scr\x00ipt><p\x00>words")


@WORDS
def a_text_area_that_never_ends() -> bytes:
    return shows(b"<textarea><title><xmp><plaintext>" + b"<p>words" * 1000)


@WORDS
def nested_forms_and_templates() -> bytes:
    return shows(b"<template><form><select><option>" * 3000 + b"words")


@WORDS
def math_and_svg_that_switch_parsers() -> bytes:
    return shows(b"<math><mtext><table><mglyph><style><svg><title>" * 500 + b"words")


@WORDS
def HTML_that_is_only_pictures_in_itself() -> bytes:
    return shows(b'<img src="data:image/png;base64,' + b"iVBORw0K" * 20_000 + b'">')


# ---------------------------------------------------------------- armour


@WORDS
def OpenPGP_armour_without_an_end() -> bytes:
    return mail(
        b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + b"hQEMA" * 30 + b"\r\n" + b"A" * 70_000, UTF_8
    )


@WORDS
def age_armour_without_an_end() -> bytes:
    return mail(b"-----BEGIN AGE ENCRYPTED FILE-----\r\n" + b"YWdl\r\n" * 5000, UTF_8)


@WORDS
def a_thousand_armours() -> bytes:
    one = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ==\r\n=aaaa\r\n-----END PGP MESSAGE-----\r\n"
    return mail(one * 1000, UTF_8)


@WORDS
def armour_in_armour() -> bytes:
    begin, end = b"-----BEGIN PGP MESSAGE-----\r\n", b"-----END PGP MESSAGE-----\r\n"
    return mail(begin * 5000 + end * 5000, UTF_8)


@WORDS
def ends_of_armour_without_a_beginning() -> bytes:
    return mail(b"-----END AGE ENCRYPTED FILE-----\r\n" * 10_000, UTF_8)


@WORDS
def a_hundred_files_that_say_they_are_encrypted() -> bytes:
    one = part(
        b"\x85\x01\x0c\x03",
        b"Content-Type: application/pgp-encrypted",
        b'Content-Disposition: attachment; filename="a.pgp"',
    )
    return multipart(text(), *[one] * 60)


@WORDS
def PGP_MIME_whose_second_part_is_missing() -> bytes:
    return multipart(
        part(b"Version: 1", b"Content-Type: application/pgp-encrypted"), sub=b"encrypted"
    )


@WORDS
def PGP_MIME_without_end_in_PGP_MIME() -> bytes:
    version = part(b"Version: 1", b"Content-Type: application/pgp-encrypted")
    return multipart(*[version, part(b"\x85x", b"Content-Type: application/octet-stream")] * 30)


@WORDS
def an_age_file_with_a_thousand_recipients() -> bytes:
    return mail(
        b"age-encryption.org/v1\n"
        + b"-> X25519 "
        + b"A" * 43
        + b"\n"
        + b"-> a b\n" * 1000
        + b"--- x\n",
        b"Content-Type: application/octet-stream",
        b'Content-Disposition: attachment; filename="a.age"',
    )
