"""Whatever a ciphertext is, opening it ends; whatever comes out of it is read or refused."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sealing import attached, by_age, by_openpgp, entity, inline, opened, pgp_mime

from relay.model import Ciphertext, Encrypted, Message, Unreadable
from relay.reader.encrypted import MOST
from relay.reader.opened import read_opened
from relay.reader.opening import open_all
from relay.reader.read import guarded, read
from relay.wire.mailkeys import MailKeys, make_mail_keys

SECONDS = 2


def made() -> MailKeys:
    keys = make_mail_keys()
    assert keys is not None
    return keys


KEYS = made()
CHANCE = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SCHEMES = st.sampled_from(["openpgp", "age"])


@CHANCE
@given(st.binary(max_size=500), SCHEMES)
def test_any_bytes_are_opened_or_not(content: bytes, scheme: str) -> None:
    [plain] = open_all([Ciphertext(scheme, "file", content)], KEYS)  # type: ignore[arg-type]
    assert plain is None or len(plain) <= 500


@pytest.mark.parametrize("seal", [by_openpgp, by_age])
def test_a_ciphertext_that_was_changed_anywhere_opens_to_nothing_else(seal: object) -> None:
    chance = random.Random(7)
    words = b"the bridge is closed " * 20
    sealed = seal(words, KEYS.public, armour=False)  # type: ignore[operator]
    for _ in range(500):
        changed = bytearray(sealed)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        scheme = "age" if seal is by_age else "openpgp"
        [plain] = open_all([Ciphertext(scheme, "file", bytes(changed))], KEYS)  # type: ignore[arg-type]
        assert plain in (None, words)


@CHANCE
@given(st.binary(max_size=2000), st.sampled_from(["entity", "text", "file"]))
def test_any_plaintext_is_read_or_refused(content: bytes, form: str) -> None:
    part = Ciphertext("age", form, content)  # type: ignore[arg-type]
    found = guarded(lambda: read_opened(Encrypted((part,)), ()))
    assert found != Unreadable("not understood")


BOMBS = {
    "parts in parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\n" * 99_999,
    "an endless header": b"A: b\r\n" * 1_000_000,
    "a header without an end": b"Content-Type: text/plain; a=" + b";" * 5_000_000,
    "lines": b"\n" * 5_000_000,
    "quotes": b"> a\nb\n" * 1_000_000,
    "ciphertexts in it": b"-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n" * 50_000,
}


@pytest.mark.parametrize("form", ["entity", "text", "file"])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_inside_is_read_or_refused_within_two_seconds(name: str, form: str) -> None:
    part = Ciphertext("age", form, BOMBS[name])  # type: ignore[arg-type]
    begun = time.process_time()
    found = guarded(lambda: read_opened(Encrypted((part,)), ()))
    assert time.process_time() - begun < SECONDS
    assert found != Unreadable("not understood")


def test_more_ciphertexts_than_people_send_stay_files() -> None:
    sealed = by_age(b"words", KEYS.public, armour=False)
    found = read(attached(*[(f"{n}.age", sealed) for n in range(MOST + 5)]), "mail")
    assert isinstance(found, Encrypted) and found.clear is not None
    assert (len(found.parts), len(found.clear.media)) == (MOST, 5)


def test_what_is_too_large_together_is_not_opened_but_kept() -> None:
    sealed = by_age(b"\xff\xd8\xff" + bytes(9_000_000), KEYS.public, armour=False)
    parts = [Ciphertext("age", "file", sealed)] * 2
    first, second = open_all(parts, KEYS)
    assert first is not None and len(first) == 9_000_003 and second is None


def test_what_is_encrypted_in_what_was_encrypted_stays_as_it_is() -> None:
    inner = inline(by_age(b"words", KEYS.public))
    found = opened(pgp_mime(by_openpgp(inner, KEYS.public)), KEYS)
    assert isinstance(found, Message) and "BEGIN AGE ENCRYPTED FILE" in found.text
    assert "not_opened" in found.flags
    again = opened(
        pgp_mime(by_openpgp(pgp_mime(by_openpgp(entity("x"), KEYS.public)), KEYS.public)), KEYS
    )
    assert isinstance(again, Message) and again.media and not again.text
    assert "not_opened" in again.flags
