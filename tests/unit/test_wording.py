"""What a person makes of the words of a message that is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.errors import Asked
from relay.exit.guard import as_written, guarded
from relay.exit.record import Record, restore, store
from relay.exit.review import reasons_for
from relay.exit.wording import NOTHING, OUTSIDE, Cut, with_cuts, with_text
from relay.model import Mark, Media, Message
from relay.rules.danger import all_marks
from relay.rules.policy import Policy
from relay.rules.redact import CUT
from relay.rules.wordlist import word_list
from relay.wire.keys import make_exit_keys

TEXT = "They shoot in Azadi Street. Call 0912 345 6789 for Ali."
HOLDS, REDACTS = Policy(review="none"), Policy(review="none", danger="redact")
KEYS = make_exit_keys()


def read(text: str = TEXT, title: str = "", *media: Media) -> Record:
    message = Message(text, title, media=media)
    marked = replace(message, marks=all_marks(message))
    return Record(bytes(32), "text", "phone", "news", message=marked)


def text_of(record: Record) -> str:
    assert record.message is not None
    return record.message.text


def at(words: str, text: str = TEXT) -> Cut:
    return Cut("text", text.index(words), len(words))


def test_what_a_person_cuts_is_gone_and_the_senders_words_are_kept_beside() -> None:
    made = with_cuts(read(), [at("0912 345 6789"), at("Ali")], HOLDS)
    assert text_of(made) == f"They shoot in Azadi Street. Call {CUT} for {CUT}."
    assert made.theirs is not None and made.theirs.text == TEXT
    assert {mark.kind for mark in made.theirs.marks} >= {"phone"}
    assert made.message is not None and "phone" not in {mark.kind for mark in made.message.marks}


def test_what_is_no_danger_any_more_holds_nothing() -> None:
    assert reasons_for(guarded(read(), HOLDS), HOLDS)
    assert not reasons_for(with_cuts(read(), [at("0912 345 6789")], HOLDS), HOLDS)


def test_danger_is_looked_for_in_the_new_words() -> None:
    named = replace(HOLDS, words=word_list(["Azadi Street"]))
    made = with_text(read("nothing here"), "", "mail ali@example.org in Azadi Street", named)
    assert made.message is not None
    assert {mark.kind for mark in made.message.marks} == {"mail", "word"}


def test_a_channel_that_redacts_takes_danger_out_of_a_persons_words_as_well() -> None:
    made = with_text(guarded(read(), REDACTS), "", "write to ali@example.org", REDACTS)
    assert text_of(made) == f"write to {CUT}"
    assert made.theirs is not None and made.theirs.text == TEXT


def test_what_a_person_wrote_stays_whatever_rule_comes_after_it() -> None:
    made = with_text(guarded(read(), REDACTS), "", "They shoot in the centre.", REDACTS)
    for policy in (HOLDS, REDACTS, Policy(danger="off"), Policy(danger="mark")):
        again = guarded(made, policy)
        assert text_of(again) == as_written(again).text == "They shoot in the centre."


def test_words_changed_twice_are_still_the_senders_beside() -> None:
    once = with_text(read(), "", "first", HOLDS)
    twice = with_text(once, "now titled", "second", HOLDS)
    assert twice.theirs is not None and twice.theirs.text == TEXT
    assert twice.message is not None and twice.message.title == "now titled"
    assert restore(store(twice, KEYS.storage, bytes(16)), KEYS.storage, bytes(16)) == twice


def test_the_same_words_change_nothing() -> None:
    record = read()
    assert with_text(record, "", TEXT, HOLDS) is record


def test_what_media_show_is_cut_of_one_or_of_all() -> None:
    media = [Media("image/jpeg", b"1", alt="Ali"), Media("image/jpeg", b"2", alt="Sara")]
    record = read("look", "", *media)
    one = with_cuts(record, [Cut("alt", n=2)], HOLDS)
    both = with_cuts(record, [Cut("alt")], HOLDS)
    assert one.message is not None and both.message is not None
    assert [medium.alt for medium in one.message.media] == ["Ali", CUT]
    assert [medium.alt for medium in both.message.media] == [CUT, CUT]
    assert one.theirs is not None and one.theirs.alts == ("Ali", "Sara")


@pytest.mark.parametrize(
    "cut",
    [
        Cut("text", 0, 1000),
        Cut("text", -1, 2),
        Cut("text", 3, 0),
        Cut("title", 0, 1),
        Cut("alt", n=1),
    ],
    ids=str,
)
def test_a_place_that_is_not_there_is_not_cut(cut: Cut) -> None:
    with pytest.raises(Asked, match=OUTSIDE):
        with_cuts(read(), [cut], HOLDS)


def test_nothing_at_all_is_not_published() -> None:
    with pytest.raises(Asked, match=NOTHING):
        with_cuts(read(), [Cut("text", 0, len(TEXT))], HOLDS)
    with pytest.raises(Asked, match=NOTHING):
        with_text(read(), "", "", HOLDS)
    picture = read("look", "", Media("image/jpeg", b"1"))
    assert text_of(with_text(picture, "", "", HOLDS)) == ""


def test_a_quote_that_was_found_stays_found() -> None:
    record = read("> said before\nand now")
    assert record.message is not None
    quoted = replace(record, message=replace(record.message, marks=(Mark("quote", 0, 13),)))
    made = with_text(quoted, "", "other words", HOLDS)
    assert made.message is not None
    assert [(mark.kind, mark.length) for mark in made.message.marks] == [("quote", 0)]
