"""What is wrong with ``[windows.*]``, what is odd about them, and what they are for the core."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from relay.config.reaching import Window as Written
from relay.config.sections import Settings
from relay.config.window_times import NOW, odd_times, times_of
from relay.errors import Mistake
from relay.model import Instant
from relay.rules.windows import DAY_S, Once, Period, Window, next_period, period_at

PAGE = "page"

LONG_AGO_S = 86400
"""Seconds after which a window that is over is only in the way."""

_WEEK_S = 9 * DAY_S
"""Seconds from midnight in which all periods of windows that recur have yet to begin at least
once."""

MOST_TOLD = 3
"""Windows of which it is told that another one contradicts them; of more only how many."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a window is held against: all destinations, and those that only alarms go to."""

    destinations: Collection[str]
    alarms: Collection[str] = ()


def around(settings: Settings, table: Mapping[str, Any] | None = None) -> Around:
    """What the windows of these settings are held against. ``table`` is the file as it was written:
    a destination with a mistake in it is missing in ``settings``, and is named all the same."""
    written = settings.destinations if table is None else table.get("destinations")
    names = written if isinstance(written, Mapping) else ()
    return Around({*names, PAGE}, settings.alarms.to if settings.alarms is not None else ())


def windows_of(settings: Settings, now: Instant = 0) -> tuple[Window, ...]:
    """The windows of sound settings, for the core."""
    found = (made(name, one, now) for name, one in settings.windows.items())
    return tuple(one for one in found if isinstance(one, Window))


def made(name: str, written: Written, now: Instant) -> Window | Mistake:
    """A window as the rules have it, or what is wrong with its times, by its key."""
    times = times_of(written.begins, written.until, written.zone, written.days, now)
    if isinstance(times, Mistake):
        return times
    return Window(
        name,
        tuple(dict.fromkeys(written.destinations)),
        times,
        written.do,
        PAGE if written.do == "page" else written.to,
        written.why,
        written.first,
        written.rate,
    )


# ---------------------------------------------------------------- mistakes


def wrong_windows(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every mistake in the windows of a file."""
    among = around(settings, table)
    for name, written in settings.windows.items():
        found = list(wrong_window(written, among))
        if written.begins == NOW:
            remedy = "write a date, or add it by `relay window add`"
            found.append(Mistake("from", "has no meaning in a file", remedy))
        elif isinstance(window := made(name, written, 0), Mistake):
            found.append(window)
        for one in found:
            if one.key != "to" or written.do == _given(table, name).get("do", written.do):
                yield Mistake(f"windows.{name}.{one.key}", one.what, one.remedy)


def _given(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A window as it stands in the file: what it does may be a mistake by itself."""
    given = table["windows"][name]
    return given if isinstance(given, Mapping) else {}


def wrong_window(written: Written, among: Around) -> Iterator[Mistake]:
    """What is wrong with one window but its times. The keys are its own."""
    if any(name not in among.destinations for name in written.destinations):
        remedy = "add [destinations.NAME] or mend it"
        yield Mistake("destinations", "name what is none", remedy)
    if any(name in among.alarms for name in written.destinations):
        yield Mistake("destinations", "name where alarms go", "take it out: no alarm ever waits")
    if written.do == "page" and PAGE in written.destinations:
        remedy = 'take the page out, or hold it with do = "hold"'
        yield Mistake("destinations", "name the page, and do names it as well", remedy)
    if written.do == "reroute":
        yield from _wrong_other(written, among)
    elif written.to:
        remedy = 'take it out, or write do = "reroute"'
        yield Mistake("to", "has a meaning with reroute only", remedy)


def _wrong_other(written: Written, among: Around) -> Iterator[Mistake]:
    if not written.to:
        yield Mistake("to", "is missing", "name the destination that has it instead")
    elif written.to not in among.destinations:
        yield Mistake("to", "names no destination", "add [destinations.NAME] or mend it")
    elif written.to in among.alarms:
        remedy = "name a destination that the public reads"
        yield Mistake("to", "names where alarms go", remedy)
    if written.to in written.destinations:
        yield Mistake("to", "is one of its own destinations", "name another one")


# ---------------------------------------------------------------- warnings


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
