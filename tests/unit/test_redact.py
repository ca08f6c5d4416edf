"""What was found is cut out of a message before it is published, and kept for who decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.cli.dangers import lines_as_written, lines_of_dangers
from relay.exit.guard import as_written, guarded
from relay.exit.record import Record, restore, store
from relay.exit.review import review
from relay.model import Change, Mark, Media, Message, Queue, Row, State
from relay.node.dangers_shown import dangers_of
from relay.reader.read import read
from relay.reader.text import clean
from relay.rules.danger import UNCUT, all_marks
from relay.rules.policy import Policy
from relay.rules.redact import CUT, redacted, without
from relay.rules.wordlist import word_list
from relay.wire.keys import make_exit_keys

KEYS = make_exit_keys()
ID = bytes(16)
OPEN = Policy(review="none", delay=(60, 60), media_review="none", danger="redact")
NOW = 1_800_000_000


def message(text: str, title: str = "") -> Message:
    """As a reader makes it."""
    made = read(text.encode(), "text")
    assert isinstance(made, Message)
    made = replace(made, title=title, marks=())
    return replace(made, marks=all_marks(made))


def cut(text: str, title: str = "") -> Message:
    return redacted(message(text, title))[0]


# ---------------------------------------------------------------- what is cut


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call 0912 345 6789 now", "call […] now"),
        ("زنگ بزنید ۰۹۱۲ ۳۴۵ ۶۷۸۹ لطفاً", "زنگ بزنید […] لطفاً"),
        ("write to a@b.org or 0912 345 6789", "write to […] or […]"),
        ("a@b.org, 0912 345 6789", CUT),
        ("They shot at us at 14:35 from a roof", "They shot at us at […] from a roof"),
        ("We are hiding in the school. Help", "[…]. Help"),
        ("It began.\nRegards,\nAli", "It began.\n[…]"),
        ("me: https://t.me/+AbCd.", "me: […]."),
        ("09\u200c12 345 6789", CUT),
    ],
)
def test_what_was_found_is_cut_out(text: str, left: str) -> None:
    assert cut(text).text == left
    assert cut(text).marks == ()


def test_of_a_word_known_by_its_beginning_nothing_is_left() -> None:
    given = Message("Rezaei and Rezvaneh met, Иванова тоже, #reza_h")
    made, _ = redacted(given, word_list(["Иванов*", "Rez*"]))
    assert made.text == "[…] and […] met, […] тоже, #[…]"


def test_the_title_and_the_words_about_media_are_cut_as_well() -> None:
    given = Message("ok", title="call 0912 345 6789", media=(Media("image/png", b"", "at 14:35"),))
    made, found = redacted(given)
    assert (made.title, made.media[0].alt) == ("call […]", CUT)
    assert [(one.where, one.kind) for one in found] == [("title", "phone"), ("alt", "time")]


def test_of_marks_that_overlap_one_hole_is_made() -> None:
    marks = [Mark("a", 2, 4), Mark("b", 4, 4), Mark("c", 99, 5), Mark("d", -3, 2)]
    assert without("0123456789", marks) == f"01{CUT}89"


@pytest.mark.parametrize("text", ["ask Ivаnov", "co\u200cpy"])
def test_what_has_no_place_to_cut_stays_marked(text: str) -> None:
    made = cut(text)
    assert made.text == text
    assert {one.kind for one in made.marks} <= UNCUT and made.marks


_PIECES = st.sampled_from(
    ["0912 345 6789", "a@b.org", "14:35", "سلام", " ", "\n", "x", ".", "I am at the gate", "-- \n",
     "@name_here", "912", "[…]"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12))
@settings(max_examples=150, deadline=None)
def test_nothing_that_can_be_cut_is_left_and_cutting_again_changes_nothing(
    pieces: list[str],
) -> None:
    given = message(clean(" ".join(pieces)) or "x")
    made, _ = redacted(given)
    assert {one.kind for one in made.marks} <= UNCUT
    assert redacted(made)[0].text == made.text


@given(st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_a_text_in_which_nothing_is_found_stays_to_the_letter(text: str) -> None:
    given = Message(clean(text))
    made, found = redacted(given)
    if not found:
        assert made == given


# ---------------------------------------------------------------- by the channel's policy


def reviewed(made: Message, policy: Policy, *, held: str = "") -> tuple[Change, Record]:
    record = Record(bytes(32), "text", "phone", "news", message=made, held=held)
    body = store(record, KEYS.storage, ID)
    row = Row(1, 1, 1, Queue.REVIEW, State.WAITING, ID, NOW, 0, "news", "", body=body)
    change = review(row, KEYS, {"news": policy}, NOW, lambda low, high: low)
    return change, restore(change.body or body, KEYS.storage, ID)


def test_a_channel_that_redacts_publishes_the_rest_and_says_what_it_took() -> None:
    change, record = reviewed(message("call 0912 345 6789 at 14:35"), OPEN)
    assert (change.queue, change.why) == (Queue.DELIVER, "taken out: phone, time")
    assert record.message is not None and record.message.text == "call […] at […]"
    assert as_written(record).text == "call 0912 345 6789 at 14:35"


def test_a_channel_that_marks_lets_it_go_on_and_says_so() -> None:
    change, record = reviewed(message("call 0912 345 6789"), replace(OPEN, danger="mark"))
    assert (change.queue, change.why) == (Queue.DELIVER, "marked: phone")
    assert record.message is not None and record.message.text == "call 0912 345 6789"
    assert record.written is None


def test_a_channel_that_holds_holds_it() -> None:
    change, _ = reviewed(message("call 0912 345 6789"), replace(OPEN, danger="hold"))
    assert (change.state, change.why) == (State.HELD, "danger: phone")


def test_a_channel_that_looks_at_nothing_says_nothing() -> None:
    change, record = reviewed(message("call 0912 345 6789"), replace(OPEN, danger="off"))
    assert (change.queue, change.why, change.body) == (Queue.DELIVER, "", None)
    assert record.message is not None and record.message.text == "call 0912 345 6789"


def test_what_cannot_be_cut_is_held_where_a_channel_redacts() -> None:
    change, record = reviewed(message("ask Ivаnov, 0912 345 6789"), OPEN)
    assert (change.state, change.why) == (State.HELD, "danger: homoglyph; taken out: phone")
    assert record.message is not None and record.message.text == "ask Ivаnov, […]"


def test_of_what_nothing_is_left_a_person_decides() -> None:
    change, _ = reviewed(message("0912 345 6789, a@b.org"), OPEN)
    why = "nothing is left of it; taken out: mail, phone"
    assert (change.state, change.why) == (State.HELD, why)


def test_what_a_reader_has_not_marked_is_cut_nevertheless() -> None:
    change, record = reviewed(Message("call 0912 345 6789"), OPEN)
    assert change.queue == Queue.DELIVER
    assert record.message is not None and record.message.text == "call […]"


def test_what_is_held_for_another_reason_is_cut_before_a_person_sees_it() -> None:
    change, record = reviewed(message("call 0912 345 6789"), replace(OPEN, review="all"))
    assert (change.state, change.why) == (State.HELD, "review; taken out: phone")
    assert record.message is not None and record.message.text == "call […]"


def test_what_is_held_for_another_reason_says_what_is_marked() -> None:
    policy = replace(OPEN, review="all", danger="mark")
    change, _ = reviewed(message("call 0912 345 6789"), policy)
    assert change.why == "review; marked: phone"
    change, _ = reviewed(message("call 0912 345 6789"), replace(policy, danger="hold"))
    assert change.why == "danger: phone; review"
    change, _ = reviewed(message("call 0912 345 6789"), replace(policy, danger="off"))
    assert change.why == "review"


def test_the_words_of_the_channel_count_in_text_and_title() -> None:
    words = replace(OPEN, danger="hold", words=word_list(["Ali Reza", "رضا"]))
    change, record = reviewed(message("رضا آنجا بود", title="Ali Reza"), words)
    assert change.why == "danger: word"
    assert record.message is not None
    assert [(one.kind, one.where) for one in record.message.marks] == [
        ("word", "text"),
        ("word", "title"),
    ]
    change, record = reviewed(message("رضا آنجا بود"), replace(words, danger="redact"))
    assert record.message is not None and record.message.text == "[…] آنجا بود"


def test_a_record_that_goes_to_another_channel_is_as_that_one_wants_it() -> None:
    _, record = reviewed(message("call 0912 345 6789, Ali Reza"), OPEN)
    held = guarded(record, replace(OPEN, danger="hold", words=word_list(["Ali Reza"])))
    assert held.message is not None and held.message.text == "call 0912 345 6789, Ali Reza"
    assert {one.kind for one in held.message.marks} == {"phone", "word"}
    assert held.written is None
    again = guarded(held, OPEN)
    assert again.message is not None and again.message.text == "call […], Ali Reza"
    assert guarded(again, OPEN) == again


# ---------------------------------------------------------------- what is shown


def test_who_decides_sees_what_was_cut_and_from_where() -> None:
    _, record = reviewed(message("see:\ncall 0912 345 6789", title="at 14:35"), OPEN)
    told = {**dangers_of(record), "text": "see:\ncall […]", "title": "at […]"}
    assert told["taken_out"] == {"phone": 1, "time": 1}
    assert told["marks"] == [] and told["marked"] == {}
    assert told["written"]["marks"] == [
        {"kind": "phone", "where": "text", "offset": 10, "length": 13},
        {"kind": "time", "where": "title", "offset": 3, "length": 5},
    ]
    assert list(lines_of_dangers(told)) == ["cut out  1 phone, 1 time"]
    assert "call 0912 345 6789" in "\n".join(lines_as_written(told))


def test_a_mark_is_shown_with_its_line_and_column() -> None:
    _, record = reviewed(
        message("see:\ncall 0912 345 6789", title="at 14:35"), replace(OPEN, danger="mark")
    )
    told = {**dangers_of(record), "text": "see:\ncall 0912 345 6789", "title": "at 14:35"}
    assert list(lines_of_dangers(told)) == [
        "danger   phone: line 2, column 6: 0912 345 6789",
        "danger   time: title, column 4: 14:35",
    ]
    assert not list(lines_as_written(told))


def test_marks_are_shown_in_the_order_in_which_they_stand() -> None:
    words, policy = word_list(["Ali"]), replace(OPEN, danger="mark")
    text = "Ali said: call 0912 345 6789, ask Ali"
    _, record = reviewed(message(text), replace(policy, words=words))
    told = {**dangers_of(record), "text": text, "title": ""}
    kinds = [line.split()[1] for line in lines_of_dangers(told)]
    assert kinds == ["word:", "phone:", "word:"]


def test_a_mark_without_a_place_is_shown_without_one() -> None:
    told = dangers_of(Record(bytes(32), "text", "t", "news", message=Message(
        "x", marks=(Mark("quote", 0, 0), Mark("mail", 0, 0, "alt")))))  # fmt: skip
    lines = list(lines_of_dangers({**told, "text": "x", "title": ""}))
    assert lines == [
        "danger   quote: somewhere in it",
        "danger   mail: in the words about a medium",
    ]
