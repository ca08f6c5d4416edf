"""An envelope opens exactly as it was sealed, or not at all."""

from __future__ import annotations

from dataclasses import fields, replace

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged, NotMine, TooLarge
from relay.model import HOUR
from relay.wire import primitives
from relay.wire.envelope import MAX_NAME, Inside, look, open_envelope, seal
from relay.wire.epochs import EpochKey, EpochPublic, key_id, make_epoch_key
from relay.wire.padding import CLASSES, pad

ONE, TWO, STRANGER = make_epoch_key(), make_epoch_key(), make_epoch_key()
MINE = {ONE.id: ONE}
YOURS = {TWO.id: TWO}
ARRIVAL, EXPIRY = 490_000 * HOUR, 490_072 * HOUR
A_TEXT = Inside("text", "sms", "سلام دنیا".encode(), "news")

CORE, SLOT, AROUND_ONE = 33, 8 + 1168, 33 + 8 + 1168 + 32 + 16

TAGS = st.lists(st.binary(min_size=16, max_size=16), max_size=3).map(tuple)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=MAX_NAME)
FLAGS = st.from_regex(r"[!-~]{1,64}", fullmatch=True)


@st.composite
def insides(draw):
    of = draw(st.integers(0, 255))
    return Inside(
        kind=draw(st.sampled_from(["mail", "text"])),
        transport=draw(NAMES),
        content=draw(st.binary(max_size=3000)),
        channel=draw(NAMES),
        flags=tuple(draw(st.lists(FLAGS, max_size=4))),
        repeat_keys=draw(TAGS),
        author_tags=draw(TAGS),
        network_tags=draw(TAGS),
        segment=draw(st.integers(1, of)) if of else 0,
        segments=of,
        join_keys=draw(TAGS),
        return_token=draw(st.sampled_from([b"", bytes(578)])),
        answer_key=draw(st.sampled_from([b"", bytes(range(32))])),
    )


def sealed(inside=A_TEXT, to=(ONE,)):
    return seal(inside, [key.public for key in to], arrival=ARRIVAL, expiry=EXPIRY).envelope


def refused(envelope, keys=MINE):
    """Damaged or NotMine; any other exception, and any opening, fails the test."""
    try:
        open_envelope(envelope, keys)
    except Damaged:
        return True
    return False


def sealed_as_is(plain):
    """A valid envelope around bytes that need not be an inside: what a hostile door can make."""
    index = next(n for n, room in enumerate(CLASSES) if len(plain) + 1 + AROUND_ONE <= room)
    core = b"OUTW\x01\x01\x00" + bytes(16) + bytes([index]) + bytes(8) + b"\x01"
    content_key = bytes(range(32))
    slots = ONE.id + primitives.wrap(
        content_key, ONE.public.public, b"outword/1/wrap" + core + ONE.id
    )
    commit = primitives.derive(content_key, b"outword/1/commit", salt=core)
    clear = core + slots + primitives.mac(commit, core, slots)
    body_key = primitives.derive(content_key, b"outword/1/body", salt=core)
    return clear + primitives.seal_once(body_key, pad(plain, index, AROUND_ONE), clear)


@settings(max_examples=60, deadline=None)
@given(insides())
def test_what_was_sealed_is_what_is_opened(inside):
    assert open_envelope(sealed(inside), MINE).inside == inside


def test_two_exits_read_the_same_text_and_get_the_same_secret():
    envelope = sealed(to=(ONE, TWO))
    at_one, at_two = open_envelope(envelope, MINE), open_envelope(envelope, YOURS)
    assert at_one.inside == at_two.inside == A_TEXT
    assert at_one.id == at_two.id == look(envelope).id
    assert at_one.secret == at_two.secret and len(at_one.secret) == 32


def test_two_envelopes_of_one_text_have_nothing_in_common():
    one, two = (open_envelope(sealed(), MINE) for _ in range(2))
    assert one.inside == two.inside and one.id != two.id and one.secret != two.secret


def test_the_header_says_whole_hours_the_class_and_the_keys_and_no_more():
    made = seal(A_TEXT, [ONE.public, TWO.public], arrival=ARRIVAL + 1234, expiry=EXPIRY + 3599)
    header = look(made.envelope)
    assert (header.id, header.size_class, header.flags) == (made.id, 0, 0)
    assert (header.arrival, header.expiry) == (ARRIVAL, EXPIRY)
    assert header.key_ids == (ONE.id, TWO.id)


def test_an_envelope_to_somebody_else_is_not_mine():
    with pytest.raises(NotMine):
        open_envelope(sealed(), {STRANGER.id: STRANGER})
    with pytest.raises(NotMine):
        open_envelope(sealed(), {})


