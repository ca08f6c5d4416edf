"""The index: every card the desk has been told of, in its group and its lanes, with its words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from relay.desk.index.card import Card
from relay.desk.index.lanes import Bits, lanes_of
from relay.desk.index.letters import kept
from relay.desk.index.tables import COLUMNS, PUT, card_in, opened, row_of
from relay.desk.index.tallies import Counted, Tallies
from relay.rules.alike import Alike

_ROW: Final = f"SELECT {', '.join(COLUMNS)} FROM cards"
_EARLIER: Final = "SELECT 1 FROM cards WHERE author = ? AND author != '' AND seq < ? LIMIT 1"
_FORGET: Final = "INSERT INTO words (words, rowid, said) VALUES ('delete', ?, ?)"


class Index:
    """Cards by their seq. ``tables`` may be read by whoever shows them (``groups``, ``search``);
    only this writes."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.tables: sqlite3.Connection = opened()
        self.bits = Bits()
        self.tallies = Tallies(self.bits)
        self._alike = Alike()

    def __len__(self) -> int:
        [(n,)] = self.tables.execute("SELECT count(*) FROM cards")
        return int(n)

    def put(self, cards: Iterable[Card]) -> None:
        """Take cards, new or changed; of one that is older than what is known, nothing."""
        self.tables.execute("BEGIN")
        try:
            for card in cards:
                self._put(card)
            self._follow()
        finally:
            self.tables.execute("COMMIT")

    def remove(self, seqs: Iterable[int]) -> None:
        """Forget what is gone."""
        self.tables.execute("BEGIN")
        try:
            for seq in seqs:
                self._remove(seq)
            self._follow()
        finally:
            self.tables.execute("COMMIT")

    def card(self, seq: int) -> Card | None:
        """One card."""
        row = self.tables.execute(f"{_ROW} WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else card_in(row)

    def of_id(self, id: str) -> Card | None:
        """The card whose message has this id, all of its digits."""
        row = self.tables.execute(f"{_ROW} WHERE id = ?", (id.lower(),)).fetchone()
        return None if row is None else card_in(row)

    def group_of(self, seq: int) -> int | None:
        """In which group a card is."""
        row = self.tables.execute("SELECT grp FROM cards WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else int(row[0])

    def cards(self, where: str, *values: object) -> list[Card]:
        """Cards by a condition in SQL, which is ours; what people wrote goes into ``values``."""
        return [card_in(row) for row in self.tables.execute(f"{_ROW} {where}", values)]

    # ------------------------------------------------------------ keeping in step

    def _put(self, card: Card) -> None:
        kind = "SELECT grp, seen, held, public, same FROM cards WHERE seq = ?"
        was = self.tables.execute(kind, (card.seq,)).fetchone()
        same = hash((card.title, card.text))
        if was is None:
            group = self._alike.add(card.seq, _told(card))
            seen = self._has_written(card)
            self._remember(card.seq, kept(card.title, card.text))
        else:
            before = self.card(card.seq)
            assert before is not None
            if card.rev < before.rev:
                return
            group, seen = int(was[0]), bool(was[1])
            self.tallies.take(group, self._counted(before, seen))
            if was[4] != same:
                group = self._retold(before, card)
        self.tables.execute(PUT, row_of(card, group, seen, same))
        self.tallies.add(group, self._counted(card, seen))

    def _retold(self, before: Card, card: Card) -> int:
        """Its words are others now. Gives its group."""
        self._forget(before)
        self._remember(card.seq, kept(card.title, card.text))
        self._alike.remove(card.seq)
        return self._alike.add(card.seq, _told(card))

    def _remove(self, seq: int) -> None:
        card, group = self.card(seq), self.group_of(seq)
        if card is None or group is None:
            return
        [(seen,)] = self.tables.execute("SELECT seen FROM cards WHERE seq = ?", (seq,))
        self.tallies.take(group, self._counted(card, bool(seen)))
        self._forget(card)
        self._alike.remove(seq)
        self.tables.execute("DELETE FROM cards WHERE seq = ?", (seq,))

    def _follow(self) -> None:
        """Bring to its new group what has moved by what came or went."""
        find = f"SELECT grp, seen, {', '.join(COLUMNS)} FROM cards WHERE seq = ?"
        for one in self._alike.changes():
            row = self.tables.execute(find, (one.key,)).fetchone()
            if row is None or row[0] == one.group:
                continue
            counted = self._counted(card_in(row[2:]), bool(row[1]))
            self.tallies.take(row[0], counted)
            self.tallies.add(one.group, counted)
            self.tables.execute("UPDATE cards SET grp = ? WHERE seq = ?", (one.group, one.key))

    def _counted(self, card: Card, seen: bool) -> Counted:
        mask = self.bits.mask(tuple(lanes_of(card, seen)))
        return Counted(mask, card.held and not card.aside, card.public, card.hour)

    def _has_written(self, card: Card) -> bool:
        """Whether its author has written before, today."""
        if not card.author:
            return False
        return self.tables.execute(_EARLIER, (card.author, card.seq)).fetchone() is not None

    def _remember(self, seq: int, words: str) -> None:
        self.tables.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (seq, words))

    def _forget(self, card: Card) -> None:
        self.tables.execute(_FORGET, (card.seq, kept(card.title, card.text)))


def _told(card: Card) -> str:
    """What a card tells, for what tells the same."""
    return f"{card.title}\n{card.text}" if card.title else card.text
