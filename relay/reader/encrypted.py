"""What in a mail is encrypted to somebody: found here, and opened by a process that does only that.

- PGP/MIME (RFC 3156): a part that says so, and the part after it, which holds the entity; also
  where a server has made another container of the one around them, as Exchange does.
- Armour in the text: "BEGIN PGP MESSAGE" (RFC 9580 section 6.2), "BEGIN AGE ENCRYPTED FILE" (the
  age format, armour). Behind a quotation sign it is somebody else's.
- A file that is one of these, armoured or not; whether for its name or for how it begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from relay.model import Ciphertext
from relay.reader.parts import Leaf

MOST: Final = 32
"""Ciphertexts of one mail; more are left as files."""

PGP_MIME: Final = "application/pgp-encrypted"
_PGP_ARMOUR: Final = b"-----BEGIN PGP MESSAGE-----"
_AGE_ARMOUR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_AGE: Final = b"age-encryption.org/v1\n"
_PGP_BEGINS: Final = frozenset(b"\x84\x85\x86\x8c\xc1\xc3")
"""First byte of an OpenPGP message for a key or a passphrase (RFC 9580 section 4.2: packets of type
1 and 3, in either format)."""

_PGP_NAMES: Final = (".pgp", ".gpg", ".asc")
_IN_TEXT: Final = re.compile(
    r"^[ \t]*-----BEGIN (PGP MESSAGE|AGE ENCRYPTED FILE)-----[ \t]*$", re.MULTILINE
)
_SAYS_SO: Final = re.compile(
    r"^[> \t]*-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What is left of a mail's leaves, and what is encrypted in it."""

    leaves: tuple[Leaf, ...]
    parts: tuple[Ciphertext, ...] = ()


def found_in(leaves: Sequence[Leaf]) -> Found:
    """Parts and files that are ciphertexts, taken out of the leaves."""
    left: list[Leaf] = []
    parts: list[Ciphertext] = []
    announced = False
    for leaf in leaves:
        if leaf.type == PGP_MIME and len(leaf.content) < 1024 and not announced:
            announced = True  # "Version: 1"; what follows is meant
        elif announced and leaf.content.strip():
            parts.append(Ciphertext("openpgp", "entity", leaf.content))
            announced = False
        elif len(parts) < MOST and (found := _file(leaf)) is not None:
            parts.append(found)
        else:
            left.append(leaf)
    return Found(tuple(left), tuple(parts))


def _file(leaf: Leaf) -> Ciphertext | None:
    begins = leaf.content[:1024].lstrip()
    shown = leaf.type.startswith("text/") and not leaf.attached
    if not shown and begins.startswith(_PGP_ARMOUR):
        return Ciphertext("openpgp", "file", leaf.content)
    if leaf.content.startswith(_AGE) or (not shown and begins.startswith(_AGE_ARMOUR)):
        return Ciphertext("age", "file", leaf.content)
    named = leaf.type == PGP_MIME or leaf.name.lower().endswith(_PGP_NAMES)
    if named and leaf.content[:1] and leaf.content[0] in _PGP_BEGINS:
        return Ciphertext("openpgp", "file", leaf.content)
    return None


def has_armour(text: str) -> bool:
    """Whether a text has, or quotes, what somebody encrypted: its first line alone is enough."""
    return _SAYS_SO.search(text) is not None


def is_ciphertext(content: bytes) -> bool:
    """Whether a file is one, by how it begins."""
    return content[:1024].lstrip().startswith((_PGP_ARMOUR, _AGE_ARMOUR, _AGE.rstrip()))


def found_in_text(found: Found, text: str) -> tuple[Found, str]:
    """Armour in a text as well, and the text without it."""
    parts, left, at = list(found.parts), [], 0
    for begin in _IN_TEXT.finditer(text):
        if begin.start() < at or len(parts) >= MOST:
            continue
        closing = f"-----END {begin[1]}-----"
        end = text.find(closing, begin.end())
        if end < 0:
            break
        left.append(text[at : begin.start()])
        at = end + len(closing)
        armour = "\n".join(line.strip() for line in text[begin.start() : at].split("\n"))
        scheme: Literal["openpgp", "age"] = "openpgp" if begin[1].startswith("PGP") else "age"
        parts.append(Ciphertext(scheme, "text", armour.encode("utf-8", "replace") + b"\n"))
    return Found(found.leaves, tuple(parts)), "".join([*left, text[at:]])
