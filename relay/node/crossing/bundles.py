"""The keys of the exits that an entry seals to: held, renewed, and refused where they are wrong.

They lie in ``keys/exits/NAME.bundle``, as each exit has signed them, and come over any link, or are
brought by a person. Whatever is wrong with one that comes, the one before is kept: who could make
an entry forget its keys would end it.
"""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from relay.config import Settings
from relay.errors import Damaged, KeyFileError
from relay.journal import Event, Journal
from relay.keyfiles import read_secret, write_secret
from relay.model import Instant
from relay.plugins import bundle_file
from relay.plugins.peers import EXITS
from relay.ports import Clock
from relay.wire import primitives
from relay.wire.bundle import MOST_EPOCHS, Bundle, read_bundle, signer_of
from relay.wire.epochs import EpochPublic
from relay.wire.linkkeys import identity_of

MOST_IDS: Final = 4 * MOST_EPOCHS
"""Ids of keys of one exit that are known. A door may seal still to one of a bundle before this."""

REVOKED: Final = "its exit was revoked"
NO_KEY: Final = "its key was revoked"

TAKEN, KNOWN = "taken", "known"
"""What is said of a bundle that is good; of any other it is said why not."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What there is to say of the keys of one exit: the serial of its bundle (0: none is here),
    until when there is a key to seal to (0: there is none), whether it was revoked, why the last
    bundle that came was refused, and whether there is a key for today."""

    serial: int
    until: Instant
    ended: bool
    refused: str
    today: bool = False


