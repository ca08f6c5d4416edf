"""What stands at the end of a person's words and is not theirs: a signature, the name of a device,
an advert, a company's words about secrecy, the footer of a list.

Each must look as programs write it, down to its last word: "Sent from my phone, they are shooting"
is a message. What is long, or made of sentences, is no signature. What only sounds as companies and
lists do goes, and whoever asked is told that it may have been the person's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from relay.reader.endings import (
    ADVERTISED,
    ADVERTS,
    DEVICE_LINES,
    DEVICES,
    EXCUSES,
    FILLING,
    GET,
    LIST_BEGINS,
    LISTS,
    SECRECY_BEGINS,
    SECRECY_GOES_ON,
    SENT,
)
from relay.reader.leads import plain
from relay.reader.lines import Line, Quoted, is_blank

MOST_LINES: Final = 20
"""Lines of a footer."""

MOST_OF_SIGNATURE: Final = (12, 800)
"""Lines and characters of a signature: more may be a letter below a line that a person drew."""

LONGEST: Final = 160
"""Characters of a line that a program adds."""


MOST_ADDED: Final = 12
"""Things that are taken off one after another: a device, an advert, the footers of two lists."""


class Own(NamedTuple):
    """What is left of lines. ``doubt``: something in it may have been added, and was too long or
    not marked well enough to take it off. ``unsure``: something that went may be the person's."""

    lines: Sequence[Line]
    doubt: bool = False
    unsure: bool = False


def own_words(lines: Sequence[Line]) -> Own:
    """The lines without what was added at their end."""
    made = _without_signature(lines)
    kept, unsure = made.lines, made.unsure
    end = len(kept)
    for _ in range(MOST_ADDED):
        added = _added(kept, end)
        if added is None:
            break
        end, sure = added
        unsure = unsure or not sure
    return Own(kept if end == len(kept) else kept[:end], made.doubt, unsure)


def _added(lines: Sequence[Line], end: int) -> tuple[int, bool] | None:
    """Where the last thing before ``end`` begins that is not the person's, if it is not; and
    whether nobody could have written that by hand."""
    while end and not lines[end - 1].said:
        end -= 1
    if not end:
        return None
    added = _is_added(lines[end - 1].said)
    if added is not None:
        return end - 1, added
    start = _paragraph(lines, end)
    if start < end and _is_list(lines[start:end]):
        return start, True
    if start < end and _is_secrecy(lines[start:end]):
        return start, False
    ruled = _ruled_off(lines, end)
    return None if ruled is None else (ruled, _names_list(lines[ruled + 1 : end]))


def _short(lines: Sequence[Line]) -> bool:
    said = [line.said for line in lines if line.said]
    most_lines, most_characters = MOST_OF_SIGNATURE
    return len(said) <= most_lines + 1 and sum(map(len, said)) <= most_characters


# ---------------------------------------------------------------- signatures

_FEW: Final = 6
"""Lines of a signature that nobody has to look at, the one above it included."""

_DELIMITERS: Final = ("-- ", "-- \xa0", "--\xa0")


def _without_signature(lines: Sequence[Line]) -> Own:
    """Without what follows "-- " (RFC 3676 section 4.3), or what HTML calls a signature. A line
    "--" has lost its blank, or was drawn by the person: it stays, and is doubtful; and so does a
    signature in which somebody goes on to tell."""
    doubt = False
    for at, line in enumerate(lines):
        if line.text in _DELIMITERS or line.quoted is Quoted.SIGNATURE:
            rest = lines[at:]
            after: list[Line] = []
            if line.quoted is Quoted.SIGNATURE:
                rest = [one for one in rest if one.quoted is Quoted.SIGNATURE]
                after = [one for one in lines[at:] if one.quoted is not Quoted.SIGNATURE]
            if not _short(rest) or any(_tells(one.said) for one in rest):
                return Own(lines, doubt=True)
            alone = is_blank([*lines[:at], *after]) and not _only_added(rest)
            return Own([*lines[:at], *after], doubt, unsure=alone or not _mannered(rest))
        if line.said == "--" and len(lines) - at <= 2 * _FEW and not is_blank(lines[at + 1 :]):
            doubt = True
    return Own(lines, doubt)


_ENDS_SENTENCE: Final = re.compile(
    "[.!?\u061f\u06d4\u3002\uff01\uff1f\u104b\u2026][\"')\u00bb\u201d]?(?: |$)"
)
_SPEAKS: Final = re.compile("[-\u2013\u2014\u2015\u00bf\u00a1\u00ab\u201c]")
_REACHED: Final = re.compile("[@\\d]|://|www[.]")
_MOST_WORDS: Final = 7  # of a name, a post, a company
_LEAST_WORDS: Final = 5
_MOST_UNPARTED: Final = 24  # characters, in scripts that set no blanks


def _tells(said: str) -> bool:
    """Whether a line of a signature is rather a sentence: an end of one, or many words."""
    if _is_added(said) is not None:
        return False
    words = said.split()
    if len(words) >= _LEAST_WORDS and _ENDS_SENTENCE.search(said) and not _REACHED.search(said):
        return True
    if _REACHED.search(said):
        return len(words) > 2 * _MOST_WORDS
    return len(words) > _MOST_WORDS or _unparted(said) > _MOST_UNPARTED


