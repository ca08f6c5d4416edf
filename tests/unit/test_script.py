"""What language a text is in, as far as its letters tell, and which way it runs."""

from __future__ import annotations

import time

import pytest

from relay.rules.script import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("سلام، می‌روم به خانه", "fa"),
        ("گچ پژ", "fa"),
        ("السلام عليكم ورحمة الله", "ar"),
        ("یہ اردو میں لکھا گیا ہے", "ur"),
        ("Привет, как дела?", "ru"),
        ("Привіт, як ся маєте? Їжак", "uk"),
        ("你好，世界", "zh"),
        ("こんにちは世界", "ja"),
        ("世界の中で", "ja"),
        ("안녕하세요", "ko"),
        ("မင်္ဂလာပါ", "my"),
        ("שלום", "he"),
        ("Γειά σου", "el"),
        ("สวัสดี", "th"),
        ("Բարեւ", "hy"),
        ("გამარჯობა", "ka"),
        ("Hello, how are you?", "und"),
        ("Hola, ¿qué tal?", "und"),
        ("", "und"),
        ("12345 !? 🙂", "und"),
        ("۱۲۳ ۴۵۶", "und"),
    ],
)
def test_letters_tell_a_language_or_nothing(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_script_of_most_letters_decides() -> None:
    assert language_of("Telegram: سلام دوستان، امروز همه می‌آیند") == "fa"
    assert language_of("The word سلام means hello to everybody here") == "und"


def test_addresses_and_names_do_not_outweigh_the_words() -> None:
    assert language_of("سلام پدر https://example.org/a/very/long/way/to/it @somebody") == "fa"


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Hola", "es", "es"),
        ("Hola", "es-MX", "es-MX"),
        (" Hola", " es ", "es"),
        ("سلام می‌روم", "en-US", "fa"),
        ("Salam", "fa", "und"),
        ("Hola", "es, en", "und"),
        ("Hola", "../../x", "und"),
        ("Hola", "<b>", "und"),
        ("Hola", "e" * 1000, "und"),
        ("Hola", "es\r\nX: y", "und"),
        ("123", "fa", "fa"),
    ],
)
def test_a_declared_language_is_believed_where_its_letters_are(
    text: str, declared: str, language: str
) -> None:
    assert language_of(text, declared) == language


@pytest.mark.parametrize("unit", ["س", "a", "1", "http://", "@", "a://", "@a", "中の", " ", "и"])
def test_the_longest_text_is_looked_at_in_no_time(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    begun = time.process_time()
    language_of(text, "fa")
    assert time.process_time() - begun < 0.2
