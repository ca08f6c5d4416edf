"""The films of an account that carry the key of one part, and what follows for a look-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relay.ports import Absent, Found, Lookup, Unknown


@dataclass(frozen=True, slots=True)
class Seen:
    """Their ids: of those that can be watched, of those that nobody else sees, and of those that
    nothing will come of. ``whole``: the list was read back past the first try."""

    public: tuple[str, ...]
    hidden: tuple[str, ...]
    whole: bool
    spoilt: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The one to go on with: rather one that can be watched; "" if there is none."""
        return next(iter(self.public + self.hidden + self.spoilt), "")

    def lookup(self, watched_at: Callable[[str], str], *, lately: bool) -> Lookup:
        """Found; Absent, strong where the list was whole and it is not ``lately`` (lists lag);
        Unknown where two can be watched."""
        if len(self.public) > 1:
            return Unknown("several films there are like it")
        if not self.public:
            return Absent(strong=self.whole and not lately)
        [id] = self.public
        return Found(id, watched_at(id))
