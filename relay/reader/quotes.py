"""The words of the person who wrote a mail, without what they answered and what programs added.

To lose a witness's words is worse than to publish a quote. So a quote goes only where a program
says that it is one, and only where it stands by itself: one that is answered line by line stays,
for a person to decide about, and so does everything that is merely like a quote. The lines that
name people (who wrote when, the header of another mail) go in any case. Where nothing would be
left, what was quoted is the message. Of a mail that is passed on the text stays, not its header.
What goes and may yet be the person's own (they answered inside an old mail, or wrote down an order
with its header) is told apart: then the whole text is kept aside, and a person looks.

Linear in the length of the text, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay.model import Mark
from relay.reader.lines import Line, is_blank, lines_of, without_borders
from relay.reader.sections import Parted, parted
from relay.reader.tails import Own, own_words

REMOVED: Final = "quote_removed"
"""Flag: something was taken off the text (a quote, a signature, a footer, names over a quote)."""

QUOTED: Final = "quoted"
"""Flag: the text has, or may have, words of others or a signature in it; the marks say where."""

MARK: Final = "quote"
"""The kind of a mark on words of others."""


@dataclass(frozen=True, slots=True, repr=False)
class Stripped:
    """What is left of a text, not yet cleaned, and the flags of what was done. ``unsure``: what
    went may have been the person's own."""

    text: str
    flags: frozenset[str] = frozenset()
    unsure: bool = False


def stripped(text: str, *, title: str = "", alone: bool = True) -> Stripped:
    """The person's words in a text of a mail with that title. ``alone``: there is nothing else in
    the mail (no picture), so that an answer without words of its own keeps what it quotes."""
    text, unsigned = without_signing(text)
    made = parted(lines_of(text), title)
    own = _own(made)
    kept = [one.lines for one in own]
    doubt = made.doubt or any(one.doubt for one in own)
    unsure = made.unsure or any(one.unsure for one in own)
    quotes = _quotes_to_keep(made, kept, alone=alone)
    shown: list[Line] = []
    for section, words in zip(made.sections, kept, strict=True):
        if section.kind == "own":
            shown += words
        elif id(section) in quotes:
            shown += section.lines
            doubt = True
        elif section.kind == "rest" and not is_blank(section.lines):
            unsure = True  # no sign at its lines: an answer may stand below it, or within
    removed = (
        unsigned or made.named or _said(shown) < sum(_said(one.lines) for one in made.sections)
    )
    whole = "\n".join(line.text for line in shown)
    if not whole.strip() and alone and text.strip() and not title:
        # there is nothing but what programs write
        return Stripped(without_borders(text), frozenset({QUOTED}))
    flags = frozenset([QUOTED] * doubt + [REMOVED] * bool(removed))
    return Stripped(whole, flags, unsure)


def _said(lines: Sequence[Line]) -> int:
    return sum(1 for line in lines if line.said)


def _own(made: Parted) -> list[Own]:
    """For each section of own words what is left of it."""
    return [
        own_words(section.lines) if section.kind == "own" else Own([]) for section in made.sections
    ]


def _quotes_to_keep(made: Parted, kept: Sequence[Sequence[Line]], *, alone: bool) -> set[int]:
    """The ids of the sections that stay although others wrote them."""
    said = [
        section.kind == "own" and not is_blank(kept[at]) for at, section in enumerate(made.sections)
    ]
    quotes = [at for at, section in enumerate(made.sections) if section.kind != "own"]
    answered = bool(quotes) and _is_answered(said, quotes)
    nothing_else = not any(said) and alone
    return {
        id(section)
        for section in (made.sections[at] for at in quotes)
        if not section.sure
        or made.forwarded
        or nothing_else
        or (answered and section.kind == "quote")
    }


def _is_answered(said: Sequence[bool], quotes: Sequence[int]) -> bool:
    """Whether the person writes between quotes, or before and after a single one."""
    between = any(said[quotes[0] : quotes[-1]])
    return between or (any(said[: quotes[0]]) and any(said[quotes[-1] :]))


# ---------------------------------------------------------------- marks

_QUOTED_LINES: Final = re.compile(r"^[ \t]{0,3}>.*(?:\n[ \t]{0,3}>.*)*", re.MULTILINE)


def quote_marks(text: str, flags: Sequence[str] | frozenset[str]) -> tuple[Mark, ...]:
    """Where words of others stand in a clean text: its quoted lines; if it has none, somewhere."""
    if QUOTED not in flags:
        return ()
    found = [Mark(MARK, one.start(), len(one[0])) for one in _QUOTED_LINES.finditer(text)]
    return tuple(found) or (Mark(MARK, 0, 0),)


# ---------------------------------------------------------------- signed text

_SIGNED: Final = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]{1,20}:.*\n){0,9}[ \t]*\n", re.MULTILINE
)
_ARMOURED: Final = re.compile(
    r"^-----(BEGIN|END) PGP (SIGNATURE|PUBLIC KEY BLOCK)-----[ \t]*$", re.M
)
_DASH_ESCAPED: Final = re.compile(r"^- (?=[-F])", re.MULTILINE)


def without_signing(text: str) -> tuple[str, bool]:
    """A text without the OpenPGP armour around it (RFC 9580 section 7) and without signatures and
    keys, which name whoever made them; and whether there was any."""
    if "-----BEGIN PGP " not in text:
        return text, False
    text = text.replace("\r\n", "\n")
    unsigned = _SIGNED.sub("", text)
    if unsigned != text:
        unsigned = _DASH_ESCAPED.sub("", unsigned)
    kept, at, opened = [], 0, ""
    for border in _ARMOURED.finditer(unsigned):
        if border[1] == "BEGIN" and not opened:
            kept.append(unsigned[at : border.start()])
            at, opened = border.start(), border[2]
        elif border[1] == "END" and border[2] == opened:
            at, opened = border.end(), ""
    whole = "".join([*kept, unsigned[at:]])
    return whole, whole != text
