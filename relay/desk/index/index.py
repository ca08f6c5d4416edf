"""The index: every card the desk has been told of, in its group and its lanes, with its words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Final

from relay.desk.index.card import Card
from relay.desk.index.lanes import Bits, lanes_of
from relay.desk.index.letters import kept
from relay.desk.index.tables import COLUMNS, PUT, card_in, opened, row_of
from relay.desk.index.tallies import Counted, Tallies
from relay.rules.alike import Alike, forget

_ROW: Final = f"SELECT {', '.join(COLUMNS)} FROM cards"
_KNOWN: Final = f"SELECT seen, {', '.join(COLUMNS)} FROM cards WHERE seq = ?"
_MOVE: Final = "UPDATE cards SET grp = ? WHERE seq = ?"
_FORGET: Final = "INSERT INTO words (words, rowid, said) VALUES ('delete', ?, ?)"


class Index:
    """Cards by their seq. ``tables`` may be read by whoever shows them (``groups``, ``search``);
    only this writes.

    What was put is found at once. To which of the others it is nearly equal takes longer to see:
    until ``group`` has looked at it, it is grouped with those of the very same words."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, also the words that were compared."""
        forget()
        self.tables: sqlite3.Connection = opened()
        self.bits = Bits()
        self.tallies = Tallies(self.bits)
        self._alike = Alike()
        self._lies: dict[int, tuple[int, Counted]] = {}  # in which group, and as what it counts
        self._counts: dict[Counted, Counted] = {}
        self._same: dict[int, int] = {}  # groups of the very same words, below zero
        self._first: dict[str, int] = {}  # the first message of each author
        self._waiting: dict[int, None] = {}  # what is still to be looked at, in its order

    def __len__(self) -> int:
        return len(self._lies)

    @property
    def ungrouped(self) -> int:
        """How many of them ``group`` has not looked at yet."""
        return len(self._waiting)

    def put(self, cards: Iterable[Card]) -> None:
        """Take cards, new or changed; of one that is older than what is known, nothing."""
        self.tables.execute("BEGIN")
        try:
            for card in cards:
                self._put(card)
        finally:
            self.tables.execute("COMMIT")

    def group(self, most: int | None = None) -> None:
        """Group what was put, so many of them, with what is nearly equal."""
        self.tables.execute("BEGIN")
        try:
            for seq in list(islice(self._waiting, most)):
                card = self.card(seq)
                assert card is not None
                group = self._alike.add(seq, _told(card))
                del self._waiting[seq]
                self._move(seq, group)
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
        found = self._lies.get(seq)
        return None if found is None else found[0]

    def cards(self, where: str, *values: object) -> list[Card]:
        """Cards by a condition in SQL, which is ours; what people wrote goes into ``values``."""
        return [card_in(row) for row in self.tables.execute(f"{_ROW} {where}", values)]

    # ------------------------------------------------------------ keeping in step

    def _put(self, card: Card) -> None:
        same = hash((card.title, card.text, card.corrects and card.id))
        if card.seq not in self._lies:
            seen, group = self._has_written(card), self._anew(card, same)
        else:
            before, seen = self._known(card.seq)
            if card.rev < before.rev:
                return
            group, counted = self._lies[card.seq]
            self.tallies.take(group, counted)
            if (before.title, before.text) != (card.title, card.text):
                self._forget(before)
                group = self._anew(card, same)
        self.tables.execute(PUT, row_of(card, group, seen, same))
        self._add(card.seq, group, self._counted(card, seen))

    def _anew(self, card: Card, same: int) -> int:
        """Its words are new: the group of the very same ones, until it was looked at."""
        words = kept(card.title, card.text)
        self.tables.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (card.seq, words))
        self._waiting[card.seq] = None
        return self._same.setdefault(same, -card.seq)

    def _known(self, seq: int) -> tuple[Card, bool]:
        """A card as it is known, and whether its author had written before."""
        seen, *row = self.tables.execute(_KNOWN, (seq,)).fetchone()
        return card_in(tuple(row)), bool(seen)

    def _remove(self, seq: int) -> None:
        if seq not in self._lies:
            return
        self._forget(self._known(seq)[0])
        self.tallies.take(*self._lies.pop(seq))
        self.tables.execute("DELETE FROM cards WHERE seq = ?", (seq,))

    def _forget(self, card: Card) -> None:
        """Forget its words, and to what they were equal."""
        self.tables.execute(_FORGET, (card.seq, kept(card.title, card.text)))
        if card.seq in self._waiting:
            del self._waiting[card.seq]
        else:
            self._alike.remove(card.seq)

    def _follow(self) -> None:
        """Bring to its new group what has moved by what came or went."""
        for one in self._alike.changes():
            self._move(one.key, one.group)

    def _move(self, seq: int, to: int) -> None:
        group, counted = self._lies[seq]
        if group == to:
            return
        self.tallies.take(group, counted)
        self.tables.execute(_MOVE, (to, seq))
        self._add(seq, to, counted)

    def _add(self, seq: int, group: int, counted: Counted) -> None:
        self.tallies.add(group, counted)
        self._lies[seq] = group, counted

    def _counted(self, card: Card, seen: bool) -> Counted:
        mask = self.bits.mask(tuple(lanes_of(card, seen)))
        counted = Counted(mask, card.held and not card.aside, card.public, card.hour)
        return self._counts.setdefault(counted, counted)

    def _has_written(self, card: Card) -> bool:
        """Whether its author has written before, today: tags are of a day, and gone with it."""
        if not card.author:
            return False
        return self._first.setdefault(card.author, card.seq) < card.seq


def _told(card: Card) -> str:
    """What a card tells, for what tells the same: nothing does that puts right what is public, and
    would not if it ended with another one."""
    if card.corrects:
        return card.id
    return f"{card.title}\n{card.text}" if card.title else card.text
