"""What every ``[transports.NAME]`` may say, and what the rest of the program asks of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from relay.config.values import Seconds, Section
from relay.errors import Mistake


class WayIn(Section):
    """What every ``[transports.NAME]`` may say: whether people are told of it on ``/send``, and
    after what time without a sign of life it is called silent (0: none is expected)."""

    public: bool = False
    silent_after: Seconds = 0

    to_show: ClassVar[str] = "take public away: there is nothing that people could be told"
    """What to do where it is public and there is nothing to show."""

    how_to_get: ClassVar[str] = ""
    """Where the operator gets its secret: shown before `relay login` asks for it."""

    makes_keys: ClassVar[bool] = False
    """Whether `relay login` may make its secret: a key that both sides are told."""

    by_http: ClassVar[bool] = False
    """Whether it is reached through ``[http]``."""

    def told(self) -> tuple[str, ...]:
        """What people are told to write to, where it is public; empty if there is nothing."""
        return ()

    def listens(self) -> tuple[str, int] | None:
        """The address and port of its own listening socket, None if it has none."""
        return None

    def to_channels(self) -> Mapping[str, str]:
        """The channels it names, each with the key that names it."""
        return {}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        """What is wrong beyond a single value. ``key`` is "transports.NAME"; ``table`` the whole
        file as it was written."""
        if self.by_http and "http" not in table:
            yield Mistake(key, "needs [http] to be reached", "add [http]")

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        """Each unsafe choice as (key, what it means): named at every start."""
        yield from ()
