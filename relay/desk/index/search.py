"""What a page shows of a search: messages with all these words, published ones as well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from relay.desk.index.card import Card
from relay.desk.index.index import Index
from relay.desk.index.letters import asked
from relay.desk.index.tables import COLUMNS, card_in

COUNTED: Final = 1_000
"""How many are counted; of more it is only said that there are more."""

_ID: Final = re.compile(r"[0-9a-f]{4,64}")
_FOUND: Final = f"""
SELECT {", ".join(f"cards.{name}" for name in COLUMNS)}
FROM words CROSS JOIN cards ON cards.seq = words.rowid
WHERE words MATCH ? AND words.rowid < ? AND (cards.held OR NOT ?)
ORDER BY words.rowid DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """Cards, the last that came first; ``total`` up to COUNTED; ``before`` goes on, None at the
    end."""

    cards: tuple[Card, ...]
    total: int
    before: int | None


def search(
    index: Index, said: str, *, held: bool = False, before: int | None = None, n: int = 50
) -> Found:
    """Messages with all the words that are said, each of which may go on; or with an id that begins
    so. ``held``: only those that wait for a person."""
    if _ID.fullmatch(said.strip().lower()):
        named = _named(index, said.strip().lower(), n)
        if named:
            return Found(tuple(named), len(named), None)
    words = asked(said)
    if not words:
        return Found((), 0, None)
    limits = (words, before or 2**62, held)
    rows = index.tables.execute(_FOUND, (*limits, n)).fetchall()
    [(total,)] = index.tables.execute(
        f"SELECT count(*) FROM (SELECT 1 {_FOUND[_FOUND.index('FROM') :]})",
        (words, 2**62, held, COUNTED),
    )
    cards = tuple(map(card_in, rows))
    return Found(cards, total, cards[-1].seq if len(cards) == n else None)


def _named(index: Index, digits: str, n: int) -> list[Card]:
    where = "WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
    return index.cards(where, digits, digits + "g", n)
