"""Numbers of papers and accounts: told by their check digits, and not without them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.rules.danger import check_digits as check
from relay.rules.danger import marks


def kinds(text: str) -> set[str]:
    return {one.kind for one in marks(text)}


RIGHT = (
    ("Iran", "0084575948"),
    ("Iran", "008-457594-8"),
    ("Iran", "۰۰۸۴۵۷۵۹۴۸"),
    ("Türkiye", "10000000146"),
    ("Russia, insurance", "112-233-445 95"),
    ("Russia, tax", "500100732259"),
    ("China", "11010519491231002X"),
    ("China", "110105 19491231 002x"),
    ("Egypt", "29001012100017"),
    ("Egypt", "٢٩٠٠١٠١٢١٠٠٠١٧"),
    ("France", "1 85 05 78 006 084 91"),
    ("Spain", "12345678Z"),
    ("Spain", "12345678-z"),
    ("Spain, foreigners", "X1234567L"),
    ("Belarus", "3141284M001PB8"),
    ("Myanmar", "12/OUKAMA(N)123456"),
    ("Myanmar", "၁၂/ဥကမ(နိုင်)၁၂၃၄၅၆"),
    ("Venezuela", "V-12.345.678"),
    ("Venezuela", "E-12345678"),
    ("Pakistan", "35202-1234567-1"),
    ("Brazil", "529.982.247-25"),
)


@pytest.mark.parametrize(("country", "number"), RIGHT)
def test_a_number_of_a_paper_is_found(country: str, number: str) -> None:
    for around in ("{}", "no. {}, he said", "شماره {} است", "号码：{}。"):
        assert "id" in kinds(around.format(number)), country


@pytest.mark.parametrize(
    "number",
    ["0084575949", "1111111111", "10000000147", "112-233-445 96", "110105194912310021",
     "39013212100017", "12345678A", "X1234567A", "3141284M001PB9", "15/OUKAMA(N)123456"],
)  # fmt: skip
def test_with_a_wrong_check_digit_it_is_none(number: str) -> None:
    assert "id" not in kinds(number)


@pytest.mark.parametrize(
    "text",
    ["passport A12345678", "паспорт 4510 123456", "کد ملی: ۱۲۳۴۵۶۷۸۹۰", "گذرنامه X12345678",
     "الرقم الوطني 123456789", "护照 E12345678", "pasaporte no. 123456789"],
)  # fmt: skip
def test_after_the_word_for_a_paper_any_number_is_found(text: str) -> None:
    assert "id" in kinds(text)


@pytest.mark.parametrize(
    "number",
    ["4111 1111 1111 1111", "4111-1111-1111-1111", "6037991122334455", "۶۰۳۷۹۹۱۱۲۲۳۳۴۴۵۵",
     "3782 822463 10005", "GB82 WEST 1234 5698 7654 32", "IR062960000000100324200001",
     "DE89370400440532013000 to Ali", "gb82 west 1234 5698 7654 32 please send"],
)  # fmt: skip
def test_cards_and_accounts_are_found(number: str) -> None:
    assert "bank" in kinds(number)


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1112", "GB82 WEST 1234 5698 7654 33", "0000 0000 0000 0000"]
)
def test_with_a_wrong_sum_they_are_none(number: str) -> None:
    assert "bank" not in kinds(number)


@given(st.integers(0, 10**9 - 1))
@settings(max_examples=200, deadline=None)
def test_exactly_one_check_digit_makes_an_iranian_number(begun: int) -> None:
    right = [last for last in range(10) if check.iran(f"{begun:09}{last}")]
    assert len(right) <= 1
    assert right or len(set(f"{begun:09}")) == 1  # ten times one digit is nobody's


@given(st.integers(10**14, 10**15 - 1))
@settings(max_examples=200, deadline=None)
def test_exactly_one_check_digit_makes_a_card(begun: int) -> None:
    assert sum(check.luhn(f"{begun}{last}") for last in range(10)) == 1


@given(st.integers(0, 10**8 - 1))
@settings(max_examples=100, deadline=None)
def test_exactly_one_letter_makes_a_spanish_number(number: int) -> None:
    letters = [one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if check.spain(f"{number:08}{one}")]
    assert len(letters) == 1
    assert "id" in kinds(f"({number:08}{letters[0].lower()})")
