"""``identity.key``: opened by its passphrase, and refused when it was altered."""

from __future__ import annotations

import pytest

from relay.errors import KeyFileError, WrongPassphrase
from relay.wire.identityfile import (
    MAGIC,
    Guard,
    identity_in,
    lock_identity,
    make_identity,
    unlock_identity,
)
from relay.wire.keys import with_checksum
from relay.wire.pack import pack
from relay.wire.primitives import Argon2, signing_public

CHEAP = Argon2(8 * 1024, 1, 1)
SEED = make_identity()
FILE = lock_identity(SEED, b"a long sentence", CHEAP)


def test_it_opens_by_its_passphrase_and_shows_its_public_half_without() -> None:
    assert unlock_identity(FILE, b"a long sentence") == SEED
    assert identity_in(FILE) == signing_public(SEED)
    assert SEED not in FILE and make_identity() != SEED
    with pytest.raises(WrongPassphrase, match=r"identity\.key"):
        unlock_identity(FILE, b"another")


def test_one_that_was_altered_or_cut_is_damage_and_no_wrong_passphrase() -> None:
    for at in range(len(FILE)):
        altered = bytearray(FILE)
        altered[at] ^= 1 << at % 8
        for bad in (bytes(altered), FILE[:at], FILE + b"\x00"):
            for read in (identity_in, lambda file: unlock_identity(file, b"a long sentence")):
                with pytest.raises(KeyFileError) as caught:
                    read(bad)
                assert not isinstance(caught.value, WrongPassphrase)


def test_one_that_asks_for_all_memory_is_refused_before_it_gets_any() -> None:
    head = pack(Guard(signing_public(SEED), bytes(16), Argon2(2**32 - 1, 1, 1)))
    greedy = with_checksum(MAGIC, len(head).to_bytes(4, "big") + head + bytes(60))
    with pytest.raises(KeyFileError, match="more work"):
        unlock_identity(greedy, b"x")
