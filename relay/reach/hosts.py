"""Which hosts a destination may reach: names as they stand, and what lies below a name."""

from __future__ import annotations

from collections.abc import Collection


def allowed(host: str, hosts: Collection[str]) -> bool:
    """Whether ``host`` is one of them. All in lower case; ``*.example.com`` stands for every name
    below example.com, for what a platform gives out at run time, and not for that name itself."""
    if host in hosts:
        return True
    parts = host.split(".")
    return any(f"*.{'.'.join(parts[n:])}" in hosts for n in range(1, len(parts)))
