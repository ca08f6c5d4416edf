"""Which call does what; each file of methods adds its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relay.testing.loopback import Fault
from relay.testing.matrix.calls import Key, Method
from relay.testing.matrix.house import House
from relay.testing.matrix.reading import Asked

Does = Callable[[House, Asked], Fault]
METHODS: Final[dict[Key, Does]] = {}


def on(method: Method, *paths: str) -> Callable[[Does], Does]:
    """What is below answers these calls."""

    def add(does: Does) -> Does:
        for path in paths:
            METHODS[method, path] = does
        return does

    return add
