"""A bridge made from its section: in an outlet, and for commands that try an account."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from relay.bridging import Planned, Unusable, class_of, hosts_said, settings_of, wrong_keys
from relay.config import Destination
from relay.plugins.found import Offered, candidates
from relay.plugins.hosts import granted
from relay.plugins.sections import absolute

__all__ = ["Planned", "Unusable", "lacking", "only", "plan", "wrong_keys"]


def plan(destination: Destination, *, base: Path, url: str, alone: bool = False) -> Planned:
    """What the bridge of a destination is made from. ``url`` is given to one that has a setting
    ``url`` unset.

    ``alone``: this process serves nothing else, so that the module of a third party may be imported
    here. Raises Unusable, or what is wrong with a secret file in which hosts stand.
    """
    offered = only(destination.bridge)
    if not offered.ours and not alone:
        raise Unusable("its bridge is of another package, and runs in the node only")
    cls = class_of(offered.load)
    for what, remedy in lacking(cls) if offered.ours else ():
        raise Unusable(f"its bridge {what}: {remedy}")
    settings = settings_of(cls, absolute(destination.rest, base), url)
    hosts = hosts_said(cls, settings)
    if not offered.ours:
        hosts = granted(destination, hosts, says=hasattr(cls, "hosts"))
    return Planned(cls, settings, hosts)


def only(name: str) -> Offered:
    """The one bridge that a name means here. Raises Unusable."""
    found = candidates(name)
    if not found:
        raise Unusable("no bridge of that name is installed")
    if len(found) > 1:
        raise Unusable("several packages offer a bridge of that name")
    return found[0]


def lacking(cls: Any) -> Iterator[tuple[str, str]]:
    """Of each library that a bridge of ours needs and that is not installed here: what to say, and
    the remedy."""
    for library in getattr(cls, "needs", ()):
        if find_spec(library) is None:
            remedy = f"make install WITH={library}, or pip install 'outword[{library}]'"
            yield "needs a library that is not installed here", remedy
