"""Where people say that they are or live, and what their name is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from relay.rules.danger.edges import by_edge
from relay.rules.danger.here_words import HERE, NAMED, REST
from relay.rules.danger.hour_words import SCRIPTS
from relay.rules.seen import Seen, Span, unified


def _patterns(
    said: Mapping[str, Sequence[str]],
) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """For each script its letters, and what is said in its languages."""
    made = []
    for letters, languages in SCRIPTS.items():
        forms = "|".join(by_edge([unified(form) for one in languages for form in said[one]]))
        made.append((re.compile(letters), re.compile(f"(?:{forms}){REST}")))
    return tuple(made)


_HERE: Final = _patterns(HERE)
_NAMED: Final = _patterns(NAMED)


_CAPITAL: Final = "[A-Z\u00c0-\u00de\u0130\u015e\u011e\u0401\u0410-\u042f]"
_PRESENTED: Final = re.compile(
    rf"\b(?:[Ii]['\u2019]?m|[Ii] am|[Ss]oy|[Mm]oi,? c['\u2019]est|[Bb]en|[Яя]) "
    rf"{_CAPITAL}\w{{1,30}} {_CAPITAL}\w{{1,30}}"
)
"""Two words in capitals after "I am"."""


def here(seen: Seen) -> Iterator[Span]:
    """Where somebody says where they are: the words, and the rest of the clause."""
    return _found(_HERE, seen.small)


def names(seen: Seen) -> Iterator[Span]:
    """Where somebody says who they are."""
    yield from _found(_NAMED, seen.small)
    yield from (found.span() for found in _PRESENTED.finditer(seen.text))


def _found(
    patterns: Sequence[tuple[re.Pattern[str], re.Pattern[str]]], text: str
) -> Iterator[Span]:
    for letters, said in patterns:
        if letters.search(text):
            for found in said.finditer(text):
                yield found.start(), found.start() + len(found[0].rstrip())
