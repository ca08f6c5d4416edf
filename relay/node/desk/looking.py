"""What the desk may look at: cards of all messages, and the sheet of one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from relay.errors import Asked
from relay.exit.sheet import BLANK, Approval, Line, Sheet
from relay.node.arrivals import REST, Arrivals
from relay.node.desk import messages, originals
from relay.node.desk.cards import MOST, Cards
from relay.node.desk.messages import Messages
from relay.node.desk.publishing import Publishing
from relay.node.overview import Overview

Answer = Mapping[str, Any]


class Node(messages.Node, Protocol):
    """What looking needs of the core."""

    arrivals: Arrivals
    overview: Overview


class Looking:
    """Shows the messages of one node."""

    def __init__(self, core: Node, found: Messages) -> None:
        self._core = core
        self._messages = found
        self._publishing = Publishing(core, found)
        self.cards = Cards(
            core.spool,
            found,
            lambda row: core.overview.why(row),
            self._publishing.standing,
            # As long as it worked: unlike a step it has a person who waits for it.
            lambda worked_s: core.arrivals.first(worked_s / REST),
        )

    async def all_cards(self, order: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """The cards after a seq, a batch an answer, to the end or to a limit. Raises Asked."""
        after, limit = order.get("after", 0), order.get("limit")
        if not _is_seq(after) or not (limit is None or _is_seq(limit)):
            raise Asked("cards come after a seq")
        left = limit
        while left is None or left > 0:
            cards, upto = await self.cards.after(after, MOST if left is None else min(left, MOST))
            if cards:
                yield {"cards": cards}
            if upto == after:
                break
            after = upto
            left = left if left is None else left - len(cards)
        yield {"upto": after}

    async def sheet(self, root: int) -> Answer:
        """What persons wrote about a message. Raises Asked."""
        if await self._core.spool.sheet(root) is None:
            return self._shown(BLANK, ())
        seen = await self._messages.seen(root)
        return self._shown(seen.sheet, self._publishing.standing(seen))

    def _shown(self, sheet: Sheet, approvals: Sequence[Approval]) -> Answer:
        now, opening, decided = self._core.clock.now(), sheet.opening, sheet.decided
        asked = opening is not None and now < opening.until
        return {
            "assignee": sheet.assignee,
            "notes": _lines(sheet.notes),
            "questions": _lines(sheet.questions),
            "kinds": list(sheet.kinds),
            "confirmed": [
                {
                    "handle": one.handle,
                    "deed": "publish",
                    "only": list(one.choice.only) if one.choice.chosen else None,
                    "without": list(one.choice.without),
                    "not_before": one.choice.not_before or None,
                }
                for one in approvals
            ],
            "waits": bool(approvals),
            "decided": None
            if decided is None
            else {"handle": decided.handle, "deed": decided.what, "until": decided.until},
            "original_asked": opening.handle if asked and opening is not None else "",
            "original_until": originals.opened_until(sheet, now),
        }


def _is_seq(said: object) -> TypeGuard[int]:
    return type(said) is int and 0 <= said < 1 << 62


def _lines(lines: tuple[Line, ...]) -> list[Answer]:
    return [{"handle": one.handle, "hour": one.hour, "text": one.text} for one in lines]
