"""An operator's list of words, as it lies on the disk: a file like a secret, since it says whom one
protects. No word of it is ever said, not even where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relay.config import Settings
from relay.errors import KeyFileError, Mistake
from relay.keyfiles import read_secret
from relay.plugins.files import unreadable
from relay.rules.wordlist import MOST_LINES, NO_WORDS, WordList, word_list, wrong_lines

MOST_TOLD = 10
"""Lines of one file that are named in one go."""


def read_words(path: Path) -> WordList:
    """The words of a file that was checked. Raises KeyFileError."""
    try:
        return word_list(_lines(path))
    except UnicodeDecodeError:
        raise KeyFileError(f"{path.name} is not UTF-8") from None


def words_of(settings: Settings, channel: str) -> WordList:
    """The list of a channel; no words, where it has none. Raises KeyFileError."""
    file = settings.channels[channel].danger_words_file
    return read_words(settings.at(file)) if file else NO_WORDS


def wrong_words(settings: Settings) -> Iterator[Mistake]:
    """What is wrong with the lists of all channels, by key and line."""
    for name, channel in settings.channels.items():
        if channel.danger_words_file:
            key = f"channels.{name}.danger_words_file"
            yield from _wrong(key, settings.at(channel.danger_words_file))


def _wrong(key: str, path: Path) -> Iterator[Mistake]:
    wrong = [Mistake(one.key, one.what, _MADE) for one in unreadable(key, path)]
    yield from wrong
    if wrong:
        return
    try:
        lines = _lines(path)
    except UnicodeDecodeError:
        yield Mistake(key, "names a file that is not UTF-8", "save it as UTF-8")
        return
    if len(lines) > MOST_LINES:
        what = f"names a file of more than {MOST_LINES} lines"
        yield Mistake(key, what, "leave the rarest out")
        return
    found = [f"line {number} {what}" for number, what in wrong_lines(lines)]
    if found:  # in one: of several mistakes at one key the first alone is told
        more = len(found) - MOST_TOLD
        what = "; ".join(found[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
        yield Mistake(key, what, "mend each line, or take it out")


def empty_lists(settings: Settings) -> Iterator[tuple[str, str]]:
    """Lists that can be read and name nobody, by key; as ``relay.config.warnings`` has it."""
    for name, channel in settings.channels.items():
        if channel.danger_words_file and channel.danger != "off":
            try:
                empty = not words_of(settings, name)
            except KeyFileError:
                continue  # ``wrong_words`` says why
            if empty:
                why = "it has comments alone: nothing is looked for"
                yield f"channels.{name}.danger_words_file", why


_MADE = "make the file, one word or phrase a line, and use chmod 600"


def _lines(path: Path) -> list[str]:
    return read_secret(path).decode("utf-8-sig").splitlines()
