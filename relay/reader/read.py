"""Content to message: the one call of a reader. Whatever the bytes are, it returns.

Pure and synchronous; the process around it bounds CPU and memory. What is read is a message even
when parts of it are doubtful: flags say so and a person sees it. What is beyond the limits, or
cannot be told, is Unreadable: set aside with the reason, its bytes kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from relay.model import Command, Encrypted, Kind, Media, Message, Reading, Unreadable
from relay.reader.charset import DAMAGED
from relay.reader.counted import MAX_BYTES, TooMuch
from relay.reader.mail import read_mail
from relay.reader.said import said
from relay.reader.text import CUT, MEDIA, fitted
from relay.rules.gsm import decoded

T = TypeVar("T")


def read(content: bytes, kind: Kind) -> Reading | Encrypted:
    """Read stripped content as its kind says. Never raises."""
    of_parts = kind in ("mail", "multipart")
    return guarded(lambda: (read_mail if of_parts else _read_text)(content, kind))


def guarded(reading: Callable[[], T]) -> T | Unreadable:
    """What a way of reading gives, whatever it raises: that is decided by what it reads."""
    try:
        return reading()
    except TooMuch as limit:
        return Unreadable(str(limit))
    except MemoryError:
        return Unreadable("too large to read")
    except RecursionError:
        return Unreadable("nested too deeply to read")
    except Exception:  # hostile bytes choose what a parser raises, and its words may quote them
        return Unreadable("not understood")


def _read_text(content: bytes, kind: Kind) -> Message | Command | Unreadable:
    if len(content) > MAX_BYTES:
        raise TooMuch("too large")
    whole, is_damaged = _decoded(content, kind)
    text, was_cut = fitted(whole)
    if not (text or was_cut):
        return Unreadable("empty")
    flags = {*[DAMAGED] * is_damaged, *[CUT, MEDIA] * was_cut}
    media = (Media("text/plain", whole.encode("utf-8", "replace")),) if was_cut else ()
    return said(text, media=media, flags=flags)


def _decoded(content: bytes, kind: Kind) -> tuple[str, bool]:
    """The text, and whether some of it could not be read: then its bytes do not come out again."""
    if kind == "gsm":
        text = decoded(content, kind)
        return text, "\ufffd" in text
    charset = "utf-16-be" if kind == "ucs2" else "utf-8"
    text = decoded(content, kind) if kind == "ucs2" else content.decode(charset, "replace")
    return text, "\ufffd" in text and text.encode(charset) != content
