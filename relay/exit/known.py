"""Known senders: who knows a code word. Never a number or a From line, which anybody can write.

The words lie nowhere, only what Argon2id makes of them under one salt of this node, so that a code
costs one derivation whoever it may be of; and that lies sealed under a key of ``exit.key``, so that
without the passphrase nobody can even try words.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes
from typing import Final, Protocol

import trio

from relay.errors import Asked, Damaged, OutwordError
from relay.rules.words import is_weak, normal, without_code
from relay.wire import primitives
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.keys import SALT, ExitKeys
from relay.wire.pack import pack, unpack
from relay.wire.primitives import Argon2

MINUTE_S: Final = 60.0

PER_AUTHOR: Final = 3
"""Codes of one author that are looked at in a minute: guessing is slower than any reading."""

IN_ALL: Final = 300
"""Codes of all authors that are looked at in a minute; what is read meanwhile waits for it."""

COST: Final = Argon2(19 * 1024, 2, 1)
"""What one look costs: the least that OWASP's Password Storage Cheat Sheet allows, since each code
of any message is looked at. Who could try words has ``exit.key`` open already."""

MOST_AUTHORS: Final = 4096
MOST_SENDERS: Final = 500
MOST_NAME: Final = 40
"""Characters of a name. It is the operator's own word for somebody, and is shown at the desk."""

_ID: Final = b"senders\x00"
_MAGIC: Final = b"OUTWS1\n"


class Kept(Protocol):
    """A file that is read and replaced whole."""

    def load(self) -> bytes | None: ...
    def save(self, content: bytes) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class KnownSender:
    """A name, and what became of the code word (32 bytes)."""

    name: str
    mark: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Register:
    """All known senders, with the salt (16 bytes) and the cost of their marks."""

    salt: bytes
    cost: Argon2
    senders: tuple[KnownSender, ...] = ()


class Senders:
    """The known senders of one exit. What cannot be opened counts as words that nobody knows: then
    every code may be a secret, and none is looked at. Raises what ``kept`` raises."""

    def __init__(self, kept: Kept, keys: ExitKeys, cost: Argon2 | None = None) -> None:
        self._kept = kept
        secret = primitives.derive(keys.desk_secret, b"outword/1/senders")
        self._key = StorageKey(_ID, secret)
        self._turn = trio.Lock()
        self._one_by_one = trio.CapacityLimiter(1)
        self._register: Register | None = Register(token_bytes(SALT), cost or COST)
        self._asked: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._asked_in_all: deque[float] = deque()
        self._load()

    def _load(self) -> None:
        try:
            content = self._kept.load()
        except OutwordError:
            self._register = None
            return
        if content is None:
            return
        try:
            if not content.startswith(_MAGIC):
                raise Damaged
            opened = reveal(content[len(_MAGIC) :], (self._key,), bind=_MAGIC)
            self._register = unpack(Register, opened)
            if not self._register.cost.bounded():
                raise Damaged
        except Damaged:
            self._register = None

    @property
    def opened(self) -> bool:
        """Whether the words can be told from others."""
        return self._register is not None

    @property
    def names(self) -> Sequence[str]:
        """All names, in order. Raises Asked if they cannot be opened."""
        return sorted(one.name for one in self._opened.senders)

    @property
    def _opened(self) -> Register:
        if self._register is None:
            raise Asked(
                "keys/senders cannot be opened with this exit.key: restore it from your backup, or "
                "remove it, start again and add everybody anew"
            )
        return self._register

    # ------------------------------------------------------------ for the operator

    async def add(self, name: str, word: str) -> None:
        """Register a sender; durable when this returns. Raises Asked."""
        _look_at(name, word)
        async with self._turn:
            register = self._opened
            if any(one.name == name for one in register.senders):
                raise Asked("there is a sender of that name: remove it first")
            if len(register.senders) >= MOST_SENDERS:
                raise Asked(f"there are {MOST_SENDERS} senders already: remove some")
            mark = await self._stretched(register, word)
            if _of(register, mark):
                raise Asked("this word is another sender's: choose another one")
            added = KnownSender(name, mark)
            await self._save(replace(register, senders=(*register.senders, added)))

    async def remove(self, name: str) -> None:
        """Know a sender no more. Raises Asked."""
        async with self._turn:
            register = self._opened
            left = tuple(one for one in register.senders if one.name != name)
            if len(left) == len(register.senders):
                raise Asked("there is no sender of that name: see `relay senders list`")
            await self._save(replace(register, senders=left))

    async def _save(self, register: Register) -> None:
        content = _MAGIC + keep(pack(register), self._key, bind=_MAGIC)
        try:
            await trio.to_thread.run_sync(self._kept.save, content)
        except OSError:
            raise Asked("keys/senders cannot be written: nothing was changed") from None
        self._register = register

    # ------------------------------------------------------------ for a message

    async def knows(self, code: str, tags: Sequence[bytes]) -> str | None:
        """Whose word a code is, as ``naming.Knows``."""
        if self._register is None:
            return None
        if not self._register.senders:
            return ""
        if not self._may_ask(tags):
            return None
        register = self._register
        return _of(register, await self._stretched(register, code))

    def _may_ask(self, tags: Sequence[bytes]) -> bool:
        now = trio.current_time()
        authors = [self._asked_by(tag) for tag in tags or (b"",)]
        times = [self._asked_in_all, *authors]
        for one in times:
            while one and one[0] <= now - MINUTE_S:
                one.popleft()
        if len(self._asked_in_all) >= IN_ALL or any(len(one) >= PER_AUTHOR for one in authors):
            return False
        for one in times:
            one.append(now)
        return True

    def _asked_by(self, tag: bytes) -> deque[float]:
        times = self._asked.setdefault(tag, deque())
        self._asked.move_to_end(tag)
        if len(self._asked) > MOST_AUTHORS:
            self._asked.popitem(last=False)
        return times

    async def _stretched(self, register: Register, word: str) -> bytes:
        return await trio.to_thread.run_sync(
            primitives.stretch,
            normal(word).encode(),
            register.salt,
            register.cost,
            limiter=self._one_by_one,
        )


def _of(register: Register, mark: bytes) -> str:
    """Whose mark it is, looked at to the last, whoever it is."""
    found = [one.name for one in register.senders if primitives.same(one.mark, mark)]
    return found[0] if found else ""


def _look_at(name: str, word: str) -> None:
    """Raises Asked for what cannot be a name or a code word."""
    if not 0 < len(name) <= MOST_NAME or not name.isprintable() or name != name.strip():
        raise Asked(f"a name has 1 to {MOST_NAME} characters that can be printed")
    if without_code(f"text\nCODE {word}") != ("text", normal(word)):
        raise Asked(
            "a code word has at least 8 letters and digits in one word, as the last line of a "
            "message would have it; nothing was changed"
        )
    if is_weak(word):
        raise Asked("this word is too easy to guess; nothing was changed")
