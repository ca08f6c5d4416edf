"""What every channel of the settings says, as the rules take it."""

from __future__ import annotations

from collections.abc import Mapping

from relay.config import Channel, Settings
from relay.model import HOUR
from relay.plugins import ticks
from relay.plugins.wordlists import words_of
from relay.rules.policy import Policy


def policies_of(settings: Settings) -> Mapping[str, Policy]:
    """The policy of every channel, by its name. Raises KeyFileError for a list of words that cannot
    be read."""
    return {
        name: Policy(
            one.destinations,
            one.review,
            one.delay,
            one.danger,
            one.stale,
            one.withdraw,
            one.withdraw_per_day,
            one.priority,
            one.media_review,
            words_of(settings, name),
            one.two_persons,
        )
        for name, one in settings.channels.items()
    }


def drawn(settings: Settings) -> frozenset[str]:
    """The destinations at which what is due together goes out in any order: where it is released
    by ticks, or after a random delay. Where somebody wants neither, it keeps the order in which it
    came."""
    delayed = (one for one in settings.channels.values() if one.delay[1] > 0)
    return frozenset(
        {
            *(name for name, tick_s in ticks(settings).items() if tick_s > 0),
            *(name for one in delayed for name in one.posts_to),
        }
    )


def spread(settings: Settings) -> dict[str, int]:
    """By channel, how many seconds apart messages may come that appear in any order: by its random
    delay, by the ticks of the destination that has the shortest, and by the person who reads all of
    them first, who is taken to come once an hour."""
    tick_s = ticks(settings)
    return {name: _spread(one, tick_s) for name, one in settings.channels.items()}


def _spread(channel: Channel, tick_s: Mapping[str, int]) -> int:
    least, most = channel.delay
    shortest = min((tick_s.get(name, 0) for name in channel.posts_to), default=0)
    reads_s = HOUR - 1 if channel.review == "all" else 0
    return max(most - least + shortest, reads_s)
