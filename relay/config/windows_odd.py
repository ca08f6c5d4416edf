"""What is odd about windows, and perhaps not meant: they are used as they are, with a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from relay.config.sections import Settings
from relay.config.window_times import odd_times
from relay.config.windows_checks import windows_of
from relay.model import Instant
from relay.rules.windows import DAY_S, Once, Period, Window, next_period, period_at

LONG_AGO_S = 86400
"""Seconds after which a window that is over is only in the way."""

_WEEK_S = 9 * DAY_S
"""Seconds from midnight in which all periods of windows that recur have yet to begin at least
once."""

MOST_TOLD = 3
"""Windows of which it is told that another one contradicts them; of more only how many."""


def odd_windows(settings: Settings, now: Instant) -> Iterator[tuple[str, str]]:
    """What is perhaps not meant, as (key, what it means)."""
    windows = windows_of(settings)
    for at, window in enumerate(windows):
        key = f"windows.{window.name}"
        if isinstance(window.times, Once) and window.times.ends + LONG_AGO_S <= now:
            yield f"{key}.until", "it is over: take the window out"
            continue
        written = settings.windows[window.name]
        for end, said in odd_times(written.begins, written.until, written.zone, now):
            yield f"{key}.{end}", said
        for said in contradictions(windows[:at], window, now):
            yield key, said


def contradictions(others: Iterable[Window], window: Window, now: Instant) -> Sequence[str]:
    """What is to be told of a window that wants something else than others at one moment."""
    found = [said for one in others for said in _at_odds(one, window, now)]
    more = [f"and so it is {len(found) - MOST_TOLD} times more"] if len(found) > MOST_TOLD else []
    return found[:MOST_TOLD] + more


def _at_odds(one: Window, other: Window, now: Instant) -> Iterator[str]:
    if contradict(one, other, now):
        yield which_counts(one, other)
    for sends, holds in ((one, other), (other, one)):
        if sends.to in holds.destinations and _meet(one, other, now):
            yield f"{sends.to}, where {sends.name} sends to, is in {holds.name} itself at times"


def contradict(one: Window, other: Window, now: Instant) -> bool:
    """Whether two windows want different things of a destination at one moment."""
    both = set(one.destinations) & set(other.destinations)
    return bool(both) and (one.do, one.to) != (other.do, other.to) and _meet(one, other, now)


def which_counts(one: Window, other: Window) -> str:
    """What is to be told of the second of two windows that contradict each other."""
    said = f"at times it is in force together with {one.name}"
    for window, rest in ((one, other), (other, one)):
        if window.do == "hold" and rest.do != "hold":
            return f"{said}: then {window.name} counts, since it holds"
    return f"{said}: then the one that ends last counts"


def _meet(one: Window, other: Window, now: Instant) -> bool:
    """Whether two windows are in force at one moment: of those that recur, in the week to come."""
    if isinstance(other.times, Once):
        return _is_in(one, other.times)
    if isinstance(one.times, Once):
        return _is_in(other, one.times)
    today = now - now % DAY_S  # so that what was found is found again
    return _overlap(_week(one, today), _week(other, today))


def _is_in(window: Window, times: Once) -> bool:
    """Whether a window is in force at a moment of this time."""
    then = next_period(window, times.begins)
    return period_at(window, times.begins) is not None or (
        then is not None and then.begins < times.ends
    )


@lru_cache(maxsize=1024)
def _week(window: Window, today: Instant) -> tuple[Period, ...]:
    """The periods of a window that recurs, in the week to come, in order."""
    found, period = [], period_at(window, today) or next_period(window, today)
    while period is not None and period.begins < today + _WEEK_S:
        found.append(period)
        period = next_period(window, period.begins)
    return tuple(found)


def _overlap(some: Sequence[Period], others: Sequence[Period]) -> bool:
    """Whether two rows of periods, each in order, have a moment in common."""
    at = 0
    for period in some:
        while at < len(others) and others[at].ends <= period.begins:
            at += 1
        if at < len(others) and others[at].begins < period.ends:
            return True
    return False
