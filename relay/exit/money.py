"""What an attempt costs is counted before it is made, so that a crash never counts too little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from relay.exit.rest import Rest

SPENT = "its money for this month is spent"


@dataclass(frozen=True, slots=True)
class Paid:
    """What was counted for one attempt (thousandths of the unit), and in which month."""

    price: int = 0
    month: int = 0


class Purse(Protocol):
    """What one destination may cost."""

    async def pays(self, price: int) -> Paid | Rest:
        """Count the price of an attempt, durably; or the rest, where there is not so much left."""
        ...

    def takes_back(self, paid: Paid) -> None:
        """That attempt published nothing, so that nothing is billed for it."""
        ...


class NothingCosts:
    """The purse of a destination that bills nothing."""

    async def pays(self, price: int) -> Paid | Rest:
        return Paid()

    def takes_back(self, paid: Paid) -> None:
        return
