"""What is wrong with ``[canary]``, held against the ways in and the destinations that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.config.sections import Destination, Settings
from relay.errors import Mistake

SHARE: Final = 4
"""One in so many posts of a budget may be a test: what people write comes first."""

_DAYS: Final = {"posts_per_day": 1, "posts_per_month": 30}


def wrong_canaries(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What names nothing, what cannot be tried, and what would not be."""
    at = settings.canary
    named = at.destinations if at is not None else ()
    torn = at is None and "canary" in table  # nothing of it was sound: who knows what it names
    for name, one in settings.destinations.items():
        if one.canary == "post" and name not in named and not torn:
            why = "says nothing where [canary] does not name this destination"
            remedy = "add it to canary.destinations, or take it out"
            yield Mistake(f"destinations.{name}.canary", why, remedy)
    if at is None:
        return
    if not (at.transports or at.destinations):
        remedy = "name transports or destinations, or take [canary] out"
        yield Mistake("canary", "tries nothing", remedy)
    if at.late > at.every:
        remedy = "make it shorter than every"
        yield Mistake("canary.late", "is longer than the time until the next one", remedy)
    for name in at.destinations:
        if name in settings.destinations:
            yield from _greedy(name, settings.destinations[name], at.every)
    yield from _of_ways(settings, table)
    served = {*_written(table, "destinations"), "page"}
    if not served.issuperset(at.destinations):
        remedy = "add [destinations.NAME] or mend it"
        yield Mistake("canary.destinations", "names no destination", remedy)
    elif not _used(settings).issuperset(at.destinations):
        remedy = "name it in a channel or in alarms.to, or take it out"
        yield Mistake("canary.destinations", "names one that nothing is sent to", remedy)


def _greedy(name: str, one: Destination, every_s: int) -> Iterator[Mistake]:
    for key, days in _DAYS.items():
        most: int | None = getattr(one, key)
        if one.canary == "post" and most is not None and days * 86400 / every_s > most / SHARE:
            why = f"would use up more than a quarter of {key}"
            remedy = 'make canary.every longer, or use "check", which is the default'
            yield Mistake(f"destinations.{name}.canary", why, remedy)
            return


def unsafe_canaries(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is named in a warning at each start."""
    for name, one in settings.destinations.items():
        if one.canary == "post":
            yield (
                f"destinations.{name}.canary",
                "readers see each test for a moment, and may be told",
            )


def _of_ways(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    assert settings.canary is not None
    names = settings.canary.transports
    if not _written(table, "transports").issuperset(names):
        remedy = "add [transports.NAME] or mend it"
        yield Mistake("canary.transports", "names no transport", remedy)
    for name in dict.fromkeys(names):
        way = settings.transports.get(name)
        if way is not None and way.no_canary:
            what = f'names one of kind "{way.kind}": {way.no_canary}'
            remedy = "take it out, and write to it yourself now and then"
            yield Mistake("canary.transports", what, remedy)


def _used(settings: Settings) -> set[str]:
    """The destinations that run."""
    used = {name for channel in settings.channels.values() for name in channel.posts_to}
    return {"page", *used, *(settings.alarms.to if settings.alarms is not None else ())}


def _written(table: Mapping[str, Any], section: str) -> set[str]:
    """The names of a section, also of what has a mistake in it."""
    found = table.get(section)
    return set(found) if isinstance(found, Mapping) else set()
