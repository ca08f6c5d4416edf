"""The queue as an operator looks at it: filtered, a page at a time, whatever its length."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from relay.errors import Asked
from relay.model import Queue, Row, Sent, State, Wanted
from relay.ports import Spool

MOST: Final = 500
"""Rows on a page."""

PATIENCE_S: Final = 0.06
"""Seconds after which what was found so far is given, and from where to go on."""

MOST_TEXT: Final = 200
"""Characters of a filter."""

STATES: Final = tuple(dict.fromkeys((*map(str, State), *map(str, Sent))))


class QueueRows:
    """``line`` says of a row what `relay queue list` does."""

    def __init__(self, spool: Spool, line: Callable[[Row], Mapping[str, Any]]) -> None:
        self._spool = spool
        self._line = line

    async def page(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Some rows, ``after`` which to go on (None at the end), and whether all was looked
        through that had to be. Raises Asked."""
        wanted, after, limit = _wanted(order), _number(order, "after", 0), _limit(order)
        rows: list[Row] = []
        until = time.monotonic() + PATIENCE_S
        while True:
            found = await self._spool.find_rows(wanted, after=after, limit=limit - len(rows))
            rows += found.rows
            if found.after is None or len(rows) == limit or time.monotonic() > until:
                break
            after = found.after
        return {
            "rows": [{"seq": row.seq, **self._line(row)} for row in rows],
            "after": found.after,
            "queues": [one.value for one in Queue if one not in (Queue.ORIGINAL, Queue.SHEET)],
            "states": list(STATES),
        }


def _wanted(order: Mapping[str, Any]) -> Wanted:
    asked = order.get("filter", {})
    if not isinstance(asked, dict):
        raise Asked("a filter has names and values")
    queue = _text(asked, "queue")
    if queue and queue not in [one.value for one in Queue]:
        raise Asked("there is no such queue")
    return Wanted(
        queue,
        _text(asked, "state"),
        _text(asked, "channel"),
        _text(asked, "destination"),
        _text(asked, "text"),
        asked.get("newest") is True,
    )


def _text(asked: Mapping[str, Any], key: str) -> str:
    value = asked.get(key, "")
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise Asked("a filter is a short text")
    return value.strip()


def _number(order: Mapping[str, Any], key: str, otherwise: int) -> int:
    value = order.get(key, otherwise)
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise Asked("pages go by numbers")
    return value


def _limit(order: Mapping[str, Any]) -> int:
    return max(1, min(_number(order, "limit", 100), MOST))
