"""Durable, sealed accepts a second over SMTP, beside a private Postfix in the same round.

    python -m bench.accept [--rounds 5] [--quick] [--markdown] [--json FILE] [FOLDER]

Mails of 1 KiB by smtp-source. Each side is started afresh for each run, warmed with as many
sessions as are measured, and ended; who begins changes from round to round. Ours answers when the
sealed mail is synced and holds it for review; Postfix answers when its queue file is synced, and
discards. After each run of ours the mails it says it has stored must be those that were accepted.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench import figures, postfix
from bench.clients import Probe, source
from bench.figures import OURS, Case, Run
from bench.ours import ACCEPTS, Relay
from bench.postfix import Postfix
from bench.processes import cpu_s

PEER = "Postfix"

CASES = (
    Case("50 sessions, kept", 3, 50, kept=True, messages=2000),
    Case("10 sessions, new each", 2, 10, kept=False, messages=1000),
    Case("1 session, kept", 1, 1, kept=True, messages=300, probed=False),
)
"""The goals are for two doors on two cores; a node has one so far."""

SAYS = (
    "Goals are for two doors; the relay has one. Where there are two figures Postfix is first;"
    " p50/p99 is a slow session's time from DATA to 250 beside the load, of all rounds together."
)


def measured(server: Relay | Postfix, case: Case, side: str, round_: int) -> tuple[Run, int]:
    """One run on a server that is up; and how many mails it has accepted in all."""
    warm = 2 * case.sessions
    source(server.port, warm, case.sessions, kept=case.kept)
    load, used_s = figures.load(), cpu_s(server.pid)
    waits_ms: list[float] = []
    if case.probed:
        with Probe(server.port) as probe:
            took_s = source(server.port, case.messages, case.sessions, kept=case.kept)
            used_s = cpu_s(server.pid) - used_s
        if probe.error:
            raise RuntimeError(f"the probe failed: {probe.error}")
        waits_ms = probe.waits_ms
    else:
        took_s = source(server.port, case.messages, case.sessions, kept=case.kept)
        used_s = cpu_s(server.pid) - used_s
    run = Run(
        case.name, side, round_, case.messages, took_s, used_s, load, waits_ms=tuple(waits_ms)
    )
    return run, warm + case.messages + len(waits_ms)


def ours(folder: Path, case: Case, round_: int) -> Run:
    """One run of a fresh node. Raises RuntimeError if it stored another number than it accepted."""
    server = Relay(folder, ACCEPTS)
    try:
        server.start()
        run, accepted = measured(server, case, OURS, round_)
        stored = server.status()["accepted"]
        if stored != accepted:
            raise RuntimeError(f"{accepted} mails were accepted and {stored} are stored")
    finally:
        server.stop()
    return run


def theirs(folder: Path, case: Case, round_: int) -> Run:
    """One run of a fresh Postfix."""
    server = Postfix(folder)
    try:
        return measured(server.start(), case, PEER, round_)[0]
    finally:
        server.stop()


def rounds(cases: Sequence[Case], n: int, place: Path, say: Callable[[str], None]) -> list[Run]:
    """All rounds of all cases, the two sides in turn."""
    runs: list[Run] = []
    for round_ in range(n):
        for case in cases:
            sides = (ours, theirs) if round_ % 2 else (theirs, ours)
            for side in sides:
                with tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
                    Path(folder).chmod(0o755)  # Postfix runs as another user
                    runs.append(side(Path(folder) / "at", case, round_))
                run = runs[-1]
                say(f"round {round_ + 1} of {n}, {case.name}: {run.side} {run.rate:,.0f}/s")
    return runs


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, save."""
    given = parsed(arguments, __doc__)
    if why := postfix.missing():
        print(f"not measured: {why}")
        return 1
    cases = [replace(case, messages=case.messages // 4) for case in CASES]
    before = figures.machine()
    runs = rounds(cases if given.quick else CASES, given.rounds, given.folder, given.say)
    print(f"\nAccepts a second. {before}; {figures.machine().rpartition(', ')[2]} after.")
    print(figures.table(figures.compared(runs, CASES, PEER), markdown=given.markdown))
    print(SAYS)
    if given.json:
        figures.save(given.json, runs, {"machine": before, "peer": PEER})
    return 0


def parsed(arguments: Sequence[str] | None, doc: str | None) -> argparse.Namespace:
    """The options that both comparisons have."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, help="default 5; 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="a quarter of the mails, 2 rounds")
    parser.add_argument("--markdown", action="store_true", help="tables to paste into a document")
    parser.add_argument("--json", type=Path, help="write every round to this file")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="on the disk to use")
    given = parser.parse_args(arguments)
    given.rounds = given.rounds or (2 if given.quick else 5)
    given.say = lambda line: print(line, flush=True)
    return given


if __name__ == "__main__":
    raise SystemExit(main())
