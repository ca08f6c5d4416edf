"""Mails that are small to send and, read the obvious way, cost minutes or gigabytes. Most are as
large as a mail may be: 10 MB of parts, of headers, of lines, of charsets, of HTML.
"""

from __future__ import annotations

from corpus import Corpus
from corpus import filled as filled_to

BOMBS = Corpus()

MOST = 10_000_000
"""Bytes of the largest mail that is accepted as it is shipped."""

_V = b"MIME-Version: 1.0\r\n"
_MIXED = _V + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
_HTML = _V + b"Content-Type: text/html\r\n\r\n"


def filled(before: bytes, unit: bytes, after: bytes = b"", most: int = MOST) -> bytes:
    """A mail of that many bytes, made of one unit again and again."""
    return filled_to(before, unit, after, most=most)


def nested(levels: int) -> bytes:
    return _V + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(levels)
    )


def fields(line: bytes, most: int = 64_000) -> bytes:
    return filled(_V, line, b"\r\nwords", most)


BOMBS.each(
    {
        # parts in parts, parts beside parts
        "400 nested parts": lambda: nested(400),
        "2,000 nested parts": lambda: nested(2000),
        "8 nested parts and lines": lambda: filled(nested(7) + b"\r\n", b"\r\n"),
        "8 nested parts and long lines": lambda: filled(nested(7) + b"\r\n", b"-" * 98 + b"\r\n"),
        "8 nested parts and false borders": lambda: filled(
            nested(7) + b"\r\n", b"--bb" * 10 + b"\r\n"
        ),
        "2,000 mails in mails": lambda: _V + b"Content-Type: message/rfc822\r\n\r\n" * 2000,
        "2,000 folded mails in mails": lambda: (
            _V + b"Content-Type:\r\n message/rfc822\r\n\r\n" * 2000
        ),
        "a mail and lines": lambda: filled(
            _V + b"Content-Type: message/rfc822\r\n\r\n", b"a: b\r\n"
        ),
        "a delivery report": lambda: filled(
            _V + b"Content-Type: message/delivery-status\r\n\r\n", b"a: b\r\n\r\n"
        ),
        "100,000 empty parts": lambda: _MIXED + b"--b\r\n\r\n" * 100_000,
        "10 MB of empty parts": lambda: filled(_MIXED, b"--b\r\n\r\n"),
        "empty parts, bare CR": lambda: filled(_MIXED, b"--b\r\r"),
        "empty parts with a field": lambda: filled(_MIXED, b"--b\r\nX-A: 1\r\n\r\n"),
        "empty parts of a digest": lambda: filled(
            _MIXED.replace(b"mixed", b"digest"), b"--b\r\n\r\n"
        ),
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
        "blanks between words": lambda: (
            _V + b"Subject: =?a?q?b?=" + b" " * 60_000 + b"\r\n\r\nwords"
        ),
        "quotes in a type": lambda: (
            _V + b"Content-Type: text/plain; a=" + b'"' * 60_000 + b"\r\n\r\nw"
        ),
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
        "base64 of ends": lambda: filled(
            _V + b"Content-Transfer-Encoding: base64\r\n\r\n", b"YQ=="
        ),
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
        "a cell of ten million columns": lambda: (
            _HTML + b"<table><tr><td colspan=10000000>x</table>"
        ),
        "a wide margin": lambda: (
            _HTML + b"<p style='margin:99999em;padding-left:99999em'>x" * 9_000
        ),
        "a style of 10 MB": lambda: filled(_HTML + b"<p style='", b";a:b", b"'>words</p>"),
        "an attribute of 10 MB": lambda: filled(_HTML + b"<p title='", b"x", b"'>words</p>"),
        "20,000 attributes": lambda: (
            _HTML + b"<p " + b"".join(b"a%d=1 " % n for n in range(20_000))
        ),
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
)
