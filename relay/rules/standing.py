"""How the ways of one destination stand, host by host.

A filter may know one name of a platform and let the others through, and of the many servers of one
destination some are down: what fails for one host is no reason to leave a way that carries the
others. But a way that fails for all hosts that were tried by it is not tried for another one: where
a line is cut each new name would cost a whole wait, and show itself on the line.

Time is in seconds of any clock that only runs forward.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeVar

from relay.rules.routes import Failure, Health

Host = TypeVar("Host", bound=Hashable)

MOST_HOSTS: Final = 64
"""Of the others that were not asked for the longest time all is forgotten."""


class Standing(Generic[Host]):
    """The health of each way for each host. ``probe_s`` is that of each way, by its name, the best
    first."""

    def __init__(self, probe_s: Mapping[str, float]) -> None:
        self._probe_s = probe_s
        self._hosts: dict[Host, dict[str, Health]] = {}

    def meets(self, host: Host, now: float) -> None:
        """This host is asked for. A way that fails for all others is left alone for it as well."""
        ways = self._hosts.pop(host, {})
        if len(self._hosts) >= MOST_HOSTS:
            del self._hosts[next(iter(self._hosts))]
        for name in self._probe_s.keys() - ways.keys():
            tried = [others[name].failure for others in self._hosts.values() if name in others]
            if tried and None not in tried:
                self._of(ways, name).failed(now, tried[-1] or "reset")
        self._hosts[host] = ways

    def worked(self, name: str, host: Host, now: float) -> None:
        """A connection to the host was had by this way."""
        self._of(self._hosts.setdefault(host, {}), name).worked(now)

    def failed(self, name: str, host: Host, now: float, failure: Failure) -> None:
        """None was had, or it broke."""
        self._of(self._hosts.setdefault(host, {}), name).failed(now, failure)

    def _of(self, ways: dict[str, Health], name: str) -> Health:
        return ways.setdefault(name, Health(self._probe_s[name]))

    # ------------------------------------------------------------ what is known

    def failures(self, host: Host) -> dict[str, Failure]:
        """What is wrong with the ways to this host, in their order."""
        return self._wrong(self._hosts.get(host, {}))

    def said(self) -> tuple[str, dict[str, Failure]]:
        """The way that is used, and what is wrong with each, in their order.

        It is the best one by which all hosts are reached that are reached at all, or else any;
        "" where no host is. Of a host that is reached by no way nothing is said while others are,
        but for a certificate that is not its own.
        """
        counted = self._counted()
        wrong: dict[str, Failure] = {}
        for ways in counted:
            wrong |= self._wrong(ways)
        for ways in self._hosts.values():
            wrong |= {name: kind for name, kind in self._wrong(ways).items() if kind == "tls"}
        in_order = {name: wrong[name] for name in self._probe_s if name in wrong}
        return self._used(counted), in_order

    def _used(self, counted: Sequence[Mapping[str, Health]]) -> str:
        names = {*self._probe_s}
        good = [names - self._wrong(ways).keys() for ways in counted]
        shared = names.intersection(*good) or set().union(*good)
        return next((name for name in self._probe_s if name in shared), "")

    def due(self, now: float) -> Iterator[tuple[str, Host]]:
        """The ways to try beside the calls, and for which hosts; each is given once, and then in
        its time again."""
        for name, host, health in self._looked_at():
            if health.probe_due(now):
                health.looks(now)
                yield name, host

    def until_due_s(self, now: float) -> float | None:
        """Seconds until there is one; None where nothing fails."""
        rests = (health.until_probe_s(now) for _, _, health in self._looked_at())
        return min((rest for rest in rests if rest is not None), default=None)

    def _looked_at(self) -> Iterator[tuple[str, Host, Health]]:
        """Ways that are better than the one that is used. A host that is down while others are
        reached is not looked at: whoever calls it tries all."""
        lost = bool(self._hosts) and not any(map(self._is_reached, self._hosts.values()))
        for host, ways in self._hosts.items():
            for name in self._probe_s if lost or self._is_reached(ways) else ():
                if name not in ways or ways[name].usable:
                    break
                yield name, host, ways[name]

    def _counted(self) -> Sequence[Mapping[str, Health]]:
        """The hosts that are reached by any way; all, if none is."""
        reached = [ways for ways in self._hosts.values() if self._is_reached(ways)]
        return reached or list(self._hosts.values())

    def _is_reached(self, ways: Mapping[str, Health]) -> bool:
        return len(self._wrong(ways)) < len(self._probe_s)

    def _wrong(self, ways: Mapping[str, Health]) -> dict[str, Failure]:
        known = ((name, ways[name].failure) for name in self._probe_s if name in ways)
        return {name: failure for name, failure in known if failure is not None}
