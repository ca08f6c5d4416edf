"""The word of the day: who writes it into a message is one of those whom an editor has told it.

A message with the word is flagged, and held: the word must not be read by the public, or whoever
reads it can write it. It says nothing of who wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from relay.errors import Asked, Damaged
from relay.exit.record import Record
from relay.exit.remembering import remembered, to_remember
from relay.ports import Spool
from relay.rules.seen import Seen
from relay.rules.wordlist import WordList, word_list, wrong_lines
from relay.wire.keys import ExitKeys

NAME: Final = "word"
FLAG: Final = "word-of-the-day"
"""The flag of a message that has it; the desk's lanes go by it."""

WHY: Final = "it has the word of the day"
MOST: Final = 60
"""Characters of a word."""


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """The word of each channel that has one."""

    words: dict[str, str] = field(default_factory=dict)


class DayWords:
    """Those of one node. There is none before ``begin``."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._words: dict[str, str] = {}
        self._lists: dict[str, WordList] = {}
        self._keys: ExitKeys | None = None
        self._turn = trio.Lock()

    async def begin(self, keys: ExitKeys) -> None:
        """Take up what was kept before."""
        self._keys = keys
        value = (await self._spool.remembered()).get(NAME, b"")
        try:
            kept = remembered(Kept, NAME, value, keys).words if value else {}
        except Damaged:
            kept = {}  # of other keys, or damaged: nobody can read it any more
        self._take(kept)

    def flagged(self, record: Record) -> Record:
        """The record, with the flag if the word stands in its text or title."""
        words = self._lists.get(record.channel)
        if words is None or record.message is None or FLAG in record.flags:
            return record
        said = (record.message.title, record.message.text)
        if not any(next(words.found(Seen(one)), None) for one in said):
            return record
        return replace(record, flags=(*record.flags, FLAG))

    async def set(self, channel: str, word: str) -> None:
        """The word of a channel from now on, none where it is empty; durable when this returns.
        Raises Asked, SpoolFull."""
        word = word.strip()
        if len(word) > MOST or "*" in word or "#" in word or any(wrong_lines([word])):
            raise Asked(f"a word of the day has 2 to {MOST} letters or digits, no # and no *")
        if self._keys is None:
            raise Asked("exit.key is locked: unlock it first")
        async with self._turn:
            left = {name: one for name, one in self._words.items() if name != channel}
            words = {**left, channel: word} if word else left
            await self._spool.remember(NAME, to_remember(NAME, Kept(words), self._keys))
            self._take(words)

    def _take(self, words: dict[str, str]) -> None:
        self._words = words
        self._lists = {channel: word_list([word]) for channel, word in words.items()}

    @property
    def words(self) -> Mapping[str, str]:
        """The word of each channel that has one."""
        return self._words

    def shown(self) -> str:
        """The same in one line, for the desk: the word alone, where there is only one."""
        if len(self._words) == 1:
            return next(iter(self._words.values()))
        return ", ".join(f"{channel}: {word}" for channel, word in sorted(self._words.items()))
