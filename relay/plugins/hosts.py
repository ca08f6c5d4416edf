"""Which hosts a third party's bridge may reach: those that its operator has written.

What a class of ours says of its hosts is believed, since it is part of this program. A stranger's
could name a place of its own, to which it takes what it sees; so its operator names them: an
address among the settings of its section, or ``hosts``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from relay.bridging import Unusable, hosts_among
from relay.config import Destination
from relay.plugins.sections import is_path

MOST_SHOWN: Final = 5
"""Hosts that are shown on a line of the board; the others' turn comes when these are written."""


def written(destination: Destination) -> frozenset[str]:
    """The hosts that the section of a third party's bridge has, as the operator wrote it: the name
    of a file is none, though it may look like one."""
    said = {key: value for key, value in destination.rest.items() if not is_path(key)}
    return hosts_among(said) | {host.lower() for host in destination.hosts}


def granted(destination: Destination, said: Collection[str], *, says: bool) -> frozenset[str]:
    """The hosts that a bridge is let to. ``said`` are those of its class, if it ``says`` any; else
    they are those of its section. Raises Unusable for one that stands nowhere in the section, with
    the key that lets it there; that is shown to somebody who then writes it, so in ASCII alone."""
    hosts = written(destination)
    if not says:
        return hosts
    beyond = sorted(host for host in said if not _within(host, hosts))
    if not all(host.isascii() for host in beyond):
        raise Unusable("it would reach a host whose letters may be like those of another")
    if beyond:
        raise Unusable(f"it would reach {beyond[0]}: add hosts = {_list(beyond)} if it may")
    return frozenset(said)


def _within(host: str, hosts: Collection[str]) -> bool:
    """Whether all that a name stands for is among the others."""
    below = host.removeprefix("*.")
    parts = below.split(".")
    first = 1 if below == host else 0
    above = (f"*.{'.'.join(parts[n:])}" for n in range(first, len(parts)))
    return host in hosts or any(one in hosts for one in above)


def _list(hosts: Collection[str]) -> str:
    shown = [f'"{host}"' for host in hosts][:MOST_SHOWN]
    return f"[{', '.join(shown)}]"
