"""Where the messages of an act come out, looked up at each place as anybody can."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from rich.console import Console

from relay.cli.look import status_of
from relay.testing.ledger import MARKER, Verdicts
from relay.testing.nodes import Node
from relay.testing.senders import page_texts

Read = Callable[[], Sequence[str]]
"""Every text at one place."""


class Places:
    """What stands at each place, and since when. The page is always one; ``read`` has the others,
    by the names of their destinations."""

    def __init__(self, console: Console, node: Node, read: Mapping[str, Read]) -> None:
        self._console = console
        self._node = node
        self._read = {"page": lambda: page_texts(node.url), **read}
        self._began = time.monotonic()
        self._shown = ""
        self.since: dict[str, dict[str, float]] = {name: {} for name in self._read}

    def texts(self) -> dict[str, Sequence[str]]:
        """Every text at every place, as anybody can read it there."""
        return {name: read() for name, read in self._read.items()}

    def look(self) -> None:
        """Note what is new, and print how the board stands if that changed."""
        there = self.texts()
        board = status_of(self._node.file)["board"]  # after what it may have waited for
        shown = []
        for place, texts in there.items():
            for text in texts:
                for marker in MARKER.findall(text):
                    self.since[place].setdefault(marker, time.monotonic())
            shown.append(f"{place} {len(self.since[place])}")
            if board[place]["state"] != "works":
                why, waiting = board[place]["why"], board[place]["waiting"]
                shown[-1] += f" ([yellow]{board[place]['state']}: {why}; {waiting} wait[/yellow])"
        if (line := "   ".join(shown)) != self._shown:
            self._console.print(f"{time.monotonic() - self._began:6.1f} s   {line}")
            self._shown = line

    def have(self, markers: Iterable[str], *places: str) -> bool:
        """Whether all of these stand at each of the places, after a look."""
        self.look()
        return all(marker in self.since[place] for marker in markers for place in places)

    def missing(self, markers: Iterable[str]) -> dict[str, int]:
        """How many of these are not yet at each place."""
        wanted = set(markers)
        return {place: len(wanted - since.keys()) for place, since in self.since.items()}

    def row(
        self,
        place: str,
        verdicts: Verdicts,
        waited: int,
        kept: Mapping[str, float],
        held: Collection[str],
    ) -> dict[str, float]:
        """A row of the closing table; ``kept``: when (monotonic) the node said yes to each;
        ``held``: the markers of what waits for a person."""
        since = self.since[place]
        slowest = max((since[one] - kept[one] for one in kept if one in since), default=0.0)
        return {
            "in": verdicts.acknowledged,
            "posted": verdicts.seen,
            "twice": len(verdicts.doubled),
            "held": len(verdicts.missing.intersection(held)),
            "lost": len(verdicts.missing.difference(held)),
            "waited": waited,
            "slowest_s": round(slowest, 1),
        }
