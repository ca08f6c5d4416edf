"""By which routes a way in goes out, as its section says."""

from __future__ import annotations

from relay.config.inward.common import GoingOut
from relay.node.inward.opening import Opening
from relay.plugins.ways import ways_of
from relay.reach.routes import Routes


def routes_of(at: GoingOut, opening: Opening) -> Routes:
    """Its routes, the same whatever of it asks, probed as long as the door lives. Raises
    KeyFileError for a proxy's password."""
    if not opening.probing:
        settings = opening.settings
        ways = ways_of(at.routes, settings.routes, settings.base)
        opening.probing.append(Routes(ways, opening.name, opening.routed))
    return opening.probing[0]


def patience_s(routes: Routes) -> float:
    """Seconds that a connection may take by the most patient of them."""
    return max(way.connect_s for way in routes.ways)
