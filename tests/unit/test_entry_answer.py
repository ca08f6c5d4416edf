"""A token is opened once, its text goes to its transport, and nothing of either is left."""

from __future__ import annotations

import gc
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.entry import answer as module
from relay.entry.answer import MOST_TEXT, MOST_USED, Answers, Reply
from relay.wire import primitives
from relay.wire.frames import Answer, SealTo
from relay.wire.token import ReturnKey, make_token, seal_answer

TODAY = ReturnKey(b"day2", b"2" * 32)
YESTERDAY = ReturnKey(b"day1", b"1" * 32)
K = b"k" * 32
NUMBER = b"+15550147382"
TEXT = "زنده‌ایم"


class Phone:
    """A transport that answers."""

    def __init__(self) -> None:
        self.got: list[Reply] = []
        self.answers = Answers({"phone": self.got.append})
        self.answers.renew([TODAY, YESTERDAY])


def token(way_back: bytes = NUMBER, key: ReturnKey = TODAY, name: bytes = b"phone") -> bytes:
    return make_token(key, K, name + b"\x00" + way_back)


def sealed(text: str = TEXT) -> bytes:
    return seal_answer(K, text.encode())


def test_an_answer_goes_to_the_transport_that_its_question_came_by() -> None:
    phone = Phone()
    assert phone.answers.answer(token(NUMBER + b"\x00its own"), sealed())
    [reply] = phone.got
    assert (reply.way_back, reply.who, reply.text) == (NUMBER + b"\x00its own", NUMBER, TEXT)


def test_yesterdays_token_is_good_and_one_whose_key_is_gone_is_not() -> None:
    phone = Phone()
    assert phone.answers.answer(token(key=YESTERDAY), sealed())
    phone.answers.renew([TODAY])
    assert not phone.answers.answer(token(key=YESTERDAY), sealed())
    assert len(phone.got) == 1


def test_a_token_is_good_once_whatever_came_of_it() -> None:
    phone = Phone()
    for first in (sealed(), b"nonsense", sealed("x" * 9000)):
        one = token()
        phone.answers.answer(one, first)
        assert not phone.answers.answer(one, sealed())
    assert len(phone.got) == 1


def test_tokens_that_are_remembered_as_used_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_USED", 10)
    phone = Phone()
    for _ in range(50):
        phone.answers.answer(token(), sealed())
    assert len(phone.answers._used) == 10 < MOST_USED


@pytest.mark.parametrize("name", [b"", b"gone", b"\xff", b"phone2"])
def test_a_transport_that_is_not_there_any_more_gets_nothing(name: bytes) -> None:
    phone = Phone()
    assert not phone.answers.answer(token(name=name), sealed())
    assert phone.got == []


@pytest.mark.parametrize(
    "text", [b"\xff", b"\xed\xa0\x80", b"x" * MOST_TEXT], ids=["no utf-8", "surrogate", "long"]
)
def test_what_is_no_text_of_ours_goes_nowhere(text: bytes) -> None:
    phone = Phone()
    assert not phone.answers.answer(token(), seal_answer(K, text))
    assert phone.got == []


@settings(max_examples=60)
@given(st.binary(max_size=700), st.binary(max_size=200))
def test_bytes_of_whatever_kind_open_nothing_and_raise_nothing(one: bytes, other: bytes) -> None:
    phone = Phone()
    for key in (b"", TODAY.id):
        assert not phone.answers.answer(key + one, other)
    assert not phone.answers.answer(token(), other)
    assert phone.got == []


@pytest.mark.parametrize("at", [0, 4, 16, 40, 300, 577])
def test_a_token_with_a_flipped_bit_opens_nothing_and_spoils_none(at: int) -> None:
    phone = Phone()
    whole = token()
    bad = bytearray(whole)
    bad[at] ^= 1
    assert not phone.answers.answer(bytes(bad), sealed())
    assert phone.answers.answer(whole, sealed())


def test_a_token_that_was_sealed_well_around_nonsense_opens_nothing() -> None:
    phone = Phone()
    for plain in (b"", bytes(545), bytes(33), K + b"\x02\x01" + bytes(512)):
        made = TODAY.id + primitives.seal(TODAY.key, plain, b"outword/1/token" + TODAY.id)
        assert not phone.answers.answer(made, sealed())


def test_nothing_of_an_answer_is_shown_by_a_repr_or_a_traceback() -> None:
    phone = Phone()

    def fails(reply: Reply) -> None:
        raise RuntimeError

    answers = Answers({"phone": fails})
    answers.renew([TODAY])
    shown = ""
    try:
        answers.answer(token(), sealed())
    except RuntimeError:
        shown = traceback.format_exc()
    phone.answers.answer(token(), sealed())
    frame = Answer(token(), sealed())
    held = (phone.got[0], phone.answers, frame, SealTo((), b"t" * 32, b"y" * 32), TODAY)
    shown += "".join(repr(one) for one in held)
    assert shown and not any(one in shown for one in ("5550147382", "زنده", "kkkk", "2222", "\\x"))


def test_nothing_of_an_answer_is_left_in_memory() -> None:
    phone = Phone()
    phone.answers.answer(token(), sealed())
    phone.got.clear()
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, Reply)]
