"""Content to message: the one call of a reader. Whatever the bytes are, it returns.

Pure and synchronous; the process around it bounds CPU and memory. What is read is a message even
when parts of it are doubtful: flags say so and a person sees it. What is beyond the limits, or
cannot be told, is Unreadable: set aside with the reason, its bytes kept.
"""

from __future__ import annotations

from relay.model import Kind, Media, Message, Reading, Unreadable
from relay.reader.charset import DAMAGED
from relay.reader.counted import MAX_BYTES, TooMuch
from relay.reader.mail import read_mail
from relay.reader.text import CUT, MEDIA, fitted
from relay.rules.danger import marks
from relay.rules.script import language_of


def read(content: bytes, kind: Kind) -> Reading:
    """Read stripped content as its kind says. Never raises."""
    try:
        return read_mail(content) if kind in ("mail", "multipart") else _read_text(content)
    except TooMuch as said:
        return Unreadable(str(said))
    except MemoryError:
        return Unreadable("too large to read")
    except RecursionError:
        return Unreadable("nested too deeply to read")
    except Exception:  # hostile bytes choose what a parser raises, and its words may quote them
        return Unreadable("not understood")


def _read_text(content: bytes) -> Message | Unreadable:
    if len(content) > MAX_BYTES:
        raise TooMuch("too large")
    decoded = content.decode("utf-8", "replace")
    flags = [DAMAGED] if "\ufffd" in decoded and not _is_utf8(content) else []
    text, was_cut = fitted(decoded)
    media: tuple[Media, ...] = ()
    if was_cut:
        media = (Media("text/plain", content),)
        flags += [CUT, MEDIA]
    if not (text or media):
        return Unreadable("empty")
    return Message(text, "", language_of(text), marks(text), media, tuple(sorted(flags)))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
