"""Bridges by name: found through the entry-point group ``relay.bridges``, ours and others' alike.

Only names that ``relay.toml`` mentions are imported. What is ours is imported wherever it is asked
about; the module of a third party only in an outlet of its own (``building``). All that is said of
a third party elsewhere comes from the metadata of its distribution and from ``relay.toml``.
"""

from relay.plugins.alone import each_alone
from relay.plugins.building import Planned, Unusable, plan
from relay.plugins.checking import expiring, how_to_get, mistakes, notes
from relay.plugins.found import BY_DESCRIPTION, GROUP, Listed, bridges, ours
from relay.plugins.peers import bundle_file, bundle_of, keys_ending
from relay.plugins.sections import absolute, destinations, page_of, secrets_of, ticks
from relay.plugins.sessions import make_room, session_of

__all__ = [
    "BY_DESCRIPTION",
    "GROUP",
    "Listed",
    "Planned",
    "Unusable",
    "absolute",
    "bridges",
    "bundle_file",
    "bundle_of",
    "destinations",
    "each_alone",
    "expiring",
    "how_to_get",
    "keys_ending",
    "make_room",
    "mistakes",
    "notes",
    "ours",
    "page_of",
    "plan",
    "secrets_of",
    "session_of",
    "ticks",
]
