"""What in a text could name or harm a person: what kinds there are, and where they stand.

It errs towards marking: a mark costs an editor a look, a number that was published cannot be called
back. Digits are those of any script, and what cannot be seen between them does not part them.
Linear in the length of the text, whatever is in it: every repetition is of one class of characters
or bounded, and what lies around a match is looked at a bounded way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from relay.model import Mark, Message
from relay.rules.danger.accounts import private_links, profiles
from relay.rules.danger.codes import codes
from relay.rules.danger.here import here, names
from relay.rules.danger.hours import hours
from relay.rules.danger.ids import banks, ids
from relay.rules.danger.kinds import SAID, UNCUT
from relay.rules.danger.lookalikes import lookalikes
from relay.rules.danger.machines import machines
from relay.rules.danger.mails import mails
from relay.rules.danger.phones import phones
from relay.rules.danger.places import coordinates, plus_codes, three_words
from relay.rules.danger.plates import plates
from relay.rules.danger.signatures import signatures
from relay.rules.danger.unseen import unseen
from relay.rules.seen import Seen, Span
from relay.rules.wordlist import NO_WORDS, WordList, word_list, wrong_lines

__all__ = [
    "NO_WORDS",
    "SAID",
    "UNCUT",
    "WordList",
    "all_marks",
    "marks",
    "word_list",
    "word_marks",
    "wrong_lines",
]

Finder = Callable[[Seen], Iterator[Span]]

_FINDERS: Final[dict[str, Finder]] = {
    "phone": phones,
    "mail": mails,
    "login_code": codes,
    "id": ids,
    "bank": banks,
    "coordinates": coordinates,
    "plus_code": plus_codes,
    "three_words": three_words,
    "time": hours,
    "here": here,
    "name": names,
    "profile": profiles,
    "private_link": private_links,
    "address_ip": machines,
    "plate": plates,
    "signature": signatures,
    "homoglyph": lookalikes,
}
"""What finds each kind; those that are missing are found elsewhere (``unseen``, ``word_marks``;
quotes by the reader)."""


def marks(text: str) -> tuple[Mark, ...]:
    """Every danger found, in order: its kind, where it begins and how long it is, in characters of
    ``text`` as it is given. What one kind finds twice at a place is one."""
    seen = Seen(text)
    found = [
        seen.mark(kind, *span) for kind, finder in _FINDERS.items() for span in _apart(finder(seen))
    ]
    found += [Mark("unseen", start, end - start) for start, end in unseen(text)]
    return _sorted(found)


def word_marks(text: str, words: WordList) -> tuple[Mark, ...]:
    """Where words of an operator's list stand."""
    seen = Seen(text) if words else None
    return () if seen is None else tuple(seen.mark("word", *span) for span in words.found(seen))


def all_marks(message: Message, words: WordList = NO_WORDS) -> tuple[Mark, ...]:
    """Every danger of a message as it is now: of its text, its title, and of the words that say
    what its media show. Marks of a kind that is found elsewhere (quotes) stay."""
    kept = tuple(mark for mark in message.marks if mark.kind == "quote")
    titled = (
        replace(mark, where="title")
        for mark in (*marks(message.title), *word_marks(message.title, words))
    )
    described = (
        Mark(mark.kind, 0, 0, "alt")
        for medium in message.media
        if medium.alt
        for mark in (*marks(medium.alt), *word_marks(medium.alt, words))
    )
    return (
        *_sorted([*marks(message.text), *word_marks(message.text, words), *kept]),
        *titled,
        *described,
    )


def _apart(spans: Iterator[Span]) -> Iterator[Span]:
    """The spans, those that overlap made one."""
    start = end = -1
    for span in sorted(spans):
        if span[0] >= end:
            if end > start:
                yield start, end
            start = span[0]
        end = max(end, span[1])
    if end > start:
        yield start, end


def _sorted(found: list[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(found, key=lambda mark: (mark.offset, mark.kind)))
