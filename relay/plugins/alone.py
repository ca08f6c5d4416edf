"""Which destinations have an outlet of their own.

One for each *destination* whose bridge is a third party's, not one for each plug-in. An outlet that
is killed leaves every send under way in it in doubt, and one that hangs holds up all it serves: two
accounts of one plug-in would pay for each other's faults, which no two destinations do. A plug-in
may also keep what it likes in its modules (a client, "the current account"), and then one account
must not see the other's secret. The price is a process a destination: docs/threats.md has its size.

A bridge of ours has one as well where its class says ``blocking = True``: it waits in a thread,
inside a library that cannot be cancelled. Past its deadline only killing ends it, and that is to
hit nobody else.
"""

from __future__ import annotations

from relay.config import Settings
from relay.plugins.found import candidates
from relay.plugins.sections import destinations


def each_alone(settings: Settings) -> frozenset[str]:
    """The names of those destinations. Imports the bridges of ours that the settings name."""
    return frozenset(
        name for name, one in destinations(settings).items() if _needs_its_own(one.bridge)
    )


def _needs_its_own(bridge: str) -> bool:
    found = candidates(bridge)
    if not all(one.ours for one in found):
        return True
    return any(getattr(one.load(), "blocking", False) for one in found)
