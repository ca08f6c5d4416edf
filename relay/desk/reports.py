"""Orders that take their time, and tell of one destination after the other: a report of each."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from relay.desk.core import Refused, Told

REMEMBERED: Final = 200
"""Reports that are kept; the audit knows of all."""


@dataclass(slots=True, repr=False)
class Report:
    """What was told so far. ``ended``: there is no more of it; ``why``: it was refused."""

    what: str
    by: str
    id: str
    rows: list[Told] = field(default_factory=list)
    ended: bool = False
    why: str = ""


class Reports:
    """Reports by their tokens."""

    def __init__(self) -> None:
        self._reports: OrderedDict[str, Report] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, handle: str, token: str) -> Report | None:
        """One's own report."""
        report = self._reports.get(token)
        return report if report is not None and report.by == handle else None

    def clear(self) -> None:
        """Forget them all; what is under way goes on, and is told to nobody."""
        self._reports.clear()

    def begin(self, token: str, report: Report, answers: AsyncIterator[Told]) -> None:
        """Collect the answers to an order, once; it goes on whatever becomes of its page."""
        if token in self._reports:
            return
        self._reports[token] = report
        if len(self._reports) > REMEMBERED:
            self._reports.popitem(last=False)
        task = asyncio.get_running_loop().create_task(_collect(report, answers))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _collect(report: Report, answers: AsyncIterator[Told]) -> None:
    try:
        async for told in answers:
            report.rows.append(told)
    except Refused as refused:
        report.why = refused.why
    finally:
        report.ended = True