def test_a_key_under_another_keys_id_opens_nothing():
    posing = EpochKey(ONE.id, STRANGER.seed)
    assert refused(sealed(), {ONE.id: posing})


def test_every_flipped_byte_is_found():
    envelope = sealed()
    assert len(envelope) == 4000
    for at in range(len(envelope)):
        forged = bytearray(envelope)
        forged[at] ^= 1 << at % 8
        assert refused(bytes(forged)), at


def test_every_truncation_and_every_extension_is_found():
    envelope = sealed()
    for size in range(len(envelope)):
        assert refused(envelope[:size]), size
    for more in (b"\x00", b"\x80", bytes(CLASSES[1] - CLASSES[0]), envelope):
        assert refused(envelope + more)


def test_a_small_envelope_blown_up_to_a_larger_class_is_found():
    envelope = sealed()
    blown = envelope[:23] + b"\x01" + envelope[24:] + bytes(CLASSES[1] - CLASSES[0])
    assert look(blown).size_class == 1
    assert refused(blown)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"OUTW", b"OUTW\x01\x01\x00"]))
def test_noise_is_damaged(noise, start):
    assert refused(start + noise) and refused((start + noise).ljust(4000, b"\x00"))


@pytest.mark.parametrize("slots", [0, 5, 255])
def test_a_count_of_slots_that_cannot_be_is_damaged(slots):
    envelope = sealed()
    with pytest.raises(Damaged):
        look(envelope[:32] + bytes([slots]) + envelope[33:])


def test_swapped_slots_are_found_at_both_exits():
    envelope = sealed(to=(ONE, TWO))
    first, second = envelope[CORE : CORE + SLOT], envelope[CORE + SLOT : CORE + 2 * SLOT]
    forged = envelope[:CORE] + second + first + envelope[CORE + 2 * SLOT :]
    assert refused(forged, MINE) and refused(forged, YOURS)


def test_swapped_ids_of_slots_are_found():
    envelope = sealed(to=(ONE, TWO))
    forged = bytearray(envelope)
    forged[CORE : CORE + 8], forged[CORE + SLOT : CORE + SLOT + 8] = TWO.id, ONE.id
    assert refused(bytes(forged), MINE) and refused(bytes(forged), YOURS)


@pytest.mark.parametrize("cut", [CORE, CORE + SLOT, CORE + SLOT + 32])
def test_two_envelopes_cannot_be_spliced(cut):
    one, two = sealed(), sealed(replace(A_TEXT, content=b"another"))
    assert refused(one[:cut] + two[cut:]) and refused(two[:cut] + one[cut:])


def test_a_slot_of_one_envelope_is_of_no_use_in_another():
    one, two = sealed(), sealed()
    assert refused(one[:CORE] + two[CORE : CORE + SLOT] + one[CORE + SLOT :])


def test_two_exits_cannot_be_given_two_content_keys():
    """A door that wants two exits to publish two texts under one id gets at most one opened."""
    envelope = sealed(to=(ONE, TWO))
    core = envelope[:CORE]
    at = CORE + SLOT + 8
    other = primitives.wrap(bytes(32), TWO.public.public, b"outword/1/wrap" + core + TWO.id)
    slots = envelope[CORE:at] + other
    forged = envelope[:at] + other + envelope[at + 1168 :]
    assert refused(forged, MINE) and refused(forged, YOURS)
    commit = primitives.derive(bytes(32), b"outword/1/commit", salt=core)
    end = CORE + 2 * SLOT
    clear = core + slots + primitives.mac(commit, core, slots)
    body_key = primitives.derive(bytes(32), b"outword/1/body", salt=core)
    plain = msgpack.packb({"kind": "text", "transport": "t", "content": b"2", "channel": "c"})
    body = primitives.seal_once(body_key, pad(plain, 0, end + 48), clear)
    assert open_envelope(clear + body, YOURS).inside.content == b"2"
    assert refused(clear + body, MINE)


def test_an_encapsulation_without_a_secret_is_damaged():
    """X25519 with the point zero: RFC 7748 section 6.1 lets a reader refuse it."""
    envelope = sealed()
    at = CORE + 8 + 1088
    assert refused(envelope[:at] + bytes(32) + envelope[at + 32 :])


def test_a_recipient_that_is_no_key_is_refused_before_anything_is_sealed():
    for public in (bytes(1216), ONE.public.public[:1184] + bytes(32), b"\xff" * 1216):
        with pytest.raises(Damaged):
            seal(A_TEXT, [EpochPublic(key_id(public), public)], arrival=0, expiry=0)
    with pytest.raises(Damaged):
        EpochPublic(b"12345678", ONE.public.public)
    with pytest.raises(Damaged):
        EpochPublic(ONE.id, ONE.public.public[:-1])


