"""Mails whose structure is against the reader: headers, borders, encodings, containers, names.

Each is what a client would hand over as DATA, without the end of data.
"""

from __future__ import annotations

import base64
import gzip
import zlib

from corpus import Corpus

MAILS = Corpus()

V = b"MIME-Version: 1.0\r\n"


def mail(body: bytes, *fields: bytes) -> bytes:
    """A mail of these fields and this body."""
    return V + b"".join(one + b"\r\n" for one in fields) + b"\r\n" + body


def multipart(*parts: bytes, sub: bytes = b"mixed", border: bytes = b"b") -> bytes:
    """A mail of these parts (each with its own header)."""
    whole = b"".join(b"--" + border + b"\r\n" + one + b"\r\n" for one in parts)
    kind = b"Content-Type: multipart/" + sub + b'; boundary="' + border + b'"'
    return mail(whole + b"--" + border + b"--\r\n", kind)


def part(content: bytes, *fields: bytes) -> bytes:
    """A part of a mail."""
    return b"".join(one + b"\r\n" for one in fields) + b"\r\n" + content


def text(content: bytes = b"words", *fields: bytes) -> bytes:
    """A part that is text."""
    return part(content, b"Content-Type: text/plain; charset=utf-8", *fields)


def lines(content: bytes) -> bytes:
    """In base64, in lines as RFC 2045 has them."""
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


# ---------------------------------------------------------------- headers


@MAILS
def twenty_thousand_recipients() -> bytes:
    return mail(b"words", b"To: " + b",\r\n ".join(b"a%d@example.org" % n for n in range(20_000)))


@MAILS
def twenty_thousand_brackets_in_From() -> bytes:
    return mail(b"words", b"From: " + b"(" * 900 + b"\r\n " + b"(" * 900)


@MAILS
def a_thousand_From_lines() -> bytes:
    return mail(b"words", *[b"From: <a%d@example.org>" % n for n in range(1000)])


@MAILS
def a_From_that_two_parsers_read_differently() -> bytes:
    return mail(b"words", b"From: alice@example.org)bob@example.net", b'From: "a@b" <c@d>')


@MAILS
def a_hundred_Subjects() -> bytes:
    return mail(b"words", *[b"Subject: number %d" % n for n in range(100)])


@MAILS
def a_hundred_Content_Types() -> bytes:
    kinds = [b"text/html", b"multipart/mixed; boundary=a", b"image/png", b"message/rfc822"]
    return mail(b"words", *[b"Content-Type: " + kinds[n % 4] for n in range(100)])


@MAILS
def a_Subject_folded_ten_thousand_times() -> bytes:
    return mail(b"words", b"Subject: a" + b"\r\n b" * 10_000)


@MAILS
def a_Subject_folded_with_nothing_on_its_lines() -> bytes:
    return mail(b"words", b"Subject:" + b"\r\n \t " * 5000 + b"\r\n a")


@MAILS
def a_Subject_of_encoded_line_ends() -> bytes:
    return mail(b"words", b"Subject: =?utf-8?Q?a=0D=0ABcc:_x@example.org=0D=0A=0D=0Ab?=")


@MAILS
def a_Subject_of_half_letters() -> bytes:
    return mail(
        b"words", b"Subject: " + b" ".join([b"=?utf-8?B?2A==?=", b"=?utf-8?B?qA==?="] * 200)
    )


@MAILS
def a_Subject_in_a_charset_that_is_none() -> bytes:
    return mail(b"words", b"Subject: =?x-nothing?B?AAAA?= =?idna?Q?xn--a?= =?zlib?B?eJw=?=")


@MAILS
def a_Subject_whose_charset_is_a_language() -> bytes:
    return mail(b"words", b"Subject: =?utf-8*" + b"fa" * 2000 + b"?Q?a?=")


@MAILS
def a_Subject_of_NUL_and_escapes() -> bytes:
    return mail(b"words", b"Subject: =?utf-8?Q?=00=1B[2J=07=E2=80=AEevil?=")


