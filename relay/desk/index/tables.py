"""The tables of the index: SQLite without a file, and its words with FTS5.

Source: https://www.sqlite.org/fts5.html (contentless tables, the ``ascii`` tokenizer, which parts
words at blanks as we have made them).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from typing import Any, Final

from relay.desk.index.card import Card, card_of

COLUMNS: Final = (
    "seq", "grp", "seen", "held", "public", "wanted", "same", "hour", "outbox_until", "rev", "id",
    "state", "channel", "transport", "language", "author", "network", "kinds", "title", "rest",
    "text",
)  # fmt: skip
"""As they lie in a row: what is looked through first, what is long last. Tags are numbers here,
since they are counted; as they were told they are in ``rest``. ``wanted``: somebody wants it
published, and a second person is asked."""

_FIELDS: Final = tuple(
    one.name for one in fields(Card) if one.name not in ("kinds", "author", "network")
)
_OWN: Final = tuple(name for name in _FIELDS if name in COLUMNS)
_REST: Final = (*(name for name in _FIELDS if name not in COLUMNS), "author", "network")
_written: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_SCHEMA: Final = f"""
CREATE TABLE cards (seq INTEGER PRIMARY KEY, {", ".join(COLUMNS[1:])});
CREATE INDEX by_group ON cards (grp, held, public, same, transport, network, author);
CREATE INDEX by_danger ON cards (grp, kinds) WHERE kinds != '';
CREATE INDEX by_wanted ON cards (grp, seq) WHERE wanted;
CREATE INDEX by_id ON cards (id);
CREATE VIRTUAL TABLE words USING fts5 (said, content='', tokenize='ascii', columnsize=0);
"""

PUT: Final = f"INSERT OR REPLACE INTO cards VALUES ({', '.join('?' * len(COLUMNS))})"


def opened() -> sqlite3.Connection:
    """New and empty tables, in memory with all that is put aside for a sort."""
    made = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
    made.executescript(
        "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF; PRAGMA cache_spill = OFF;"
    )
    made.executescript(_SCHEMA)
    made.execute("INSERT INTO words (words, rank) VALUES ('crisismerge', 64)")
    return made


def row_of(card: Card, group: int, seen: bool, same: int) -> tuple[Any, ...]:
    """The row of a card. ``same``: equal for equal words."""
    kinds, rest = ",".join(card.kinds), _written(_rest(card))
    return (
        card.seq, group, seen, card.held, card.public, bool(card.confirmed), same, card.hour,
        card.outbox_until, card.rev, card.id, card.state, card.channel, card.transport,
        card.language, _number(card.author), _number(card.network), kinds, card.title, rest,
        card.text,
    )  # fmt: skip


def card_in(row: tuple[Any, ...]) -> Card:
    """The card of a row, its columns as COLUMNS has them."""
    found = dict(zip(COLUMNS, row, strict=True))
    kinds = tuple(filter(None, found["kinds"].split(",")))
    own = {name: found[name] for name in _OWN}
    return card_of({**own, **json.loads(found["rest"]), "kinds": kinds, "held": bool(own["held"])})


def _number(tag: str) -> int | None:
    """What tags are told apart by where they are counted: some of their digits."""
    return int(tag[:15], 16) if tag else None


def _rest(card: Card) -> dict[str, Any]:
    """What is neither counted nor sorted by, as far as there is any."""
    return {name: value for name in _REST if (value := getattr(card, name))}
