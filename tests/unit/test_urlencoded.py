"""Forms as browsers and gateways send them: the fields that the library reads, for less."""

from __future__ import annotations

import tracemalloc
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.serving.urlencoded import pairs_in

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_whatever_was_written_comes_back(pairs: list[tuple[str, str]]) -> None:
    assert pairs_in(urlencode(pairs).encode(), 10) == pairs


@given(st.text("&=%+a0fF~ \x00", max_size=40))
def test_odd_forms_are_read_as_the_library_reads_them(form: str) -> None:
    theirs = parse_qsl(form, keep_blank_values=True, errors="replace")
    assert pairs_in(form.encode(), 50, "replace") == theirs


@pytest.mark.parametrize("form", [b"a=\xff", b"a=%ff", b"a=%ed%a0%80", b"&" * 10])
def test_what_is_no_form_is_an_error(form: bytes) -> None:
    with pytest.raises(ValueError):
        pairs_in(form, 10)


@pytest.mark.parametrize("bomb", [b"%", b"%41", b"%zz", b"+"])
def test_no_bomb_costs_much(bomb: bytes) -> None:
    body = b"a=" + bomb * (256 * 1024 // len(bomb))
    tracemalloc.start()
    pairs_in(body, 10)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 40 * len(body)
