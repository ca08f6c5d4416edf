"""The words and answers of each language, as their catalogues have them.

A catalogue is a gettext file, ``relay/locales/LANG.po``, so that who translates needs no program of
ours. ``msgctxt "word"`` holds what a sender may write, several spellings parted by ``|``;
``msgctxt "answer"`` what we say back. The field ``X-Checked-By`` of its header names the speaker
who has checked it; while it is empty its words are understood, and its answers are not used: a
mistake in them could hurt somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final, get_args

from relay.model import Word

LANGUAGES: Final = ("en", "fa", "ar", "ru", "zh", "es", "my", "fr")
"""Those with a catalogue. Where two write a word alike, the first one's is meant."""

WORDS: Final[tuple[Word, ...]] = get_args(Word)

_CHECKED_BY: Final = re.compile(r'^"X-Checked-By:[ ]*(.*?)[ ]*\\n"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: what may be written for each word, each answer, who checked them (or empty)."""

    language: str
    words: Mapping[Word, tuple[str, ...]]
    answers: Mapping[str, str]
    checked_by: str


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of LANGUAGES, read once. Raises KeyError where it lacks a word."""
    from babel.messages.pofile import read_po  # 4 MB: only the processes that ask have it

    written = files("relay").joinpath(f"locales/{language}.po").read_text(encoding="utf-8")
    said: dict[tuple[str, str], str] = {
        (one.context or "", str(one.id)): str(one.string)
        for one in read_po(StringIO(written), abort_invalid=True)
        if one.id
    }
    checked_by = _CHECKED_BY.search(written)  # babel drops fields that it does not know
    return Catalogue(
        language,
        {word: tuple(said["word", word].split("|")) for word in WORDS},
        {key: text for (context, key), text in said.items() if context == "answer"},
        checked_by[1] if checked_by else "",
    )
