"""What is wrong with the section of a third party's bridge, as far as that shows without it.

A folder that its section names is its own: it may read and write there, and everything else is out
of its reach (``relay.node.strangers``). So it must be one that holds nothing of anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relay.bridging import is_host
from relay.config import Destination, Settings
from relay.errors import Mistake
from relay.plugins.places import SHARED, meets, of_others, of_the_node, resolved
from relay.plugins.sections import absolute


def of_a_stranger(name: str, destination: Destination, settings: Settings) -> Iterator[Mistake]:
    """Hosts that are none; a folder or a file that is not its own."""
    key = f"destinations.{name}"
    if not all(is_host(host.lower()) for host in destination.hosts):
        remedy = 'write names or addresses, as in hosts = ["api.example.org", "*.example.org"]'
        yield Mistake(f"{key}.hosts", "has what is no host", remedy)
    table = absolute(destination.rest, settings.base)
    folder = table.get("folder")
    if isinstance(folder, str):
        own = resolved(Path(folder))
        if any(meets(own, other) for other in of_others(name, settings)):
            yield Mistake(f"{key}.folder", SHARED, f'give it one, as in folder = "{name}"')
    for one, value in table.items():
        if one.endswith("_file") and isinstance(value, str) and _is_of_the_node(value, settings):
            yield Mistake(f"{key}.{one}", "names a file of the node", "name one of its own")


def of_ours_alone(key: str, destination: Destination) -> Iterator[Mistake]:
    """What is said of a bridge of ours that can be said of others' alone."""
    if destination.hosts:
        what = "is for a bridge of another package: which hosts this one reaches is known"
        yield Mistake(f"{key}.hosts", what, "take it out")
    if destination.allow_unconfined:
        what = "is for a bridge of another package: this one is part of the relay"
        yield Mistake(f"{key}.allow_unconfined", what, "take it out")


def _is_of_the_node(file: str, settings: Settings) -> bool:
    path = resolved(Path(file))
    return any(path == own or own in path.parents for own in of_the_node(settings))
