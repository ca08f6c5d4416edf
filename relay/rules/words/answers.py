"""What we say to a sender who asked: short, the same for all, and nothing that could hang them.

No answer names a topic, a platform or a time, or says that anything is public. A language whose
catalogue no named speaker has checked gets English.
"""

from __future__ import annotations

from typing import Final, Literal

from relay.rules.words.catalogue import LANGUAGES, catalogue

Answer = Literal[
    "waits",
    "done",
    "unknown",
    "deleted",
    "code_set",
    "moved",
    "again",
    "nothing",
    "nothing_to_read",
    "help",
    "taken",
    "safety",
]
"""The answers. ``taken`` wants ``code``."""

_ENGLISH: Final = "en"
_UNCHECKED: Final = "unchecked"


def say(key: Answer, language: str, **fill: str) -> str:
    """An answer in a language (BCP 47, or empty), if a speaker has checked it, else in English; the
    safety text then says so first. ``fill`` are the values of its ``{names}``."""
    asked = language.partition("-")[0].lower()
    spoken = asked if asked in languages() else _ENGLISH
    answers = catalogue(spoken).answers
    text = answers[key].format(**fill)
    if key == "safety" and asked not in (spoken, "", "und"):
        return f"{answers[_UNCHECKED]}\n\n{text}"
    return text


def languages() -> tuple[str, ...]:
    """The languages in which we answer: English, and those whose catalogue somebody checked."""
    return tuple(one for one in LANGUAGES if one == _ENGLISH or catalogue(one).checked_by)
