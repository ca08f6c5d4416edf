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
        self._first: dict[str, int] = {}  # the first message of each author

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
        same = hash((card.title, card.text))
        known = self._known(card.seq)
        if known is None:
            group = self._alike.add(card.seq, _told(card))
            seen = self._has_written(card)
            self._remember(card.seq, kept(card.title, card.text))
        else:
            before, group, seen = known
            if card.rev < before.rev:
                return
            self.tallies.take(group, self._counted(before, seen))
            if (before.title, before.text) != (card.title, card.text):
                group = self._retold(before, card)
        self.tables.execute(PUT, row_of(card, group, seen, same))
        self.tallies.add(group, self._counted(card, seen))

    def _known(self, seq: int) -> tuple[Card, int, bool] | None:
        """A card as it is known, its group, and whether its author had written before."""
        try:
            self._alike.group_of(seq)
        except KeyError:
            return None
        find = f"SELECT grp, seen, {', '.join(COLUMNS)} FROM cards WHERE seq = ?"
        group, seen, *row = self.tables.execute(find, (seq,)).fetchone()
        return card_in(tuple(row)), group, bool(seen)

    def _retold(self, before: Card, card: Card) -> int:
        """Its words are others now. Gives its group."""
        self._forget(before)
        self._remember(card.seq, kept(card.title, card.text))
        self._alike.remove(card.seq)
        return self._alike.add(card.seq, _told(card))

    def _remove(self, seq: int) -> None:
        known = self._known(seq)
        if known is None:
            return
        card, group, seen = known
        self.tallies.take(group, self._counted(card, seen))
        self._forget(card)
        self._alike.remove(seq)
        self.tables.execute("DELETE FROM cards WHERE seq = ?", (seq,))

    def _follow(self) -> None:
        """Bring to its new group what has moved by what came or went."""
        for one in self._alike.changes():
            known = self._known(one.key)
            if known is None or known[1] == one.group:
                continue
            card, group, seen = known
            counted = self._counted(card, seen)
            self.tallies.take(group, counted)
            self.tallies.add(one.group, counted)
            self.tables.execute("UPDATE cards SET grp = ? WHERE seq = ?", (one.group, one.key))

    def _counted(self, card: Card, seen: bool) -> Counted:
        mask = self.bits.mask(tuple(lanes_of(card, seen)))
        return Counted(mask, card.held and not card.aside, card.public, card.hour)

    def _has_written(self, card: Card) -> bool:
        """Whether its author has written before, today: tags are of a day, and gone with it."""
        if not card.author:
            return False
        return self._first.setdefault(card.author, card.seq) < card.seq

    def _remember(self, seq: int, words: str) -> None:
        self.tables.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (seq, words))

    def _forget(self, card: Card) -> None:
        self.tables.execute(_FORGET, (card.seq, kept(card.title, card.text)))


def _told(card: Card) -> str:
    """What a card tells, for what tells the same."""
    return f"{card.title}\n{card.text}" if card.title else card.text
