"""Decrypts what is encrypted to the exit; in a process that does nothing else, once.

What comes out is not looked at here: another process reads it. Whether it was signed, and by whom,
is not asked: that would name a person. What a message costs to open is bounded by the process
around this (a compressed packet of a megabyte may hold a gigabyte), and by ``MAX_BYTES``.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from relay.model import Ciphertext
from relay.reader.counted import MAX_BYTES
from relay.wire.mailkeys import MailKeys

_BEGINS: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_ENDS: Final = b"-----END AGE ENCRYPTED FILE-----"


def open_all(parts: Sequence[Ciphertext], keys: MailKeys) -> tuple[bytes | None, ...]:
    """The plaintexts, in order; None for what these keys do not open, or what is too large.

    Raises MemoryError where the memory for one is missing."""
    opened: list[bytes | None] = []
    room = MAX_BYTES
    for part in parts:
        plain = _opened(part, keys)
        if plain is not None and len(plain) > room:
            plain = None
        room -= len(plain or b"")
        opened.append(plain)
    return tuple(opened)


def prepare_libraries() -> None:
    """Load what opens mails, as far as it is installed: a reader opens no files later."""
    for name in ("pysequoia", "pyrage"):
        with contextlib.suppress(ImportError):
            import_module(name)


def _opened(part: Ciphertext, keys: MailKeys) -> bytes | None:
    try:
        return _openpgp(part, keys) if part.scheme == "openpgp" else _age(part, keys)
    except MemoryError:
        raise
    except BaseException:  # a panic of their libraries is no Exception; its words may quote
        return None


def _openpgp(part: Ciphertext, keys: MailKeys) -> bytes | None:
    import pysequoia

    decryptor = pysequoia.Tsk.from_bytes(keys.openpgp).decryptor()
    plain = pysequoia.decrypt(bytes=part.content, decryptor=decryptor).bytes
    return None if plain is None else bytes(plain)


def _age(part: Ciphertext, keys: MailKeys) -> bytes:
    import pyrage

    identity = pyrage.x25519.Identity.from_str(keys.age)
    return bytes(pyrage.decrypt(_dearmoured(part.content), [identity]))


def _dearmoured(content: bytes) -> bytes:
    """Without armour, whatever a mail program did to its lines; age itself wants them exact."""
    begin = content.find(_BEGINS, 0, 1024)
    end = content.find(_ENDS, begin)
    if begin < 0 or end < 0:
        return content
    try:
        return base64.b64decode(
            b"".join(content[begin + len(_BEGINS) : end].split()), validate=True
        )
    except binascii.Error:
        return content
