"""Two nodes and a folder between them, as tests of the link by folder have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from relay.links.folder.folder import Folder, Survey
from relay.links.folder.link import FolderLink
from relay.links.folder.place import SUB
from relay.links.port import Opening, Peer
from relay.wire.batch import Batch, Carried
from relay.wire.envelope import Inside, seal
from relay.wire.epochs import make_epoch_key
from relay.wire.linkkeys import link_key_of

NOW = 1_800_000_000 - 1_800_000_000 % 3600 + 1234
DAY = 86400
ENTRY, EXIT, OTHER = b"a" * 32, b"b" * 32, b"c" * 32
EPOCH = make_epoch_key().public


@dataclass
class HandClock:
    at: int = NOW

    def now(self) -> int:
        return self.at


def envelope(text: str = "a word") -> bytes:
    inside = Inside("text", "form", text.encode(), "news")
    return seal(inside, [EPOCH], arrival=NOW, expiry=NOW + DAY).envelope


def some(count: int = 1) -> Batch:
    """A batch of so many envelopes."""
    return Batch(envelopes=tuple(Carried(envelope(f"word {n}")) for n in range(count)))


def peer(seed: bytes, name: str) -> Peer:
    return Peer(name, link_key_of(seed))


@dataclass
class Side:
    """One node at the folder, who shares it with another."""

    root: Path
    seed: bytes
    other: Peer
    clock: HandClock = field(default_factory=HandClock)
    said: list[tuple[str, str]] = field(default_factory=list)
    turned_away: int = 0
    taken: list[Batch] = field(default_factory=list)
    back: Batch | None = field(default_factory=Batch)
    most_bytes: int = 1 << 30
    deadline_s: float = 5.0

    def __post_init__(self) -> None:
        known = {self.other.key.public: self.other}
        self.folder = Folder(self.root, self.seed, known, [self.other], self.clock)

    def link(self) -> FolderLink:
        opening = Opening(
            "stick",
            self.seed,
            link_key_of(self.seed),
            {self.other.key.public: self.other},
            self.other,
            self.clock,
            turned_away=self._away,
            faring=lambda state, why: self.said.append((state, why)),
        )
        return FolderLink(
            opening,
            self.folder,
            every_s=3600,
            again_s=DAY,
            most_bytes=self.most_bytes,
            deadline_s=self.deadline_s,
        )

    def _away(self) -> None:
        self.turned_away += 1

    async def came(self, sender: Peer, batch: Batch) -> Batch | None:
        assert sender == self.other
        self.taken.append(batch)
        return self.back

    def put(self, batch: Batch) -> None:
        """Put a batch there and tell of it, as a visit does."""
        self.folder.survey()
        assert self.folder.put(self.other, batch)
        self.folder.tell()

    def survey(self) -> Survey:
        return self.folder.survey()


def sides(root: Path) -> tuple[Side, Side]:
    """An entry and an exit."""
    return Side(root, ENTRY, peer(EXIT, "exit")), Side(root, EXIT, peer(ENTRY, "entry"))


def files(root: Path) -> list[Path]:
    """Whatever lies in the sub-folder."""
    there = root / SUB
    return sorted(there.iterdir()) if there.is_dir() else []


def batches(root: Path) -> list[Path]:
    return [one for one in files(root) if one.read_bytes()[:4] == b"OUTB"]


def sheets(root: Path) -> list[Path]:
    return [one for one in files(root) if one.read_bytes()[:4] == b"OUTL"]
