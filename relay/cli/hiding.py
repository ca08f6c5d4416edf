"""Says among how many others a message hides, where a person looks at it or lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from relay.rules.hiding import BY_SMS, hides


def lines(message: Mapping[str, Any]) -> Iterator[str]:
    """What `queue show` and `queue release` say of a message."""
    if "among" in message:
        yield f"hides    {hides(message['among'], message.get('in_part', False))}"
    if message.get("by_sms"):
        yield f"hides    {BY_SMS}"


def least(now: Mapping[str, Any]) -> Iterator[str]:
    """What `relay status` and `relay board` say of the last day."""
    found = now.get("least_hidden")
    if found:
        told = hides(found["among"], found.get("in_part", False))
        yield f"least hidden of the last day ({found['channel']}, {found['transport']}): {told}"
