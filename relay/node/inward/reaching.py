"""By which routes a way in goes out, as its section says."""

from __future__ import annotations

from relay.config import Settings
from relay.config.inward.common import GoingOut
from relay.errors import KeyFileError
from relay.node.inward.opening import Opening
from relay.plugins.ways import ways_of
from relay.reach.routes import Routes, Way


def routes_of(at: GoingOut, opening: Opening) -> Routes:
    """Its routes, the same whatever of it asks, probed as long as the door lives."""
    if not opening.probing:
        ways = [_way(name, opening.settings) for name in at.routes]
        opening.probing.append(Routes(ways, opening.name, opening.routed))
    return opening.probing[0]


def _way(name: str, settings: Settings) -> Way:
    """A proxy whose password cannot be read refuses us, and the board says so: the other routes,
    and the other ways in, stay open."""
    routes = settings.routes
    try:
        [way] = ways_of([name], routes, settings.base)
    except KeyFileError:
        without = routes[name].model_copy(update={"password_file": ""})
        [way] = ways_of([name], {name: without}, settings.base)
    return way


def patience_s(routes: Routes) -> float:
    """Seconds that a connection may take by the most patient of them."""
    return max(way.connect_s for way in routes.ways)
