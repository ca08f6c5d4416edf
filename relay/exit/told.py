"""What is said back to one who asks: short, the same for what is not there and what is not theirs.

Nothing here changes anything, and each answer costs the same looks at the spool, but for READ,
which asks for what everybody may see. What an answer leads to is done afterwards
(``relay.exit.deeds``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from relay.errors import Damaged
from relay.exit.handles import Handles
from relay.exit.record import Record, restore
from relay.exit.withdraw import ASKED, is_gone
from relay.model import HOUR, Command, Row, State, Word, hour_of
from relay.ports import Clock, Spool
from relay.rules import words
from relay.rules.gsm import fits
from relay.rules.harmless import harmless
from relay.rules.policy import may_be_read
from relay.rules.words import Answer, say
from relay.wire.keys import ExitKeys
from relay.wire.names import shown_name

HOURS: Final = 7 * 24
"""How far back READ looks: as long as messages are kept."""

MOST_ITEMS: Final = 16
"""Items that are opened for one READ."""

LEAST: Final = 30
"""Characters of an item that is cut: with fewer it says nothing."""

_SAID: Final[dict[Word, Answer]] = {
    "code": "code_set",
    "delete": "deleted",
    "again": "again",
    "to": "moved",
    "help": "help",
}
_WAITS: Final = (State.WAITING, State.HELD, State.QUARANTINED)
_SHOWN: Final = (State.POSTED, State.WAITING)


class Told:
    """Answers of one exit."""

    def __init__(self, spool: Spool, clock: Clock, keys: ExitKeys, handles: Handles) -> None:
        self._spool = spool
        self._clock = clock
        self._keys = keys
        self._handles = handles

    async def answer(
        self, row: Row, asker: Record, command: Command
    ) -> tuple[str, tuple[str, ...]]:
        """The text, and which released answers it holds."""
        language = command.language
        message = await self._handles.newest(asker, command.argument, row)
        record = await self._record(message, row)
        match command.word:
            case "status":
                return say(_state(message), language), ()
            case "answers":
                pieces = fitting(reversed(record.answers)) if record is not None else ()
                return "\n".join(pieces) or say("nothing", language), pieces
            case "read":
                items = await self._items(command.argument) if may_be_read(asker.flags) else ()
                return "\n".join(items) or say("nothing_to_read", language), ()
        return say(_SAID[command.word], language), ()

    async def _record(self, message: Row | None, instead: Row) -> Record | None:
        """What is kept of a message; where there is none another body is read in its stead."""
        try:
            body = await self._spool.body((message or instead).seq)
            if message is None or not body or is_gone(message):
                return None
            return restore(body, self._keys.storage, message.id)
        except Damaged:
            return None

    # ------------------------------------------------------------ READ

    async def _items(self, topic: str) -> tuple[str, ...]:
        """The latest of the page that fit, the newest first, the last perhaps cut."""
        texts: list[str] = []
        opened = 0
        hour = hour_of(self._clock.now())
        for back in range(HOURS):
            name = shown_name(self._keys.desk_secret, hour - back * HOUR)
            for row in reversed(await self._spool.named(name)):
                if row.state not in _SHOWN or row.why == ASKED:
                    continue
                opened += 1
                record = await self._record(row, row)
                if record is not None and _is_about(record, topic):
                    texts.append(_line(record))
                if opened >= MOST_ITEMS:
                    return cut_to_fit(texts)
            if texts and not _fit(texts):
                break
        return cut_to_fit(texts)


def _state(message: Row | None) -> Literal["waits", "done", "unknown"]:
    if message is None or is_gone(message):
        return "unknown"
    return "waits" if message.state in _WAITS else "done"


def _is_about(record: Record, topic: str) -> bool:
    """Whether an item belongs to a channel of this name, or is about that."""
    message = record.message
    if message is None:
        return False
    same_channel = topic.casefold() == record.channel.casefold()
    return same_channel or words.is_about(topic, f"{message.title} {message.text}")


def _line(record: Record) -> str:
    assert record.message is not None
    said = f"{record.message.title} {record.message.text}"
    return " ".join(harmless(said).split())


def _fit(pieces: Sequence[str]) -> bool:
    return fits("\n".join(pieces))


def fitting(pieces: Iterator[str]) -> tuple[str, ...]:
    """As many as go into one answer, in this order."""
    taken: list[str] = []
    for piece in pieces:
        if not _fit([*taken, piece]):
            break
        taken.append(piece)
    return tuple(taken)


def cut_to_fit(texts: Sequence[str]) -> tuple[str, ...]:
    """The same, and as much of the next as there is room for, if that is more than a few words."""
    full = [text for text in texts if text]
    taken = list(fitting(iter(full)))
    if len(taken) < len(full):
        text = full[len(taken)]
        room = len(text)
        while room > LEAST and not _fit([*taken, f"{text[:room].rstrip()}…"]):
            room -= max(1, room // 16)
        if room > LEAST:
            taken.append(f"{text[:room].rstrip()}…")
    return tuple(taken)
