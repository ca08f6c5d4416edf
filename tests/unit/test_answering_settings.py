"""Ways in that can answer: what they say of it in relay.toml, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from relay.config.inward.common import Answering, AnsweringBySms, AnswersTo, WayIn


class Chat(Answering):
    """A kind that answers by itself, as a bot does."""

    answers: AnswersTo = "asked"


def wrong(at: WayIn) -> dict[str, str]:
    return {one.key: one.remedy for one in at.mistakes("transports.phone", {})}


def phone(**written: object) -> AnsweringBySms:
    return AnsweringBySms.model_validate(written)


def test_sms_answers_nobody_unless_it_is_told_to() -> None:
    at = phone()
    assert (at.answers, at.answer_prefixes, at.read) == ("none", (), False)
    assert (at.answers_per_day, at.answers_per_sender, at.answers_every) == (100, 3, 600)
    assert not wrong(at) and not list(at.unsafe("transports.phone"))


def test_sms_that_may_answer_anybody_is_refused_with_the_remedy() -> None:
    assert "answer_prefixes = " in wrong(phone(answers="asked"))["transports.phone.answer_prefixes"]
    at = phone(answers="asked", answer_prefixes=["+98", "+98912"])
    assert at.answer_prefixes == ("+98", "+98912") and not wrong(at)


def test_reading_by_sms_needs_answers() -> None:
    assert "asked" in wrong(phone(read=True))["transports.phone.read"]
    assert not wrong(phone(read=True, answers="asked", answer_prefixes=["+98"]))


def test_numbers_that_are_answered_by_nobody_are_a_mistake() -> None:
    said = wrong(phone(answer_prefixes=["+98"]))
    assert 'answers = "asked"' in said["transports.phone.answer_prefixes"]


def test_that_the_telephone_company_sees_the_answers_is_said_at_each_start() -> None:
    said = dict(phone(answers="asked", answer_prefixes=["+98"]).unsafe("transports.phone"))
    assert "telephone company" in said["transports.phone.answers"]


def test_chat_answers_who_asks_at_once() -> None:
    at = Chat()
    assert (at.answers, at.answers_every, at.answers_per_day) == ("asked", 0, 1000)
    assert not wrong(at) and not list(at.unsafe("transports.chat"))


@pytest.mark.parametrize(
    "written",
    [
        {"answers": "all"},
        {"answers_per_sender": 4},
        {"answers_per_day": 0},
        {"answers_every": "2d"},
        {"answer_prefixes": ["98"]},
        {"answer_prefixes": ["+098"]},
        {"answer_prefixes": ["+"]},
        {"answer_prefixes": "+98"},
        {"per_sender": 0},
    ],
)
def test_what_cannot_be_kept_is_refused(written: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError):
        phone(**written)


def test_a_kind_that_cannot_answer_has_none_of_the_keys() -> None:
    assert not {key for key in WayIn.model_fields if key.startswith("answer")}
    assert WayIn.model_fields["per_sender"].default == 300