@MAILS
def a_Subject_of_surrogates() -> bytes:
    return mail(b"words", b"Subject: =?utf-8?Q?" + b"=ED=A0=80" * 200 + b"?=")


@MAILS
def a_Subject_that_is_no_UTF_8() -> bytes:
    return mail(b"words", b"Subject: " + b"\xff\xfe\xd8" * 300)


@MAILS
def fields_without_a_name() -> bytes:
    return mail(b"words", *[b": x", b"", b":", b" : y"] * 50)


@MAILS
def a_header_block_without_an_end() -> bytes:
    return V + b"X-A: b\r\n" * 5000


@MAILS
def nothing_but_line_ends() -> bytes:
    return b"\r\n" * 10_000


@MAILS
def nothing_at_all() -> bytes:
    return b""


@MAILS
def one_byte() -> bytes:
    return b"\x00"


@MAILS
def a_mailbox_of_a_thousand_mails() -> bytes:
    return b"From a@example.org Thu Jan  1 00:00:00 1970\r\nSubject: a\r\n\r\nwords\r\n\r\n" * 1000


@MAILS
def a_header_of_NUL() -> bytes:
    return V + b"Subject: a\x00b\r\n\x00\x00: c\r\n\r\nwords\x00"


@MAILS
def bare_CR_between_the_fields() -> bytes:
    return b"Subject: a\rContent-Type: text/html\r\rwords"


@MAILS
def bare_LF_between_the_fields() -> bytes:
    return b"Subject: a\nContent-Type: text/plain\n\nwords\n"


@MAILS
def separators_of_Unicode_between_the_fields() -> bytes:
    return "Subject: a\u2028X: b\x85Y: c\x1cZ: d\x0b\x0c\r\n\r\nwords".encode()


# ---------------------------------------------------------------- RFC 2231


def parameters(*named: bytes) -> bytes:
    return mail(b"words", b"Content-Type: text/plain;" + b";".join(b"\r\n " + one for one in named))


@MAILS
def a_parameter_in_a_thousand_pieces() -> bytes:
    return parameters(*[b"name*%d=a" % n for n in range(300)])


@MAILS
def pieces_of_a_parameter_that_are_not_in_order() -> bytes:
    return parameters(b"charset*5=x", b"charset*0=u", b"charset*99999999999999999999=y")


@MAILS
def a_piece_with_a_negative_number() -> bytes:
    return parameters(b"charset*-1=a", b"charset*1*=''%41", b"charset**=c")


@MAILS
def percent_signs_that_decode_to_percent_signs() -> bytes:
    return parameters(b"charset*=utf-8''" + b"%25" * 500)


@MAILS
def a_parameter_in_a_charset_that_is_none() -> bytes:
    return parameters(b"name*=nothing'fa'%d8%b3", b"charset*=rot13''hgs-8")


@MAILS
def a_parameter_of_quotes_and_backslashes() -> bytes:
    return parameters(b'name="' + b'\\"' * 900 + b'"', b'charset="utf-8\\')


@MAILS
def a_border_by_RFC_2231_with_line_ends_in_it() -> bytes:
    kind = b"Content-Type: multipart/mixed; boundary*=utf-8''b%0d%0aSubject:%20x"
    return mail(b"--b\r\n\r\nwords\r\n--b--", kind)


# ---------------------------------------------------------------- borders


@MAILS
def a_border_that_is_empty() -> bytes:
    return mail(b"--\r\n\r\nwords\r\n----\r\n" * 50, b'Content-Type: multipart/mixed; boundary=""')


@MAILS
def a_border_of_a_kilobyte() -> bytes:
    return multipart(text(), border=b"b" * 1000)


@MAILS
def a_border_of_regular_expressions() -> bytes:
    return multipart(text(), text(), border=b"(a+)+$.*[")


@MAILS
def a_border_with_blanks_behind_it() -> bytes:
    return mail(
        b"--b" + b" " * 50_000 + b"\r\n\r\nw\r\n--b--", b"Content-Type: multipart/mixed; boundary=b"
    )