@pytest.mark.parametrize(
    ("arrival", "expiry"), [(-1, 0), (0, -1), (HOUR << 32, 0), (0, HOUR << 32)]
)
def test_an_hour_that_does_not_fit_32_bits_is_not_sealed(arrival, expiry):
    last = (HOUR << 32) - 1
    assert look(seal(A_TEXT, [ONE.public], arrival=0, expiry=last).envelope).expiry == last - 3599
    with pytest.raises(ValueError):
        seal(A_TEXT, [ONE.public], arrival=arrival, expiry=expiry)


def test_an_envelope_has_one_to_four_recipients():
    public = ONE.public
    assert len(sealed(to=(ONE,) * 4)) == CLASSES[1]
    for recipients in ([], [public] * 5):
        with pytest.raises(ValueError):
            seal(A_TEXT, recipients, arrival=0, expiry=0)


# ---------------------------------------------------------------- sizes


def most(room):
    """The bytes of content that just fit an envelope of ``room`` bytes to one exit."""
    empty = msgpack.packb({f: getattr(A_TEXT, f) for f in ("kind", "transport", "channel")})
    head = 2 if room == CLASSES[0] else 3 if room <= CLASSES[1] else 5
    head = 3 if room == CLASSES[0] else head  # bin16 from 256 bytes on
    return room - AROUND_ONE - 1 - len(empty) - len(b"\xa7content") - head


@pytest.mark.parametrize("n", range(4))
def test_content_fills_a_class_to_the_last_byte_and_one_more_takes_the_next(n):
    full = replace(A_TEXT, content=b"\x80" * most(CLASSES[n]))
    assert len(sealed(full)) == CLASSES[n]
    assert open_envelope(sealed(full), MINE).inside == full
    over = replace(full, content=full.content + b"\x00")
    assert len(sealed(over)) == CLASSES[n + 1]
    assert open_envelope(sealed(over), MINE).inside == over


def test_the_largest_class_is_the_end():
    full = replace(A_TEXT, content=bytes(most(CLASSES[4])))
    assert len(sealed(full)) == 16 * 1024 * 1024
    with pytest.raises(TooLarge):
        sealed(replace(full, content=full.content + b"\x00"))


# ---------------------------------------------------------------- hostile insides

GOOD = {"kind": "text", "transport": "sms", "content": b"x", "channel": "news"}


def pairs(*more):
    """A msgpack map as it would never be packed: keys in any number and more than once."""
    both = [*GOOD.items(), *more]
    head = bytes([0x80 | len(both)]) if len(both) < 16 else b"\xde" + len(both).to_bytes(2, "big")
    return head + b"".join(msgpack.packb(k) + msgpack.packb(v) for k, v in both)


BOMBS = {
    "nothing": b"",
    "nil": b"\xc0",
    "a number": b"\x01",
    "an array": msgpack.packb([]),
    "an empty map": msgpack.packb({}),
    "an array that says it has 4 billion members": b"\xdd\xff\xff\xff\xff",
    "a map that says it has 4 billion members": b"\xdf\xff\xff\xff\xff",
    "a text that says it has 4 billion letters": b"\xdb\xff\xff\xff\xff",
    "an ext that says it has 4 billion bytes": b"\xc9\xff\xff\xff\xff\x01",
    "two thousand arrays within each other": b"\x91" * 2000,
    "two thousand maps within each other": b"\x81\xa1a" * 600,
    "a map as a key": b"\x81\x80\x01",
    "the end is missing": msgpack.packb(GOOD)[:-1],
    "something follows": msgpack.packb(GOOD) + b"\x00",
    "the same key twice": pairs(("channel", "other")),
    "an unknown key": pairs(("colour", "red")),
    "a number as a key": pairs((1, 2)),
    "25 keys": pairs(*((f"k{n}", 0) for n in range(21))),
    "an unknown kind": msgpack.packb({**GOOD, "kind": "fax"}),
    "text as content": msgpack.packb({**GOOD, "content": "x"}),
    "bytes as a channel": msgpack.packb({**GOOD, "channel": b"news"}),
    "nil as a channel": msgpack.packb({**GOOD, "channel": None}),
    "a map as content": msgpack.packb({**GOOD, "content": {}}),
    "a map as an unknown": pairs(("x", {"y": 1})),
    "an array as flags": msgpack.packb({**GOOD, "flags": ["a"]}),
    "an empty array as flags": msgpack.packb({**GOOD, "flags": []}),
    "bytes as flags": msgpack.packb({**GOOD, "flags": b"a"}),
    "a bool as a segment": msgpack.packb({**GOOD, "segment": True}),
    "a float as segments": msgpack.packb({**GOOD, "segments": 2.0}),
    "text as repeat keys": msgpack.packb({**GOOD, "repeat_keys": "x" * 16}),
    "repeat keys of 17 bytes": msgpack.packb({**GOOD, "repeat_keys": bytes(17)}),
    "join keys of 15 bytes": msgpack.packb({**GOOD, "join_keys": bytes(15)}),
    "text as a token": msgpack.packb({**GOOD, "return_token": "x"}),
    "a time as a token": pairs(("return_token", msgpack.Timestamp(1))),
    "bytes that are no UTF-8 as text": msgpack.packb({**GOOD}).replace(b"news", b"\xff\xfe\xfd!"),
}
BOMBS |= {f"no {key}": msgpack.packb({k: v for k, v in GOOD.items() if k != key}) for key in GOOD}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_inside_is_damaged_though_its_seal_is_good(name):
    with pytest.raises(Damaged) as caught:
        open_envelope(sealed_as_is(BOMBS[name]), MINE)
    assert not isinstance(caught.value, NotMine)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 40), st.integers(0, 10))
