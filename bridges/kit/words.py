"""A text as a post may carry it: normal form, nothing unseen in it, nobody notified by it."""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

from bridges.kit.counting import LINK, WORD

JOINER: Final = "\u2060"
"""Word joiner (no width, no line break): after ``@`` or ``#`` it keeps a server from seeing a name
or a tag there, and people from seeing a difference."""

_LINES: Final = regex.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN: Final = regex.compile(r"[\p{Cc}\p{Cs}--\n\t]", regex.VERSION1)
_CALLS: Final = regex.compile(
    rf"(?P<link>{LINK})"
    rf"|(?<![{WORD}])[@＠#＃](?=[\u200c\u200d\u200e\u200f\u2066-\u2069]*[{WORD}])",
    regex.IGNORECASE,
)

_EMBEDS: Final = "\u202a\u202b"
_OVERRIDES: Final = "\u202d\u202e"
_ISOLATES: Final = "\u2066\u2067\u2068"
_POP: Final = "\u202c"
_POP_ISOLATE: Final = "\u2069"
_OPEN: Final = frozenset(_EMBEDS + _OVERRIDES + _ISOLATES)
_DIRECTIONS: Final = _OPEN | {_POP, _POP_ISOLATE}


def clean(text: str) -> str:
    """NFC, line ends as ``\\n``, no controls but tab, no direction marks that could deceive."""
    plain = _UNSEEN.sub("", _LINES.sub("\n", text))
    return unicodedata.normalize("NFC", paired(plain)).strip()


def paired(text: str) -> str:
    """Without direction overrides, and without embeddings and isolates that lack their other half.

    An override shows ``exe.png`` for ``gnp.exe``; none is needed to write any language. A pair ends
    with its line (UAX 9).
    """
    return "\n".join(_paired_line(line) for line in text.split("\n"))


def _paired_line(line: str) -> str:
    keep: set[int] = set()
    opened: list[int] = []
    isolates = 0  # among them: to look for one each time would cost the square of the line
    for at, sign in enumerate(line):
        if sign in _OPEN:
            opened.append(at)
            isolates += sign in _ISOLATES
        elif sign == _POP and opened and line[opened[-1]] not in _ISOLATES:
            start = opened.pop()
            keep |= {start, at} if line[start] in _EMBEDS else set()
        elif sign == _POP_ISOLATE and isolates:
            while line[opened[-1]] not in _ISOLATES:
                opened.pop()
            keep |= {opened.pop(), at}
            isolates -= 1
    return "".join(sign for at, sign in enumerate(line) if at in keep or sign not in _DIRECTIONS)


def quiet(text: str) -> str:
    """The text with every ``@name`` and ``#tag`` made plain words; addresses stay as they are.

    A name notifies a stranger, and may show whom a sender knows.
    """
    silent: str = _CALLS.sub(lambda found: found[0] + ("" if found["link"] else JOINER), text)
    return silent


def headed(title: str, text: str) -> str:
    """The text under its title, unless it begins with it; either may be empty."""
    following = text[len(title) : len(title) + 1]
    if not title or (text.startswith(title) and not following.isalnum()):
        return text
    return f"{title}\n\n{text}" if text else title


def language(tag: str) -> str:
    """ISO 639-1 or -3 of a BCP 47 tag, or "" where there is none."""
    primary = tag.partition("-")[0].lower()
    known = primary.isascii() and primary.isalpha() and len(primary) in (2, 3)
    return primary if known and primary not in ("und", "mul", "zxx", "mis") else ""
