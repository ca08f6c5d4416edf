"""What is attached to a mail: a veil that only both nodes lift, and parts that find each other."""

from __future__ import annotations

from itertools import permutations

import pytest
from mail_link_parts import A_SEED, A, B, C, carrying

from relay.errors import Damaged
from relay.links.mail import parcel as parcel_of_mail
from relay.links.mail.joining import MOST_BYTES, MOST_WHOLES, Joining
from relay.links.mail.parcel import MOST_PARTS, OVERHEAD, START, Parcel, Veil, parcels
from relay.wire.batch import MAX_BATCH, make_batch
from relay.wire.primitives import digest

MADE = make_batch(carrying(4000, 4000, 4000), A_SEED, B.key)
VEIL = Veil(A.key, B.key)
PINNED = (
    "000000000000000000000000000000006ce4026490c4486e495d351d249efe5041d163ea"
    "90f4f91c07f4c5a01d94e08f3e941e12bb2d18c860da8b1c590b097858a2fda11648e6b5"
    "22eac2a7cf072a9d53ab72af67ec74ae75"
)
NAMED = "313233343536373895039a91a3edb656"


def test_what_lies_under_the_veil_comes_back() -> None:
    [parcel] = parcels(MADE, 1 << 20)
    over = VEIL.over(parcel)
    assert len(over) == len(MADE) + OVERHEAD
    assert VEIL.under(over) == parcel


def test_nothing_in_it_says_what_it_is_and_it_is_never_the_same() -> None:
    [parcel] = parcels(MADE, 1 << 20)
    one, other = VEIL.over(parcel), VEIL.over(parcel)
    assert not any(found in one for found in (b"OUTB", A.key.public, B.key.id, MADE[:8]))
    assert all(one[at : at + 8] != other[at : at + 8] for at in range(0, len(one), 8))


@pytest.mark.parametrize("veil", [Veil(B.key, A.key), Veil(A.key, C.key), Veil(C.key, B.key)])
def test_it_is_nobody_elses_and_not_of_the_other_direction(veil: Veil) -> None:
    [parcel] = parcels(MADE, 1 << 20)
    over = VEIL.over(parcel)
    assert not veil.is_over(over[:START])
    with pytest.raises(Damaged):
        veil.under(over)


def test_whatever_is_changed_or_cut_is_damaged() -> None:
    over = VEIL.over(Parcel(digest(b"x"), 0, 1, 1, b"x"))
    for at in range(len(over)):
        changed = bytearray(over)
        changed[at] ^= 1
        for bad in (bytes(changed), over[:at]):
            with pytest.raises(Damaged):
                VEIL.under(bad)


def test_the_name_of_a_mail_is_known_again_and_no_other_is() -> None:
    name = VEIL.named(b"12345678rest")
    assert len(name) == 16 and VEIL.is_name(name)
    assert not any(
        Veil(*pair).is_name(name) for pair in ((B.key, A.key), (A.key, C.key), (C.key, B.key))
    )
    assert not VEIL.is_name(bytes(16)) and not VEIL.is_name(name[:15])


def test_the_format_is_that_of_docs_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes of different versions understand each other: a change here is a new version."""
    monkeypatch.setattr(parcel_of_mail, "token_bytes", bytes)
    over = VEIL.over(Parcel(digest(b"x"), 0, 1, 1, b"x"))
    assert over.hex() == PINNED
    assert VEIL.named(b"12345678").hex() == NAMED


# ---------------------------------------------------------------- joining


def test_parts_are_joined_in_any_order_and_twice_is_once() -> None:
    parts = list(parcels(MADE, -(-len(MADE) // 4)))
    assert len(parts) == 4
    for order in permutations(range(4)):
        joining = Joining()
        for uid in order[:-1]:
            assert joining.add(b"a", parts[uid], uid) is None
            assert joining.add(b"a", parts[uid], uid + 10) is None
        joined = joining.add(b"a", parts[order[-1]], order[-1])
        assert joined is not None
        assert joined.made == MADE
        assert set(joined.mails) == {*order, *(uid + 10 for uid in order[:-1])}
        assert joining.over(b"a", parts[0]) == joined.mails
        assert joining.over(b"a", parts[0]) == ()


def test_a_whole_waits_until_it_is_over() -> None:
    joining = Joining()
    first, second = parcels(MADE, len(MADE) // 2)
    assert joining.add(b"a", first, 1) is None
    assert joining.add(b"a", second, 2) == joining.add(b"a", second, 2)
    assert joining.over(b"a", first) == (1, 2)
    assert joining.add(b"a", second, 2) is None


def test_parts_of_two_peers_and_of_two_batches_do_not_meet() -> None:
    joining = Joining()
    first, second = parcels(MADE, len(MADE) // 2)
    other = list(parcels(MADE[::-1], len(MADE) // 2))
    assert joining.add(b"a", first, 1) is None
    assert joining.add(b"c", second, 2) is None
    assert joining.add(b"a", other[1], 3) is None
    assert joining.add(b"a", second, 4) is not None


@pytest.mark.parametrize(
    "parcel",
    [
        Parcel(digest(b"other"), 0, 1, 3, b"abc"),
        Parcel(digest(b"abc"), 0, 1, 4, b"abc"),
    ],
)
def test_a_whole_that_is_not_what_it_says_is_damaged(parcel: Parcel) -> None:
    with pytest.raises(Damaged):
        Joining().add(b"a", parcel, 1)


def test_a_whole_that_was_begun_in_larger_parts_is_begun_anew() -> None:
    joining = Joining()
    large, small = parcels(MADE, len(MADE) // 2), list(parcels(MADE, len(MADE) // 4))
    assert joining.add(b"a", next(large), 1) is None
    for uid, part in enumerate(small[:-1], 2):
        assert joining.add(b"a", part, uid) is None
    joined = joining.add(b"a", small[-1], 9)
    assert joined is not None and joined.made == MADE
    assert set(joining.over(b"a", small[0])) == {1, *joined.mails}


@pytest.mark.parametrize(
    ("index", "of", "length", "chunk"),
    [
        (1, 1, 1, b"x"),
        (0, 0, 1, b"x"),
        (0, MOST_PARTS + 1, 1, b"x"),
        (0, 1, MAX_BATCH + 1, b"x"),
        (0, 1, 1, b""),
        (0, 1, 1, b"xx"),
    ],
)
def test_a_part_that_cannot_be_is_none(index: int, of: int, length: int, chunk: bytes) -> None:
    with pytest.raises(Damaged):
        Parcel(bytes(32), index, of, length, chunk)


def test_only_a_few_wholes_wait_and_the_oldest_makes_room() -> None:
    joining = Joining()
    for n in range(MOST_WHOLES + 2):
        assert joining.add(b"a", Parcel(bytes([n]) * 32, 0, 2, 2, b"x"), n) is None
    assert joining.given_up() == (0, 1)
    assert joining.given_up() == ()


def test_bytes_that_wait_are_bounded_whatever_a_part_says() -> None:
    joining = Joining()
    chunk = bytes(MAX_BATCH // 2)
    for n in range(8):
        joining.add(b"a", Parcel(bytes([n]) * 32, 0, 2, MAX_BATCH, chunk), n)
    assert len(joining.given_up()) == 8 - MOST_BYTES // len(chunk)
