"""One mail as it is kept between ``prepare`` and the last try at it: all of its bytes.

And what one try leaves to the next: who has it already.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from bridges.kit import parts

_BEGINNING = 8


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """``id`` is its Message-ID without brackets, ``after`` that of the mail it answers ("" for the
    first), ``mail`` ASCII with CRLF. ``refuse`` says why there is nothing to send."""

    id: str
    after: str = ""
    mail: str = ""
    refuse: str = ""


def frozen(draft: Draft) -> bytes:
    """Equal drafts give equal bytes."""
    said = {"id": draft.id, "after": draft.after, "mail": draft.mail, "refuse": draft.refuse}
    return parts.frozen(said)


def thawed(payload: bytes) -> Draft:
    """The draft again. Raises ValueError for what is none of this version."""
    said, _ = parts.thawed(payload)
    return Draft(**said)


@dataclass(frozen=True, slots=True)
class Served:
    """The recipients that have a mail, by the beginning of a hash of their address."""

    hashes: frozenset[str] = frozenset()

    def has(self, address: str) -> bool:
        """Whether this one has it."""
        return _hash(address) in self.hashes

    def and_these(self, addresses: Iterable[str]) -> Served:
        """The same, and these have it too."""
        return Served(self.hashes | {_hash(one) for one in addresses})

    def written(self) -> bytes:
        """For ``keep``: 12 bytes for each."""
        return json.dumps(sorted(self.hashes)).encode()


def kept(written: bytes) -> Served:
    """What an earlier try kept; nobody, if it is empty. Raises ValueError for anything else."""
    return Served(frozenset(map(str, json.loads(written)))) if written else Served()


def _hash(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()[:_BEGINNING]
