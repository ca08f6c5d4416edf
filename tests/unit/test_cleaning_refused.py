"""What is no picture, film or sound is refused, each kind by its own word."""

from __future__ import annotations

import gzip
import re
import zipfile
from io import BytesIO

import pytest
from media_parts import film, jpeg, sound

from relay.cleaning import clean, others
from relay.model import Media, Unclean


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, jpeg())
    return out.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
REFUSED = {
    b"%PDF-1.7\n/JavaScript": others.PDF,
    b"\n\n%PDF-1.4 behind some lines": others.PDF,
    b"%!PS-Adobe-3.0": others.SCRIPT,
    b"{\\rtf1\\ansi words}": others.RICH,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600): others.OFFICE,
    zipped("[Content_Types].xml", "word/document.xml"): others.OFFICE,
    zipped("docProps/core.xml"): others.OFFICE,
    b"PK\x03\x04\x14\0\0\0\0\0mimetypeapplication/vnd.oasis.opendocument.text": others.OFFICE,
    zipped("a.jpg", "b.jpg"): others.ARCHIVE,
    zipped("AndroidManifest.xml", "classes.dex"): others.PROGRAM,
    gzip.compress(jpeg()): others.ARCHIVE,
    b"7z\xbc\xaf\x27\x1c\0\x04": others.ARCHIVE,
    b"Rar!\x1a\x07\x01\0": others.ARCHIVE,
    b"a.txt" + bytes(252) + b"ustar\x0000": others.ARCHIVE,
    b"MZ\x90\0": others.PROGRAM,
    b"\x7fELF\x02\x01\x01": others.PROGRAM,
    b"#!/bin/sh\nrm -rf /\n": others.PROGRAM,
    SVG: others.DRAWING,
    b"<?xml version='1.0'?>\n<!DOCTYPE svg>\n" + SVG: others.DRAWING,
    b"\xef\xbb\xbf <!DOCTYPE html><html>": others.PAGE,
    b"<html><img src=https://example.org/1.gif>": others.PAGE,
    b"BEGIN:VCARD\r\nFN:Somebody\r\n": others.CONTACT,
    b"BEGIN:VCALENDAR\r\n": others.CALENDAR,
    b"From: somebody@example.org\r\nSubject: words\r\n\r\nwords": others.MAIL,
    b"\x78\x9f\x3e\x22\0\0": others.TNEF,
    b"#EXTM3U\nhttp://example.org/1.ts\n": others.PLAYLIST,
    b"<?xml version='1.0'?><MPD><BaseURL>http://example.org": others.PLAYLIST,
    b"ffconcat version 1.0\nfile /etc/passwd\n": others.PLAYLIST,
    b"-----BEGIN PGP MESSAGE-----": others.ENCRYPTED,
    b"age-encryption.org/v1\n": others.ENCRYPTED,
    "پل بسته است.".encode(): others.KEPT_TEXT,
    "The bridge is closed.".encode("utf-16"): others.KEPT_TEXT,
    ("پ" * 5000).encode(): others.KEPT_TEXT,
    b"BM" + bytes(60): others.PICTURE,
    b"II*\0" + bytes(60): others.PICTURE,
    b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom" + bytes(60): others.PICTURE,
    (b"G" + bytes(187)) * 4: others.FILM,
    b"FLV\x01\x05": others.FILM,
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(60): others.FILM,
    b"MThd\0\0\0\x06": others.SOUND,
    bytes(range(256)): others.UNKNOWN,
    b"": "empty",
    b" \n\0\0\n": "empty",
}


@pytest.mark.parametrize("nth", range(len(REFUSED)))  # archives have the time in their first bytes
@pytest.mark.parametrize("declared", ["image/jpeg", "text/html"])
def test_each_kind_has_its_own_word_whatever_it_says_it_is(nth: int, declared: str) -> None:
    content, why = list(REFUSED.items())[nth]
    assert clean(Media(declared, content)) == Unclean(why)


def test_of_a_text_nothing_is_said_that_holds_only_for_one_that_was_kept_aside() -> None:
    """Whoever attached it, or whichever reader put it there."""
    assert "message alone" in others.KEPT_TEXT and "aside" not in others.KEPT_TEXT


def test_no_reason_says_anything_of_the_content() -> None:
    names = [name for name in vars(others) if name.isupper() and not name.startswith("_")]
    assert all(re.fullmatch(r"[A-Za-z ,:()'.]{6,70}", getattr(others, name)) for name in names)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe0 a picture",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\x10\0\0\0WEBPVP8 " + bytes(30),
        b"RIFF\x10\0\0\0AVI " + bytes(30),
        b"GIF89a",
        b"\x1aE\xdf\xa3" + bytes(100),
        b"\0\0\0\x18ftypmp42" + bytes(100),
        b"\0\0\0\x18ftypheic" + bytes(100),
        b"OggS" + bytes(100),
        b"ID3\x04" + bytes(100),
        b"#!AMR\n",
        b"fLaC" + bytes(100),
        b"\xff\xfb\x90\x44" + bytes(100),
        b"\xff\xf1\x50\x80" + bytes(100),
    ],
)
def test_what_only_begins_like_a_medium_is_damaged(content: bytes) -> None:
    refused = clean(Media("image/jpeg", content))
    assert isinstance(refused, Unclean)
    assert refused.why.startswith(("damaged", "nothing in it can be"))


def test_a_film_that_is_cut_off_before_its_index_is_damaged() -> None:
    content = film("mp4", extras=False)
    assert clean(Media("", content[: content.index(b"moov")])) == Unclean(
        "damaged: it cannot be opened"
    )


def test_a_container_of_what_nobody_knows_says_so() -> None:
    content = sound("matroska", "libopus").replace(b"A_OPUS", b"A_NONE")
    assert clean(Media("video/x-matroska", content)) == Unclean(
        "a sound of a kind that is not opened"
    )
