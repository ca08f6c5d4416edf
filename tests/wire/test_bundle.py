"""Bundles of keys, the requests for them and revocations: as they were signed, or refused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from relay.errors import Damaged
from relay.wire.batch import MAX_BUNDLE
from relay.wire.bundle import (
    LAST_SERIAL,
    MOST_REVOKED,
    Bundle,
    make_request,
    make_revocation,
    read_bundle,
    read_request,
    sign_bundle,
)
from relay.wire.epochs import DAY_S, EpochPublic, make_daily_key, make_epoch_key
from relay.wire.primitives import signing_public

TODAY = 1_764_460_800
NOW = TODAY + 3600
SEED, OTHER = b"\x01" * 32, b"\x02" * 32
IDENTITY = signing_public(SEED)
EPOCHS = tuple(make_daily_key(TODAY + n * DAY_S).public for n in range(3))
BUNDLE = Bundle(IDENTITY, signing_public(OTHER), 7, NOW, 14 * DAY_S, EPOCHS)


def test_what_was_signed_is_read_by_whoever_knows_the_identity() -> None:
    assert read_bundle(sign_bundle(BUNDLE, SEED), IDENTITY) == BUNDLE


def test_a_bundle_of_another_identity_is_refused() -> None:
    for seed, identity in ((OTHER, IDENTITY), (SEED, signing_public(OTHER))):
        with pytest.raises(Damaged):
            read_bundle(sign_bundle(BUNDLE, seed), identity)
    posing = replace(BUNDLE, identity=signing_public(OTHER))
    with pytest.raises(Damaged):
        read_bundle(sign_bundle(posing, SEED), IDENTITY)


@pytest.mark.parametrize("read", [lambda made: read_bundle(made, IDENTITY), read_request])
def test_a_bundle_or_a_request_that_was_altered_or_cut_is_refused(read: object) -> None:
    made = sign_bundle(BUNDLE, SEED) if read is not read_request else make_request(BUNDLE)
    drawn = random.Random(9)
    assert callable(read) and read(made) == BUNDLE
    places = [*range(9), *(drawn.randrange(len(made)) for _ in range(100)), len(made) - 1]
    for at in places:
        altered = bytearray(made)
        altered[at] ^= 1 << at % 8
        for bad in (bytes(altered), made[:at], made + b"\x00"):
            with pytest.raises(Damaged):
                read(bad)


@pytest.mark.parametrize("junk", [b"", b"OUTK", bytes(MAX_BUNDLE), bytes(10_000_000), b"{}" * 99])
def test_junk_is_no_bundle_and_no_request(junk: bytes) -> None:
    with pytest.raises(Damaged):
        read_bundle(junk, IDENTITY)
    with pytest.raises(Damaged):
        read_request(junk)


def test_a_request_is_no_bundle_and_a_bundle_no_request() -> None:
    with pytest.raises(Damaged):
        read_bundle(make_request(BUNDLE), IDENTITY)
    with pytest.raises(Damaged):
        read_request(sign_bundle(BUNDLE, SEED))


@pytest.mark.parametrize(
    "changed",
    [
        {"serial": 0},
        {"serial": LAST_SERIAL},
        {"serial": LAST_SERIAL + 1, "ended": True},
        {"road_s": 0},
        {"epochs": ()},
        {"epochs": (EPOCHS[0], EPOCHS[0])},
        {"epochs": (EPOCHS[1], EPOCHS[0])},
        {"epochs": (EPOCHS[0], make_epoch_key(TODAY + 1, TODAY + DAY_S + 1).public)},
        {"epochs": (make_epoch_key(TODAY, TODAY).public,)},
        {"epochs": (make_epoch_key(TODAY, TODAY + 2 * DAY_S).public,)},
        {"epochs": (make_epoch_key(TODAY, TODAY + 1).public,)},
        {"epochs": (make_epoch_key(TODAY).public,)},
        {"epochs": (make_epoch_key(-DAY_S, 0).public,)},
        {"epochs": (make_daily_key((1 << 62) // DAY_S * DAY_S).public,)},
        {"epochs": EPOCHS * 50},
        {"made": -1},
        {"made": 1 << 62},
        {"revoked": (b"short",)},
        {"revoked": (bytes(8),) * (MOST_REVOKED + 1)},
        {"page": b""},
    ],
    ids=lambda change: " ".join(change),
)
def test_what_no_exit_says_is_not_made_and_so_not_read(changed: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        replace(BUNDLE, **changed)  # type: ignore[arg-type]


def test_the_key_of_a_day_holds_from_midnight_to_midnight() -> None:
    assert BUNDLE.of(TODAY - 1) is None
    assert BUNDLE.of(TODAY) == BUNDLE.of(TODAY + DAY_S - 1) == EPOCHS[0]
    assert BUNDLE.of(TODAY + DAY_S) == EPOCHS[1]
    assert BUNDLE.of(TODAY + 3 * DAY_S) is None and BUNDLE.until() == TODAY + 3 * DAY_S


def test_nothing_is_sealed_to_a_key_that_was_revoked() -> None:
    bundle = replace(BUNDLE, revoked=(EPOCHS[0].id, EPOCHS[2].id))
    assert bundle.of(NOW) is None and bundle.of(NOW + DAY_S) == EPOCHS[1]
    assert bundle.until() == TODAY + 2 * DAY_S


def test_a_revocation_is_newer_than_every_bundle_and_leaves_no_key() -> None:
    made = read_bundle(make_revocation(SEED, NOW), IDENTITY)
    assert made.ended and made.serial == LAST_SERIAL > BUNDLE.serial
    assert made.of(NOW) is None and made.until() == 0
    assert len(make_revocation(SEED, NOW)) < 400  # short enough to be printed and typed in


def test_no_bundle_prints_a_key() -> None:
    assert "x" not in repr(BUNDLE).replace("object at 0x", "") and "b'" not in repr(BUNDLE)


def test_a_key_whose_id_is_another_is_none() -> None:
    with pytest.raises(Damaged):
        EpochPublic(EPOCHS[1].id, EPOCHS[0].public)
