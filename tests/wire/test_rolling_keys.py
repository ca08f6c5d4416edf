"""The keys of an exit from day to day: none is missing, none is lost, whatever the clock does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged, KeyFileError
from relay.model import Instant
from relay.wire.bundle import (
    LAST_SERIAL,
    MOST_REVOKED,
    Bundle,
    read_bundle,
    read_request,
    sign_bundle,
)
from relay.wire.epochs import DAY_S, FOREVER
from relay.wire.exitfile import exit_public, lock_exit, unlock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.primitives import signing_public
from relay.wire.rolling import (
    bundle_of,
    ended,
    replaced,
    rolled,
    taken,
    unsigned,
    with_bundle,
    with_epochs,
    with_revoked,
    with_storage,
    without,
)

TODAY = 1_764_460_800
NOW = TODAY + 15 * 3600
ROAD_S = 3 * DAY_S
SEED = b"\x07" * 32
WORD = Passphrase(bytes(range(32)), stretched=False)


def days_of(keys: ExitKeys) -> list[int]:
    """The days for which there is a key, counted from today."""
    return [(one.not_before - TODAY) // DAY_S for one in keys.epochs if one.is_daily]


def new(now: Instant = NOW, ahead: int = 3) -> ExitKeys:
    return rolled(make_exit_keys(now), now, ROAD_S, ahead)


def offline(now: Instant = NOW, ahead: int = 3) -> ExitKeys:
    return rolled(make_exit_keys(now, signing_public(SEED)), now, ROAD_S, ahead)


def bundle(keys: ExitKeys) -> Bundle:
    return read_bundle(keys.bundle, keys.identity_public)


START, OFFLINE = new(), offline()


@pytest.mark.parametrize(
    ("then", "made"),
    [
        (NOW, []),
        (TODAY, []),
        (TODAY + DAY_S - 1, []),
        (TODAY + DAY_S, [4]),
        (NOW + 3 * DAY_S, [4, 5, 6]),
        (NOW + 70 * DAY_S, [70, 71, 72, 73]),
        (NOW + 3650 * DAY_S, [3650, 3651, 3652, 3653]),
        (TODAY - 1, [-1]),
        (NOW - 2 * DAY_S, [-2, -1]),
        (NOW - 70 * DAY_S, [-70, -69, -68, -67]),
    ],
    ids=[
        "at once",
        "set back within the day",
        "the last second of the day",
        "the turn of the day",
        "off for three days",
        "off for 70 days",
        "a leap of ten years",
        "set back over midnight",
        "set back by two days",
        "set back by 70 days",
    ],
)
def test_each_day_to_come_has_its_key_and_those_there_were_stay(
    then: Instant, made: list[int]
) -> None:
    after = with_epochs(START, then, 3)
    assert days_of(after) == sorted([0, 1, 2, 3, *made])
    assert set(START.keyring) <= set(after.keyring)
    assert (after is START) is (not made)
    assert with_epochs(after, then, 3) is after


def test_after_a_leap_and_back_no_day_is_without_a_key() -> None:
    there = with_epochs(START, NOW + 300 * DAY_S, 3)
    back = with_epochs(there, NOW + DAY_S, 3)
    assert days_of(back) == [0, 1, 2, 3, 4, 300, 301, 302, 303]


DAYS = st.integers(-400, 400).map(lambda n: NOW + n * DAY_S // 2)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(DAYS, st.booleans()), min_size=1, max_size=6))
def test_whatever_the_clock_does_every_day_has_one_key_and_serials_grow(
    looks: list[tuple[Instant, bool]],
) -> None:
    keys = START
    for now, revokes in looks:
        before, keys = keys, rolled(keys, now, ROAD_S, 1)
        if revokes:
            keys = with_revoked(keys, [one.id for one in keys.public.epochs][:1])
            keys = with_bundle(with_epochs(keys, now, 1), now, ROAD_S)
        assert keys.serial > before.serial or keys.bundle == before.bundle
        assert set(before.keyring) <= set(keys.keyring)
        good = [one for one in keys.epochs if one.id not in keys.revoked]
        assert len({one.not_before for one in good}) == len(good)
        used = bundle(keys).of(now)
        assert used is not None and used.id in keys.keyring and used.id not in keys.revoked
        assert bundle(keys).of(now + DAY_S) is not None


def test_a_key_of_before_there_were_days_ends_with_the_day_and_opens_till_then() -> None:
    old = make_exit_keys()
    assert old.epochs[0].not_after == FOREVER
    after = with_epochs(old, NOW, 2)
    assert after.epochs[0].id == old.epochs[0].id
    assert after.epochs[0].not_after == TODAY + DAY_S
    assert days_of(after) == [0, 1, 2]
    again = with_epochs(after, NOW + 5 * DAY_S, 2)
    assert again.epochs[0].not_after == TODAY + DAY_S  # it does not begin to live again


def test_what_was_sealed_to_by_an_old_key_is_no_part_of_a_bundle() -> None:
    after = rolled(make_exit_keys(), NOW, ROAD_S, 2)
    assert [one.not_before for one in bundle(after).epochs] == [TODAY + n * DAY_S for n in range(3)]


def test_a_node_that_starts_today_has_one_key_for_today() -> None:
    assert days_of(START) == [0, 1, 2, 3] and len(START.epochs) == 4


@pytest.mark.parametrize(
    ("then", "rolls"),
    [(NOW, False), (TODAY + DAY_S - 1, False), (TODAY + DAY_S, True), (TODAY - 1, True)],
)
def test_a_storage_key_is_used_for_a_day(then: Instant, rolls: bool) -> None:
    after = with_storage(START, then)
    assert (after is not START) is rolls
    assert after.storage[: len(START.storage)] == START.storage
    assert len(after.storage) == len(START.storage) + rolls


def test_keys_that_are_destroyed_are_gone_and_the_newest_storage_key_is_not() -> None:
    keys = with_storage(with_revoked(START, [START.epochs[0].id]), NOW + DAY_S)
    ids = [START.epochs[0].id, START.epochs[1].id, *(one.id for one in keys.storage)]
    after = without(keys, ids)
    assert days_of(after) == [2, 3] and after.revoked == ()
    assert after.storage == keys.storage[-1:]


def test_the_last_epoch_of_a_living_exit_cannot_be_destroyed() -> None:
    with pytest.raises(Damaged):
        without(START, list(START.keyring))


# ---------------------------------------------------------------- bundles


def test_a_new_exit_has_a_signed_bundle_of_its_days() -> None:
    told = bundle(START)
    assert [one.id for one in told.epochs] == list(START.keyring)
    assert (told.serial, told.made, told.road_s) == (NOW, NOW, ROAD_S)
    assert told.page == signing_public(START.page) and START.public.epochs == told.epochs


def test_a_bundle_is_signed_anew_when_there_is_something_to_say_and_not_before() -> None:
    assert rolled(START, NOW + 60, ROAD_S, 3) is START
    for later in (
        rolled(START, NOW + DAY_S, ROAD_S, 3),
        rolled(START, NOW, 2 * ROAD_S, 3),
        rolled(replace(START, mail=None), NOW, ROAD_S, 3),
    ):
        assert later.serial > START.serial and bundle(later).serial == later.serial


@pytest.mark.parametrize(
    ("serial", "now", "next"),
    [
        (0, NOW, NOW),
        (NOW, NOW, NOW + 1),
        (NOW + 99 * DAY_S, NOW, NOW + 99 * DAY_S + 1),
        (5, NOW, NOW),
        (LAST_SERIAL - 2, NOW, LAST_SERIAL - 1),
    ],
    ids=["first", "twice in a second", "clock set back", "restored backup", "last"],
)
def test_a_serial_never_goes_back(serial: int, now: Instant, next: int) -> None:
    assert with_bundle(replace(START, serial=serial), now, ROAD_S).serial == next


def test_a_bundle_names_the_day_that_is_just_over_and_none_of_before() -> None:
    later = rolled(START, NOW + 3 * DAY_S, ROAD_S, 3)
    assert [(one.not_before - TODAY) // DAY_S for one in bundle(later).epochs] == [2, 3, 4, 5, 6]


def test_a_bundle_of_sixty_days_and_a_leap_is_one_that_a_batch_carries() -> None:
    keys = with_epochs(with_epochs(START, NOW), NOW + 900 * DAY_S)
    made = with_bundle(keys, NOW, ROAD_S)
    assert len(bundle(made).epochs) == 61 and len(made.bundle) < 128 * 1024


# ---------------------------------------------------------------- revoked


def test_a_revoked_key_has_another_in_its_place_and_opens_what_is_on_its_way() -> None:
    gone = START.epochs[0].id
    after = replaced(START, [gone], NOW, ROAD_S)
    told = bundle(after)
    assert told.revoked == (gone,) == after.revoked and gone in after.keyring
    now_used = told.of(NOW)
    assert now_used is not None and now_used.id != gone and now_used.id in after.keyring
    assert after.public.of(NOW) == now_used
    assert replaced(after, [gone], NOW, ROAD_S).revoked == (gone,)


def test_every_key_can_be_replaced_at_once() -> None:
    after = replaced(START, list(START.keyring), NOW, ROAD_S)
    assert not set(START.keyring) & {one.id for one in bundle(after).epochs}
    assert {one.not_before for one in START.epochs} <= {
        one.not_before for one in bundle(after).epochs
    }


def test_no_key_is_trusted_again_because_too_many_were_revoked() -> None:
    keys = START
    with pytest.raises(KeyFileError, match="more keys"):
        for n in range(MOST_REVOKED):
            keys = replaced(keys, {one.id for one in keys.public.epochs}, NOW + n, ROAD_S)
    assert MOST_REVOKED - 61 <= len(keys.revoked) <= MOST_REVOKED
    assert not {one.id for one in bundle(keys).good()}.intersection(keys.revoked)


def test_an_id_that_is_not_ours_revokes_nothing() -> None:
    assert with_revoked(START, [b"nobody's"]).revoked == ()


def test_an_exit_that_has_ended_makes_no_more_keys_and_goes_on_opening() -> None:
    over = ended(START, NOW)
    assert over.ended and bundle(over).ended and over.public.of(NOW) is None
    assert over.keyring.keys() == START.keyring.keys()
    later = rolled(over, NOW + 90 * DAY_S, ROAD_S)
    assert later.bundle == over.bundle and later.epochs == over.epochs
    assert bundle_of(over, NOW, ROAD_S) == over.bundle
    assert without(over, list(over.keyring)).epochs == ()


# ---------------------------------------------------------------- an identity elsewhere


def test_with_its_identity_elsewhere_an_exit_signs_nothing_and_shows_no_key() -> None:
    assert OFFLINE.identity == b"" and OFFLINE.bundle == b"" and OFFLINE.serial == 0
    assert OFFLINE.identity_public == signing_public(SEED)
    assert OFFLINE.public.epochs == () and unsigned(OFFLINE) == 4
    asked = read_request(bundle_of(OFFLINE, NOW, ROAD_S))
    assert [one.id for one in asked.epochs] == list(OFFLINE.keyring)


def signed_for(keys: ExitKeys, now: Instant = NOW) -> bytes:
    return sign_bundle(read_request(bundle_of(keys, now, ROAD_S)), SEED)


def test_what_was_signed_elsewhere_is_taken_and_later_keys_wait_for_the_next() -> None:
    signed = taken(OFFLINE, signed_for(OFFLINE))
    assert signed is not None and signed.serial == NOW and unsigned(signed) == 0
    assert [one.id for one in signed.public.epochs] == list(OFFLINE.keyring)
    later = rolled(signed, NOW + 2 * DAY_S, ROAD_S, 3)
    assert later.bundle == signed.bundle and unsigned(later) == 2
    assert days_of(later) == [0, 1, 2, 3, 4, 5] and later.public.epochs == signed.public.epochs


def test_keys_that_replace_revoked_ones_wait_for_the_signature_as_well() -> None:
    signed = taken(OFFLINE, signed_for(OFFLINE))
    assert signed is not None
    after = replaced(signed, list(OFFLINE.keyring)[:2], NOW, ROAD_S)
    assert unsigned(after) >= 2 and after.bundle == signed.bundle
    again = taken(after, signed_for(after))
    assert again is not None and bundle(again).revoked == after.revoked and unsigned(again) == 0


def test_what_was_asked_for_before_a_key_was_revoked_does_not_bring_it_back() -> None:
    asked = bundle_of(OFFLINE, NOW, ROAD_S)
    later = replaced(OFFLINE, {OFFLINE.epochs[1].id}, NOW + 1, ROAD_S)
    assert taken(later, sign_bundle(read_request(asked), SEED)) is None
    again = sign_bundle(read_request(bundle_of(later, NOW + 2, ROAD_S)), SEED)
    assert taken(later, again) is not None


def test_what_is_not_newer_or_not_of_these_keys_is_not_taken() -> None:
    first, second = signed_for(OFFLINE), signed_for(OFFLINE, NOW + 1)
    held = taken(OFFLINE, second)
    assert held is not None
    assert taken(held, first) is None and taken(held, second) is None
    assert taken(offline(), first) is None
    with pytest.raises(Damaged):
        taken(START, first)
    with pytest.raises(Damaged):
        taken(OFFLINE, bundle_of(OFFLINE, NOW, ROAD_S))


def test_a_revocation_that_was_signed_elsewhere_ends_the_exit_itself() -> None:
    over = taken(OFFLINE, ended(make_exit_keys_of(SEED), NOW).bundle)
    assert over is not None and over.ended and over.keyring == OFFLINE.keyring
    assert taken(over, signed_for(OFFLINE, NOW + 9)) is None


def make_exit_keys_of(seed: bytes) -> ExitKeys:
    """Keys of an exit that has that identity itself."""
    made = make_exit_keys(NOW)
    return ExitKeys(seed, made.epochs, made.page, made.storage, made.desk_secret)


@pytest.mark.parametrize("keys", [START, OFFLINE, taken(OFFLINE, signed_for(OFFLINE))])
def test_all_of_it_lies_in_the_file_and_the_clear_part_shows_what_is_signed(
    keys: ExitKeys,
) -> None:
    file = lock_exit(keys, WORD)
    assert unlock_exit(file, WORD.secret) == keys
    assert exit_public(file) == keys.public


# ---------------------------------------------------------------- one object


def test_keys_are_renewed_in_place() -> None:
    keys, later = replace(START), rolled(START, NOW + DAY_S, ROAD_S, 3)
    held = keys
    keys.renew(later)
    assert held is keys and held == later and held.storage[-1] == later.storage[-1]
    assert later != START
