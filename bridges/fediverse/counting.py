"""How long a server will find a text. We may count too much, never too little.

Mastodon counts grapheme clusters (UAX 29); a web address with its scheme counts 23 however long it
is, and of ``@user@host`` only ``@user`` counts (its StatusLengthValidator). GoToSocial counts code
points and takes nothing off. What exactly is an address is the server's to say, so we take
something off only for what any of them would call one: a scheme, a host with a well-known ending,
ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import regex

LINK: Final = (
    r"(?:https?|gopher|gemini|ipfs|ipns|dat|dweb|ssb)://"
    r"[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u3000-\u303f\uff00-\uffef]+"
)
"""An address as far as it may go. Scripts that write without spaces end it."""

WORD: Final = r"\p{L}\p{M}\p{N}\p{Pc}"
"""What names and tags are made of, for the inside of a character class."""

GRAPHEME: Final = r"\p{RI}\p{RI}[\p{GCB=EX}\p{GCB=SM}\p{GCB=ZWJ}]*+|\X"
"""What people see as one sign (UAX 29). Of a row of flags ``\\X`` would count from its beginning
each time, which costs the square of the row: pairs are taken as they come."""

_ATOM: Final = regex.compile(
    rf"(?P<link>{LINK})"
    rf"|(?P<mention>(?<![=/{WORD}])@(?=[a-z0-9_])[a-z0-9_.-]++(?<=[a-z0-9_])"
    r"@[a-z0-9.-]*[a-z0-9])"  # nothing is tried twice: "@aaaa..." must not cost its square
    rf"|(?P<tag>(?<![{WORD}])[#＃]\u2060?[{WORD}\u200c]{{1,100}})"
    rf"|{GRAPHEME}",
    regex.IGNORECASE,
)

_ENDINGS: Final = (
    "com|org|net|edu|gov|mil|int|info|biz|name|news|online|site|app|dev|blog"
    "|ac|ae|af|am|ar|at|au|az|be|bg|bh|br|by|ca|ch|cl|cn|co|cz|de|dk|dz|ee|eg|es|eu|fi|fm|fr|gd|ge"
    "|gl|gr|hk|hu|id|ie|il|im|in|io|iq|ir|is|it|jo|jp|ke|kg|kr|kw|kz|lb|li|lt|lu|lv|ly|ma|me|mk|mm"
    "|mx|ng|nl|no|nz|om|ph|pk|pl|ps|pt|qa|ro|rs|ru|sa|sd|se|sg|si|sk|st|sy|th|tj|tm|tn|to|tr|tv|tw"
    "|ua|ug|uk|us|uz|ve|vn|ws|ye|za"
)

_PLAIN_LINK: Final = regex.compile(
    r"(?<![^\s(\[\"'«])"  # at the start, or after white space or an opening sign
    rf"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS})(?![a-z0-9.@_-])(?::[0-9]{{1,5}})?"
    r"(?:/(?:[a-z0-9!*';:=+,.$/%#_~&-]*[a-z0-9=_#/+-])?)?"
    r"(?:\?[a-z0-9!?*';:&=+$/%#_.,~-]*[a-z0-9_&=#/-])?",
    regex.IGNORECASE | regex.ASCII,
)


@dataclass(frozen=True, slots=True)
class Counting:
    """A server's way: its unit; the least that an address counts; whether that is also the most
    (``discount``, and then of a mention only the name counts)."""

    unit: Literal["graphemes", "code points"]
    link: int
    discount: bool


@dataclass(frozen=True, slots=True, repr=False)
class Atom:
    """What is not to be cut in two: an address, a tag, a mention, or one grapheme."""

    end: int
    cost: int


def measure(text: str, counting: Counting) -> int:
    """How long the server finds this text, or more."""
    return sum(atom.cost for atom in atoms(text, counting))


def atoms(text: str, counting: Counting) -> Iterator[Atom]:
    """The text from its beginning, piece by piece; ``end`` is an offset into it."""
    by_grapheme = counting.unit == "graphemes"
    for found in _ATOM.finditer(text):
        start, end = found.span()
        kind = found.lastgroup
        if kind is None:
            cost = 1 if by_grapheme else end - start
        elif kind == "link":
            cost = _link(text, start, end, counting)
        elif kind == "mention" and counting.discount:
            cost = _units(found[0].rpartition("@")[0], counting)
        else:
            cost = _units(found[0], counting)
        yield Atom(end, cost)


def _link(text: str, start: int, end: int, counting: Counting) -> int:
    plain = _PLAIN_LINK.match(text, start, end) if counting.discount else None
    if plain is None:
        return max(counting.link, _units(text[start:end], counting))
    return counting.link + _units(text[plain.end() : end], counting)


def _units(text: str, counting: Counting) -> int:
    if counting.unit == "code points":
        return len(text)
    return len(regex.findall(GRAPHEME, text))
