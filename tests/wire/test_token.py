"""The way back: only the day's key opens it, its length says nothing, an answer goes once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.token import (
    MAX_ADDRESS,
    ROOM,
    ReturnKey,
    make_token,
    open_answer,
    open_token,
    seal_answer,
)

DAY = ReturnKey(b"day1", bytes(range(32)))
OTHER = ReturnKey(b"day2", bytes(32))
KEYS = {DAY.id: DAY.key, OTHER.id: OTHER.key}
ANSWER_KEY = b"k" * 32


@settings(max_examples=40)
@given(st.binary(max_size=MAX_ADDRESS))
def test_the_entry_reads_the_address_it_put_in(address):
    token = make_token(DAY, ANSWER_KEY, address)
    assert open_token(token, KEYS) == (ANSWER_KEY, address)
    assert len(token) == 4 + 12 + 32 + 2 + 512 + 16


def test_an_address_is_512_bytes_at_most():
    make_token(DAY, ANSWER_KEY, bytes(512))
    for key, address in ((ANSWER_KEY, bytes(513)), (ANSWER_KEY[:-1], b"")):
        with pytest.raises(ValueError):
            make_token(DAY, key, address)


def test_every_flipped_byte_and_every_truncation_is_found():
    token = make_token(DAY, ANSWER_KEY, b"someone@example.org")
    for at in range(len(token)):
        forged = bytearray(token)
        forged[at] ^= 1 << at % 8
        for bad in (bytes(forged), token[:at]):
            with pytest.raises(Damaged):
                open_token(bad, KEYS)


def test_a_token_of_a_day_that_is_over_opens_nothing():
    with pytest.raises(Damaged):
        open_token(make_token(DAY, ANSWER_KEY, b"a"), {OTHER.id: OTHER.key})


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        bytes(32),
        bytes(33),
        bytes(545),
        bytes(547),
        bytes(32) + b"\x02\x01" + bytes(512),
        bytes(545) + b"\x01",
    ],
)
def test_a_token_sealed_well_around_nonsense_is_damaged(plain):
    sealed = primitives.seal(DAY.key, plain, b"outword/1/token" + DAY.id)
    with pytest.raises(Damaged):
        open_token(DAY.id + sealed, KEYS)


def test_an_answer_is_read_at_the_entry_and_nowhere_else():
    sealed = seal_answer(ANSWER_KEY, "رسید".encode())
    assert open_answer(ANSWER_KEY, sealed) == "رسید".encode()
    for key, bad in ((bytes(32), sealed), (ANSWER_KEY, sealed[:-1]), (ANSWER_KEY, b"")):
        with pytest.raises(Damaged):
            open_answer(key, bad)


@pytest.mark.parametrize("text", [b"", b"\x80", b"\x80\x00", b"x" * 1022, b"x" * 1023])
def test_every_answer_that_fits_into_an_sms_is_of_one_length(text):
    sealed = seal_answer(ANSWER_KEY, text)
    assert len(sealed) == ROOM + primitives.TAG
    assert open_answer(ANSWER_KEY, sealed) == text


def test_a_longer_answer_fills_its_room_more_often():
    sealed = seal_answer(ANSWER_KEY, b"x" * ROOM)
    assert len(sealed) == 2 * ROOM + primitives.TAG
    assert open_answer(ANSWER_KEY, sealed) == b"x" * ROOM


@pytest.mark.parametrize("plain", [b"", bytes(ROOM), b"text\x80" + bytes(3), b"x" * ROOM])
def test_an_answer_that_is_not_padded_so_is_damaged(plain):
    sealed = primitives.seal_once(ANSWER_KEY, plain, b"outword/1/answer")
    with pytest.raises(Damaged):
        open_answer(ANSWER_KEY, sealed)


def test_a_return_key_does_not_print_itself():
    assert "b'" not in repr(DAY)
