"""An approval is of exactly what goes out: whatever is otherwise is another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from relay.errors import Asked
from relay.exit.approving import approved, as_the_first_wanted, digest_of, kinds_of, needs_two
from relay.exit.record import First, Record, Written
from relay.exit.sheet import Approval, Choice, Sheet, with_line
from relay.exit.sheet import Line as Note
from relay.model import Mark, Media, Message, Original
from relay.rules.policy import Policy

MEDIA = (Media("image/jpeg", b"one", alt="a bridge"), Media("image/jpeg", b"two"))
MESSAGE = Message("The bridge is closed", "A title", "en", media=MEDIA)
RECORD = Record(
    bytes(32),
    "text",
    "form",
    "news",
    message=MESSAGE,
    originals=(Original("image/jpeg", 3, bytes(32)),) * 2,
)
PLACES = ("page", "telegram")
PLAIN = digest_of(RECORD, "news", PLACES, Choice())


def saying(**words: Any) -> Record:
    return replace(RECORD, message=replace(MESSAGE, **words))


@pytest.mark.parametrize(
    "record",
    [
        saying(text="The bridge is open"),
        saying(title="A titl", text="eThe bridge is closed"),
        saying(language="fa"),
        saying(media=MEDIA[:1]),
        saying(media=MEDIA[::-1]),
        saying(media=(replace(MEDIA[0], content=b"other"), MEDIA[1])),
        saying(media=(replace(MEDIA[0], alt="a square"), MEDIA[1])),
        replace(RECORD, revision=2),
        replace(RECORD, hides=True),
        replace(RECORD, corrects=First(bytes(16), 1, bytes(32))),
    ],
)
def test_other_words_media_or_corrections_are_another_approval(record: Record) -> None:
    assert digest_of(record, "news", PLACES, Choice()) != PLAIN


@pytest.mark.parametrize(
    ("channel", "places", "choice", "stage"),
    [
        ("other", PLACES, Choice(), ""),
        ("news", PLACES[:1], Choice(), ""),
        ("news", PLACES, Choice(without=("telegram",)), ""),
        ("news", PLACES, Choice(not_before=7), ""),
        ("news", PLACES, Choice(chosen=True, only=(1,)), ""),
        ("news", PLACES, Choice(), "deliveries"),
    ],
)
def test_other_places_or_another_time_are_another_approval(
    channel: str, places: tuple[str, ...], choice: Choice, stage: str
) -> None:
    assert digest_of(RECORD, channel, places, choice, stage) != PLAIN


@pytest.mark.parametrize(
    "record",
    [
        replace(RECORD, answers=("a question",)),
        saying(marks=(Mark("phone", 0, 3),)),
        replace(RECORD, sender="known"),
    ],
)
def test_what_is_not_published_changes_no_approval(record: Record) -> None:
    assert digest_of(record, "news", PLACES[::-1], Choice()) == PLAIN


def test_all_media_that_were_chosen_are_as_if_nobody_had_chosen() -> None:
    assert digest_of(RECORD, "news", PLACES, Choice(chosen=True, only=(1, 2))) == PLAIN
    with pytest.raises(Asked, match="no such medium"):
        digest_of(RECORD, "news", PLACES, Choice(chosen=True, only=(3,)))


def said(handle: str, digest: bytes = PLAIN, choice: Choice = Choice()) -> Approval:  # noqa: B008
    return Approval(handle, digest, handle.encode(), choice)


def test_two_different_persons_who_want_the_same_are_two() -> None:
    sheet, both = approved(Sheet(), said("ada"))
    assert not both
    sheet, both = approved(sheet, said("ada"))
    assert not both and len(sheet.approvals) == 1
    _, both = approved(sheet, said("bob", b"otherwise"))
    assert not both
    _, both = approved(sheet, said("bob"))
    assert both


def test_who_confirms_takes_the_choice_of_the_only_other_one() -> None:
    first = Choice(without=("telegram",), joins=(7,))
    sheet, _ = approved(Sheet(), said("ada", choice=first))
    assert as_the_first_wanted(sheet, "bob", Choice()) == first
    assert as_the_first_wanted(sheet, "bob", Choice(joins=(8,))) == replace(first, joins=(8,))
    own = Choice(not_before=7)
    assert as_the_first_wanted(sheet, "bob", own) == own
    assert as_the_first_wanted(sheet, "ada", Choice()) == Choice()
    sheet, _ = approved(sheet, said("eve", b"otherwise"))
    assert as_the_first_wanted(sheet, "bob", Choice()) == Choice()


@pytest.mark.parametrize(
    ("rule", "kinds", "two"),
    [("none", ["phone"], False), ("danger", [], False), ("danger", ["phone"], True)],
)
def test_whether_two_are_wanted_is_the_channels_rule(
    rule: Any, kinds: list[str], two: bool
) -> None:
    assert needs_two(Policy(two_persons=rule), kinds) is two
    assert needs_two(Policy(two_persons="all"), kinds)


def test_what_was_cut_out_was_danger_all_the_same() -> None:
    cut = Written("call 123", "", (), (Mark("phone", 5, 3),))
    assert kinds_of(replace(RECORD, written=cut)) == {"phone"}
    assert kinds_of(replace(RECORD, theirs=cut)) == {"phone"}


def test_of_too_many_notes_the_oldest_go_and_none_is_written_twice() -> None:
    notes: tuple[Note, ...] = ()
    for n in range(101):
        notes = with_line(notes, Note("ada", 0, str(n), b"%d" % n))
        notes = with_line(notes, Note("ada", 0, str(n), b"%d" % n))
    assert [notes[0].text, notes[-1].text, len(notes)] == ["1", "100", 100]
