"""Drawings: where each stroke lies, and what a table says of the same numbers."""

from __future__ import annotations

import pytest
from desk_node import NOW, a_window

from relay.desk.drawing.columns import BOTTOM, COLOURS, OTHERS, TOP, Slot, columns
from relay.desk.drawing.scale import LEFT, MOST_MARKS, RIGHT, nice, times
from relay.desk.drawing.spans import Took, length, level_of, spans, within
from relay.desk.drawing.timeline import LEAST, timeline
from relay.model import HOUR

DAY = 24 * HOUR
STEPS = (60.0, 300.0, 3600.0)


@pytest.mark.parametrize(
    ("most", "marked"), [(1, 1), (2, 2), (3, 5), (9, 10), (11, 20), (60_000, 100_000)]
)
def test_numbers_are_marked_as_people_count(most: int, marked: int) -> None:
    assert nice(most) == marked


@pytest.mark.parametrize("hours", [1, 24, 51, 72, 168, 840])
def test_times_are_whole_hours_and_no_more_than_can_be_read(hours: int) -> None:
    marks = times(NOW, NOW + hours * HOUR)
    assert len(marks) <= MOST_MARKS + 1
    assert all(LEFT <= mark.at <= RIGHT for mark in marks)
    assert all(mark.label.endswith(":00") or "-" in mark.label for mark in marks)


def test_a_window_is_a_bar_on_the_line_of_each_of_its_destinations() -> None:
    window = a_window("w1", destinations=["page", "x", "gone"], periods=[[NOW, NOW + 12 * HOUR]])
    line = timeline([window], ["page", "x"], NOW, NOW, NOW + DAY)
    assert [bar.y + 9 for bar in line.bars] == [one.y for one in line.lines]
    assert all((bar.x, bar.x + bar.width) == (LEFT, (LEFT + RIGHT) / 2) for bar in line.bars)
    assert all(bar.now and bar.name == "w1" for bar in line.bars) and line.now == LEFT


def test_what_is_outside_is_not_drawn_and_what_is_short_is_seen() -> None:
    def drawn(begins: int, ends: int, state: str = "coming") -> list[float]:
        window = a_window("w", state=state, destinations=["page"], periods=[[begins, ends]])
        return [bar.width for bar in timeline([window], ["page"], NOW, NOW, NOW + DAY).bars]

    assert drawn(NOW + 2 * DAY, NOW + 3 * DAY) == [] and drawn(NOW - DAY, NOW) == []
    assert drawn(NOW + HOUR, NOW + HOUR + 60) == [LEAST]
    assert drawn(NOW - DAY, NOW + 2 * DAY) == [RIGHT - LEFT]
    assert drawn(NOW, NOW + HOUR, "shadowed") == []


def test_a_node_without_destinations_has_an_empty_line() -> None:
    assert timeline([], [], NOW, NOW, NOW + DAY).bars == []


def test_a_column_has_a_part_for_each_name_and_the_parts_add_up() -> None:
    slots = [
        Slot(NOW, NOW + HOUR, {"mail": 6, "phone": 4}),
        Slot(NOW + HOUR, NOW + 2 * HOUR, {}),
        Slot(NOW + 2 * HOUR, NOW + 3 * HOUR, None),
    ]
    drawn = columns(slots, NOW, NOW + 3 * HOUR)
    assert drawn.names == [("mail", "one"), ("phone", "two")]
    one, two, unknown = drawn.parts
    assert one.height + two.height == BOTTOM - TOP and two.y == TOP  # 10 is as high as it goes
    assert (one.height, one.y + one.height) == (0.6 * (BOTTOM - TOP), BOTTOM)
    assert unknown.colour == "" and [mark.label for mark in drawn.levels] == ["0", "5", "10"]


def test_of_many_names_those_that_came_most_have_a_colour_and_the_others_one_together() -> None:
    counts = {f"way{n}": 20 - n for n in range(9)}
    drawn = columns([Slot(NOW, NOW + HOUR, counts)], NOW, NOW + HOUR)
    assert [name for name, _ in drawn.names] == ["way0", "way1", "way2", "way3", OTHERS]
    assert len(drawn.parts) == len(COLOURS)
    scale = (BOTTOM - TOP) / nice(sum(counts.values()))
    assert abs(sum(part.height for part in drawn.parts) - sum(counts.values()) * scale) < 1


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    drawn = columns([Slot(NOW, NOW + HOUR, {})], NOW, NOW + HOUR)
    assert drawn.parts == [] and drawn.names == []
    assert spans([Took(NOW, NOW + HOUR, [0, 0, 0, 0])], STEPS, NOW, NOW + HOUR).spans == []


def test_a_span_reaches_from_half_to_nearly_all() -> None:
    counts = [50, 30, 19, 1]
    drawn = spans([Took(NOW, NOW + HOUR, counts)], STEPS, NOW, NOW + HOUR)
    levels = [mark.at for mark in drawn.levels]
    [span] = drawn.spans
    assert (span.y, span.high) == (levels[0], levels[2])
    assert [mark.label for mark in drawn.levels] == ["1 min", "5 min", "1 h", ">"]
    assert (within(counts, STEPS, 0.5), within(counts, STEPS, 0.95)) == ("1 min", "1 h")
    assert within([0, 0, 0, 3], STEPS, 0.5) == "> 1 h" and within([0] * 4, STEPS, 0.5) == ""
    assert level_of([0, 0, 0, 0], 0.5) == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.05, "50 ms"),
        (0.25, "250 ms"),
        (5, "5 s"),
        (900, "15 min"),
        (10800, "3 h"),
        (86400, "1 d"),
    ],
)
def test_lengths_are_said_in_their_unit(seconds: float, said: str) -> None:
    assert length(seconds) == said
