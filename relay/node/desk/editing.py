"""The orders about words: an editor changes what is held and what is public, and sees before it
goes what it would look like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from relay.model import Row
from relay.node.decisions import Decisions
from relay.node.desk.correcting import Agrees, Corrections, nobody_agrees
from relay.node.desk.preview import Node, Previews
from relay.node.desk.words import Words

Answer = Mapping[str, Any]
Answers = Callable[[Sequence[Row], Mapping[str, Any]], AsyncIterator[Answer]]


class Editing:
    """All of them, by their words: each takes the rows of a message, itself first, and the order.
    They raise Asked."""

    def __init__(self, core: Node, decisions: Decisions, agrees: Agrees = nobody_agrees) -> None:
        self._words = Words(core, decisions)
        corrections = Corrections(core, decisions, agrees)
        self.by_word: Mapping[str, Answers] = {
            "redact": self._redact,
            "rewrite": self._rewrite,
            "correct": corrections.correct,
            "stands": corrections.stands,
            "preview": Previews(core, decisions).preview,
        }

    async def _redact(self, rows: Sequence[Row], order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        yield await self._words.redact(rows, order)

    async def _rewrite(
        self, rows: Sequence[Row], order: Mapping[str, Any]
    ) -> AsyncIterator[Answer]:
        yield await self._words.rewrite(rows, order)
