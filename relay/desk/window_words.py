"""A window in words: when it is, by the clocks of its zone and by UTC, and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Line:
    """One window: ``told`` as the core has it, ``when`` its period by the clocks of its zone,
    ``utc`` the same by UTC, ``days`` on which it comes again ("" for one that does not)."""

    told: Mapping[str, Any]
    when: str
    utc: str
    days: str

    @property
    def may_go(self) -> bool:
        """Whether it can be taken away here: one of the settings stands in their file."""
        return str(self.told["origin"]) != "settings"


def lines_of(told: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Windows as the order ``window`` lists them."""
    return [_line(one) for one in told]


def _line(told: Mapping[str, Any]) -> Line:
    recurs = told["recurs"]
    days = "" if recurs is None else " ".join(recurs["days"]) or "every day"
    if told["begins"] is None or told["ends"] is None:
        return Line(told, "", "", days)
    utc = _span(told["begins"], told["ends"], UTC)
    zone = _zone(told["zone"])
    return Line(told, _span(told["begins"], told["ends"], zone), utc, days)


def _span(begins: int, ends: int, zone: tzinfo) -> str:
    first, last = datetime.fromtimestamp(begins, zone), datetime.fromtimestamp(ends, zone)
    same_day = first.date() == last.date()
    return f"{first:%Y-%m-%d %H:%M} – {last:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}"


def _zone(name: str) -> tzinfo:
    """A zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC
