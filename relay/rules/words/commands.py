"""What a sender can say to the relay itself, told from what they say to the world.

A text is a command only if the whole of it is one; else only a last line that is nothing but a
code is ours. Whoever begins a message with "HELP" or "STATUS" is heard by everybody, not by us. So
the rule errs towards the message: where only somebody who knows our channels and codes could tell
("TO everyone", "STATUS critical", "CODE violation"), ``command_of`` says no and ``perhaps`` says
what may be meant. A date is no code, and after a sign a hashtag: ``#20260108``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from relay.model import Command, Word
from relay.rules.words.catalogue import LANGUAGES, catalogue
from relay.rules.words.codes import digits_of, has_digit, lettered
from relay.rules.words.dates import is_date, is_of_now
from relay.rules.words.letters import INVISIBLE, MOST_CHARACTERS, folded, visible

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
_CHANNEL: Final = re.compile(r"(?: | ?# ?)([a-z0-9][a-z0-9_-]{0,31})", re.ASCII)
_BARE_TOPIC: Final = re.compile(r" (\w{1,32}(?: \w{1,32})?)")
_FIRST_LINES, _LAST_LINES = 3, 12
_TAIL = 3
"""Words at an end of a text that may be a code: the word CODE may be two, in some language."""

_AROUND: Final = "\"'`*_~|<>()[]{}«»“”„‘’‹›「」"
"""What people, and their programs, put around a word."""

_BLANKS: Final = f" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u3000{INVISIBLE}"


def command_of(text: str) -> Command | None:
    """The command that the whole text is, with its argument; None if it is a message.

    Codes are normalised; a topic has the letters it was written with. Never raises; linear in the
    length of the text."""
    said = folded(text)
    if not said:
        return None
    if said[0] in _SIGNS:
        signed = _signed(said)
        return signed if signed and not is_date(signed.argument) else None
    found = _spoken(said)
    return _as_written(found and _command(*found), text)


def perhaps(text: str) -> Command | None:
    """The command that the whole text may be, where it may as well be a message: None elsewhere.

    ``TO name``, ``READ topic`` without the sign ``#``, and what could be a code but is a word of
    letters alone, or a date. Who knows the channels, the codes and the messages can tell: it is
    obeyed if there is what it is about, and else it is the message that it was read as."""
    said = folded(text)
    if said and said[0] in _SIGNS:
        signed = _signed(said)
        hashtag = signed and signed.word == "code" and is_of_now(signed.argument)
        return signed if signed and is_date(signed.argument) and not hashtag else None
    found = _spoken(said) if said else None
    if not found or _command(*found):
        return None
    word, language, rest = found
    if word in ("read", "to"):
        bare = (_BARE_TOPIC if word == "read" else _CHANNEL).fullmatch(rest)
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
    code = code_alone(last)
    return (kept, code) if code else (text, "")


def code_alone(text: str) -> str:
    """The code, normalised, that a line or a caption is and nothing else; empty if it is none.
    After the written word it may be of letters alone, and even a date: a date that somebody has
    called a code may be a birthday, and must not be published."""
    found = command_of(text) or perhaps(text)
    if found is None or found.word != "code":
        return ""
    return found.argument if found.language or not is_date(found.argument) else ""


def is_a_word(code: str) -> bool:
    """Whether a code after the word CODE may as well be the end of a sentence: "Code violation".
    Then a person sees what was taken off."""
    return bool(code) and not has_digit(code)


def mentions_code(text: str) -> bool:
    """Whether a text without its code seems to have one still, where it is not taken off: on a line
    of its own above a signature, or at the end of a line. It may be a secret."""
    lines = [said for line in text.split("\n") if (said := line.strip(_BLANKS + _AROUND))]
    near = lines[:_FIRST_LINES] + lines[_FIRST_LINES:][-_LAST_LINES:]
    if any(code_alone(line) for line in near):
        return True
    return any(_is_certain(part) for line in (*lines[:1], *lines[-1:]) for part in _ends_of(line))


def _ends_of(line: str) -> Iterator[str]:
    words = line[-MOST_CHARACTERS:].split()
    heads = line[:MOST_CHARACTERS].split()
    for length in range(1, _TAIL + 1):
        yield " ".join(words[-length:])
        yield " ".join(heads[:length])


def _is_certain(part: str) -> bool:
    found = command_of(part)
    return found is not None and found.word == "code"


def _signed(said: str) -> Command | None:
    """A sign and a code of digits after it."""
    code = digits_of(_END.sub("", said[1:].strip()))
    return Command(_SIGNS[said[0]], code) if code else None


def _command(word: Word, language: str, rest: str) -> Command | None:
    """A word and what follows it, if together they can be nothing else."""
    if word in ("help", "read") and not rest:
        return Command(word, "", language)
    if word == "read":
        topic = _TOPIC.fullmatch(rest)
        return Command(word, topic[1], language) if topic else None
    code = _code(rest) if word in _OF_A_CODE else ""
    certain = has_digit(code) and not is_date(code)
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
