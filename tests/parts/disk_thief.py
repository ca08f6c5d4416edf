"""Who takes copies of the disk of an exit, and all that it holds in its memory.

They know the formats to the last byte, and have every key of today and every file of today and of
an earlier day; not the passphrase.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

from relay.errors import Damaged, NotMine
from relay.exit.anew import ENDINGS
from relay.wire import primitives
from relay.wire.custody import HEAD
from relay.wire.envelope import open_envelope
from relay.wire.exitfile import Turning, unlocked
from relay.wire.keys import ExitKeys
from relay.wire.pack import pack, unpack
from relay.wire.padding import CLASSES

LINKS = 200
"""How many links of the chain of exit.key are tried."""

_VERSIONS = (b"\x01", b"\x02")


@dataclass(frozen=True)
class Memory:
    """Every key that is there, and what seals the next exit.key."""

    keys: ExitKeys
    turning: Turning


@dataclass
class Thief:
    """What can be made of some disks and a memory. ``opened`` is all that was read."""

    disks: Sequence[Path]
    memory: Memory
    opened: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        keys = [self.memory.keys, *keys_of_files(self.disks, self.memory.turning)]
        self._storage = [one for some in keys for one in some.storage]
        self._epochs = {one.id: one for some in keys for one in some.epochs}
        self._kept, self._ids = self._all_kept()
        self.opened += [pack(some) for some in keys]
        self._open_envelopes()
        self._open_records()

    def found(self, words: Sequence[str]) -> set[str]:
        """Which of these it can read."""
        return {one for one in words if any(one.encode() in plain for plain in self.opened)}

    def raw(self) -> Iterator[bytes]:
        """Every file of every disk, byte for byte."""
        for disk in self.disks:
            yield from (one.read_bytes() for one in disk.rglob("*") if one.is_file())

    def _all_kept(self) -> tuple[list[bytes], list[bytes]]:
        """What lies in the tables and files, and whatever looks like it anywhere in them."""
        kept: dict[bytes, None] = {}
        ids: dict[bytes, None] = {}
        for disk in self.disks:
            aside = disk.with_name(f"{disk.name} looked into")
            shutil.copytree(disk, aside)
            connection = sqlite3.connect(aside / "data/spool.sqlite")
            rows = "SELECT id, note, blob, file FROM row LEFT JOIN body ON body.seq = row.seq"
            for id, note, blob, file in connection.execute(rows).fetchall():
                ids[id] = None
                whole = (aside / "data/bodies" / file).read_bytes() if file else blob or b""
                kept |= dict.fromkeys((note, whole, (blob or b"") + whole[len(blob or b"") :]))
            connection.close()
            shutil.rmtree(aside)
        for raw in self.raw():
            kept |= dict.fromkeys(self._carved(raw))
        return [one for one in kept if len(one) >= HEAD], list(ids)

    def _carved(self, raw: bytes) -> Iterator[bytes]:
        """Wherever an envelope begins, or something under a key that is at hand."""
        begins = [
            b"OUTW\x01",
            *(version + key.id for key in self._storage for version in _VERSIONS),
        ]
        for start in begins:
            at = raw.find(start)
            while at >= 0:
                yield raw[at : at + CLASSES[0]]
                at = raw.find(start, at + 1)

    def _open_envelopes(self) -> None:
        for one in self._kept:
            try:
                opened = open_envelope(one, self._epochs)
            except (Damaged, NotMine):
                continue
            self.opened.append(repr(astuple(opened.inside)).encode())

    def _open_records(self) -> None:
        """Each by its own head, and by any record key that any head gives."""
        binds = [id + ending for id in self._ids for ending in ENDINGS.values()]
        known = {key.id for key in self._storage}
        keys: dict[bytes, bytes] = {}
        for head in {one[:HEAD] for one in self._kept if one[1:9] in known}:
            for bind in binds:
                keys |= self._record_key(head, bind)
        for key, bind in keys.items():
            for one in self._kept:
                self._open_by(key, bind, one)

    def _record_key(self, head: bytes, bind: bytes) -> dict[bytes, bytes]:
        for key in self._storage:
            if key.id == head[1:9]:
                about = b"outword/1/record-key" + head[:9] + bind
                try:
                    return {primitives.open_(key.key, head[9:], about): bind}
                except Damaged:
                    continue
        return {}

    def _open_by(self, key: bytes, bind: bytes, kept: bytes) -> None:
        about = b"outword/1/record" + kept[:1] + bind
        try:
            self.opened.append(bytes(primitives.open_once(key, memoryview(kept)[HEAD:], about)))
        except Damaged:
            return


def keys_of_files(disks: Sequence[Path], turning: Turning) -> Iterator[ExitKeys]:
    """What is in each exit.key that opens with a link that follows from the one at hand."""
    links = list(itertools.islice(_chain(turning), LINKS))
    for disk in disks:
        yield from _opens_with((disk / "keys/exit.key").read_bytes(), links)


def _chain(turning: Turning) -> Iterator[Turning]:
    while True:
        yield turning
        turning = turning.next


def _opens_with(file: bytes, links: Sequence[Turning]) -> Iterator[ExitKeys]:
    """An exit.key, sealed under one of these links (``relay.wire.exitfile`` says where it lies)."""
    inner = file[7 + 32 :]
    end = 4 + int.from_bytes(inner[:4], "big")
    for one in links:
        try:
            yield unpack(ExitKeys, primitives.open_(one.link, inner[end:], file[:7] + inner[:end]))
        except Damaged:
            continue


def by_passphrase(disk: Path, passphrase: bytes) -> Memory:
    """What who has the passphrase gets of a disk."""
    return Memory(*unlocked((disk / "keys/exit.key").read_bytes(), passphrase))
