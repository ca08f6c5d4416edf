"""End to end, SMTP to a web address, beside mailrise in the same round; then with the address gone.

    python -m bench.relay [--rounds 5] [--quick] [--markdown] [--json FILE] [FOLDER]

Ten sessions of our own client, so that each mail is known again at the far end. A run ends with
the last arrival there; a mail that was accepted and does not arrive once, and only once, ends the
measurement as an error. In the outage the address is gone for 5 s while 300 mails are sent.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

from bench import figures, mailrise
from bench.accept import parsed
from bench.clients import marked
from bench.figures import OURS, Case, Run
from bench.mailrise import Mailrise
from bench.ours import DELIVERS, Relay
from bench.processes import cpu_s
from bench.sink import Sink

PEER = "mailrise"

CASES = (
    Case("10 sessions, new each", 6, 10, kept=False, messages=400, probed=False),
    Case("10 sessions, kept", 8, 10, kept=True, messages=400, probed=False),
)

OUTAGE = Case("address gone for 5 s", 1, 10, kept=False, messages=300, probed=False)
OUTAGE_S = 5.0

PATIENCE_S = 180.0
"""For the last mail to arrive: what failed is tried again after 30 s, then after a minute."""

SAYS = "Where there are two figures mailrise is first. A rate counts to the last arrival."


@dataclass(frozen=True, slots=True)
class Outage:
    """What became of the mails that were sent while nobody listened at the far end."""

    side: str
    sent: int
    accepted: int
    arrived: int
    lost: int
    twice: int
    seconds: float


def started(side: str, folder: Path, sink: Sink) -> Relay | Mailrise:
    """A fresh server that delivers to the sink."""
    if side == OURS:
        return Relay(folder, DELIVERS, hook=sink.port)
    return Mailrise(folder, sink.port)


def arrived(sink: Sink, wanted: Sequence[str]) -> tuple[dict[str, int], float]:
    """How often each of these came, once all have come or patience ends; and when the last did."""
    until = time.monotonic() + PATIENCE_S
    while True:
        seen = sink.tell("seen")
        times = {marker: seen["times"].get(marker, 0) for marker in wanted}
        if all(times.values()) or time.monotonic() > until:
            return times, float(seen["last_s"])
        time.sleep(0.05)


def named(n: int) -> list[str]:
    """So many markers that nobody has used."""
    run = token_hex(4)
    return [f"bench-{run}-{i}" for i in range(n)]


def measured(side: str, folder: Path, case: Case, round_: int) -> Run:
    """One run. Raises RuntimeError if a mail was refused, lost or came twice."""
    with Sink() as sink:
        server = started(side, folder, sink)
        try:
            server.start()
            warm = named(2 * case.sessions)
            arrived(sink, marked(server.port, warm, case.sessions, kept=case.kept))
            markers, load, used_s = named(case.messages), figures.load(), cpu_s(server.pid)
            began = time.monotonic()
            taken = marked(server.port, markers, case.sessions, kept=case.kept)
            times, last_s = arrived(sink, taken)
            used_s = cpu_s(server.pid) - used_s
        finally:
            server.stop()
        odd = [count for count in times.values() if count != 1]
        if len(taken) != len(markers) or odd:
            raise RuntimeError(f"{side}: {len(taken)} accepted, {len(odd)} not delivered once")
    return Run(case.name, side, round_, case.messages, last_s - began, used_s, load)


def outage(side: str, folder: Path, case: Case) -> Outage:
    """The address goes, mails are sent, and it comes back when ``OUTAGE_S`` are over."""
    with Sink() as sink:
        server = started(side, folder, sink)
        try:
            server.start()
            sink.tell("down")
            began = time.monotonic()
            markers = named(case.messages)
            taken = marked(server.port, markers, case.sessions, kept=case.kept)
            time.sleep(max(0.0, began + OUTAGE_S - time.monotonic()))
            sink.tell("up")
            _, last_s = arrived(sink, taken)
            time.sleep(1)  # what would come twice may come now
            times = sink.tell("seen")["times"]
        finally:
            server.stop()
    return Outage(
        side,
        sent=len(markers),
        accepted=len(taken),
        arrived=sum(marker in times for marker in markers),
        lost=sum(marker not in times for marker in taken),
        twice=sum(count > 1 for count in times.values()),
        seconds=last_s - began if taken else 0.0,
    )


def rounds(cases: Sequence[Case], n: int, place: Path, say: Callable[[str], None]) -> list[Run]:
    """All rounds of all cases, the two sides in turn."""
    runs: list[Run] = []
    for round_ in range(n):
        for case in cases:
            for side in (OURS, PEER) if round_ % 2 else (PEER, OURS):
                with tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
                    runs.append(measured(side, Path(folder) / "at", case, round_))
                say(f"round {round_ + 1} of {n}, {case.name}: {side} {runs[-1].rate:,.0f}/s")
    return runs


def outages(case: Case, place: Path) -> list[Outage]:
    """Both sides, once: what is asked is yes or no."""
    ended = []
    for side in (PEER, OURS):
        with tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
            ended.append(outage(side, Path(folder) / "at", case))
    return ended


def shown(ended: Sequence[Outage]) -> list[Sequence[str]]:
    """The table of the outage, its head first."""
    head = ("address gone for 5 s", "sent", "accepted", "arrived", "lost", "twice", "all there")
    rows = [
        (
            one.side,
            f"{one.sent}",
            f"{one.accepted} ({100 * one.accepted / one.sent:.0f} %)",
            f"{one.arrived}",
            f"{one.lost}",
            f"{one.twice}",
            f"after {one.seconds:.0f} s" if one.accepted else "-",
        )
        for one in ended
    ]
    return [head, *rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, save."""
    given = parsed(arguments, __doc__)
    if why := mailrise.missing():
        print(f"not measured: {why}")
        return 1
    cases = [replace(case, messages=case.messages // 4) for case in CASES]
    before = figures.machine()
    runs = rounds(cases if given.quick else CASES, given.rounds, given.folder, given.say)
    ended = outages(OUTAGE, given.folder)
    print(f"\nSMTP to webhook. {before}; {figures.machine().rpartition(', ')[2]} after.")
    print(figures.table(figures.compared(runs, CASES, PEER), markdown=given.markdown))
    print(SAYS + "\n")
    print(figures.table(shown(ended), markdown=given.markdown))
    if given.json:
        figures.save(given.json, runs, {"machine": before, "peer": PEER})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
