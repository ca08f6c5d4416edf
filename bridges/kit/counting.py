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
from typing import Final, Literal, Protocol

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


@dataclass(frozen=True, slots=True, repr=False)
class Atom:
    """What is not to be cut in two: an address, a tag, a mention, or one grapheme."""

    end: int
    cost: int


Unit = Literal["graphemes", "code points", "utf-16", "bytes"]


def units(text: str, unit: Unit) -> int:
    """How many of them a text has: grapheme clusters, code points, UTF-16 units, UTF-8 bytes."""
    match unit:
        case "graphemes":
            return len(regex.findall(GRAPHEME, text))
        case "code points":
            return len(text)
        case "utf-16":
            return len(text) + sum(sign > "\uffff" for sign in text)
        case "bytes":
            return len(text.encode())


class Measure(Protocol):
    """A platform's way to say how long a text is. ``Counting`` is one for most of them."""

    def atoms(self, text: str) -> Iterator[Atom]:
        """The text from its beginning, piece by piece; no piece is cut in two if it can be
        helped."""
        ...

    def units(self, text: str) -> int:
        """How long a piece counts that has no address, mention or tag in it."""
        ...


@dataclass(frozen=True, slots=True)
class Counting:
    """A server's way: its unit; the least that an address counts; whether that is also the most
    (``discount``, and then of a mention only the name counts)."""

    unit: Unit
    link: int = 0
    discount: bool = False

    def atoms(self, text: str) -> Iterator[Atom]:
        """As ``Measure``: an address, a mention and a tag are one piece each, else a grapheme."""
        for found in _ATOM.finditer(text):
            start, end = found.span()
            kind = found.lastgroup
            if kind is None:
                cost = 1 if self.unit == "graphemes" else self.units(found[0])
            elif kind == "link":
                cost = self._link(text, start, end)
            elif kind == "mention" and self.discount:
                cost = self.units(found[0].rpartition("@")[0])
            else:
                cost = self.units(found[0])
            yield Atom(end, cost)

    def units(self, text: str) -> int:
        """As ``Measure``."""
        return units(text, self.unit)

    def _link(self, text: str, start: int, end: int) -> int:
        plain = _PLAIN_LINK.match(text, start, end) if self.discount else None
        if plain is None:
            return max(self.link, self.units(text[start:end]))
        return self.link + self.units(text[plain.end() : end])


def measure(text: str, by: Measure) -> int:
    """How long the platform finds this text, or more."""
    return sum(atom.cost for atom in by.atoms(text))
