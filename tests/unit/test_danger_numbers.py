"""Every country's telephone numbers are found, as they are written there and from abroad.

The numbers are the examples in Google's tables (``phonenumbers``): so nothing that its matcher
would find is missed, but what has fewer than seven digits within an island.
"""

from __future__ import annotations

import phonenumbers
import pytest

from relay.rules.danger.phones import LEAST_DIGITS, phones
from relay.rules.seen import Seen

FORMATS = (
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.RFC3966,
)
KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)


def digits(text: str) -> str:
    return "".join(one for one in text if one.isdecimal())


@pytest.mark.parametrize("form", FORMATS)
def test_the_numbers_of_every_country_are_found(form: int) -> None:
    missed = []
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in KINDS:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            written = phonenumbers.format_number(example, form)
            if len(digits(written)) < LEAST_DIGITS:
                continue
            seen = Seen(f"they said {written} and no more")
            found = [digits(seen.text[start:end]) for start, end in phones(seen)]
            if set(found) != {digits(written)}:
                missed.append((region, written))
    assert missed == []


@pytest.mark.parametrize(
    "said", ["tel. 45-67-89", "تلفن ۴۵۶۷۸۹", "call me at 456789", "电话：123456"]
)
def test_a_short_number_is_found_after_a_word_that_says_so(said: str) -> None:
    seen = Seen(said)
    assert [digits(seen.plain[start:end]) for start, end in phones(seen)] == [digits(seen.plain)]


@pytest.mark.parametrize(
    "said", ["in 45 67 89", "telephones of 1964", "called 12 times", "tel 110"]
)
def test_without_one_it_is_none(said: str) -> None:
    assert list(phones(Seen(said))) == []


def test_many_amounts_cost_no_more_than_the_library_may_be_asked() -> None:
    assert len(list(phones(Seen("+34 612 345 000 " * 1_250)))) <= 500
