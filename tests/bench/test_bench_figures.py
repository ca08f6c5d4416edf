"""What the measurements make of their runs: pairs, medians, tables, and what cannot be compared."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bench.figures import (
    OURS,
    Case,
    Run,
    compared,
    percentile,
    ratios,
    save,
    spread,
    table,
    waits,
)

CASE = Case("ten", 2, 10, kept=True, messages=100)


def run(side: str, round_: int, seconds: float, **more: object) -> Run:
    given = {"messages": 100, "cpu_s": 0.2, "load": 0.5, **more}
    return Run("ten", side, round_, seconds=seconds, **given)  # type: ignore[arg-type]


def test_a_ratio_is_taken_within_a_round_whatever_the_order() -> None:
    # a quiet round and a busy one: of the two sides apart, medians would say something else
    runs = [run(OURS, 1, 2.0), run("peer", 0, 1.0), run("peer", 1, 8.0), run(OURS, 0, 0.5)]
    assert ratios(runs, "ten", "peer") == [2.0, 4.0]


@pytest.mark.parametrize(
    "runs",
    [[], [run(OURS, 0, 1.0)], [run("peer", 0, 1.0)], [run(OURS, 0, 1.0), run("peer", 1, 1.0)]],
)
def test_rounds_with_one_side_only_are_not_compared(runs: list[Run]) -> None:
    with pytest.raises(ValueError, match="not pairs"):
        ratios(runs, "ten", "peer")


def test_runs_of_another_case_are_left_out() -> None:
    other = Run("one", OURS, 0, 100, 50.0, 0.1, 0.0)
    runs = [other, run(OURS, 0, 1.0), run("peer", 0, 3.0)]
    assert ratios(runs, "ten", "peer") == [3.0]


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.51, 3.0), (0.99, 4.0), (1.0, 4.0)]
)
def test_a_percentile_is_a_value_that_was_seen(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_no_values_have_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))
    assert waits([run(OURS, 0, 1.0)]) == "-"


def test_a_spread_names_the_median_and_both_ends() -> None:
    assert spread([1200.0, 900.0, 1500.0]) == "1,200 [900..1,500]"
    assert spread([0.5, 0.25], digits=2) == "0.38 [0.25..0.50]"


def test_the_table_has_the_peer_first_and_the_goal_beside_the_ratio() -> None:
    runs = [
        run("peer", 0, 1.0, waits_ms=(3.0, 5.0), cpu_s=0.1),
        run(OURS, 0, 0.5, waits_ms=(7.0, 9.0)),
    ]
    head, row = compared(runs, [CASE], "peer")
    shown = dict(zip(head, row, strict=True))
    assert shown["peer msg/s"] == "100 [100..100]"
    assert shown["relay msg/s"] == "200 [200..200]"
    assert (shown["ratio"], shown["goal"]) == ("2.00 [2.00..2.00]", "2")
    assert shown["p50/p99 ms"] == "3/5, 7/9"
    assert shown["CPU ms a message"] == "1.0, 2.0"


def test_a_table_is_aligned_or_markdown() -> None:
    rows = [("a", "long head"), ("wide cell", "b")]
    assert table(rows) == "a          long head\nwide cell  b"
    assert table(rows, markdown=True).splitlines() == [
        "| a | long head |",
        "| --- | --- |",
        "| wide cell | b |",
    ]


def test_every_round_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rounds.json"
    save(path, [run(OURS, 0, 0.5), run("peer", 0, 1.0)], {"machine": "2 cores"})
    said = json.loads(path.read_text())
    assert said["machine"] == "2 cores"
    assert [(one["side"], one["rate"], one["cpu_ms"]) for one in said["runs"]] == [
        (OURS, 200.0, 2.0),
        ("peer", 100.0, 2.0),
    ]
