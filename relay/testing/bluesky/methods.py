"""Which method does what; each file of methods adds its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relay.testing.bluesky.house import House
from relay.testing.bluesky.reading import Asked
from relay.testing.loopback import Fault

Method = Callable[[House, Asked], Fault]
METHODS: Final[dict[str, Method]] = {}


def method(id: str) -> Callable[[Method], Method]:
    """What is below answers this method."""

    def add(method: Method) -> Method:
        METHODS[id] = method
        return method

    return add
