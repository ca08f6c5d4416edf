"""Segments to the whole: any split, any order, doubles, gaps, both kinds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import Kind
from relay.rules.gsm import decoded, encoded
from relay.rules.join import GAP, GAP_GSM, GAP_UCS2, Segment, joined, missing

PERSIAN = "سلام 🕊 دنیا، نان نیست"


@st.composite
def splits(draw: st.DrawFn) -> tuple[bytes, Kind, list[Segment], int]:
    """Octets of one kind, cut anywhere, their segments in any order and some of them twice."""
    kind: Kind = draw(st.sampled_from(["gsm", "ucs2"]))
    if kind == "ucs2":
        whole = draw(st.text(st.characters(codec="utf-8"), max_size=60)).encode("utf-16-be")
    else:
        whole = bytes(draw(st.lists(st.integers(0, 127), max_size=120)))
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=9)))
    ends = [0, *cuts, len(whole)]
    parts = [whole[a:b] for a, b in pairwise(ends)]
    segments = [Segment(number, kind, part) for number, part in enumerate(parts, 1)]
    doubles = draw(st.lists(st.sampled_from(segments), max_size=4))
    return whole, kind, draw(st.permutations([*segments, *doubles])), len(parts)


@given(splits())
def test_any_split_in_any_order_with_doubles_joins_to_the_same_octets(
    split: tuple[bytes, Kind, list[Segment], int],
) -> None:
    octets, kind, segments, of = split
    whole = joined(segments, of)
    assert (whole.kind, whole.content, whole.missing) == (kind, octets, ())


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.data())
def test_any_text_that_is_cut_anywhere_is_the_same_text_again(
    text: str, data: st.DataObject
) -> None:
    kind, octets = encoded(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    parts = [octets[a:b] for a, b in pairwise([0, *cuts, len(octets)])]
    segments = [Segment(number, kind, part) for number, part in enumerate(parts, 1)]
    whole = joined(data.draw(st.permutations(segments)), len(segments))
    assert whole.kind == kind
    assert decoded(whole.content, kind) == text


@given(splits(), st.data())
def test_what_is_there_stays_in_order_around_every_gap(
    split: tuple[bytes, Kind, list[Segment], int], data: st.DataObject
) -> None:
    _, kind, segments, of = split
    lost = data.draw(st.sets(st.integers(1, of), max_size=of - 1))
    left = [one for one in segments if one.number not in lost]
    whole = joined(left, of)
    assert whole.missing == tuple(sorted(lost)) == missing(left, of)
    gap = GAP_GSM if kind == "gsm" else GAP_UCS2
    if lost:
        assert gap in whole.content
    if kind == "gsm":
        for one in left:
            assert one.content in whole.content


def three(kind: Kind, *contents: bytes) -> list[Segment]:
    return [Segment(number, kind, content) for number, content in enumerate(contents, 1)]


UCS2 = three("ucs2", *(part.encode("utf-16-be") for part in ("یک ", "دو ", "سه")))
GSM = three("gsm", b"one ", b"two ", b"three")


@pytest.mark.parametrize(
    ("there", "text"),
    [
        ((1, 3), f"یک {GAP}سه"),
        ((2, 3), f"{GAP}دو سه"),
        ((1, 2), f"یک دو {GAP}"),
        ((2,), f"{GAP}دو {GAP}"),
    ],
)
def test_a_gap_is_shown_wherever_segments_are_missing(there: tuple[int, ...], text: str) -> None:
    whole = joined([UCS2[n - 1] for n in there], 3)
    assert whole.content.decode("utf-16-be") == text


def test_of_septets_the_gap_is_septets() -> None:
    whole = joined([GSM[0], GSM[2]], 3)
    assert whole.content == b"one " + GAP_GSM + b"three"
    assert max(whole.content) < 128


def test_several_that_are_missing_side_by_side_are_one_gap() -> None:
    segments = [Segment(1, "gsm", b"a"), Segment(4, "gsm", b"d")]
    assert joined(segments, 4).content == b"a" + GAP_GSM + b"d"


def test_of_two_that_differ_under_one_number_the_first_counts() -> None:
    other = Segment(2, "gsm", b"not the second")
    assert joined([GSM[0], GSM[1], other, GSM[2]], 3).content == b"one two three"
    assert joined([GSM[0], other, GSM[1], GSM[2]], 3).content == b"one not the secondthree"


def test_half_a_pair_at_a_border_is_kept_for_the_other_half() -> None:
    octets = PERSIAN.encode("utf-16-be")
    at = octets.index("🕊".encode("utf-16-be")) + 2
    halves = three("ucs2", octets[:at], octets[at:])
    assert joined(halves[::-1], 2).content == octets


def test_half_a_unit_at_a_gap_puts_nothing_out_of_step() -> None:
    octets = [part.content for part in UCS2]
    cut = three("ucs2", octets[0] + octets[1][:1], octets[1][1:3], octets[1][3:] + octets[2])
    assert joined([cut[0], cut[2]], 3).content.decode("utf-16-be") == f"یک {GAP} سه"
    assert joined(cut[:1], 3).content.decode("utf-16-be") == f"یک {GAP}"
    assert joined(cut[2:], 3).content.decode("utf-16-be") == f"{GAP} سه"


def test_segments_of_both_kinds_all_become_ucs2() -> None:
    mixed = [GSM[0], UCS2[1], Segment(3, "gsm", b"f\x1b\x65")]
    whole = joined(mixed, 3)
    assert (whole.kind, whole.content.decode("utf-16-be")) == ("ucs2", "one دو f€")
    whole = joined([mixed[0], mixed[1]], 3)
    assert whole.content.decode("utf-16-be") == f"one دو {GAP}"


def test_an_escape_that_is_parted_from_its_sign_is_one_also_beside_another_kind() -> None:
    cut = [Segment(1, "gsm", b"5\x1b"), Segment(2, "gsm", b"\x65 "), Segment(3, "ucs2", b"\0!")]
    assert joined(cut, 3).content.decode("utf-16-be") == "5€ !"


def test_decoded_text_is_joined_before_it_is_cut_into_characters() -> None:
    octets = PERSIAN.encode()
    assert joined(three("text", octets[:3], octets[3:]), 2).content == octets
    mixed = [*three("text", octets[:3], octets[3:]), Segment(3, "ucs2", b"\0!")]
    assert joined(mixed, 3).content.decode("utf-16-be") == f"{PERSIAN}!"


def test_of_nothing_nothing_is_made() -> None:
    with pytest.raises(ValueError, match="no segments"):
        joined([], 3)