def _mannered(signature: Sequence[Line]) -> bool:
    """Whether a signature is as programs ask for one: a few lines in one piece, no sentence."""
    said = [one.said for one in signature if one.said]
    ended = (one for one in said[1:] if " " in one and _is_added(one) is None)
    return (
        len(said) <= _FEW
        and not any(_ENDS_SENTENCE.search(one[-2:]) or _SPEAKS.match(one) for one in ended)
        and is_blank(signature[len(said) :])
    )


def _only_added(signature: Sequence[Line]) -> bool:
    """Whether no more than a program's own line stands in a signature."""
    return all(_is_added(one.said) for one in signature if one.said.strip("-"))


def _unparted(said: str) -> int:
    """How many of its letters are of scripts that set no blanks between words."""
    return len(_NO_BLANKS.findall(said))


_NO_BLANKS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)


# ---------------------------------------------------------------- lines that programs add

_LINK: Final = re.compile(r"[<(\[]?https?://[^\s<>]{1,200}[>)\]]?")
_HAS_LINK: Final = re.compile(r"https?://\S|www\.\S")
_WORD: Final = re.compile(r"[^\s]+")
_EDGE: Final = "*_.。!:-–—~()[]<>\"'«»“”"
_CUT_AT: Final = re.compile(r"['ʼ]")
_DEVICE_LINE: Final = tuple(re.compile(pattern) for pattern in DEVICE_LINES)


def _words(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(plain, words))


_SENT, _GET, _FILLING, _DEVICES = map(_words, (SENT, GET, FILLING, DEVICES))
_KNOWN: Final = _SENT | _GET | _FILLING | _DEVICES
_EXCUSES: Final = tuple(map(plain, EXCUSES))
_ADVERTS: Final = tuple(map(plain, ADVERTS))
_ADVERTISED: Final = tuple(map(plain, ADVERTISED))


def _is_added(said: str) -> bool | None:
    """Whether a program added this line: True if nobody writes so, False if somebody might."""
    if len(said) > LONGEST + 200:
        return None
    bare = plain(_LINK.sub(" ", said)).strip(_EDGE + " ")
    if not bare or len(bare) > LONGEST:
        return None
    if _names_device(bare):
        return True
    return bool(_HAS_LINK.search(said)) if _is_advert(bare, plain(said)) else None


def _names_device(bare: str) -> bool:
    if any(pattern.fullmatch(bare) for pattern in _DEVICE_LINE):
        return True
    excuse = next((one for one in _EXCUSES if bare.endswith(one)), "")
    bare = bare.removesuffix(excuse)
    words = {_CUT_AT.split(one.strip(_EDGE))[0] for one in _WORD.findall(bare)} - {""}
    sent = bool(words & _SENT) or (bool(words & _GET) and "outlook" in words)
    return sent and bool(words & _DEVICES) and all(one in _KNOWN or _is_model(one) for one in words)


def _is_model(word: str) -> bool:
    return len(word) <= 8 and word.isascii() and not word.isdigit() and any(map(str.isdigit, word))


def _is_advert(bare: str, whole: str) -> bool:
    return bare.startswith(_ADVERTS) and any(name in whole for name in _ADVERTISED)


# ---------------------------------------------------------------- paragraphs

_SECRECY: Final = re.compile("|".join(f"(?:{pattern})" for pattern in SECRECY_BEGINS))
_SECRECY_GOES_ON: Final = tuple(map(plain, SECRECY_GOES_ON))
_LISTS: Final = tuple(map(plain, LISTS))
_LIST_BEGINS: Final = tuple(map(plain, LIST_BEGINS))
_RULE: Final = re.compile(r"_{16,}|-=(?:-=){5,}-?|--~(?:--~)*[-~]*|={16,}|-{16,}")
_LOOKED_AT: Final = 1200  # characters of a paragraph


def _paragraph(lines: Sequence[Line], end: int) -> int:
    """Where the last paragraph begins; ``end`` where it is too long to be a footer."""
    for start in range(end, max(end - MOST_LINES, 0), -1):
        if not lines[start - 1].said:
            return start
    return 0 if end <= MOST_LINES else end


def _told(lines: Sequence[Line]) -> str:
    return plain(" ".join(line.said for line in lines)[:_LOOKED_AT])


def _is_secrecy(paragraph: Sequence[Line]) -> bool:
    told = _told(paragraph)
    return _SECRECY.match(told) is not None and any(one in told for one in _SECRECY_GOES_ON)


def _is_list(paragraph: Sequence[Line]) -> bool:
    return _told(paragraph).startswith(_LIST_BEGINS)


def _names_list(footer: Sequence[Line]) -> bool:
    """Whether a footer is but names and addresses."""
    said = [one.said for one in footer if one.said]
    linked = [one for one in said if _LINKED.search(one)]
    return bool(linked) and all(len(one.split()) <= _LEAST_WORDS or one in linked for one in said)


_LINKED: Final = re.compile(r"^\S*(?:@|://|www\.)\S+$|://\S+$")


def _ruled_off(lines: Sequence[Line], end: int) -> int | None:
    """Where a line is drawn over the footer of a list, if one is."""
    for at in range(end - 1, max(end - MOST_LINES, -1), -1):
        if _RULE.fullmatch(lines[at].said):
            rest = lines[at + 1 : end]
            listed = not is_blank(rest) and any(one in _told(rest) for one in _LISTS)
            return at if listed else None
    return None
