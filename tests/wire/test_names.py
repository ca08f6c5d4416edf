"""Names that recognise without telling: fixed by known values, and by what changes them."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from hypothesis import given
from hypothesis import strategies as st

from bridges.kit import part_key
from relay.wire.names import (
    account_secret,
    author_tag,
    content_id,
    day_number,
    item_id,
    network_tag,
    repeat_key,
    second_key,
)
from relay.wire.primitives import derive, mac

SECRET = bytes(range(32))


def by_hand(key, *parts):
    """The rule of docs/wire.md in the words of the standard library."""
    joined = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(key, joined, hashlib.sha256).digest()


@given(st.binary(max_size=80), st.lists(st.binary(max_size=40), max_size=5))
def test_a_mac_is_hmac_over_parts_with_their_lengths(key, parts):
    assert mac(key, *parts) == by_hand(key, *parts)


def test_no_two_lists_of_parts_have_one_mac():
    lists = [(), (b"",), (b"", b""), (b"ab",), (b"a", b"b"), (b"", b"ab"), (b"ab", b"")]
    assert len({mac(SECRET, *parts) for parts in lists}) == len(lists)


def test_derive_is_hkdf_as_in_the_first_case_of_rfc_5869():
    okm = derive(b"\x0b" * 22, bytes(range(0xF0, 0xFA)), salt=bytes(range(13)), length=42)
    assert okm.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_each_name_is_what_the_document_says():
    assert (
        repeat_key(SECRET, "sms", b"7", "news")
        == (by_hand(SECRET, b"repeat", b"sms", b"news", b"7")[:16])
    )
    assert (
        second_key(SECRET, b"+1", b"hi", b"noon", "news")
        == (by_hand(SECRET, b"again", b"news", b"+1", b"hi", b"noon")[:16])
    )
    assert author_tag(SECRET, b"+1") == by_hand(SECRET, b"author", b"+1")[:16]
    assert content_id(SECRET, "سلام") == by_hand(SECRET, b"content", "سلام".encode())[:16]
    assert account_secret(SECRET, "page") == by_hand(SECRET, b"account", b"page")
    assert part_key(SECRET, 12) == hmac.new(SECRET, b"part 12", hashlib.sha256).hexdigest()[:32]


def test_the_id_of_an_item_is_a_uuid_of_version_8():
    made = uuid.UUID(item_id(SECRET))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    raw = by_hand(SECRET, b"item")[:16]
    same = [at for at in range(16) if made.bytes[at] == raw[at]]
    assert set(range(16)) - set(same) <= {6, 8}
    assert item_id(SECRET) == f"urn:uuid:{made}" == item_id(bytes(SECRET))


@given(st.binary(max_size=20), st.binary(max_size=20), st.binary(max_size=20))
def test_letters_moved_from_one_field_to_the_next_make_another_key(sender, text, at):
    if text:
        moved = second_key(SECRET, sender + text[:1], text[1:], at)
        assert moved != second_key(SECRET, sender, text, at)


def test_every_job_has_names_of_its_own():
    same = b"same"
    made = [
        repeat_key(SECRET, "", same),
        second_key(SECRET, same, b"", b""),
        author_tag(SECRET, same),
        network_tag(SECRET, same),
        content_id(SECRET, "same"),
        account_secret(SECRET, "same")[:16],
    ]
    assert len(set(made)) == len(made)
    assert repeat_key(SECRET, "sms", same) != repeat_key(SECRET, "sms", same, "news")
    assert repeat_key(SECRET, "sms", same) != repeat_key(bytes(32), "sms", same)


def test_a_day_ends_at_midnight_utc():
    assert (day_number(0), day_number(86_399), day_number(86_400)) == (0, 0, 1)
