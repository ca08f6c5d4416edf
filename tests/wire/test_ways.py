"""Who is told where to write can tell, with eight words, that it is we who say so."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged
from relay.wire import primitives
from relay.wire.item import key_words, make_item, read_item, sign_item, verify_document
from relay.wire.ways import (
    MAX_BYTES,
    MOST_SHOWN,
    MOST_WARNINGS,
    MOST_WAYS,
    Way,
    can_be_shown,
    is_ways_file,
    make_ways,
    read_ways,
    sign_ways,
    verify_ways,
    ways_file,
)

SEED, OTHER = bytes(range(32)), bytes(32)
KEY = primitives.signing_public(SEED)
MADE = 1_795_442_707  # 2026-11-23T14:05:07Z
MAIL = Way("mail", "post@example.org", ("mail-provider",))
SMS = Way("sms", "+15550100123", ("phone-company",))


def a_file(*ways, seed=SEED, made=MADE):
    document = make_ways(ways, made, seed)
    return ways_file(document, sign_ways(document, seed))


def test_the_bytes_of_a_statement_are_these():
    assert make_ways([SMS], MADE, SEED).decode() == (
        '{"day":"2026-11-23","key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","kind":"ways",'
        '"v":1,"ways":[{"kind":"sms","shown":"+15550100123","warnings":["phone-company"]}]}'
    )


def test_a_statement_is_read_as_it_was_made_and_knows_its_day_only():
    statement = read_ways(make_ways([SMS, MAIL], MADE, SEED))
    assert statement.ways == (SMS, MAIL)
    assert statement.day == "2026-11-23"
    assert base64.b64decode(statement.key) == KEY
    assert make_ways([SMS], MADE, SEED) == make_ways([SMS], MADE + 9 * 3600, SEED)
    assert make_ways([SMS], MADE, SEED) != make_ways([SMS], MADE + 10 * 3600, SEED)


def test_a_signature_is_ed25519_over_a_purpose_of_its_own():
    document = make_ways([SMS], MADE, SEED)
    sig = sign_ways(document, SEED)
    assert len(sig) == 64 and primitives.signed(KEY, b"outword/1/ways" + document, sig)
    assert not primitives.signed(KEY, document, sig)


@pytest.mark.parametrize("key", [KEY, key_words(KEY), key_words(KEY).replace("-", " ").upper()])
@pytest.mark.parametrize("ways", [(), (MAIL,), (MAIL, SMS)])
def test_a_statement_is_verified_by_key_and_by_words(key, ways):
    verified = verify_ways(a_file(*ways), key)
    assert verified.fault == "" and verified.statement is not None
    assert verified.statement.ways == ways


@pytest.mark.parametrize("key", [primitives.signing_public(OTHER), key_words(bytes(32))])
def test_another_key_verifies_no_statement(key):
    assert verify_ways(a_file(MAIL), key).fault == "it is not signed with this key"


def test_a_key_of_ones_own_inside_helps_no_forger():
    forged = make_ways([SMS], MADE, OTHER)
    own = make_ways([SMS], MADE, SEED)
    for document, seed in ((forged, OTHER), (forged, SEED), (own, OTHER)):
        assert verify_ways(ways_file(document, sign_ways(document, seed)), KEY).fault


def test_every_changed_letter_is_found():
    file = json.loads(a_file(MAIL, SMS))
    signed = base64.b64decode(file["signed"])
    for at in range(len(signed)):
        forged = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        file["signed"] = base64.b64encode(forged).decode()
        verified = verify_ways(json.dumps(file).encode(), KEY)
        assert verified.fault and verified.statement is None


# ---------------------------------------------------------------- it and an item


def an_item():
    return make_item("urn:uuid:00000000-0000-8000-8000-000000000001", "x", "", "en", MADE, SEED)


def test_an_item_is_never_taken_for_a_statement():
    for sign in (sign_item, sign_ways):
        file = ways_file(an_item(), sign(an_item(), SEED))
        assert verify_ways(file, KEY).fault == "its signature cannot be read"
    with pytest.raises(Damaged):
        read_ways(an_item())


def test_a_statement_is_never_taken_for_an_item():
    document = make_ways([SMS], MADE, SEED)
    for sign in (sign_item, sign_ways):
        file = json.loads(ways_file(document, sign(document, SEED)))
        del file["kind"]
        assert verify_document(json.dumps(file).encode(), KEY).faults
        with pytest.raises(Damaged):
            verify_document(ways_file(document, sign(document, SEED)), KEY)
    with pytest.raises(Damaged):
        read_item(document)


def test_a_signature_over_one_is_none_over_the_other():
    document = make_ways([SMS], MADE, SEED)
    assert sign_item(document, SEED) != sign_ways(document, SEED)
    assert verify_ways(ways_file(document, sign_item(document, SEED)), KEY).fault


# ---------------------------------------------------------------- its file


@pytest.mark.parametrize(
    "file",
    [b"", b"{}", b"[]", b"null", b"\xff", b"<feed/>", b'{"signed":"","sig":""}', b"[" * 100_000,
     b'{"kind":"items"}', b'{"kind":"ways","kind":"ways"}', b'{"items":[]}'],
)  # fmt: skip
def test_what_is_no_statement_is_not_called_a_bad_one(file):
    assert not is_ways_file(file)
    with pytest.raises(Damaged):
        verify_ways(file, KEY)


@pytest.mark.parametrize(
    "changed",
    [{"sig": 7}, {"signed": None}, {"sig": "a"}, {"signed": "e30="}, {"more": "x"}, {"sig": ""}],
)
def test_a_file_that_is_damaged_is_a_fault(changed):
    file = json.dumps(json.loads(a_file(SMS)) | changed).encode()
    assert is_ways_file(file) and verify_ways(file, KEY).fault


@pytest.mark.parametrize("gone", ["signed", "sig"])
def test_a_file_without_a_half_is_a_fault(gone):
    file = json.loads(a_file(SMS))
    del file[gone]
    assert verify_ways(json.dumps(file).encode(), KEY).fault


def test_a_file_at_the_limit_is_read_and_a_larger_one_is_not():
    file = a_file(SMS)
    assert verify_ways(file + b" " * (MAX_BYTES - len(file)), KEY).statement is not None
    assert not is_ways_file(file + b" " * (MAX_BYTES - len(file) + 1))


# ---------------------------------------------------------------- limits


def test_the_largest_statement_has_room_in_its_file():
    most = Way("k" * 32, "𐍈" * MOST_SHOWN, ("w" * 32,) * MOST_WARNINGS)
    assert len(a_file(*[most] * MOST_WAYS)) < MAX_BYTES


@pytest.mark.parametrize(
    "ways",
    [
        (SMS,) * (MOST_WAYS + 1),
        (Way("sms", "1" * (MOST_SHOWN + 1)),),
        (Way("sms", ""),),
        (Way("sms", "+1 555"),),
        (Way("sms", "x\ud800"),),
        (Way("", "x"),),
        (Way("k" * 33, "x"),),
        (Way("sms", "x", ("w",) * (MOST_WARNINGS + 1)),),
        (Way("sms", "x", ("Not a name",)),),
    ],
)
def test_what_no_statement_can_hold_is_not_stated(ways):
    with pytest.raises(ValueError):
        make_ways(ways, MADE, SEED)


@pytest.mark.parametrize("text", ["post@example.org", "+15550100123", "نان@example.org", "x" * 254])
def test_what_people_write_to_can_be_shown(text):
    assert can_be_shown(text)


@pytest.mark.parametrize(
    "text", ["", "x" * 255, "a b", "a\n", "a\tb", "\u202egro@x", "a\u200eb", "a\u00a0b", "\ud800"]
)
def test_what_could_hide_or_turn_cannot_be_shown(text):
    assert not can_be_shown(text)


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["v", "kind", "day", "key", "ways", "shown"]), inner),
    max_leaves=12,
))  # fmt: skip
def test_whatever_is_in_it_it_is_read_or_damaged(made):
    written = json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with pytest.raises(Damaged):
        read_ways(written.encode())
