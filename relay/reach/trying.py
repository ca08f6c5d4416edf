"""One call over the ways of a destination: the next one is tried as long as nothing has left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from relay.ports import NotSent
from relay.reach.failing import Unreached
from relay.reach.routes import Routes
from relay.reach.way import Target, Way
from relay.rules.routes import Failure


class NoWay(NotSent):
    """No way there. ``failures``: what is wrong with each, by their names and in their order."""

    def __init__(self, failures: Mapping[str, Failure]) -> None:
        said = "; ".join(f"{name}: {failure}" for name, failure in failures.items())
        super().__init__(f"no connection ({said})" if said else "no way there")
        self.failures: Final = failures


class Tries:
    """``for way, within_s in tries: with tries.by(way): return ...`` and then ``raise
    tries.no_way()``.

    ``connect_s``: seconds for a connection by one way; ``timeout_s``: for all of it. ``clear``:
    what goes there is in the clear, so that it may not leave this machine.
    """

    def __init__(
        self,
        routes: Routes,
        target: Target,
        *,
        connect_s: float,
        timeout_s: float,
        clear: bool = False,
    ) -> None:
        self._routes = routes
        self._target = target
        self._connect_s = connect_s
        self._began = time.monotonic()
        self._until = self._began + timeout_s
        ways = routes.in_order(target)
        self._ways = [way for way in ways if way.stays_here] if clear else ways
        self._failures: dict[str, Failure] = dict(routes.failures_at(target))

    def __iter__(self) -> Iterator[tuple[Way, float]]:
        """Each way to try, and how long a connection by it may take: of the time that is left half
        at most, unless it is the last one."""
        for place, way in enumerate(self._ways):
            last = place == len(self._ways) - 1
            left_s = self.left_s if last else self.left_s / 2
            yield way, min(way.connect_s, self._connect_s, left_s)

    @property
    def left_s(self) -> float:
        """Seconds of the whole call that are left."""
        return max(0.0, self._until - time.monotonic())

    @property
    def lasted_s(self) -> float:
        """Seconds since the call began."""
        return time.monotonic() - self._began

    @contextmanager
    def by(self, way: Way) -> Iterator[None]:
        """Try a way: what is Unreached by it is noted, and the next one's turn comes."""
        try:
            yield
        except Unreached as error:
            self._failures[way.name] = error.failure
            self._routes.failed(way, error.failure, self._target)

    def worked(self, way: Way) -> None:
        """A connection was had by it."""
        self._routes.worked(way, self._target)

    def works(self, way: Way) -> bool:
        """Whether nothing is known against it by now."""
        return self._routes.works(way, self._target)

    def broke(self, way: Way, failure: Failure) -> None:
        """One was had by it, and broke."""
        self._routes.broke(way, failure, self._target)

    def no_way(self) -> NoWay:
        """What to raise where none is left."""
        names = [way.name for way in self._routes.ways if way.name in self._failures]
        return NoWay({name: self._failures[name] for name in names})