@MAILS
def the_same_border_at_eight_levels() -> bytes:
    inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    return V + inner * 8 + b"\r\nwords\r\n" + b"--b--\r\n" * 8


@MAILS
def a_border_that_begins_another_border() -> bytes:
    inner = multipart(text(b"inner"), border=b"bb")[len(V) :]
    return multipart(inner, text(b"outer"), border=b"b")


@MAILS
def an_end_before_the_beginning() -> bytes:
    return mail(b"--b--\r\n--b\r\n\r\nwords", b"Content-Type: multipart/mixed; boundary=b")


@MAILS
def parts_that_never_end() -> bytes:
    return mail(
        b"--b\r\nContent-Type: text/plain\r\n\r\nwords",
        b"Content-Type: multipart/mixed; boundary=b",
    )


@MAILS
def a_container_without_a_border() -> bytes:
    return mail(b"--b\r\n\r\nwords", b"Content-Type: multipart/mixed")


@MAILS
def a_container_in_base64() -> bytes:
    kind = b"Content-Type: multipart/mixed; boundary=b"
    return mail(lines(b"--b\r\n\r\nwords\r\n--b--"), kind, b"Content-Transfer-Encoding: base64")


@MAILS
def sixty_four_parts_and_one_more() -> bytes:
    return multipart(*[text(b"part %d" % n) for n in range(65)])


@MAILS
def alternatives_within_alternatives() -> bytes:
    inner = multipart(text(b"a"), part(b"<p>a", b"Content-Type: text/html"), sub=b"alternative")
    for n in range(6):
        inner = multipart(text(b"a"), inner[len(V) :], sub=b"alternative", border=b"b%d" % n)
    return inner


@MAILS
def a_report_about_a_mail_about_a_report() -> bytes:
    status = part(b"Action: failed\r\n\r\n" * 500, b"Content-Type: message/delivery-status")
    return multipart(
        text(b"It failed."),
        status,
        part(b"Subject: a\r\n", b"Content-Type: text/rfc822-headers"),
        sub=b"report",
    )


@MAILS
def every_container_there_is() -> bytes:
    subs = (
        b"digest parallel appledouble signed encrypted byteranges related form-data x-mixed-replace"
    )
    made = [multipart(text(), sub=one)[len(V) :] for one in subs.split()]
    return multipart(*made, border=b"outer")


@MAILS
def a_digest_of_fifty_mails() -> bytes:
    return multipart(*[part(b"Subject: %d\r\n\r\nwords" % n) for n in range(50)], sub=b"digest")


@MAILS
def a_mail_in_a_mail_in_a_mail() -> bytes:
    inner = b"Subject: inner\r\n\r\nwords"
    for _ in range(100):
        inner = b"Content-Type: message/rfc822\r\n\r\n" + inner
    return V + inner


