"""What every channel of the settings says, as the rules take it."""

from __future__ import annotations

from collections.abc import Mapping

from relay.config import Settings
from relay.rules.policy import Policy


def policies_of(settings: Settings) -> Mapping[str, Policy]:
    """The policy of every channel, by its name."""
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
        )
        for name, one in settings.channels.items()
    }
