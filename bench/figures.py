"""From runs to figures: ratios pair by pair, medians with their spread, and tables to paste.

Two runs are compared only where they stood side by side in one round: the same machine moves by
two between a busy minute and a quiet one, and a ratio of medians taken apart shows that instead.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

OURS = "relay"


@dataclass(frozen=True, slots=True)
class Run:
    """One side in one round of one case.

    ``seconds`` is the wall time of ``messages``; ``cpu_s`` what all processes of that side used
    meanwhile; ``load`` the machine's load average (1 min) at the start; ``waits_ms`` the probe's
    times from DATA to 250.
    """

    case: str
    side: str
    round: int
    messages: int
    seconds: float
    cpu_s: float
    load: float
    waits_ms: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a message."""
        return 1000 * self.cpu_s / self.messages


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared: its name, the goal as a ratio (docs/performance.md), and how it is sent."""

    name: str
    goal: float
    sessions: int
    kept: bool
    messages: int
    probed: bool = True


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


def of(runs: Iterable[Run], case: str, side: str) -> list[Run]:
    """The runs of one side in one case, by round."""
    chosen = [run for run in runs if (run.case, run.side) == (case, side)]
    return sorted(chosen, key=lambda run: run.round)


def ratios(runs: Sequence[Run], case: str, peer: str) -> list[float]:
    """Our rate over the peer's, round by round. Raises ValueError where a round has one side
    only, or none was run."""
    ours, theirs = of(runs, case, OURS), of(runs, case, peer)
    if not ours or [run.round for run in ours] != [run.round for run in theirs]:
        raise ValueError(f"the rounds of {case} are not pairs")
    return [mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of all does not exceed; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread(values: Sequence[float], digits: int = 0) -> str:
    """``median [min..max]``."""
    shown = (f"{value:,.{digits}f}" for value in (median(values), min(values), max(values)))
    middle, least, most = shown
    return f"{middle} [{least}..{most}]"


def waits(runs: Sequence[Run]) -> str:
    """p50/p99 of all probes of these runs, in ms."""
    all_ms = [wait for run in runs for wait in run.waits_ms]
    if not all_ms:
        return "-"
    return f"{percentile(all_ms, 0.5):.0f}/{percentile(all_ms, 0.99):.0f}"


HEAD = ("case", "{peer} msg/s", "relay msg/s", "ratio", "goal", "p50/p99 ms", "CPU ms a message")


def compared(runs: Sequence[Run], cases: Sequence[Case], peer: str) -> list[Sequence[str]]:
    """The table of all cases, its head first; where there are two figures the peer's is first."""
    rows: list[Sequence[str]] = [tuple(head.format(peer=peer) for head in HEAD)]
    for case in cases:
        theirs, ours = of(runs, case.name, peer), of(runs, case.name, OURS)
        rows.append(
            (
                case.name,
                spread([run.rate for run in theirs]),
                spread([run.rate for run in ours]),
                spread(ratios(runs, case.name, peer), 2),
                f"{case.goal:g}",
                f"{waits(theirs)}, {waits(ours)}",
                f"{median(r.cpu_ms for r in theirs):.1f}, {median(r.cpu_ms for r in ours):.1f}",
            )
        )
    return rows


def table(rows: Sequence[Sequence[str]], *, markdown: bool = False) -> str:
    """Rows under their head, as aligned text or as Markdown."""
    head, *rest = rows
    if markdown:
        lines = [head, ["---"] * len(head), *rest]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def save(path: Path, runs: Sequence[Run], more: Mapping[str, object]) -> None:
    """Every round as JSON, with what else there is to say."""
    shown = [asdict(run) | {"rate": run.rate, "cpu_ms": run.cpu_ms} for run in runs]
    path.write_text(json.dumps({**more, "runs": shown}, indent=1) + "\n")


def machine() -> str:
    """This machine and moment, in one line that names nobody."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    loads = "/".join(f"{one:.1f}" for one in os.getloadavg())
    kernel = os.uname().release.split("-")[0]
    return f"{os.cpu_count()} cores ({model}), Linux {kernel}, load {loads}"