class Bundles:
    """Those of all exits of one entry, in the order of the settings."""

    def __init__(self, settings: Settings, clock: Clock, journal: Journal) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._identities = {name: identity_of(one.identity) for name, one in settings.peers.items()}
        self._held: dict[str, Bundle] = {}
        self._signed: dict[str, bytes] = {}
        self._ids: defaultdict[str, OrderedDict[bytes, None]] = defaultdict(OrderedDict)
        self._refused: dict[str, str] = {}
        self._refused_last: dict[str, bytes] = {}
        self._turn = trio.Lock()
        self.refusals: Counter[str] = Counter()
        """How many bundles were refused since this process began, by the exit."""
        self.changed: Callable[[str], None] = lambda peer: None
        """Called when an exit has other keys than before."""
        elsewhere = self._under_other_names()
        for name in settings.peers:
            self._load(name, elsewhere.get(name))

    def _load(self, name: str, elsewhere: tuple[Path, bytes] | None) -> None:
        """A file that cannot be used is kept aside, for whoever wants to know why."""
        path = bundle_file(self._settings, name)
        try:
            if path.exists():
                signed = read_secret(path)
                self._hold(name, read_bundle(signed, self._identities[name]), signed)
                return
        except (Damaged, KeyFileError):
            if elsewhere is None:
                self._put_aside(name, path)
        if elsewhere is not None:
            self._follow(name, path, *elsewhere)

    def _put_aside(self, name: str, path: Path) -> None:
        self._journal.say(Event.BUNDLE_DAMAGED, peer=name)
        self._refused[name] = "the one that lay here is damaged, or of another identity"
        with contextlib.suppress(OSError):
            path.rename(path.with_suffix(".damaged"))

    def _under_other_names(self) -> dict[str, tuple[Path, bytes]]:
        """Of each exit the newest keys that lie here under a name that it does not have now."""
        found: dict[str, tuple[int, Path, bytes]] = {}
        for path in (self._settings.keys / EXITS).glob("*.bundle"):
            with contextlib.suppress(OSError, Damaged, KeyFileError):
                signed = read_secret(path)
                name = self.of_identity(signed)
                serial = read_bundle(signed, self._identities[name]).serial
                if path.stem != name and serial > found.get(name, (0,))[0]:
                    found[name] = serial, path, signed
        return {name: (path, signed) for name, (_, path, signed) in found.items()}

    def _follow(self, name: str, path: Path, before: Path, signed: bytes) -> None:
        """An exit has another name by now: its keys go with it."""
        self._hold(name, read_bundle(signed, self._identities[name]), signed)
        with contextlib.suppress(OSError):  # where it cannot be written they are found once more
            write_secret(path, signed)
            if before.stem not in self._identities:
                before.unlink()

    def _hold(self, name: str, bundle: Bundle, signed: bytes) -> None:
        self._held[name], self._signed[name] = bundle, signed
        ids = self._ids[name]
        for one in bundle.epochs:
            ids[one.id] = None
            ids.move_to_end(one.id)
        while len(ids) > MOST_IDS:
            ids.popitem(last=False)
        self._refused.pop(name, None)

    # ------------------------------------------------------------ what comes

    async def take(self, name: str, signed: bytes) -> str:
        """Take a bundle of an exit: ``TAKEN`` once it is durable, ``KNOWN`` for the one that is
        here; else why it is refused, in our own words."""
        async with self._turn:
            if signed == self._signed.get(name):
                return KNOWN
            try:
                bundle = read_bundle(signed, self._identities[name])
            except Damaged:
                return self._refuse(name, "damaged, or signed by another", signed)
            if why := self._against(name, bundle):
                return self._refuse(name, why, signed)
            path = bundle_file(self._settings, name)
            try:
                await trio.to_thread.run_sync(write_secret, path, signed)
            except OSError:
                return "it cannot be written: the disk is full, or keys/ is not ours"
            self._hold(name, bundle, signed)
        self._journal.say(Event.EXIT_ENDED if bundle.ended else Event.BUNDLE_TAKEN, peer=name)
        self.changed(name)
        return TAKEN

    def _against(self, name: str, bundle: Bundle) -> str:
        """Why one that is signed rightly is not taken; empty if it is."""
        held = self._held.get(name)
        if held is not None and held.ended:
            return "that exit was revoked, once and for all"
        if held is not None and bundle.serial <= held.serial:
            return "older than the one that is here"
        if not bundle.ended and bundle.road_s < self._settings.node.road_s:
            return "that exit keeps its keys for less than node.road: make it shorter here"
        if held is not None and _leaves_today(held, bundle, self._clock.now()):
            return "it has no key for today, and the one that is here has: is a clock wrong?"
        return ""

    def _refuse(self, name: str, why: str, signed: bytes) -> str:
        """Count it, once: an exit sends the same until something newer is here."""
        digest = primitives.digest(signed)
        self.refusals[name] += self._refused_last.get(name) != digest
        self._refused_last[name] = digest
        if self._refused.get(name) != why:
            self._journal.say(Event.BUNDLE_REFUSED, peer=name)
        self._refused[name] = why
        return why

    def of_identity(self, signed: bytes) -> str:
        """Whose a bundle is, where nobody says so. Raises Damaged if it is of no exit of ours."""
        return signer_of(signed, self._identities)

    # ------------------------------------------------------------ what they are for

    def seals_to(self) -> tuple[EpochPublic, ...]:
        """The key of today of every exit that has one; none where nothing can be sealed."""
        now = self._clock.now()
        found = (self._held[name].of(now) for name in self._identities if name in self._held)
        return tuple(one for one in found if one is not None)

    def peers_of(self, key_ids: Iterable[bytes]) -> list[str]:
        """The exits that open an envelope with these keys, in order; of a key that two of them say
        is theirs both, since one of them is not to keep from the other what is sealed to it. Raises
        Damaged for a key that none of them had lately."""
        ids = tuple(key_ids)
        if not all(any(id in of for of in self._ids.values()) for id in ids):
            raise Damaged
        return [name for name in self._identities if any(id in self._ids[name] for id in ids)]

    def against(self, name: str, key_ids: Iterable[bytes]) -> str:
        """Why an exit is not to get an envelope that is sealed to these keys; empty if it is."""
        held = self._held.get(name)
        if held is None:
            return ""
        if held.ended:
            return REVOKED
        return NO_KEY if any(id in held.revoked for id in key_ids) else ""

    @property
    def identities(self) -> Mapping[str, bytes]:
        """Of all exits, by their names."""
        return self._identities

    @property
    def names(self) -> tuple[str, ...]:
        """Of all exits, in the order of the settings."""
        return tuple(self._identities)

    def serial(self, name: str) -> int:
        """Of the newest bundle of an exit that is here."""
        return self._held[name].serial if name in self._held else 0

    def is_ended(self, name: str) -> bool:
        """Whether an exit was revoked."""
        return name in self._held and self._held[name].ended

    # ------------------------------------------------------------ for the operator

    def shown(self) -> Mapping[str, Keys]:
        """Of every exit."""
        return {
            name: Keys(
                self.serial(name),
                self._held[name].until() if name in self._held else 0,
                self.is_ended(name),
                self._refused.get(name, ""),
                name in self._held and self._held[name].of(self._clock.now()) is not None,
            )
            for name in self._identities
        }


def _leaves_today(held: Bundle, newer: Bundle, now: Instant) -> bool:
    """Whether there would be nothing to seal to any more, without that key being revoked: an exit
    whose clock has leapt signs keys of days that are far away."""
    today = held.of(now)
    spared = today is not None and today.id not in newer.revoked
    return spared and not newer.ended and newer.of(now) is None
