"""What was said, once it is a clean text: a command, or a message with its code taken off.

Both ways of reading end here, that of a mail (after quotes and signatures are gone) and that of a
text. A title does not make a text less of a command; whatever came along with it does. What tells
in a link who shared it is taken off, and the text is searched for dangers last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from relay.model import Command, Mark, Media, Message
from relay.reader.encrypted import has_armour
from relay.reader.zawgyi import in_unicode
from relay.rules.danger import all_marks
from relay.rules.lookalike import imitating
from relay.rules.script import language_of
from relay.rules.tracking import untracked
from relay.rules.words import code_alone, command_of, mentions_code, perhaps, without_code

NOT_OPENED: Final = "not_opened"
"""Flag: something in it is encrypted, and not to this exit, or not whole."""

PERHAPS: Final = "perhaps_command"
"""Flag: the text may be a command ("TO family", "STATUS sunflower"). An exit that knows such a
channel or code obeys it (``relay.rules.words.perhaps``); else it is the message that it is."""

PERHAPS_CODE: Final = "perhaps_code"
"""Flag: it may have a code in it, somebody's secret perhaps: a person sees it first."""


def said(
    text: str,
    *,
    title: str = "",
    media: Sequence[Media] = (),
    flags: Iterable[str] = (),
    declared: str = "",
) -> Message | Command:
    """What a text says. ``text`` and ``title`` are clean (NFC, no control characters), ``declared``
    is a Content-Language. A picture may have nothing but a code under it: then that is its code;
    and so may a mail have for its title, which else might be published."""
    told = set(flags)
    whole = command_of(text)
    if whole and not media:
        return whole
    text, code = ("", code_alone(text)) if media and code_alone(text) else without_code(text)
    entitled = command_of(title)
    if entitled and entitled.word == "code":
        title, code = "", code or entitled.argument
    doubtful = None if media else perhaps(text)
    told.update([NOT_OPENED] * has_armour(text))
    told.update([PERHAPS] * (doubtful is not None))
    if (doubtful and doubtful.word not in ("to", "read")) or mentions_code(f"{title}\n{text}"):
        told.add(PERHAPS_CODE)
    title, text, coding = in_unicode(title, text)
    told.update([coding] * bool(coding))
    title, text = untracked(title), untracked(text)
    made = Message(
        text=text,
        title=title,
        language=language_of(f"{title}\n{text}", declared),
        media=tuple(media),
        flags=tuple(sorted(told)),
        code=code,
    )
    return replace(made, marks=all_marks(made) + _marks_of_code(code))


def _marks_of_code(code: str) -> tuple[Mark, ...]:
    """A code stands nowhere in the text: offset and length are 0."""
    return (Mark("homoglyph", 0, 0),) if any(imitating(code)) else ()
