"""What is wrong with ``[channels.NAME.fallback]``, held against what the channel posts to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from relay.config.sections import Channel, Settings
from relay.errors import Mistake
from relay.rules.fallbacks import Fallbacks, steps_of


def wrong_fallbacks(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every mistake of this kind. ``table`` is the file as it was written: a destination with a
    mistake in it is missing in ``settings``, and is named rightly all the same."""
    written = table.get("destinations")
    served = {"page", *(written if isinstance(written, Mapping) else ())}
    for name, channel in settings.channels.items():
        key = f"channels.{name}.fallback"
        fallbacks = channel.fallbacks
        for at in fallbacks:
            yield from _wrong_end(f"{key}.{at}", at, fallbacks, channel, served)
            yield from _wrong_start(f"{key}.{at}", at, fallbacks, channel, settings)
        yield from _never(key, fallbacks, channel)


def _wrong_end(
    key: str, at: str, fallbacks: Fallbacks, channel: Channel, served: set[str]
) -> Iterator[Mistake]:
    """Of where it falls back to."""
    to = fallbacks[at][0]
    if to == at:
        yield Mistake(f"{key}.to", "is the same destination", "name another one")
    elif to not in served:
        yield Mistake(f"{key}.to", "names no destination", "add [destinations.NAME] or mend it")
    elif _comes_back(at, fallbacks):
        yield Mistake(f"{key}.to", "goes in a circle", "let the last of them fall back to nothing")
    elif to in channel.destinations:
        why = "is where this channel posts to anyway"
        yield Mistake(f"{key}.to", why, "name another one, or take it out of destinations")


def _wrong_start(
    key: str, at: str, fallbacks: Fallbacks, channel: Channel, settings: Settings
) -> Iterator[Mistake]:
    """Of what falls back."""
    section = settings.destinations.get(at)
    if at == "page" or (section is not None and section.bridge == "feed"):
        yield Mistake(key, "is a page of our own, which nobody can block", "take it out")
    elif at not in {*channel.destinations, *_reached(channel, fallbacks)}:
        why = "is nowhere that this channel posts to"
        yield Mistake(key, why, "add it to destinations, or take it out")


def _reached(channel: Channel, fallbacks: Fallbacks) -> Iterator[str]:
    for name in channel.destinations:
        yield from (step.to for step in steps_of(fallbacks, name))


def _comes_back(at: str, fallbacks: Fallbacks) -> bool:
    """Whether what leaves it would come back to it."""
    last = (at, *(step.to for step in steps_of(fallbacks, at)))[-1]
    return last in fallbacks and fallbacks[last][0] == at


def _never(key: str, fallbacks: Fallbacks, channel: Channel) -> Iterator[Mistake]:
    """Of times after which nothing waits any more: it is held for a person by then."""
    late: dict[str, str] = {}
    for name in channel.destinations:
        at = name
        for step in steps_of(fallbacks, name):
            if channel.stale and step.after_s > channel.stale:
                late[at] = "comes after stale, when it is held for a person"
            at = step.to
    for at, why in late.items():
        yield Mistake(f"{key}.{at}.after", why, "make it shorter, or stale longer")
