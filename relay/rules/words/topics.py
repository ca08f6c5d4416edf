"""Topics: the one or two words after READ, compared with what was written about them."""

from __future__ import annotations

import re
from typing import Final

from relay.rules.words.codes import NO_BLANKS
from relay.rules.words.letters import comparable

_WORDS: Final = re.compile(r"[^\W_]+")
_ONE_IN_ANOTHER: Final = re.compile(f"[{NO_BLANKS}]")


def is_about(topic: str, text: str) -> bool:
    """Whether a text has the words of a topic, whatever keyboard wrote either: whole words, side by
    side; where a script has no blanks, anywhere. Of no topic every text is. Linear in a text that
    is clean: one with thousands of marks on a letter is not."""
    sought, said = _words(topic), _words(text)
    if _ONE_IN_ANOTHER.search(sought):
        return sought in said
    return f" {sought} ".replace("  ", " ") in f" {said} "


def _words(text: str) -> str:
    return " ".join(_WORDS.findall(comparable(text)))
