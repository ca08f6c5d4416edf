"""Budgets that contradict each other: a day may not have more than its month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from relay.errors import Mistake


def upside_down(written: BaseModel, key: str, what: str) -> Iterator[Mistake]:
    """A day of ``what`` ("posts") that has more than its month, if somebody wrote both: one of them
    is a slip, and the month would be over in a day."""
    of_day, of_month = keys = (f"{what}_per_day", f"{what}_per_month")
    day, month = (getattr(written, one) for one in keys)
    if written.model_fields_set.issuperset(keys) and day > month:
        remedy = f"lower it, or raise {of_month}"
        yield Mistake(f"{key}.{of_day}", f"is more than {of_month}", remedy)


def wrong_budgets(destinations: Mapping[str, BaseModel]) -> Iterator[Mistake]:
    """What is wrong with the budgets of destinations."""
    for name, written in destinations.items():
        for what in ("posts", "money"):
            yield from upside_down(written, f"destinations.{name}", what)
