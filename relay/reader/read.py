"""Read a stripped submission: text, title, language, dangers, and what came beside the text.

Nothing in here trusts the content. Whatever it is, the result is a ``Message`` or ``Unreadable``
with a reason in our own words; the process around it limits CPU and memory.
"""

from __future__ import annotations

from relay.model import Message, Unreadable
from relay.reader.counted import TooMuch
from relay.reader.mail import read_mail
from relay.reader.text import clean
from relay.rules.danger import marks
from relay.rules.script import language_of

MAX_CHARACTERS = 20_000
"""Characters of the longest text: a long article. More is set aside whole, never cut."""


def read(content: bytes, kind: str) -> Message | Unreadable:
    """Read content of kind "mail" (stripped MIME) or "text" (UTF-8). Never raises for it."""
    try:
        message = read_mail(content) if kind == "mail" else _read_text(content)
    except TooMuch as error:
        return Unreadable(str(error))
    except MemoryError:
        return Unreadable("too much memory to read")
    except RecursionError:
        return Unreadable("too deeply nested")
    except Exception:  # the standard library's parser raises what it likes for hostile mail
        return Unreadable("malformed")
    if len(message.text) > MAX_CHARACTERS:
        return Unreadable("longer than 20,000 characters")
    if not message.text and not message.media:
        return Unreadable("empty")
    return Message(
        text=message.text,
        title=message.title,
        language=message.language or language_of(message.text),
        marks=marks(message.text),
        media=message.media,
        flags=message.flags,
    )


def _read_text(content: bytes) -> Message:
    try:
        return Message(clean(content.decode("utf-8")), language="")
    except UnicodeDecodeError:
        text = clean(content.decode("utf-8", "replace"))
        return Message(text, language="", flags=("damaged_text",))
