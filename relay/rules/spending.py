"""Budgets as people read them: what of each is spent, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from relay.rules.budgets import Budget

NEARLY_PERCENT = 80
"""Of a budget, when it is time to tell the operator."""


def plain(amount: float) -> str:
    """An amount as people write it: at most three places, and none that says nothing."""
    return f"{amount:.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget, and how much of it is used; ``unit`` is that of money. ``stops``: what would go
    past it waits, which alarms do not for a number of posts."""

    budget: Budget
    used: int
    unit: str = ""
    stops: bool = True

    @property
    def spent(self) -> float:
        """What of it is spent; of money in whole units."""
        return self._whole(self.used)

    @property
    def limit(self) -> float:
        """How much it is; of money in whole units."""
        return self._whole(self.budget.limit)

    @property
    def is_near(self) -> bool:
        """Whether it is time to tell the operator."""
        return self.used * 100 >= self.budget.limit * NEARLY_PERCENT

    @property
    def is_gone(self) -> bool:
        """Whether nothing is left of it."""
        return self.used >= self.budget.limit

    # ------------------------------------------------------------ words

    @property
    def key(self) -> str:
        """What an alarm about it is called: that of a month has the bare name."""
        return f"{self.budget.what}{' today' if self.budget.per == 'day' else ''}"

    @property
    def nearly(self) -> str:
        """What is said of it when it is near, or past."""
        of = f"{plain(self.spent)} of {plain(self.limit)} {self.unit or self.budget.what}"
        if not self.stops:
            return f"{of} {self.budget.when}: alarms go there all the same"
        when = "" if self.is_gone else "when all are spent, "
        return f"{of} {self.budget.when}: {when}{self._until}"

    @property
    def gone(self) -> str:
        """What is said of it where it stops what is to go there."""
        return f"{self.budget.spent}: {self._until}"

    @property
    def too_few(self) -> str:
        """What is said of it where the thread that is next needs more than is left."""
        return f"{self.budget.too_few}: {self._until}"

    @property
    def too_dear(self) -> str:
        """What is said of it where one post needs more than all of it: no new day is any help."""
        raising = f"what is to go there waits until you raise {self.budget.key} and reload"
        return f"{self.budget.too_dear}, {plain(self.limit)} {self.unit}: {raising}"

    @property
    def _until(self) -> str:
        """What happens then, and how it ends."""
        of = self.budget
        what = "nobody is answered" if of.what == "answers" else "what is to go there waits"
        return f"{what} until {of.anew}, or until you raise {of.key} and reload"

    def _whole(self, amount: int) -> float:
        return amount / 1000 if self.budget.what == "money" else amount
