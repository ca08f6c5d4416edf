"""What stands at the end of a person's words and is not theirs: a signature, the name of a device,
an advert, a company's words about secrecy, the footer of a list.

Each must look as programs write it, down to its last word: "Sent from my phone, they are shooting"
is a message. What is long is no signature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from relay.reader.endings import (
    ADVERTISED,
    ADVERTS,
    DEVICE_LINES,
    DEVICES,
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
"""Lines of a signature or a footer. Four are good manners; companies write fifteen."""

MOST_CHARACTERS: Final = 2000
"""Characters of one."""

LONGEST: Final = 160
"""Characters of a line that a program adds."""


MOST_ADDED: Final = 12
"""Things that are taken off one after another: a device, an advert, the footers of two lists."""


def own_words(lines: Sequence[Line]) -> tuple[Sequence[Line], bool]:
    """The lines without what was added at their end; and whether something may have been added
    that was too long, or not marked well enough, to take it off."""
    kept, doubt = _without_signature(lines)
    end = len(kept)
    for _ in range(MOST_ADDED):
        start = _added(kept, end)
        if start is None:
            break
        end = start
    return (kept if end == len(kept) else kept[:end]), doubt


def _added(lines: Sequence[Line], end: int) -> int | None:
    """Where the last thing before ``end`` begins that is not the person's, if it is not."""
    while end and not lines[end - 1].said:
        end -= 1
    if not end:
        return None
    if _is_added(lines[end - 1].said):
        return end - 1
    start = _paragraph(lines, end)
    if start < end and (_is_secrecy(lines[start:end]) or _is_list(lines[start:end])):
        return start
    return _ruled_off(lines, end)


def _short(lines: Sequence[Line]) -> bool:
    said = [line.said for line in lines if line.said]
    return len(said) <= MOST_LINES and sum(map(len, said)) <= MOST_CHARACTERS


# ---------------------------------------------------------------- signatures

_FEW: Final = 6
_DELIMITERS: Final = ("-- ", "-- \xa0", "--\xa0")


def _without_signature(lines: Sequence[Line]) -> tuple[Sequence[Line], bool]:
    """Without what follows "-- " (RFC 3676 section 4.3), or what HTML calls a signature. A line
    "--" has lost its blank, or was drawn by the person: it stays, and is doubtful."""
    doubt = False
    for at, line in enumerate(lines):
        if line.text in _DELIMITERS or line.quoted is Quoted.SIGNATURE:
            rest = lines[at:]
            if line.quoted is Quoted.SIGNATURE:
                rest = [one for one in rest if one.quoted is Quoted.SIGNATURE]
                after = [one for one in lines[at:] if one.quoted is not Quoted.SIGNATURE]
            else:
                after = []
            if _short(rest):
                return [*lines[:at], *after], doubt
            return lines, True
        if line.said == "--" and len(lines) - at <= 2 * _FEW and not is_blank(lines[at + 1 :]):
            doubt = True
    return lines, doubt


# ---------------------------------------------------------------- lines that programs add

_LINK: Final = re.compile(r"[<(\[]?https?://[^\s<>]{1,200}[>)\]]?")
_WORD: Final = re.compile(r"[^\s]+")
_EDGE: Final = "*_.。!:-–—~()[]<>\"'«»“”"
_CUT_AT: Final = re.compile(r"['ʼ]")
_DEVICE_LINE: Final = tuple(re.compile(pattern) for pattern in DEVICE_LINES)


def _words(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(plain, words))


_SENT, _GET, _FILLING, _DEVICES = map(_words, (SENT, GET, FILLING, DEVICES))
_KNOWN: Final = _SENT | _GET | _FILLING | _DEVICES
_ADVERTS: Final = tuple(map(plain, ADVERTS))
_ADVERTISED: Final = tuple(map(plain, ADVERTISED))


def _is_added(said: str) -> bool:
    if len(said) > LONGEST + 200:
        return False
    bare = plain(_LINK.sub(" ", said)).strip(_EDGE + " ")
    if not bare or len(bare) > LONGEST:
        return False
    return _names_device(bare) or _is_advert(bare, plain(said))


def _names_device(bare: str) -> bool:
    if any(pattern.fullmatch(bare) for pattern in _DEVICE_LINE):
        return True
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


def _ruled_off(lines: Sequence[Line], end: int) -> int | None:
    """Where a line is drawn over the footer of a list, if one is."""
    for at in range(end - 1, max(end - MOST_LINES, -1), -1):
        if _RULE.fullmatch(lines[at].said):
            rest = lines[at + 1 : end]
            listed = not is_blank(rest) and any(one in _told(rest) for one in _LISTS)
            return at if listed else None
    return None
