"""Whether a way to a destination is used now: what fails is left alone for a while, then tried.

Time is in seconds of any clock that only runs forward.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

Failure = Literal[
    "dns", "refused", "reset", "unreachable", "tls", "timed out", "block page", "proxy"
]
"""Why a connection was not had: ``dns``: no answer for the name, or one that cannot be true;
``refused``, ``unreachable``: nobody listens there, no way leads there; ``reset``: cut, before or
while we spoke; ``tls``: a certificate or a key that is not theirs; ``block page``: somebody else
answered, in clear; ``proxy``: the proxy itself is down, does not know us, or is none."""

Told = Callable[[str, Mapping[str, Failure]], None]
"""Given the name of the way in use ("" where none works) and what is wrong with the others, by
their names and in their order."""

_CUT_OFF = re.compile(rf"(?:(?:^|; )[a-z0-9_-]+: (?:works|{'|'.join(get_args(Failure))}))+")


def is_cut_off(why: str) -> bool:
    """Whether this says of every way what is wrong with it ("direct: dns; tor: timed out"), and
    nothing else."""
    return _CUT_OFF.fullmatch(why) is not None


LONGEST_PROBE_S: Final = 1800.0
"""However often a way falls: half an hour after the last try it is tried again."""

STEADY_S: Final = 600.0
"""A way that lasts this long after it was taken back has come back for good."""


class Health:
    """One way of one destination. It fails by one failure, and is taken back by one success.

    While it fails it is tried every ``probe_s``. One that falls again soon after it was taken back
    is tried half as often each time: some filters let the first bytes through."""

    def __init__(self, probe_s: float) -> None:
        self._probe_s = probe_s
        self._wait_s = probe_s
        self._back_at: float | None = None
        self._due: float | None = None
        self.failure: Failure | None = None
        """What is wrong with it; None while it works, or was never tried."""

    def worked(self, now: float) -> None:
        """A connection was had."""
        if self.failure is not None:
            self._back_at = now
        self.failure = None
        self._due = None

    def failed(self, now: float, failure: Failure) -> None:
        """None was had, or it broke."""
        if self.failure is None:
            soon = self._back_at is not None and now - self._back_at < STEADY_S
            longer_s = min(max(LONGEST_PROBE_S, self._probe_s), self._wait_s * 2)
            self._wait_s = longer_s if soon else self._probe_s
        self.failure = failure
        self._due = now + self._wait_s

    def looks(self, now: float) -> None:
        """It is being tried, beside the calls: as long as that takes it is not due again."""
        self._due = now + self._wait_s

    @property
    def usable(self) -> bool:
        """Whether it is worth a call's time."""
        return self.failure is None

    def probe_due(self, now: float) -> bool:
        """Whether it should be tried again, beside the calls."""
        return self._due is not None and now >= self._due

    def until_probe_s(self, now: float) -> float | None:
        """Seconds until then; None for a way that does not fail."""
        return None if self._due is None else max(0.0, self._due - now)
