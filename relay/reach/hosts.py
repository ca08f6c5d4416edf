"""Which hosts a destination may reach: names as they stand, and what lies below a name."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from relay.reach.failing import is_address

_NAME: Final = re.compile(r"(?!-)[\w-]{1,63}(?:\.(?!-)[\w-]{1,63})*\.?")

_ADDRESS: Final = re.compile(r"[0-9A-Fa-f:.]+(?:%[\w.-]+)?")


def is_host(host: str) -> bool:
    """Whether it is a name or an address, and nothing that whoever is told it could take for more:
    the end of a line for a proxy, the end of a name for a library of C."""
    return _NAME.fullmatch(host) is not None or (
        _ADDRESS.fullmatch(host) is not None and is_address(host)
    )


def allowed(host: str, hosts: Collection[str]) -> bool:
    """Whether ``host`` is one of them. All in lower case; ``*.example.com`` stands for every name
    below example.com, for what a platform gives out at run time, and not for that name itself."""
    if host in hosts:
        return True
    if _NAME.fullmatch(host) is None:
        return False
    parts = host.split(".")
    return any(f"*.{'.'.join(parts[n:])}" in hosts for n in range(1, len(parts)))
