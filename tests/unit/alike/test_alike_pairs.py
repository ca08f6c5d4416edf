# ruff: noqa: E501
"""Two texts: one story or two."""

from __future__ import annotations

import pytest

from relay.rules.alike import Alike
from relay.rules.alike.aligning import verdict
from relay.rules.alike.telling import told
from relay.rules.alike.typing_errors import is_slip, may_be
from relay.rules.alike.verdicts import Verdict


def together(one: str, other: str) -> bool:
    alike = Alike()
    return alike.add(1, one) == alike.add(2, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fire in the big market of Shiraz, 1,200 people", "FIRE in the big market of shiraz 1200 people"),
        ("مردم می‌گویند در شیراز ۳ نفر کشته شدند", "مردم مي گويند در شيراز سه نفر كشته شدند"),
        ("В Могилёве задержаны двадцать три человека", "в могилеве задержаны 23 человека"),
        ("Dün gece Diyarbakır çarşısında üç kişi öldü", "dun gece diyarbakir carsisinda 3 kisi oldu"),
        ("郑州昨晚有三十五人被捕现场很乱", "郑州昨晚有35人被捕，现场很乱"),
        ("ရန်ကုန်မှာ မနေ့က လူ ၁၃ ယောက် သေဆုံးခဲ့တယ်", "ရန်ကုန်မှာ မနေ့က လူ 13 ယောက် သေဆုံးခဲ့တယ်"),
        ("Hier 3 personnes ont été tuées à Goma", "hier trois personnes ont ete tuees a goma"),
        ("Police opened fire at the crowd in Shiraz", "Polcie opened fire at the corwd in Shiraz"),
        ("Police opened fire at the crowd in Shiraz", "Police opened fire at crowd in Shiraz"),
    ],
)  # fmt: skip
def test_what_a_keyboard_changes_is_one_story(one: str, other: str) -> None:
    assert together(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Police opened fire at the crowd in Iran", "Police opened fire at the crowd in Iraq"),
        ("At 12:30 police opened fire in Shiraz", "At 12:50 police opened fire in Shiraz"),
        ("3.5 million people are out on the streets", "3 million people are out on the streets"),
        ("3 thousand people are out on the streets", "3 people are out on the streets"),
        ("In Shiraz three people were killed today", "three people were killed today in Tabriz"),
        ("The bridge in Shiraz is open again today", "The bridge in Shiraz is not open again today"),
        ("سیزده نفر دیروز در شیراز کشته شدند", "سی نفر دیروز در شیراز کشته شدند"),
        ("دیروز در بابل چند نفر کشته شدند", "دیروز در زابل چند نفر کشته شدند"),
        ("河南昨晚有很多人被捕现场很乱", "河北昨晚有很多人被捕现场很乱"),
        ("郑州昨晚有三十五人被捕现场很乱", "郑州昨晚有五人被捕现场很乱"),
        ("สิบสามคนเสียชีวิตเมื่อคืนนี้ที่ตลาด", "สามคนเสียชีวิตเมื่อคืนนี้ที่ตลาด"),
        ("From Shiraz: many were arrested last night", "From Tabriz: many were arrested last night"),
    ],
)  # fmt: skip
def test_another_place_name_or_number_is_another_story(one: str, other: str) -> None:
    assert not together(one, other)


@pytest.mark.parametrize(
    ("one", "other", "error"),
    [
        ("people", "poeple", True),
        ("mashhad", "mashad", True),
        ("demonstration", "demonstartion", True),
        ("iran", "iraq", False),
        ("zabol", "babol", False),
        ("kerman", "kermanshah", False),
        ("hebei", "hubei", False),
        ("slovakia", "slovenia", False),
        ("13", "31", False),
        ("ab", "ba", False),
    ],
)
def test_an_error_is_what_fingers_do_to_a_word(one: str, other: str, error: bool) -> None:
    assert may_be(one, other) is may_be(other, one) is error


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("police", "oplice", True),
        ("walk", "wak", True),
        ("ring", "rring", True),
        ("iran", "iraq", False),
        ("shiraz", "tabriz", False),
        ("13", "31", False),
    ],
)
def test_a_slip_is_no_other_letter(one: str, other: str, slip: bool) -> None:
    assert is_slip(one, other) is is_slip(other, one) is slip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The exit on Mill street is open today", "The exit on Old Mill street is open today"),
        ("We saw eight trucks on the ring road", "We saw eight hundred trucks on the ring road"),
        ("The clinic is taking people without papers", "The clinic isn't taking people without papers"),
    ],
)  # fmt: skip
def test_a_word_more_within_a_sentence_is_another_story(one: str, other: str) -> None:
    assert not together(one, other)


def test_what_stands_around_a_story_and_in_which_order_it_is_told_does_not_matter() -> None:
    first = "The bridge on the road to Karaj is closed."
    second = "Soldiers check every car and take the telephones."
    for other in (
        f"{second} {first}",
        f"My aunt sent me this just a minute ago. {first} {second}",
        f"{first} {second}\nI have not seen it myself, take care",
        f"City News, [12/03/2026 14:33]\n{first} {second}",
    ):
        assert together(f"{first} {second}", other)


def test_a_pair_is_judged_the_same_from_both_sides() -> None:
    whole = told("Last night three people were shot dead near the old bazaar of Shiraz")
    short = told("Last night three people were shot dead")
    assert verdict(whole, short, lambda _: False) == Verdict.SAME | Verdict.MORE | Verdict.OPEN
    assert verdict(short, whole, lambda _: False) == Verdict.SAME | Verdict.LESS | Verdict.OPENED
