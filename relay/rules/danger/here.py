"""Where people say that they are or live, and what their name is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from relay.rules.danger.here_words import HERE, NAMED, REST
from relay.rules.danger.hour_words import SCRIPTS
from relay.rules.seen import Seen, Span, unified


def _patterns(
    said: Mapping[str, Sequence[str]],
) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """For each script its letters, and what is said in its languages."""
    made = []
    for letters, languages in SCRIPTS.items():
        forms = "|".join(f"(?:{unified(form)})" for one in languages for form in said[one])
        made.append((re.compile(letters), re.compile(f"(?:{forms}){REST}")))
    return tuple(made)


_HERE: Final = _patterns(HERE)
_NAMED: Final = _patterns(NAMED)


def here(seen: Seen) -> Iterator[Span]:
    """Where somebody says where they are: the words, and the rest of the clause."""
    return _found(_HERE, seen.small)


def names(seen: Seen) -> Iterator[Span]:
    """Where somebody says who they are."""
    return _found(_NAMED, seen.small)


def _found(
    patterns: Sequence[tuple[re.Pattern[str], re.Pattern[str]]], text: str
) -> Iterator[Span]:
    for letters, said in patterns:
        if letters.search(text):
            for found in said.finditer(text):
                yield found.start(), found.start() + len(found[0].rstrip())