def test_an_inside_with_noise_in_it_is_damaged_or_an_inside(noise, at, gone):
    good = msgpack.packb(GOOD)
    try:
        opened = open_envelope(sealed_as_is(good[:at] + noise + good[at + gone :]), MINE)
    except Damaged:
        return
    assert replace(opened.inside) == opened.inside


def test_the_same_envelope_with_a_good_inside_opens():
    """Else the tests above would show nothing."""
    assert open_envelope(sealed_as_is(msgpack.packb(GOOD)), MINE).inside == Inside(
        "text", "sms", b"x", "news"
    )


def test_padding_must_be_a_mark_and_zeros():
    envelope = bytearray(sealed_as_is(b""))
    good = open_envelope(sealed_as_is(msgpack.packb(GOOD) + b""), MINE)
    assert good.inside.channel == "news"
    assert refused(sealed_as_is(msgpack.packb(GOOD) + b"\x80\x01"))
    assert refused(bytes(envelope))


LIMITS = [
    ("transport", ["s" * 64], ["", "s" * 65]),
    ("channel", ["ن" * 64], ["", "n" * 65]),
    ("flags", [("f" * 64,), ("a",) * 16], [("f" * 65,), ("a",) * 17, ("",), ("a b",), ("é",)]),
    ("repeat_keys", [(bytes(16),) * 8], [(bytes(16),) * 9, (bytes(15),), (b"",)]),
    ("author_tags", [(bytes(16),) * 8], [(bytes(16),) * 9, (bytes(17),)]),
    ("network_tags", [(bytes(16),) * 8], [(bytes(16),) * 9, (bytes(17),)]),
    ("join_keys", [(bytes(16),) * 8], [(bytes(16),) * 9, (bytes(32),)]),
    ("return_token", [bytes(1024)], [bytes(1025)]),
    ("answer_key", [bytes(32)], [bytes(31), bytes(33)]),
    ("kind", ["mail"], ["", "fax"]),
]


@pytest.mark.parametrize(("field", "good", "bad"), LIMITS, ids=[one[0] for one in LIMITS])
def test_each_field_has_a_limit_and_what_is_past_it_is_never_sealed(field, good, bad):
    for value in good:
        inside = replace(A_TEXT, **{field: value})
        assert open_envelope(sealed(inside), MINE).inside == inside
    for value in bad:
        with pytest.raises(ValueError):
            replace(A_TEXT, **{field: value})


@pytest.mark.parametrize("numbers", [(1, 0), (0, 1), (3, 2), (1, 256), (-1, 2), (-1, -1)])
def test_a_segment_is_one_of_its_segments(numbers):
    segment, segments = numbers
    with pytest.raises(ValueError):
        replace(A_TEXT, segment=segment, segments=segments)
    plain = msgpack.packb({**GOOD, "segment": segment, "segments": segments})
    assert refused(sealed_as_is(plain))


# ---------------------------------------------------------------- what is printed


def test_nothing_prints_what_is_inside():
    opened = open_envelope(sealed(), MINE)
    for value in (A_TEXT, opened, seal(A_TEXT, [ONE.public], arrival=0, expiry=0)):
        said = f"{value!r} {value}"
        assert "news" not in said and "sms" not in said and "b'" not in said
    assert {f.name for f in fields(opened)} == {"id", "inside", "secret"}
