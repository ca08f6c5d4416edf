"""When a door has served long enough, so that another should take its place."""

from __future__ import annotations

from collections.abc import Callable


class Weary:
    """Counts what one door took in. It is weary after ``accepts`` messages, or ``age_s`` seconds
    after its start if anybody spoke to it: one that heard nobody has nothing to forget. ``timer``
    gives seconds of a clock that is never set."""

    def __init__(self, accepts: int, age_s: float, timer: Callable[[], float]) -> None:
        self._most = accepts
        self._timer = timer
        self._until = timer() + age_s
        self._accepts = 0
        self._heard = False

    def heard(self) -> None:
        """Somebody brought something, whatever became of it."""
        self._heard = True

    def accepted(self) -> None:
        """A message is ours now."""
        self._accepts += 1

    def __bool__(self) -> bool:
        return self._accepts >= self._most or (self._heard and self._timer() >= self._until)
