"""Two key files: what opens them, what they tell without, and what they refuse."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.wire import exitfile, primitives
from relay.wire import keys as made_of
from relay.wire.epochs import EpochKey, StorageKey, key_id
from relay.wire.exitfile import exit_public, lock_exit, unlock_exit
from relay.wire.keys import (
    DoorKeys,
    Passphrase,
    door_file,
    make_door_keys,
    make_exit_keys,
    read_door_file,
)
from relay.wire.mailkeys import MailPublic
from relay.wire.pack import pack, unpack
from relay.wire.primitives import Argon2

CHEAP = Argon2(8 * 1024, 1, 1)
NOW = 1_764_000_000
DOOR, EXIT = make_door_keys(NOW), make_exit_keys()
SAID = Passphrase(b"correct horse", stretched=True)
DRAWN = Passphrase(bytes(range(32)), stretched=False)


def with_checksum(magic, rest):
    return magic + primitives.digest(magic + rest) + rest


def around(head):
    return with_checksum(b"OUTWX1\n", len(head).to_bytes(4, "big") + head + bytes(100))


def a_file(cost=CHEAP, public=None, signer=EXIT):
    """An exit.key with a good checksum, whose head anybody may have written."""
    public = pack(public or EXIT.public)
    signature = primitives.sign(signer.identity, b"outword/1/exit-public" + public)
    return around(pack(exitfile.Lock(public, signature, bytes(16), cost)))


def test_door_key_round_trips():
    assert read_door_file(door_file(DOOR)) == DOOR


def test_a_door_key_that_was_torn_or_altered_is_refused():
    file = door_file(DOOR)
    for at in range(len(file)):
        forged = bytearray(file)
        forged[at] ^= 1 << at % 8
        for bad in (bytes(forged), file[:at]):
            with pytest.raises(KeyFileError):
                read_door_file(bad)
    with pytest.raises(KeyFileError):
        read_door_file(file + b"\x00")


def test_a_door_key_with_the_wrong_keys_in_it_is_refused():
    packed = pack(StorageKey(bytes(8), bytes(32)))
    with pytest.raises(KeyFileError):
        read_door_file(with_checksum(b"OUTWD1\n", packed))


@pytest.mark.parametrize("passphrase", [SAID, DRAWN], ids=["stretched", "drawn"])
def test_exit_key_round_trips_and_no_other_passphrase_opens_it(passphrase):
    file = lock_exit(EXIT, passphrase, CHEAP)
    assert unlock_exit(file, passphrase.secret) == EXIT
    for wrong in (b"", passphrase.secret + b" ", passphrase.secret[:-1], b"Correct horse"):
        with pytest.raises(WrongPassphrase):
            unlock_exit(file, wrong)


def test_the_same_keys_are_locked_differently_each_time():
    one, two = (lock_exit(EXIT, DRAWN) for _ in range(2))
    assert one != two and unlock_exit(one, DRAWN.secret) == unlock_exit(two, DRAWN.secret)


def test_the_public_keys_are_read_without_the_passphrase():
    public = exit_public(lock_exit(EXIT, DRAWN))
    assert public == EXIT.public
    assert public.page == primitives.signing_public(EXIT.page)
    assert [one.id for one in public.epochs] == list(EXIT.keyring)


def test_no_secret_stands_in_the_clear():
    file = lock_exit(EXIT, DRAWN)
    secrets = [EXIT.identity, EXIT.page, EXIT.desk_secret, EXIT.storage[0].key]
    secrets += [EXIT.epochs[0].seed[at : at + 32] for at in (0, 32, 64)]
    assert not any(secret in file for secret in secrets)


def test_a_flipped_byte_of_exit_key_is_damage_and_no_wrong_passphrase():
    file = lock_exit(EXIT, DRAWN)
    for at in range(len(file)):
        forged = bytearray(file)
        forged[at] ^= 1 << at % 8
        for read in (lambda f: unlock_exit(f, DRAWN.secret), exit_public):
            with pytest.raises(KeyFileError) as caught:
                read(bytes(forged))
            assert not isinstance(caught.value, WrongPassphrase)


def test_an_altered_file_whose_checksum_was_made_anew_is_still_refused():
    file = lock_exit(EXIT, DRAWN)
    for at in range(len(b"OUTWX1\n") + 32, len(file)):
        forged = bytearray(file)
        forged[at] ^= 1 << at % 8
        with pytest.raises(KeyFileError):
            unlock_exit(with_checksum(b"OUTWX1\n", bytes(forged[39:])), DRAWN.secret)


def test_every_truncation_of_exit_key_is_refused():
    file = lock_exit(EXIT, DRAWN)
    for size in [*range(0, len(file), 7), len(file) - 1]:
        with pytest.raises(KeyFileError):
            unlock_exit(file[:size], DRAWN.secret)
    with pytest.raises(KeyFileError):
        unlock_exit(file + b"\x00", DRAWN.secret)


def test_public_keys_that_were_replaced_are_refused_without_a_passphrase():
    """Else who holds the disk for a minute could have everything sealed to himself."""
    theirs = make_exit_keys()
    mixed = made_of.ExitPublic(EXIT.public.identity, theirs.public.epochs, EXIT.public.page)
    with pytest.raises(KeyFileError):
        exit_public(a_file(public=mixed, signer=theirs))
    assert exit_public(a_file(public=mixed)) == mixed  # only the identity key can say so


@pytest.mark.parametrize(
    "cost",
    [
        (8 * 1024 - 1, 1, 1),
        (1024 * 1024 + 1, 1, 1),
        (2**32 - 1, 1, 1),
        (2**63, 2**63, 1),
        (-1, 1, 1),
        (8 * 1024, 0, 1),
        (8 * 1024, 11, 1),
        (8 * 1024, 1, 9),
        (8 * 1024, 1, -1),
    ],
)
def test_a_cost_past_the_bound_is_refused_before_anything_is_allocated(cost):
    start = time.process_time()
    with pytest.raises(KeyFileError, match="more work"):
        unlock_exit(a_file(Argon2(*cost)), b"anything")
    assert time.process_time() - start < 0.1


def test_the_bounds_of_the_cost_themselves_are_allowed():
    assert Argon2(8 * 1024, 1, 1).bounded() and Argon2(1024 * 1024, 10, 8).bounded()
    with pytest.raises(WrongPassphrase):
        unlock_exit(a_file(CHEAP), b"anything")


@pytest.mark.parametrize("salt", [b"", bytes(7), bytes(15), bytes(17)])
def test_a_salt_of_another_length_is_refused(salt):
    packed = pack(exitfile.Lock(b"", bytes(64), b"s" * 16, CHEAP))
    altered = packed.replace(b"\xc4\x10" + b"s" * 16, b"\xc4" + bytes([len(salt)]) + salt)
    assert altered != packed
    with pytest.raises(KeyFileError):
        unlock_exit(around(altered), b"anything")
    with pytest.raises(Damaged):
        exitfile.Lock(b"", bytes(64), salt, CHEAP)


@pytest.mark.parametrize("head", [b"", b"\xc0", b"\x80", b"\x91" * 500, b"\xdf\xff\xff\xff\xff"])
def test_a_head_that_is_none_is_refused(head):
    with pytest.raises(KeyFileError):
        exit_public(around(head))


@pytest.mark.parametrize(
    "rest", [b"", b"\x00\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x05abcd"]
)
def test_a_length_past_the_end_of_the_file_is_refused(rest):
    with pytest.raises(KeyFileError):
        exit_public(with_checksum(b"OUTWX1\n", rest))


def test_an_id_is_the_beginning_of_the_digest_of_the_public_key():
    epoch = EXIT.epochs[0]
    assert epoch.id == epoch.public.id == key_id(epoch.public.public)
    assert epoch.id == primitives.digest(epoch.public.public)[:8]


def test_keys_of_another_length_are_not_made():
    for id, seed in ((bytes(7), bytes(96)), (bytes(8), bytes(95)), (bytes(8), b"")):
        with pytest.raises(Damaged):
            EpochKey(id, seed)
    for id, key in ((bytes(9), bytes(32)), (bytes(8), bytes(31))):
        with pytest.raises(Damaged):
            StorageKey(id, key)


def test_no_key_prints_itself():
    door = DoorKeys(*(word.ljust(32) for word in (b"ENTRY", b"NODE", b"JOIN", b"BEFORE")), NOW)
    values = (door, DOOR, EXIT, EXIT.epochs[0], EXIT.storage[0], Passphrase(b"SECRET", True))
    for value in values:
        said = f"{value!r} {value}"
        assert "b'" not in said and 'b"' not in said
        assert not any(word in said for word in ("ENTRY", "NODE", "JOIN", "SECRET"))


def test_a_join_secret_is_the_previous_one_for_a_day_and_then_gone():
    day = made_of.JOIN_S
    assert made_of.rolled(DOOR, NOW + day - 1) is None
    assert made_of.rolled(DOOR, NOW - day + 1) is None
    next_day = made_of.rolled(DOOR, NOW + day)
    assert next_day.join_previous == DOOR.join_secret != next_day.join_secret
    assert (next_day.join_since, next_day.node_secret) == (NOW + day, DOOR.node_secret)
    after_a_pause = made_of.rolled(DOOR, NOW + 2 * day)
    assert DOOR.join_secret not in (after_a_pause.join_previous, after_a_pause.join_secret)


def test_a_file_of_before_there_were_keys_for_mail_is_read_as_it_was():
    """Neither its clear part nor what is sealed in it knows the field."""
    old = made_of.ExitKeys(EXIT.identity, EXIT.epochs, EXIT.page, EXIT.storage, EXIT.desk_secret)

    def without(value):
        packed = pack(value)
        assert packed.count(b"\xa4mail\xc0") == 1
        count, rest = packed[0], packed[1:]
        return bytes([count - 1]) + rest.replace(b"\xa4mail\xc0", b"")

    assert unpack(made_of.ExitKeys, without(old)) == old
    assert unpack(made_of.ExitPublic, without(old.public)) == old.public


def test_keys_for_mail_are_locked_with_the_others_and_shown_without_a_passphrase():
    assert EXIT.mail is not None
    file = lock_exit(EXIT, DRAWN)
    assert exit_public(file).mail == EXIT.mail.public == EXIT.public.mail
    assert EXIT.mail.openpgp not in file and EXIT.mail.age.encode() not in file
    assert unlock_exit(file, DRAWN.secret).mail == EXIT.mail


def test_changed_keys_lie_under_the_same_passphrase_at_the_same_cost():
    for passphrase in (SAID, DRAWN):
        file = lock_exit(EXIT, passphrase, CHEAP)
        made = exitfile.relocked(
            file, passphrase.secret, lambda keys: replace(keys, page=bytes(32))
        )
        assert unlock_exit(made, passphrase.secret) == replace(EXIT, page=bytes(32))
        assert exitfile._parted(made)[0].cost == exitfile._parted(file)[0].cost
        with pytest.raises(WrongPassphrase):
            exitfile.relocked(file, b"another", lambda keys: keys)


@pytest.mark.parametrize(
    "fields",
    [
        ("", "A" * 40, "age1" + "q" * 58),
        ("certificate", "a" * 40, "age1" + "q" * 58),
        ("certificate", "A" * 40, "age1" + "b" * 58),
        ("c" * 70_000, "A" * 40, "age1" + "q" * 58),
    ],
)
def test_public_halves_that_are_none_are_not_made(fields):
    with pytest.raises(Damaged):
        MailPublic(*fields)
