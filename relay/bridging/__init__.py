"""A bridge made of its class and its section. Nothing here knows of settings files.

It is apart from ``relay.plugins`` so that the process of a stranger's plug-in loads what it needs,
and not all that a node knows of its settings.
"""

from relay.bridging.hosts import MOST_HOSTS, NoHosts, hosts_among, hosts_of, is_host
from relay.bridging.making import (
    API,
    Planned,
    Unusable,
    class_of,
    hosts_said,
    settings_of,
    wrong_keys,
)

__all__ = [
    "API",
    "MOST_HOSTS",
    "NoHosts",
    "Planned",
    "Unusable",
    "class_of",
    "hosts_among",
    "hosts_of",
    "hosts_said",
    "is_host",
    "settings_of",
    "wrong_keys",
]
