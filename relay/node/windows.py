"""What an operator asks of the calendar: add a window, list them, take one away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from relay.config import Settings
from relay.config.window_added import added, taken
from relay.config.window_times import DAYS, odd_times
from relay.config.windows_odd import contradictions
from relay.errors import Asked, Mistake
from relay.model import Instant
from relay.node.calendar import Calendar, Listed
from relay.node.holding import Holding
from relay.node.overview import Overview
from relay.plugins import destinations
from relay.rules.windows import Once, Weekly, Window, next_period, period_at

MOST = 200
"""Windows that there may be: all are looked at whenever one of them begins or ends. Who needs more
wants one that comes again."""

MOST_PERIODS = 40
DRAWN_S = 7 * 86400
"""Of a window that comes again so many periods are told at the most, of so many seconds."""

_STATES = ("now", "coming", "shadowed", "over")

_OPTIONS = {"destinations": "DEST"}
"""What the command calls a key of the settings, where it is no option of the same name."""

Answer = Mapping[str, Any]


class Node(Protocol):
    """What this needs of the core."""

    settings: Settings
    overview: Overview
    holding: Holding


class Windows:
    """Carries out orders about windows on one node."""

    def __init__(self, core: Node) -> None:
        self._core = core

    @property
    def _calendar(self) -> Calendar:
        return self._core.holding.calendar

    async def answers(self, request: Mapping[str, Any]) -> AsyncIterator[Answer]:
        """Add or remove a window, or list them all. Raises Asked."""
        match request:
            case {"add": dict() as given, "name": str() as name}:
                yield await self._add(name or self._free(), given)
            case {"remove": str() as name}:
                yield await self._remove(name)
            case _:
                waiting = await self._waiting()
                for one in sorted(self._calendar.all(), key=_in_turn):
                    yield self._line(one, waiting)

    async def _add(self, name: str, given: Mapping[str, Any]) -> Answer:
        now = self._calendar.now
        settings = self._core.settings
        window = added(name, given, settings, now, destinations(settings))
        if not isinstance(window, Window):
            raise Asked("\n".join(map(_said, window)))
        there = self._calendar.all()
        replaced = [one for one in there if one.origin == "command" and one.window.name == name]
        if len(there) >= MOST and not replaced:
            raise Asked("there are too many windows: remove some")
        await self._calendar.add(window)
        line = self._line(self._listed(name), await self._waiting())
        others = (one.window for one in there if one.window.name != name)
        notes = [*_odd(window, given, now), *contradictions(others, window, now)]
        if line["state"] != "now" and any(one.now for one in replaced):
            notes.append("it was in force, and is not any more: what waits goes out")
        return {**line, "replaced": bool(replaced), "notes": notes}

    async def _remove(self, name: str) -> Answer:
        window = await self._calendar.remove(name)
        now = self._calendar.now
        then = Listed(window, "command", period_at(window, now), next_period(window, now))
        line = self._line(then, await self._waiting())
        return {**line, "still": self._still(window) if line["state"] == "now" else {}}

    def _still(self, window: Window) -> Mapping[str, str]:
        """Which window is in force yet for a destination of one that is over."""
        held = {name: self._calendar.at(name) for name in window.destinations}
        return {name: one.window.name for name, one in held.items() if one is not None}

    def _free(self) -> str:
        """A name for a window that was given none."""
        used = taken(self._core.settings) | {one.window.name for one in self._calendar.all()}
        return next(name for n in count(1) if (name := f"w{n}") not in used)

    def _listed(self, name: str) -> Listed:
        return next(
            one
            for one in self._calendar.all()
            if one.origin == "command" and one.window.name == name
        )

    async def _waiting(self) -> Mapping[str, int]:
        board = await self._core.overview.board()
        return {name: place["waiting"] for name, place in board.items()}

    def _line(self, listed: Listed, waiting: Mapping[str, int]) -> Answer:
        """A window in words and numbers of JSON."""
        window, now = listed.window, self._calendar.now
        over = window.times if isinstance(window.times, Once) else None
        period = listed.now or listed.then or over
        return {
            "name": window.name,
            "destinations": window.destinations,
            "do": window.do,
            "to": window.to,
            "why": window.why,
            "first": window.first,
            "every_s": window.every_s,
            "origin": listed.origin,
            "state": _state(listed),
            "zone": _zone(window.times),
            "begins": period and period.begins,
            "ends": period and period.ends,
            "recurs": _recurs(window.times),
            "periods": _periods(listed, now),
            "now": now,
            "frozen": self._calendar.stands_still,
            "waiting": {name: waiting.get(name, 0) for name in window.destinations},
            "unknown": listed.unknown,
        }


def _odd(window: Window, given: Mapping[str, Any], now: Instant) -> list[str]:
    """What is odd about the times of a window that is sound."""
    found = odd_times(given["from"], given["until"], _zone(window.times), now)
    return [f"--{key}: {said}" for key, said in found]


def _said(mistake: Mistake) -> str:
    """A mistake by the name of its option."""
    key = mistake.key.split(".")[0]  # what follows is a place in a list
    where = _OPTIONS.get(key, f"--{key}")
    return f"{where}: {mistake.what}; {mistake.remedy}"


def _in_turn(listed: Listed) -> tuple[int, Instant]:
    """What is in force is listed first, then what comes, the next one first."""
    period = listed.now or listed.then
    return _STATES.index(_state(listed)), 0 if period is None else period.begins


def _state(listed: Listed) -> str:
    if listed.shadowed:
        return "shadowed"
    if listed.now is not None:
        return "now"
    return "coming" if listed.then is not None else "over"


def _periods(listed: Listed, now: Instant) -> list[tuple[Instant, Instant]]:
    """What of it can be drawn on a time line: the period it is in, and those of the next week."""
    found = [] if listed.now is None else [listed.now]
    after = listed.then
    while after is not None and len(found) < MOST_PERIODS and after.begins < now + DRAWN_S:
        found.append(after)
        after = next_period(listed.window, after.begins)
    return [(one.begins, one.ends) for one in found]


def _zone(times: Once | Weekly) -> str:
    return times.zone if isinstance(times, Once) else times.zone.key


def _recurs(times: Once | Weekly) -> Answer | None:
    """By the clocks of its zone, in minutes from midnight; its days, by their names, or none."""
    if isinstance(times, Once):
        return None
    days: Sequence[str] = [DAYS[day] for day in sorted(times.days)]
    ends = None if times.lasts_s else times.ends
    return {"begins": times.begins, "ends": ends, "lasts_s": times.lasts_s, "days": days}
