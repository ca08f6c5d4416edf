"""What every channel of the settings says, as the rules take it."""

from __future__ import annotations

from collections.abc import Mapping

from relay.config import Settings
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
        )
        for name, one in settings.channels.items()
    }
