"""Who wrote what, as far as that can be told: for two days, and in memory only.

Author tags are made with keys that the core forgets (``relay.node.days``), and say nothing after
two days. Were what they group written down by names, two messages of one person would share one for
as long as they are kept; and whoever takes the disk, without any key, and has a telephone company's
log, could tell from their hours who that is. So it is not written down: a process that is started
anew knows no authors of what came before.

The codes that people choose are kept here as well, those that lie nowhere else among them: the
words of known senders. Else whoever tries a word could tell by ``STATUS`` whether it is one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from relay.model import Row
from relay.ports import Clock
from relay.wire.names import SHORT, day_number
from relay.wire.primitives import KEY, mac

MOST_MESSAGES: Final = 16_000
"""Messages whose author is remembered: about 16 MB. Of one that is forgotten earlier, the code is
enough to speak of it, as after a restart."""

MOST_OF_ONE: Final = 1000
"""Messages of one author, or of one code of an author: of more the newest."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A message: the day it came, by what it is found, and whether it has a code."""

    day: int
    names: tuple[bytes, ...]
    called: bool


class Authors:
    """What each author wrote in this run of the core. ``begin`` comes before anything else."""

    def __init__(self, clock: Clock, most: int = MOST_MESSAGES) -> None:
        self._clock = clock
        self._most = most
        self._secret = token_bytes(KEY)
        self._earlier = 0
        self._written: OrderedDict[int, _Written] = OrderedDict()
        self._seqs: dict[bytes, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._written)

    def begin(self, earlier: int) -> None:
        """Of a message up to this seq the tags are those of a run before this one: they meet in
        what was written then, and in nothing that comes now."""
        self._earlier = earlier

    def is_of_this_run(self, row: Row) -> bool:
        """Whether the tags of a row are those of this run of the core."""
        return row.seq > self._earlier

    def wrote(self, row: Row, tags: Sequence[bytes], code: str = "") -> None:
        """A message is its author's; ``code`` is normalised, and empty where it has none."""
        was = self._written.pop(row.seq, None)
        names = dict.fromkeys(was.names if was else ())
        names |= dict.fromkeys(self._names(b"author", tags))
        if code:
            names |= dict.fromkeys(self._names(b"code", tags, code))
        called = bool(code) or (was is not None and was.called)
        self._written[row.seq] = _Written(day_number(row.hour), tuple(names), called)
        for name in names:
            seqs = self._seqs.get(name, ())
            if row.seq not in seqs:
                self._seqs[name] = (*seqs, row.seq)[-MOST_OF_ONE:]
        while len(self._written) > self._most:
            self._forget()

    def of(self, tags: Sequence[bytes]) -> list[int]:
        """What the author of these tags wrote, in order of arrival."""
        return self._found(self._names(b"author", tags))

    def of_code(self, tags: Sequence[bytes], code: str) -> list[int]:
        """Of that what the author called so."""
        return self._found(self._names(b"code", tags, code))

    def is_called(self, row: Row) -> bool:
        """Whether a message has a code that its author chose, as far as this run knows."""
        written = self._written.get(row.seq)
        return written is not None and written.called

    def is_told_apart(self, row: Row) -> bool:
        """Whether the tags of a message meet those of the same author now: then nobody else has to
        be believed who knows its code."""
        today = day_number(self._clock.now())
        recent = today - 1 <= day_number(row.hour) <= today
        return recent and self.is_of_this_run(row) and row.seq in self._written

    def _found(self, names: Iterator[bytes]) -> list[int]:
        self._forget_what_is_over()
        return sorted({seq for name in names for seq in self._seqs.get(name, ())})

    def _names(self, of: bytes, tags: Sequence[bytes], code: str = "") -> Iterator[bytes]:
        for tag in tags:
            yield mac(self._secret, of, tag, code.encode())[:SHORT]

    # ------------------------------------------------------------ forgetting

    def _forget_what_is_over(self) -> None:
        """What is older than yesterday: no tag of now can be of its author."""
        yesterday = day_number(self._clock.now()) - 1
        while self._written and next(iter(self._written.values())).day < yesterday:
            self._forget()

    def _forget(self) -> None:
        """The one that was written down first."""
        seq, written = self._written.popitem(last=False)
        for name in written.names:
            left = tuple(one for one in self._seqs.pop(name, ()) if one != seq)
            if left:
                self._seqs[name] = left
