"""A window as the spool remembers it: JSON of our own. What is damaged is no window."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from relay.errors import Damaged
from relay.rules.windows import Once, Weekly, Window


def written_window(window: Window) -> bytes:
    """A window in bytes."""
    times = window.times
    when: dict[str, Any]
    if isinstance(times, Once):
        when = {"begins": times.begins, "ends": times.ends, "zone": times.zone}
    else:
        when = {
            "weekly": [times.begins, times.ends, sorted(times.days), times.lasts_s],
            "zone": times.zone.key,
        }
    return json.dumps(
        {
            "name": window.name,
            "destinations": list(window.destinations),
            **when,
            "do": window.do,
            "to": window.to,
            "why": window.why,
            "first": window.first,
            "every_s": window.every_s,
            "learned": window.learned,
        }
    ).encode()


def read_window(value: bytes) -> Window:
    """What ``written_window`` wrote. Raises Damaged."""
    try:
        return _window(json.loads(value))
    except (ValueError, TypeError, KeyError, RecursionError):  # ZoneInfoNotFoundError is a KeyError
        raise Damaged from None


def _window(kept: dict[str, Any]) -> Window:
    times: Once | Weekly
    if "weekly" in kept:
        begins, ends, days, lasts_s = kept["weekly"]
        times = Weekly(int(begins), int(ends), frozenset(days), ZoneInfo(kept["zone"]), lasts_s)
    else:
        times = Once(int(kept["begins"]), int(kept["ends"]), str(kept["zone"]))
    if kept["do"] not in ("hold", "reroute", "page") or kept["first"] not in ("oldest", "newest"):
        raise Damaged
    return Window(
        str(kept["name"]),
        tuple(map(str, kept["destinations"])),
        times,
        kept["do"],
        str(kept["to"]),
        str(kept["why"]),
        kept["first"],
        float(kept["every_s"]),
        bool(kept["learned"]),
    )