@MAILS
def a_mail_in_base64_in_a_mail() -> bytes:
    inner = b"Subject: inner\r\nFrom: a@example.org\r\n\r\nwords"
    return mail(lines(inner), b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64")


@MAILS
def a_body_that_lies_elsewhere() -> bytes:
    return mail(
        b"Content-Type: text/plain\r\n\r\n",
        b"Content-Type: message/external-body; access-type=URL;",
        b' URL="http://127.0.0.1:1/secret"; name="/etc/passwd"',
    )


@MAILS
def a_body_that_is_a_local_file() -> bytes:
    kind = b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"'
    return mail(b"Content-Type: text/plain\r\n\r\n", kind)


@MAILS
def a_part_of_a_mail_in_a_million_parts() -> bytes:
    kind = b"Content-Type: message/partial; number=999999; total=1000000; id=a@example.org"
    return mail(b"Subject: a\r\n\r\nwords", kind)


@MAILS
def a_type_that_is_no_type() -> bytes:
    return multipart(
        *[
            part(b"x", b"Content-Type: " + one)
            for one in (
                b"",
                b"/",
                b"text",
                b"text/",
                b"/plain",
                b"text/plain/html",
                b"*/*",
                b"a" * 3000 + b"/b",
                b"text/plain\x00",
                "\u062a/\u062a".encode(),
                b"../../etc/passwd",
                b"text/plain; charset",
            )
        ]
    )


@MAILS
def a_disposition_that_is_a_path() -> bytes:
    names = (
        b"../../../../etc/passwd",
        b"/dev/stdin",
        b"CON",
        b"a\\..\\b",
        b"x" * 3000,
        b"\xff\xfe",
    )
    made = [
        part(
            b"x",
            b"Content-Type: application/x",
            b'Content-Disposition: attachment; filename="' + one + b'"',
        )
        for one in names
    ]
    return multipart(text(), *made)


# ---------------------------------------------------------------- transfer encodings


def encoded(content: bytes, encoding: bytes) -> bytes:
    return mail(content, b"Content-Type: text/plain", b"Content-Transfer-Encoding: " + encoding)


MAILS.each(
    {
        f"the encoding {name.decode()}": lambda name=name, made=made: encoded(made, name)  # type: ignore[misc]
        for name, made in {
            b"gzip": gzip.compress(b"words" * 10_000, mtime=0),
            b"deflate": zlib.compress(bytes(1_000_000)),
            b"zlib": lines(zlib.compress(bytes(1_000_000))),
            b"bz2": b"QlpoOTFBWSZTWQ==",
            b"hex": b"776f726473" * 1000,
            b"rot13": b"jbeqf" * 1000,
            b"punycode": b"xn--a-" * 1000,
            b"idna": b"xn--a." * 1000,
            b"utf-7": b"+2D3eAA-" * 1000,
            b"unicode_escape": b"\\U0010ffff" * 1000,
            b"undefined": b"words",
            b"mbcs": b"words",
            b"base64, base64": lines(lines(b"words")),
            b"x-uue": b"begin 644 /etc/passwd\r\n#ABC\r\n`\r\nend\r\n",
            b"x-yenc": b"=ybegin line=128 size=99999999999 name=x\r\n"
            + bytes(range(14, 256))
            + b"\r\n=yend size=1\r\n",
            b"binary": bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") * 20,
            b"8bit\x00": b"words",
            b"x" * 900: b"words",
        }.items()
    }
)


@MAILS
def base64_with_bare_line_ends_and_junk() -> bytes:
    return encoded(b"d29y\rZHM=\n!!\x00\xff" * 500, b"base64")


@MAILS
def base64_that_ends_in_its_middle() -> bytes:
    return encoded(b"d29yZHM=" + b"d29yZHM=" * 100 + b"=====", b"base64")


@MAILS
def base64_of_one_letter_too_many() -> bytes:
    return encoded(b"d29yZHMgd29yZHMx" * 100 + b"d", b"base64")


@MAILS
def quoted_printable_that_smuggles_an_end_of_data() -> bytes:
    return encoded(
        b"a=0D=0A.=0D=0AMAIL FROM:<x@example.org>=0D=0ARCPT TO:<y@example.org>", b"quoted-printable"
    )


@MAILS
def quoted_printable_that_is_none() -> bytes:
    return encoded(b"=ZZ=0=\r\n=\r\n==3D=E2=80" * 500, b"quoted-printable")


@MAILS
def quoted_printable_of_soft_line_ends() -> bytes:
    return encoded(b"=\r\n" * 50_000 + b"words", b"quoted-printable")


@MAILS
def quoted_printable_of_NUL() -> bytes:
    return encoded(b"=00=08=1B=7F" * 2000 + b"words", b"quoted-printable")


@MAILS
def uuencode_whose_lines_lie_about_their_length() -> bytes:
    body = b"begin 644 x\r\n" + b"M#\r\n" * 200 + b"~~~~\r\n\xff\xff\r\nend\r\n"
    return encoded(body, b"x-uuencode")


@MAILS
def uuencode_without_a_beginning() -> bytes:
    return encoded(b"#ABC\r\n" * 200 + b"end\r\n", b"uuencode")


@MAILS
def smuggled_ends_of_data() -> bytes:
    return mail(b"\n.\nMAIL FROM:<a@example.org>\r.\rQUIT\r\n.\n" * 20)
