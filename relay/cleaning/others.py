"""What is not taken, each kind by its own word.

A document, an archive, a program may carry anything in any place; we know of no way to publish one
that says nothing of who made it. A person may still look at the original, and copy out its words.
"""

from __future__ import annotations

import re
from typing import Final

PDF: Final = "a document (PDF): it cannot be made clean"
OFFICE: Final = "a document (Office): it cannot be made clean"
RICH: Final = "a document (RTF): it cannot be made clean"
SCRIPT: Final = "a document (PostScript): it cannot be made clean"
ARCHIVE: Final = "an archive: it is not opened"
PROGRAM: Final = "a program"
DRAWING: Final = "a drawing (SVG): it may hold scripts and addresses"
PAGE: Final = "a web page (HTML): it may hold scripts and addresses"
CONTACT: Final = "a contact (vCard): it names people"
CALENDAR: Final = "an entry of a calendar"
MAIL: Final = "a mail in the mail"
TNEF: Final = "a packet of Outlook (winmail.dat): it is not opened"
PLAYLIST: Final = "a list of addresses: nothing is fetched"
ENCRYPTED: Final = "something encrypted, or a signature"
KEPT_TEXT: Final = "a text: words are published in the message alone"
PICTURE: Final = "a picture of a kind that is not opened"
FILM: Final = "a film of a kind that is not opened"
SOUND: Final = "a sound of a kind that is not opened"
UNHEARD: Final = "its sound is of a kind that is not opened"
UNKNOWN: Final = "an unknown kind of file"

_LOOKED_AT: Final = 4096
"""Bytes in which a kind of text shows itself."""

_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%!PS", SCRIPT),
    (b"{\\rtf", RICH),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),  # the container of Word 97
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ\0", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"\x04\x22\x4d\x18", ARCHIVE),
    (b"MSCF", ARCHIVE),
    (b"!<arch>", ARCHIVE),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"dex\n03", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"#!/", PROGRAM),
    (b"L\0\0\0\x01\x14\x02\0", PROGRAM),  # a shortcut of Windows
    (b"BM", PICTURE),
    (b"II*\0", PICTURE),
    (b"MM\0*", PICTURE),
    (b"II+\0", PICTURE),
    (b"\xff\x0a", PICTURE),  # JPEG XL
    (b"\0\0\0\x0cJXL ", PICTURE),
    (b"\0\0\0\x0cjP  ", PICTURE),  # JPEG 2000
    (b"8BPS", PICTURE),
    (b"\0\0\x01\0", PICTURE),
    (b"FLV\x01", FILM),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FILM),  # Windows Media
    (b"\0\0\x01\xba", FILM),
    (b"\0\0\x01\xb3", FILM),
    (b".RMF", FILM),
    (b"caff", SOUND),
    (b"FORM", SOUND),
    (b"MThd", SOUND),
    (b".snd", SOUND),
    (b"MAC ", SOUND),
    (b"wvpk", SOUND),
    (b"age-encryption.org/", ENCRYPTED),
    (b"-----BEGIN ", ENCRYPTED),
)
"""By the first bytes."""

_PROLOGUE: Final = rb"(?:<[?!][^<]{0,1000}>\s{0,99}){0,5}"
"""What may stand before the first element of XML: declarations and comments."""

_WORDS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (rb"begin:vcard", CONTACT),
        (rb"begin:vcalendar", CALENDAR),
        (rb"#extm3u|\[playlist\]|ffconcat version", PLAYLIST),
        (_PROLOGUE + rb"<(?:mpd|smil|asx|playlist)\b", PLAYLIST),
        (_PROLOGUE + rb"<svg\b", DRAWING),
        (_PROLOGUE + rb"<(?:!doctype html|html|head|body|script)\b", PAGE),
        (rb"<!doctype html", PAGE),
        (rb"(?:from|received|return-path|delivered-to|mime-version|message-id): ?\S", MAIL),
    )
)
"""By how a text begins."""

_ZIPPED: Final = (
    (b"AndroidManifest.xml", PROGRAM),
    (b"META-INF/MANIFEST.MF", PROGRAM),
    (b"[Content_Types].xml", OFFICE),
    (b"mimetypeapplication/vnd.oasis", OFFICE),
    (b"mimetypeapplication/epub", OFFICE),
    (b"word/", OFFICE),
    (b"docProps/", OFFICE),
)


def why_not(content: bytes) -> str:
    """Why nothing is published of these bytes, which are no picture, film or sound we open."""
    head = content[:_LOOKED_AT]
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return next((why for name, why in _ZIPPED if name in head), ARCHIVE)
    for start, why in _STARTS:
        if head.startswith(start):
            return why
    if content[257:262] == b"ustar":
        return ARCHIVE
    if _repeats(content, 188) or _repeats(content[4:], 192):
        return FILM
    return _by_words(head)


def _repeats(content: bytes, every: int) -> bool:
    """Whether it is a transport stream (ISO/IEC 13818-1 section 2.4.3.2)."""
    return len(content) > 3 * every and content[: 3 * every + 1 : every] == b"GGGG"


def _by_words(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for pattern, why in _WORDS:
        if pattern.match(text):
            return why
    return KEPT_TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head):
        return False
    try:
        head[: len(head) - 3].decode()
    except UnicodeDecodeError as fault:
        return fault.start > len(head) - 7  # a letter that the end of the head has cut
    return True
