"""What a node of a role may have, and what it must: an entry shows nothing, an exit hears nobody.

Also the peers and links of a node, held against each other and against its role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from relay.config.sections import Settings
from relay.errors import Mistake


def wrong_roles(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with a role, its peers or its links."""
    for name, link in settings.links.items():
        key = f"links.{name}"
        yield from link.mistakes(key)
        if link.peer and link.peer not in _written(table, "peers"):
            yield Mistake(f"{key}.peer", "names no peer", "add [peers.NAME] or mend it")


def _written(table: Mapping[str, Any], section: str) -> set[str]:
    written = table.get(section)
    return set(written) if isinstance(written, Mapping) else set()
