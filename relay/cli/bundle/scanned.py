"""``relay bundle import`` of a file: what a program read from printed codes, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from relay.cli.bundle.incoming import Imported
from relay.cli.bundle.own import Own
from relay.cli.bundle.told import counted, imported
from relay.errors import Damaged, OutwordError
from relay.links.folder.strips import MOST_LINES, Joined, join
from relay.links.port import Peer
from relay.wire.batch import Batch, read_batch, sender_of

LONGEST: Final = 8192
"""Characters of a line that are read: no code has more than 4,296."""


class NoStrips(OutwordError):
    """Nothing that `relay bundle print` has made stands there: give what a program read from the
    codes, a line each, as `zbarimg --raw` writes it."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was taken in, by the peer; ``strangers``: batches for somebody else, or of nobody we
    know; ``lacking``: which strips of a batch are to be scanned, and of how many; ``bad``: names of
    batches whose strips do not fit together."""

    peers: tuple[Imported, ...]
    strangers: int
    lacking: dict[str, tuple[tuple[int, ...], int]]
    bad: tuple[str, ...]

    @property
    def damaged(self) -> bool:
        """Whether anything of it must be scanned again."""
        return bool(self.lacking or self.bad)

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "peers": [one.shown() for one in self.peers],
            "strangers": self.strangers,
            "lacking": {name: list(strips) for name, (strips, _) in self.lacking.items()},
            "bad": list(self.bad),
        }

    def lines(self) -> Iterator[str]:
        """As people read it."""
        for one in self.peers:
            yield from imported(one.shown())
        for name, (strips, of) in self.lacking.items():
            numbers = ", ".join(map(str, strips))
            yield f"{name}: scan these of its {of} codes as well: {numbers}"
        for name in self.bad:
            yield f"{name}: its codes do not fit together: scan all of them again"
        if self.strangers:
            what = counted(self.strangers, "sheet")
            yield f"{what} for another node, or of somebody who is no peer: left alone"
        if any(one.receipts_left for one in self.peers):
            yield "`relay bundle print` or `export` puts the receipts on paper, or on a stick."


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file, or of standard input for "-": as many, and as long, as may be."""
    if str(path) == "-":
        yield from _bounded(sys.stdin.buffer)
        return
    with path.open("rb") as file:
        yield from _bounded(file)


def _bounded(file: Any) -> Iterator[str]:
    for line in islice(iter(lambda: file.readline(LONGEST), b""), MOST_LINES):
        yield line.decode("ascii", "replace")


def take_in(own: Own, lines: Iterable[str]) -> Scanned:
    """Take in all that is whole in what was scanned. Raises NoStrips where there is nothing."""
    joined = join(lines)
    if not (joined.wholes or joined.lacking or joined.bad):
        raise NoStrips
    done = {one.name: Imported(one.name) for one in own.peers}
    strangers = 0
    for made in joined.wholes.values():
        found = _read(own, made)
        if found is None:
            strangers += 1
        else:
            _give(own, *found, done[found[0].name])
    return _scanned(done, strangers, joined)


def _scanned(done: dict[str, Imported], strangers: int, joined: Joined) -> Scanned:
    return Scanned(tuple(done.values()), strangers, dict(joined.lacking), joined.bad)


def _read(own: Own, made: bytes) -> tuple[Peer, Batch] | None:
    """Whose a batch is, and what is in it; None where it is not for us, or of nobody we know."""
    try:
        sender, _ = sender_of(made)
        peer = own.by_key.get(sender)
        return None if peer is None else (peer, read_batch(made, peer.key, own.key))
    except Damaged:
        return None


def _give(own: Own, peer: Peer, batch: Batch, did: Imported) -> None:
    back = own.core.take_in(peer.name, batch)
    if back is None:
        did.later += 1
        return
    did.counts(batch)
    if back.durable:
        own.core.remember(peer.name, back.durable)
        did.receipts_left += len(back.durable)
