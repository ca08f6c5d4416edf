"""``exit.key``: the keys of an exit under a passphrase, and in its clear head what is public.

::

    magic 7 | checksum 32 | length 4 | head (a packed Lock) | sealed keys

A node whose exit is locked goes on sealing by the head: the last signed bundle stands there or, in
a file of before there were any, the public keys under a signature. Who can write ``exit.key`` of a
locked node can put keys of their own there, and its doors would seal to them until the next unlock
fails: mode and owner are checked for that.

**The file turns.** Each time it is written anew, it is sealed under the next link of a chain that
runs one way: link 0 is made of the passphrase, and each other one is HKDF of the one before it. A
process keeps only the link for the file to come. So neither its memory nor today's file opens the
file of yesterday, with the keys that were destroyed since; the passphrase does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Final

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.wire import primitives
from relay.wire.bundle import read_bundle
from relay.wire.keys import (
    SALT,
    ExitKeys,
    ExitPublic,
    Passphrase,
    parted,
    with_checksum,
    with_head,
)
from relay.wire.pack import pack, unpack
from relay.wire.primitives import SIGNATURE, Argon2

MAGIC: Final = b"OUTWX1\n"
MOST_TURNS: Final = 100_000
"""Links of a chain that are gone through at an unlock, at most: half a second."""

FRESH_AFTER: Final = 1000
"""Turns after which an unlock begins a new chain."""

_SIGNED: Final = b"outword/1/exit-public"
_DAMAGED: Final = "exit.key is damaged: restore it from your backup"


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """The clear head of ``exit.key``. ``public`` is a packed ExitPublic, as it was signed by the
    identity key; not signed where that is kept on another machine, and then nothing is sealed to it
    but what ``bundle`` names. ``cost`` is None where the passphrase is not stretched; ``turn``
    counts how often the file was written since the salt is this one."""

    public: bytes
    signature: bytes
    salt: bytes
    cost: Argon2 | None
    turn: int = 0
    bundle: bytes = b""

    def __post_init__(self) -> None:
        if len(self.signature) not in (0, SIGNATURE) or len(self.salt) != SALT:
            raise Damaged
        if not 0 <= self.turn <= MOST_TURNS:
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class Turning:
    """What seals the next ``exit.key``: 32 bytes of ``link``, the one that many turns after the
    passphrase. It opens no file that is there already."""

    salt: bytes
    cost: Argon2 | None
    turn: int
    link: bytes

    @property
    def next(self) -> Turning:
        """What seals the one after it."""
        return replace(self, turn=self.turn + 1, link=_turned(self.link))

    def sealed(self, keys: ExitKeys) -> bytes:
        """The bytes of the file. Raises KeyFileError for one that turned too often: it is to be
        opened by its passphrase, which begins a new chain."""
        if self.turn > MOST_TURNS:
            raise KeyFileError("exit.key was written too often since it was unlocked: unlock it")
        clear = with_head(pack(_lock(keys, self)))
        plain = pack(replace(keys, bundle=b""))  # it stands in the head
        return with_checksum(MAGIC, clear + primitives.seal(self.link, plain, MAGIC + clear))


def lock_exit(keys: ExitKeys, passphrase: Passphrase, cost: Argon2 | None = None) -> bytes:
    """The bytes of an ``exit.key`` whose chain begins.

    ``cost`` is that of a passphrase people choose; it takes about a second.
    """
    cost = (cost or Argon2()) if passphrase.stretched else None
    return _begun(passphrase.secret, cost).sealed(keys)


def exit_public(file: bytes) -> ExitPublic:
    """The public keys in ``exit.key``; needs no passphrase. Raises KeyFileError."""
    return _parted(file)[1]


def exit_bundle(file: bytes) -> bytes:
    """The last signed bundle in ``exit.key``, empty if there is none; needs no passphrase. Raises
    KeyFileError."""
    return _parted(file)[0].bundle


def unlock_exit(file: bytes, passphrase: bytes) -> ExitKeys:
    """The keys in ``exit.key``. Raises WrongPassphrase, or KeyFileError for a damaged file."""
    return unlocked(file, passphrase)[0]


def unlocked(file: bytes, passphrase: bytes) -> tuple[ExitKeys, Turning]:
    """The same, and what seals the next file. Raises as ``unlock_exit``."""
    lock, _, clear, sealed = _parted(file)
    link = _first(passphrase, lock.salt, lock.cost)
    for _ in range(lock.turn):
        link = _turned(link)
    try:
        plain = primitives.open_(link, sealed, MAGIC + clear)
    except Damaged:
        raise WrongPassphrase from None
    try:
        keys = replace(unpack(ExitKeys, plain), bundle=lock.bundle)
    except Damaged:
        raise KeyFileError(_DAMAGED) from None
    if lock.turn >= FRESH_AFTER:
        return keys, _begun(passphrase, lock.cost)
    return keys, Turning(lock.salt, lock.cost, lock.turn, link).next


def relocked(file: bytes, passphrase: bytes, change: Callable[[ExitKeys], ExitKeys]) -> bytes:
    """The bytes of the next ``exit.key`` with changed keys, under the same passphrase and at the
    same cost; opened once more before they are given. Raises as ``unlock_exit``."""
    keys, turning = unlocked(file, passphrase)
    changed = change(keys)
    made = turning.sealed(changed)
    if unlock_exit(made, passphrase) != changed:
        raise KeyFileError("the new exit.key does not open, and was not written")
    return made


def _begun(passphrase: bytes, cost: Argon2 | None) -> Turning:
    salt = token_bytes(SALT)
    return Turning(salt, cost, 0, _first(passphrase, salt, cost))


def _lock(keys: ExitKeys, turning: Turning) -> Lock:
    shown = keys.public
    public = pack(replace(shown, epochs=()) if keys.bundle else shown)
    signature = primitives.sign(keys.identity, _SIGNED + public) if keys.identity else b""
    return Lock(public, signature, turning.salt, turning.cost, turning.turn, keys.bundle)


def _parted(file: bytes) -> tuple[Lock, ExitPublic, bytes, bytes]:
    """The head, the public keys in it, the bytes of both, and the sealed keys."""
    try:
        head, clear, sealed = parted(MAGIC, file)
        lock = unpack(Lock, head)
        return lock, _public(lock), clear, sealed
    except Damaged:
        raise KeyFileError(_DAMAGED) from None


def _public(lock: Lock) -> ExitPublic:
    """What is public, as the identity key has signed it. Raises Damaged."""
    public = unpack(ExitPublic, lock.public)
    if lock.signature:
        if not primitives.signed(public.identity, _SIGNED + lock.public, lock.signature):
            raise Damaged
    elif public.epochs:
        raise Damaged
    if not lock.bundle:
        return public
    bundle = read_bundle(lock.bundle, public.identity)
    if public.epochs:
        raise Damaged
    public = replace(public, epochs=tuple(bundle.good()))
    if lock.signature or bundle.ended:
        return public
    return replace(public, page=bundle.page, mail=bundle.mail)


def _first(passphrase: bytes, salt: bytes, cost: Argon2 | None) -> bytes:
    if cost is None:
        return primitives.derive(passphrase, b"outword/1/exit.key", salt=salt)
    if not cost.bounded():  # before a byte of that memory is asked for
        raise KeyFileError("exit.key asks for more work than any of ours: it was altered")
    return primitives.stretch(passphrase, salt, cost)


def _turned(link: bytes) -> bytes:
    return primitives.derive(link, b"outword/1/exit.key/turn")
