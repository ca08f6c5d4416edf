"""What the answers of several relays mean together.

A post is public with the first relay that has it, and is called posted when ``least`` of them do.
Until then it is given again to those that could still take it; which does no harm, since it is the
same event each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from bridges.relays.offering import Standing, Told
from relay.ports import Instant, Later, Outcome, Posted, Refused, Removal, Removed, Stopped, Unsure

ACTION: Final = (
    "look at the relays in the settings: replace those that do not take this account, or lower "
    "`least`"
)


def outcome(
    told: Mapping[str, Told], taken: Set[str], least: int, id: str, url: str = ""
) -> Outcome:
    """How a send ended. ``taken`` are the relays that have the event by now, ``told`` what those
    said that were asked in this try."""
    by = _by_standing(told)
    doubtful, away = by[Standing.DOUBT], by[Standing.AWAY]
    account, event = by[Standing.ACCOUNT], by[Standing.EVENT]
    if len(taken) >= least:
        return Posted(id, url)
    have = f"{len(taken)} of at least {least} relays have it"
    if account and len(taken) + len(doubtful) + len(away) < least:
        why = f"{have}; one {account[0].why}"
        # Stopped says that nothing is public: whoever takes it back would not look for it.
        return Unsure(f"{why}: {ACTION}") if taken or doubtful else Stopped(why, ACTION)
    if doubtful or (away and taken):
        return Unsure(f"{have}; one {(doubtful or away)[0].why}")
    if away:
        return _later(away)
    if taken:  # public, and the others have refused it for good
        return Posted(id, url)
    return Refused(f"a relay {event[0].why}" if event else "there is no relay")


def removal(told: Mapping[str, Told]) -> Removal:
    """How a request to delete ended that was given to all relays."""
    by = _by_standing(told)
    if by[Standing.DOUBT]:
        return Later("a relay did not answer", scope="host")
    if by[Standing.AWAY]:
        return _later(by[Standing.AWAY])
    if by[Standing.TAKEN]:
        return Removed()
    if by[Standing.ACCOUNT]:
        return Stopped(f"a relay {by[Standing.ACCOUNT][0].why}", ACTION)
    return Refused("no relay takes a request to delete")


def _later(away: list[Told]) -> Later:
    """Nobody has it, and somebody may take it."""
    again: list[Instant] = [one.again for one in away if one.again is not None]
    limited = all(one.limited for one in away)
    soonest = min(again) if len(again) == len(away) else None
    return Later(f"a relay {away[0].why}", soonest, "destination" if limited else "host")


def _by_standing(told: Mapping[str, Told]) -> dict[Standing, list[Told]]:
    return {
        standing: [one for one in told.values() if one.standing is standing]
        for standing in Standing
    }
