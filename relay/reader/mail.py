"""A stripped mail: its first text, else its HTML as text; its Subject; everything else kept aside.

MIME is parsed by the standard library (RFC 2045 to 2049) after it was counted. Names of files are
never kept. Charsets are those of text only: Python's own table also holds zlib and rot13.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message as Part

from relay.model import Media, Message
from relay.reader.counted import MAX_DEPTH, MAX_PARTS, TooMuch, count
from relay.reader.html import text_of
from relay.reader.text import clean, unflow

MAX_SUBJECT_BYTES = 8 * 1024
MAX_TITLE = 300
"""Characters of the longest title; a longer Subject is cut there with an ellipsis."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_ARABIC_IN_1256 = re.compile(rb"[\xc0-\xd6\xd8-\xdf\xe1\xe3-\xe6\xec\xed]{2}")


def read_mail(content: bytes) -> Message:
    """The message in a stripped mail. Raises TooMuch, or what the parser raises."""
    count(content)
    parsed = message_from_bytes(content, policy=policy.compat32)
    texts: list[tuple[str, str, bool]] = []
    media: list[Media] = []
    for n, part in enumerate(_leaves(parsed, 0), 1):
        if n > MAX_PARTS:
            raise TooMuch("it has too many parts")
        _sort(part, texts, media)
    chosen = next((one for one in texts if one[0] == "plain"), None) or (
        texts[0] if texts else None
    )
    flags = []
    if media:
        flags.append("media")
    if chosen is not None and chosen[2]:
        flags.append("damaged_text")
    return Message(
        text=clean(chosen[1]) if chosen else "",
        title=_title(parsed),
        language=_language(parsed),
        media=tuple(media),
        flags=tuple(flags),
    )


def _leaves(part: Part, depth: int) -> Iterator[Part]:
    """Every part that has no parts, in order."""
    if depth > MAX_DEPTH:
        raise TooMuch("too deeply nested")
    if part.is_multipart():
        for inner in part.get_payload():
            if isinstance(inner, Part):
                yield from _leaves(inner, depth + 1)
    else:
        yield part


def _sort(part: Part, texts: list[tuple[str, str, bool]], media: list[Media]) -> None:
    kind = part.get_content_type()
    attached = part.get_content_disposition() == "attachment"
    decoded = part.get_payload(decode=True)
    payload = decoded if isinstance(decoded, bytes) else b""
    if kind in ("text/plain", "text/html") and not attached:
        text, damaged = _decoded(payload, str(part.get_content_charset() or ""))
        if kind == "text/html":
            text = text_of(text)
        elif str(part.get_param("format", "")).lower() == "flowed":
            text = unflow(text, str(part.get_param("delsp", "")).lower() == "yes")
        if text.strip():
            texts.append((kind.removeprefix("text/"), text, damaged))
    elif payload.strip():
        media.append(
            Media(kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "unknown", payload)
        )


def _decoded(payload: bytes, charset: str) -> tuple[str, bool]:
    """The text of a part, and whether its charset had to be guessed or its bytes replaced."""
    if charset:
        try:
            known = codecs.lookup(charset)
            if known._is_text_encoding and known.name not in ("idna", "punycode", "undefined"):
                return payload.decode(known.name), False
        except (LookupError, UnicodeError, ValueError):
            pass
    try:
        return payload.decode("utf-8"), False
    except UnicodeDecodeError:
        guessed = "windows-1256" if _ARABIC_IN_1256.search(payload) else "latin-1"
        return payload.decode(guessed, "replace"), True


def _title(parsed: Part) -> str:
    raw = str(parsed.get("Subject", ""))[:MAX_SUBJECT_BYTES]
    if not raw.strip():
        return ""
    words = []
    try:
        for word, charset in decode_header(raw):
            if isinstance(word, str):
                words.append(word)
            else:
                words.append(_decoded(word, charset or "utf-8")[0])
    except (ValueError, LookupError):
        words = [raw]
    title = " ".join(clean("".join(words)).split())
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"


def _language(parsed: Part) -> str:
    declared = str(parsed.get("Content-Language", ""))[:MAX_SUBJECT_BYTES].strip()
    return declared if _LANGUAGE.fullmatch(declared) else ""
