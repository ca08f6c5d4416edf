"""Which call is whose: the table that the calls enter themselves into."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from relay.testing.facebook.bodies import Asked
from relay.testing.facebook.page import Page
from relay.testing.facebook.tokens import Token
from relay.testing.loopback import Fault
from relay.testing.shapes import Record


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One call as it came through the gate: ``said`` fits the table of its route, ``asked`` is as
    it was written. ``written`` is the token itself; ``url`` and ``base`` are where it came to."""

    asked: Asked
    said: dict[str, Any]
    token: Token
    written: str
    url: str
    base: str


Answers = Callable[[Page, Call, str], Fault]


@dataclass(frozen=True, slots=True)
class Route:
    """``right`` is needed; ``files`` may come; ``free``: no token is needed. Without a ``table``
    the call itself knows which parameters there are."""

    method: str
    path: re.Pattern[str]
    answers: Answers
    table: Record | None
    right: str
    files: frozenset[str]
    free: bool

    @property
    def writes(self) -> bool:
        """Whether it is more than a look."""
        return self.method != "GET"


ROUTES: Final[list[Route]] = []


def route(
    method: str,
    path: str,
    table: Record | None,
    right: str = "",
    *,
    files: str = "",
    free: bool = False,
) -> Callable[[Answers], Answers]:
    """Enter a call. ``ID`` in the path is a node."""

    def add(answers: Answers) -> Answers:
        pattern = re.compile(path.replace("ID", "([0-9_]+|me)"))
        may = frozenset(files.split())
        ROUTES.append(Route(method, pattern, answers, table, right, may, free))
        return answers

    return add
