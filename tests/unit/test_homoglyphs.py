"""Letters that only look like others are found within a word, and honest texts are left alone."""

from __future__ import annotations

import pytest

from relay.model import Command, Message
from relay.reader.read import read
from relay.rules.danger import marks
from relay.rules.lookalike import imitates, imitating, is_all_alike, skeleton


def found(text: str) -> list[str]:
    return [text[one.offset :][: one.length] for one in marks(text) if one.kind == "homoglyph"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log in at раypal.com now", ["раypal"]),
        ("https://аpple.com/", ["аpple"]),
        ("https://аррӏе.com/", ["аррӏе"]),
        ("www.хо.org", ["хо"]),
        ("ask Ivаnov", ["Ivаnov"]),
        ("Москвa", ["Москвa"]),
        ("STАTUS 12345678", ["STАTUS"]),
        ("Ελλάδa", ["Ελλάδa"]),
        ("Iv\u200bаnov", ["Iv\u200bаnov"]),
    ],
)
def test_a_word_that_imitates_another_script_is_found(text: str, words: list[str]) -> None:
    assert found(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Persian فارسی and English in one sentence",
        "Привет и hello вместе, 你好 and ελλάδα",
        "SMSки, IT-шник, iPhone'ом, COVIDные, VPNом, PDFка, DNS-сервер",
        "Ελλάδα και Europe",
        "naïve café Straße İstanbul",
        "https://пример.рф/ and https://xn--e1afmkfd.xn--p1ai/",
        "https://новости.com/",
        "αβγ-globulin",
        "5А класс, 3B",
    ],
)
def test_honest_texts_in_several_scripts_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("word", ["STАTUS 12345678", "СODE sunflower7", "DELЕTE 12345678"])
def test_a_command_in_such_letters_is_no_command_and_a_person_sees_why(word: str) -> None:
    message = read(word.encode(), "text")
    assert not isinstance(message, Command)
    assert isinstance(message, Message)
    assert "homoglyph" in {one.kind for one in message.marks}


def test_a_code_in_such_letters_is_marked_at_no_place_of_the_text() -> None:
    message = read("a bridge is open\nCODE sunflоwer7".encode(), "text")
    assert isinstance(message, Message)
    assert "homoglyph" in {one.kind for one in message.marks}


def test_a_skeleton_is_what_is_read() -> None:
    assert skeleton("РауРаl") == "paypal"
    assert imitates("РауРаl") and not imitates("PayPal") and not imitates("Рига")
    assert is_all_alike("аррӏе") and not is_all_alike("новости") and not is_all_alike("123")
    assert list(imitating("a аa b")) == [(2, 4)]
