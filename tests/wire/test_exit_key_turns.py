"""``exit.key`` turns: neither today's file nor what a core holds opens that of yesterday."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import pytest

from relay.errors import Damaged, KeyFileError, WrongPassphrase
from relay.wire import exitfile, primitives
from relay.wire.exitfile import (
    FRESH_AFTER,
    MAGIC,
    MOST_TURNS,
    Lock,
    Turning,
    exit_public,
    lock_exit,
    relocked,
    unlock_exit,
    unlocked,
)
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.primitives import Argon2

CHEAP = Argon2(8 * 1024, 1, 1)
SAID = Passphrase(b"correct horse", stretched=True)
DRAWN = Passphrase(bytes(range(32)), stretched=False)
KEYS = make_exit_keys()


def days(passphrase: Passphrase, n: int) -> tuple[list[bytes], Turning]:
    """The files of so many days, and what a core that ran all the time holds on the last."""
    files = [lock_exit(KEYS, passphrase, CHEAP)]
    _, turning = unlocked(files[0], passphrase.secret)
    for _ in range(n - 1):
        files.append(turning.sealed(KEYS))
        turning = turning.next
    return files, turning


def opens(file: bytes, link: bytes) -> bool:
    """Whether a file opens to somebody who knows the format and has that key."""
    _, _, clear, sealed = exitfile._parted(file)
    try:
        primitives.open_(link, sealed, MAGIC + clear)
    except Damaged:
        return False
    return True


def links_after(link: bytes, n: int) -> list[bytes]:
    made = [link]
    for _ in range(n):
        made.append(exitfile._turned(made[-1]))
    return made


@pytest.mark.parametrize("passphrase", [SAID, DRAWN], ids=["stretched", "drawn"])
def test_what_a_core_holds_opens_no_file_that_there_was(passphrase: Passphrase) -> None:
    files, turning = days(passphrase, 4)
    for link in links_after(turning.link, 10):
        assert not any(opens(file, link) for file in files)


def test_who_had_the_memory_of_yesterday_opens_what_came_after_and_not_what_was_before() -> None:
    files, _ = days(DRAWN, 4)
    _, turning = unlocked(files[1], DRAWN.secret)
    able = [any(opens(file, link) for link in links_after(turning.link, 5)) for file in files]
    assert able == [False, False, True, True]


def test_nothing_in_todays_file_opens_that_of_yesterday() -> None:
    (yesterday, today), _ = days(DRAWN, 2)
    keys = unlock_exit(today, DRAWN.secret)
    secrets = [keys.identity, keys.page, keys.desk_secret, *(one.key for one in keys.storage)]
    secrets += [one.seed[at : at + 32] for one in keys.epochs for at in (0, 32, 64)]
    assert not any(opens(yesterday, secret) for secret in secrets)


@pytest.mark.parametrize("passphrase", [SAID, DRAWN], ids=["stretched", "drawn"])
def test_the_passphrase_opens_every_one_of_them(passphrase: Passphrase) -> None:
    files, _ = days(passphrase, 3)
    for file in files:
        assert unlock_exit(file, passphrase.secret) == KEYS
        with pytest.raises(WrongPassphrase):
            unlock_exit(file, b"another")


def test_no_two_files_are_sealed_under_one_link() -> None:
    files, _ = days(DRAWN, 3)
    turns = [exitfile._parted(file)[0].turn for file in files]
    assert turns == [0, 1, 2]
    links = [unlocked(file, DRAWN.secret)[1].link for file in files]
    assert all(exitfile._turned(one) == next for one, next in pairwise(links))


def test_a_core_holds_no_passphrase() -> None:
    _, turning = unlocked(lock_exit(KEYS, SAID, CHEAP), SAID.secret)
    held = [getattr(turning, one.name) for one in fields(turning)]
    assert SAID.secret not in held and "b'" not in repr(turning)


def test_a_chain_that_is_long_begins_anew_where_the_passphrase_is_given() -> None:
    start = unlocked(lock_exit(KEYS, DRAWN), DRAWN.secret)[1]
    link = start.link
    for _ in range(FRESH_AFTER - start.turn):
        link = exitfile._turned(link)
    old = replace(start, turn=FRESH_AFTER, link=link).sealed(KEYS)
    keys, turning = unlocked(old, DRAWN.secret)
    assert keys == KEYS and turning.turn == 0 and turning.salt != start.salt
    after = turning.sealed(KEYS)
    assert unlock_exit(after, DRAWN.secret) == KEYS and not opens(after, link)


def test_a_file_that_says_it_turned_more_often_than_any_is_refused_unopened() -> None:
    with pytest.raises(Damaged):
        Lock(b"", b"", bytes(16), None, turn=MOST_TURNS + 1)
    with pytest.raises(Damaged):
        Lock(b"", b"", bytes(16), None, turn=-1)
    turning = Turning(bytes(16), None, MOST_TURNS + 1, bytes(32))
    with pytest.raises(KeyFileError, match="unlock it"):
        turning.sealed(KEYS)


def test_a_changed_file_is_one_link_on() -> None:
    file = lock_exit(KEYS, DRAWN)

    def change(keys: ExitKeys) -> ExitKeys:
        return replace(keys, page=bytes(32))

    after = relocked(file, DRAWN.secret, change)
    assert unlock_exit(after, DRAWN.secret).page == bytes(32)
    assert exitfile._parted(after)[0].turn == 1


def test_a_head_whose_turn_was_altered_does_not_open() -> None:
    (_, file), _ = days(DRAWN, 2)
    lock, _, _, sealed = exitfile._parted(file)
    head = exitfile.pack(replace(lock, turn=0))
    forged = exitfile.with_checksum(MAGIC, len(head).to_bytes(4, "big") + head + sealed)
    assert exit_public(forged) == exit_public(file)
    with pytest.raises(WrongPassphrase):
        unlock_exit(forged, DRAWN.secret)


def test_a_head_without_a_signature_shows_no_key_to_seal_to() -> None:
    """Else who can write the file for a minute could have everything sealed to himself."""
    lock, _, _, sealed = exitfile._parted(lock_exit(KEYS, DRAWN))
    head = exitfile.pack(replace(lock, signature=b""))
    with pytest.raises(KeyFileError):
        exit_public(exitfile.with_checksum(MAGIC, len(head).to_bytes(4, "big") + head + sealed))
