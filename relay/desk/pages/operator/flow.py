"""Flow and latency over hours and days: drawn, and the same in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk.drawing.columns import Columns, Slot, columns
from relay.desk.drawing.spans import HALF, NEARLY_ALL, Spans, Took, spans, within
from relay.desk.orders import one
from relay.desk.pages.operator.around import node_page
from relay.desk.times import Times
from relay.model import HOUR, Instant, hour_of

SPANS: Final = {"24": "a day", "72": "three days", "168": "a week", "840": "five weeks"}
"""Hours that are shown."""

MOST_SLOTS: Final = 96
"""Of more hours several are put together."""

STEPS: Final = {
    "accept": "Accepting: from a door to the disk",
    "review": "Review: from the reading to a person's word",
    "post": "Posting: from the release to the platform",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one slot. The times are of half, and of nearly all."""

    begins: Instant
    came: int
    released: int
    dropped: int
    posted: int
    took: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing of a step, and the two times of all of it."""

    name: str
    spans: Spans
    half: str
    nearly_all: str


async def flow(request: Request) -> Response:
    """All of it."""
    asked = request.query_params.get("hours", "")
    hours = asked if asked in SPANS else "24"
    each = together(int(hours))
    told = await one(request, "flow", hours=int(hours), each=each)
    slots = slots_of(told, int(hours), each)
    begins, ends = slots[0].begins, slots[-1].ends
    return node_page(
        request,
        "node_flow.html",
        times=Times(told["now"]),
        hours=hours,
        choices=SPANS,
        each=each,
        came=_columns(slots, lambda hour: hour["came"]),
        posted=_columns(slots, lambda hour: hour["posted"]),
        decided=_columns(slots, _decided),
        drawn=[_drawn(slots, step, told["steps"][step], begins, ends) for step in STEPS],
        rows=[_row(slot, told["steps"]) for slot in reversed(slots) if slot.hours],
        empty=not any(slot.hours for slot in slots),
    )


@dataclass(frozen=True, slots=True)
class Hours:
    """A slot, and what was counted in its hours; none where the node did not run."""

    begins: Instant
    ends: Instant
    hours: Sequence[Mapping[str, Any]]


def together(hours: int) -> int:
    """How many hours are put together, so that not more slots are drawn than can be told apart."""
    return next(n for n in (1, 2, 3, 6, 12, 24) if hours <= n * MOST_SLOTS)


def slots_of(told: Mapping[str, Any], hours: int, each: int) -> list[Hours]:
    """The time up to now in equal parts."""
    ends, each_s = hour_of(told["now"]) + HOUR, each * HOUR
    begins = ends + hours // -each * each_s
    return [
        Hours(at, at + each_s, [one for one in told["hours"] if at <= one["hour"] < at + each_s])
        for at in range(begins, ends, each_s)
    ]


def _columns(
    slots: Sequence[Hours], what: Callable[[Mapping[str, Any]], Mapping[str, int]]
) -> Columns:
    made = []
    for slot in slots:
        counts: Counter[str] = Counter()
        for hour in slot.hours:
            counts.update(what(hour))
        made.append(Slot(slot.begins, slot.ends, counts if slot.hours else None))
    return columns(made, slots[0].begins, slots[-1].ends)


def _decided(hour: Mapping[str, Any]) -> Mapping[str, int]:
    return {"released": hour["released"], "dropped": hour["dropped"]}


def _counts(hours: Sequence[Mapping[str, Any]], step: str) -> list[int]:
    return [sum(each) for each in zip(*(hour[step] for hour in hours), strict=True)]


def _drawn(
    slots: Sequence[Hours], step: str, ends_s: Sequence[float], begins: Instant, ends: Instant
) -> Drawn:
    took = [Took(slot.begins, slot.ends, _counts(slot.hours, step)) for slot in slots]
    total = _counts([hour for slot in slots for hour in slot.hours], step)
    half, nearly_all = (within(total, ends_s, share) for share in (HALF, NEARLY_ALL))
    return Drawn(STEPS[step], spans(took, ends_s, begins, ends), half, nearly_all)


def _row(slot: Hours, steps: Mapping[str, Sequence[float]]) -> Row:
    def took(step: str) -> tuple[str, str]:
        counts = _counts(slot.hours, step)
        half, nearly_all = (within(counts, steps[step], share) for share in (HALF, NEARLY_ALL))
        return half, nearly_all

    return Row(
        slot.begins,
        sum(sum(hour["came"].values()) for hour in slot.hours),
        sum(hour["released"] for hour in slot.hours),
        sum(hour["dropped"] for hour in slot.hours),
        sum(sum(hour["posted"].values()) for hour in slot.hours),
        {step: took(step) for step in STEPS},
    )


ROUTES: Final = [Route("/node/flow", flow)]
