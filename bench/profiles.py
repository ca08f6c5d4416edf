"""Where the time goes: py-spy beside a node under load, one process of it after the other.

    python -m bench.profiles [--seconds 8] [--markdown] [accept | relay]

A sampler stands outside of what it looks at, so that the profile is of the node as it runs. Each
table has the functions of one process by the share of its samples in which they were on the
stack ("with what it calls") and in which they were what ran ("itself").
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.clients import marked, source
from bench.figures import table
from bench.ours import ACCEPTS, DELIVERS, Relay
from bench.processes import cpu_s
from bench.relay import named
from bench.sink import Sink

PY_SPY = Path(".venv-peers/bin/py-spy")
SAMPLES_A_SECOND = 100
MOST = 14
"""Functions in each table."""

_OURS = re.compile(r"\((?:.*/)?(?:relay|bridges)/(?!cli/|node/launcher|node/start|__main__)")
"""Frames of ours; not those of the start, which are on every stack."""


def counted(folded: str) -> tuple[Counter[str], Counter[str], int]:
    """From py-spy's raw lines ("a;b;c 12"): samples by function of ours with what it calls, by
    any function itself, and all."""
    within: Counter[str] = Counter()
    itself: Counter[str] = Counter()
    total = 0
    for line in folded.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        total += int(count)
        itself[_named(frames[-1])] += int(count)
        for name in {_named(frame) for frame in frames if _OURS.search(frame)}:
            within[name] += int(count)
    return within, itself, total


def _named(frame: str) -> str:
    """``name (path/file.py:12)`` as ``file.py name``: by function, not by line."""
    name, _, place = frame.partition(" (")
    file = place.rstrip(")").rpartition(":")[0] or place.rstrip(")")
    return f"{'/'.join(file.split('/')[-2:])} {name}" if file else name


def top(folded: str, most: int = MOST) -> list[Sequence[str]]:
    """The functions with the most time, their head first: half by each of the two measures."""
    within, itself, total = counted(folded)
    chosen = dict.fromkeys(name for name, _ in itself.most_common(most // 2))
    for name, _ in within.most_common():
        if len(chosen) == most:
            break
        chosen[name] = None
    rows = sorted(chosen, key=lambda name: -max(within[name], itself[name]))
    share = 100 / max(1, total)
    return [
        ("function", "with what it calls", "itself"),
        *(
            (
                name,
                f"{within[name] * share:.0f} %" if name in within else "-",
                f"{itself[name] * share:.0f} %",
            )
            for name in rows
        ),
    ]


def recorded(pid: int, seconds: int, file: Path) -> str:
    """What py-spy saw of a process in that time, as its raw lines; empty if it never ran."""
    asked = [str(PY_SPY), "record", "-p", str(pid), "-d", str(seconds), "-f", "raw"]
    asked += ["-r", str(SAMPLES_A_SECOND), "-o", str(file)]
    nothing = subprocess.DEVNULL
    subprocess.run(asked, check=False, stdin=nothing, stdout=nothing, stderr=nothing)
    return file.read_text() if file.exists() else ""


def loaded(what: str, port: int, over: threading.Event) -> None:
    """Send until told to stop."""
    while not over.is_set():
        if what == "accept":
            source(port, 1000, 50, kept=True)
        else:
            marked(port, named(200), 10, kept=True)


def profiled(what: str, seconds: int, place: Path) -> tuple[dict[str, str], dict[str, float]]:
    """The raw profile of each process under load, and the share of a core that it used."""
    raw: dict[str, str] = {}
    used: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder, Sink() as sink:
        settings = ACCEPTS if what == "accept" else DELIVERS
        node = Relay(Path(folder) / "at", settings, hook=sink.port).start()
        over = threading.Event()
        load = threading.Thread(target=loaded, args=(what, node.port, over))
        try:
            processes = node.status()["processes"]
            assert isinstance(processes, list)
            pids = {one["role"]: one["pid"] for one in processes}
            load.start()
            for role, pid in pids.items():  # one after the other: a sampler costs a core itself
                before = cpu_s(pid)
                raw[role] = recorded(pid, seconds, Path(folder) / role)
                used[role] = (cpu_s(pid) - before) / seconds
        finally:
            over.set()
            if load.ident is not None:
                load.join()
            node.stop()
    return raw, used


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("accept", "relay"), default="accept")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--folded", type=Path, help="keep py-spy's raw lines in this folder")
    given = parser.parse_args(arguments)
    if not PY_SPY.exists():
        print("not measured: py-spy is not installed: make bench-peers")
        return 1
    if os.geteuid() != 0:
        print("not measured: py-spy reads other processes, which only root may")
        return 1
    raw, used = profiled(given.what, given.seconds, Path())
    for role, folded in raw.items():
        if given.folded:
            (given.folded / role).write_text(folded)
        print(f"\n{given.what}: {role}, {100 * used[role]:.0f} % of a core")
        if folded:
            print(table(top(folded), markdown=given.markdown))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
