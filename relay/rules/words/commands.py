"""What a sender can say to the relay itself, told from what they say to the world.

A text is a command only if the whole of it is one; else only a last line that is nothing but a
code is ours. Whoever begins a message with "HELP" or "STATUS" is heard by everybody, not by us. So
the rule errs towards the message: where only somebody who knows our channels and codes could tell
("TO everyone", "STATUS critical"), ``command_of`` says no and ``perhaps`` says what may be meant.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from relay.model import Command, Word
from relay.rules.words.catalogue import LANGUAGES, catalogue
from relay.rules.words.codes import digits_of, has_digit, lettered
from relay.rules.words.letters import INVISIBLE, folded, visible

_SIGNS: Final[dict[str, Word]] = {
    "#": "code",
    "?": "status",
    "\u061f": "status",  # the question mark of Arabic and Persian
    "\u2e2e": "status",  # the same, as some keyboards have it
    **dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "delete"),
}
"""Full-width and small forms have become these when a text is folded (NFKC)."""

_OF_A_CODE: Final[frozenset[Word]] = frozenset({"code", "status", "delete", "answers", "again"})
_END: Final = re.compile(r"[.\u3002\u06d4\u104b\u0964]\Z")
"""A full stop, which phones put there by themselves."""

_AFTER_A_WORD: Final = re.compile(r"(?:\s?[:=]\s?|\s)?#?\s?(?=\d|\u101d)|(?:\s?[:=]\s?|\s)#?\s?")
_TOPIC: Final = re.compile(r" ?# ?(\w{1,32})")
_CHANNEL: Final = re.compile(r" ?# ?([a-z0-9][a-z0-9_-]{0,31})", re.ASCII)
_BARE_TOPIC: Final = re.compile(r" (\w{1,32}(?: \w{1,32})?)")
_BARE_CHANNEL: Final = re.compile(r" ([a-z0-9][a-z0-9_-]{0,31})", re.ASCII)
_BLANKS: Final = f" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u3000{INVISIBLE}"


def command_of(text: str) -> Command | None:
    """The command that the whole text is, with its argument; None if it is a message.

    Codes are normalised; a topic has the letters it was written with. Never raises; linear in the
    length of the text."""
    said = folded(text)
    if not said:
        return None
    word = _SIGNS.get(said[0])
    if word:
        code = digits_of(_END.sub("", said[1:].strip()))
        return Command(word, code) if code else None
    found = _spoken(said)
    return _as_written(found and _command(*found), text)


def perhaps(text: str) -> Command | None:
    """The command that the whole text may be, where it may as well be a message: None elsewhere.

    ``TO name`` and ``READ topic`` without the sign ``#``, and a code of letters alone after
    STATUS, DELETE, ANSWERS or AGAIN. Who knows the channels and the codes can tell: it is obeyed if
    there is such a channel or such a code, and else it is the message that it was read as."""
    said = folded(text)
    found = _spoken(said) if said else None
    if not found or _command(*found):
        return None
    word, language, rest = found
    if word in ("read", "to"):
        bare = (_BARE_TOPIC if word == "read" else _BARE_CHANNEL).fullmatch(rest)
        return _as_written(Command(word, bare[1], language) if bare else None, text)
    code = _code(rest) if word in _OF_A_CODE else ""
    return Command(word, code, language) if code else None


def without_code(text: str) -> tuple[str, str]:
    """The text without a last line that is nothing but a code, and that code, normalised; else the
    text as it is, and nothing. A text that is only a code is left: it is a command."""
    shown = text.rstrip(_BLANKS)
    before, end, last = shown.rpartition("\n")
    kept = before.rstrip(_BLANKS)
    if not end or not kept.lstrip(_BLANKS):
        return text, ""
    found = command_of(last)
    return (kept, found.argument) if found and found.word == "code" else (text, "")


def _command(word: Word, language: str, rest: str) -> Command | None:
    """A word and what follows it, if together they can be nothing else."""
    if word in ("help", "read") and not rest:
        return Command(word, "", language)
    if word in ("read", "to"):
        named = (_TOPIC if word == "read" else _CHANNEL).fullmatch(rest)
        return Command(word, named[1], language) if named else None
    code = _code(rest) if word in _OF_A_CODE else ""
    certain = code and (word == "code" or has_digit(code))
    return Command(word, code, language) if certain else None


def _as_written(command: Command | None, text: str) -> Command | None:
    """A topic is given on in its own letters: it is looked for in texts."""
    if command is None or command.word != "read" or not command.argument:
        return command
    words = unicodedata.normalize("NFKC", visible(text)).replace("#", " ").split()
    topic = " ".join(words[-len(command.argument.split()) :])
    return Command(command.word, topic, command.language)


def _code(rest: str) -> str:
    """The code after a written word, or empty."""
    between = _AFTER_A_WORD.match(rest)
    if not between:
        return ""
    written = _END.sub("", rest[between.end() :])
    return digits_of(written) or lettered(written)


def _spoken(said: str) -> tuple[Word, str, str] | None:
    """The word a folded text begins with, its language, and the rest. A letter after it, and it
    was another word."""
    found = _beginnings().match(said)
    if not found:
        return None
    word, language = _spellings()[found[0]]
    return word, language, said[found.end() :]


@cache
def _spellings() -> dict[str, tuple[Word, str]]:
    """Each spelling, folded: the word it means and the first language that has it."""
    made: dict[str, tuple[Word, str]] = {}
    for language in LANGUAGES:
        for word, spellings in catalogue(language).words.items():
            for spelling in spellings:
                made.setdefault(folded(spelling), (word, language))
    return made


@cache
def _beginnings() -> re.Pattern[str]:
    longest_first = sorted(_spellings(), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest_first))})(?=\Z|[\s:=#\d\u101d])")
