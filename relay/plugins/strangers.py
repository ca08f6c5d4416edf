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
from relay.plugins.sections import absolute, page_of, secrets_of


def of_a_stranger(name: str, destination: Destination, settings: Settings) -> Iterator[Mistake]:
    """Hosts that are none; a folder or a file that is not its own."""
    key = f"destinations.{name}"
    if not all(is_host(host.lower()) for host in destination.hosts):
        remedy = 'write names or addresses, as in hosts = ["api.example.org", "*.example.org"]'
        yield Mistake(f"{key}.hosts", "has what is no host", remedy)
    table = absolute(destination.rest, settings.base)
    folder = table.get("folder")
    if isinstance(folder, str):
        own = Path(folder).resolve()
        if any(_meets(own, other) for other in _others(name, settings)):
            what = "is no folder of its own: what lies there belongs to others"
            yield Mistake(f"{key}.folder", what, f'give it one, as in folder = "{name}"')
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


def _meets(own: Path, other: Path) -> bool:
    """Whether one lies in the other."""
    return own == other or own in other.parents or other in own.parents


def _others(name: str, settings: Settings) -> Iterator[Path]:
    """Where something of somebody else lies."""
    yield settings.data.resolve()
    yield settings.keys.resolve()
    yield settings.at(settings.node.passphrase_file).resolve()
    yield (settings.base / "relay.toml").resolve()
    every = {**settings.destinations, "page": page_of(settings)}
    for other, section in (*every.items(), *settings.transports.items()):
        if other == name:
            continue
        yield from (file.resolve() for file in secrets_of(section, settings).values())
        folder = getattr(section, "rest", {}).get("folder")
        if isinstance(folder, str):
            yield settings.at(folder).resolve()


def _is_of_the_node(file: str, settings: Settings) -> bool:
    path = Path(file).resolve()
    theirs = (settings.data.resolve(), settings.keys.resolve())
    return any(folder in path.parents for folder in theirs) or path in (
        settings.at(settings.node.passphrase_file).resolve(),
        (settings.base / "relay.toml").resolve(),
    )
