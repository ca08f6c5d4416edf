"""How much of its limits a Page has used, as the Graph API says with each answer, in percent.

``X-App-Usage`` and ``X-Business-Use-Case-Usage`` (developers.facebook.com, "Rate limits"). Calls
that are made while it is limited lengthen the limit, so that we rest before it is reached.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.ports import Instant

FULL: Final = 95
"""Percent from which on nothing more is sent for a while."""

REST_S: Final = 3600
"""Seconds to rest where no estimate is given: the windows roll on over an hour or more."""

MOST_S: Final = 24 * 3600
_SHARES: Final = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")


def used_up(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """Until when to rest; None while there is something left."""
    rows = [*_said(headers)]
    if not any(_number(row.get(share)) >= FULL for row in rows for share in _SHARES):
        return None
    return regained(headers, now)


def regained(headers: Mapping[str, str], now: Instant) -> Instant:
    """When a limit that is reached will be over, by Facebook's estimate, else by ours."""
    estimates = [_number(row.get("estimated_time_to_regain_access")) for row in _said(headers)]
    minutes = max(estimates, default=0)
    return now + (min(int(minutes * 60), MOST_S) if minutes > 0 else REST_S)


def _said(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    app = _json(headers.get("x-app-usage", ""))
    if isinstance(app, Mapping):
        yield app
    business = _json(headers.get("x-business-use-case-usage", ""))
    for rows in business.values() if isinstance(business, Mapping) else ():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping):
                yield row


def _json(said: str) -> Any:
    try:
        return json.loads(said) if said else None
    except (ValueError, RecursionError):
        return None


def _number(said: Any) -> float:
    return float(said) if isinstance(said, int | float) and 0 <= said <= 1e6 else 0.0
