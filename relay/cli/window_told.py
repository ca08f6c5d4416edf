"""A window in words: when it is, by the clocks of its zone and by UTC, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from relay.config import Window
from relay.reader.text import clean_line
from relay.rules.alarm import length
from relay.rules.bidi import apart

_NO_REASON = Window.model_fields["why"].default

Line = Mapping[str, Any]
"""One answer of the node, as docs/commands.md has it."""


def when(line: Line) -> str:
    """When a window is, by the clocks of its zone."""
    recurs = line["recurs"]
    if recurs is None:
        zone = _zone(line["zone"]) or UTC
        return _span(line["begins"], line["ends"], zone)
    ends = recurs["ends"]
    until = _lasting(recurs["lasts_s"]) if ends is None else _of_day(ends)
    days = " ".join(recurs["days"]) or "every day"
    return f"{days} {_of_day(recurs['begins'])} to {until}"


def in_both(line: Line) -> str:
    """When its period is, this or the next, by the clocks of its zone and by UTC."""
    said = _span(line["begins"], line["ends"], UTC)
    zone = _zone(line["zone"])
    if zone is None or line["zone"] == "UTC":
        return f"{said} UTC"
    return f"{_span(line['begins'], line['ends'], zone)} {line['zone']} ({said} UTC)"


def state(line: Line) -> str:
    """How it is now: in one or two words, and how long yet."""
    if line["state"] == "now":
        return f"now, {length(line['ends'] - line['now'])} left"
    if line["state"] == "coming":
        return f"in {length(line['begins'] - line['now'])}"
    return str(line["state"])


def does(line: Line) -> str:
    """What it does, to which destinations."""
    names = ", ".join(line["destinations"])
    return f"{names} to {line['to']}" if line["to"] else f"hold {names}"


def waits(line: Line) -> str:
    """How many wait for its destinations."""
    waiting = line["waiting"]
    if len(waiting) == 1:
        return f"{next(iter(waiting.values()))} wait"
    return ", ".join(f"{count} wait for {name}" for name, count in waiting.items())


def why(line: Line) -> str:
    """Its reason, on one line; empty where nobody gave one."""
    return "" if line["why"] == _NO_REASON else apart(clean_line(line["why"]))


def _span(begins: int, ends: int, zone: tzinfo) -> str:
    first, last = datetime.fromtimestamp(begins, zone), datetime.fromtimestamp(ends, zone)
    same_day = first.date() == last.date()
    return f"{first:%Y-%m-%d %H:%M} to {last:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}"


def _lasting(length_s: int) -> str:
    """A length as it may be written."""
    return f"+{length_s}s" if length_s % 60 else f"+{length_s // 60}m"


def _of_day(minute: int) -> str:
    return f"{timedelta(minutes=minute)}"[:-3].zfill(5)


def _zone(name: str) -> ZoneInfo | None:
    """A zone; None where this machine does not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
