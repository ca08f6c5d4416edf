"""What we say back is short, says nothing that could hang somebody, and was read by a speaker."""

from __future__ import annotations

import re
import string
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from relay.rules.gsm import fits
from relay.rules.words import Answer, answers, catalogue, command_of, languages, say
from relay.rules.words.catalogue import LANGUAGES

KEYS = get_args(Answer)
LONGEST_CODE = "829144701234"
MOST_SAFETY = 1_000

TELLING = re.compile(
    r"publi[cs]h|\bposted|telegram|twitter|facebook|mastodon|bluesky|youtube|\btoday|tomorrow|"
    r"\bhours?\b|minutes? ago|منتشر|نُشر|опублик|发布|發布|publicad|publié|ထုတ်ဝေ",
    re.IGNORECASE,
)


def texts(language: str) -> dict[str, str]:
    """The answers of a language as they would be sent, with the longest code."""
    written = catalogue.catalogue(language).answers
    return {key: text.format(code=LONGEST_CODE) for key, text in written.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_there_and_short_enough_for_two_segments(language: str) -> None:
    said = texts(language)
    assert set(said) == set(KEYS) | ({"unchecked"} if language == "en" else set())
    assert [key for key, text in said.items() if not fits(text) and key != "safety"] == []
    assert len(said["safety"]) + len(said.get("unchecked", "")) + 2 <= MOST_SAFETY


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_answer_with_a_code_has_a_place_to_fill(language: str) -> None:
    for key, text in catalogue.catalogue(language).answers.items():
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert set(names) == ({"code"} if key == "taken" else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_names_a_platform_or_a_time_or_says_that_anything_is_public(
    language: str,
) -> None:
    said = texts(language)
    assert [key for key, text in said.items() if key != "safety" and TELLING.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_is_a_command_when_it_is_sent_back(language: str) -> None:
    assert [text for text in texts(language).values() if command_of(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_signs_and_words_that_are_understood(language: str) -> None:
    text = texts(language)["help"]
    for sign in "#?-":
        assert command_of(f"{sign}{LONGEST_CODE}") and f"{sign}x" in text
    words = catalogue.catalogue(language).words
    for word in ("answers", "again", "read"):
        assert any(spelling in text for spelling in words[word]), word


def test_the_languages_are_those_that_have_a_catalogue() -> None:
    there = [Path(str(one)).stem for one in files("relay").joinpath("locales").iterdir()
             if str(one).endswith(".po")]  # fmt: skip
    assert sorted(there) == sorted(LANGUAGES)


def test_a_language_that_nobody_has_checked_is_answered_in_english() -> None:
    unchecked = [one for one in LANGUAGES if one not in languages()]
    for language in (*unchecked, "uk", "", "und", "fa-IR"):
        assert say("waits", language) == texts("en")["waits"]


def test_the_safety_text_in_english_says_so_to_who_wrote_in_another_language() -> None:
    english = texts("en")
    for language in ("", "und", "en", "en-GB"):
        assert say("safety", language) == english["safety"]
    for language in ("uk", "und-Cyrl"):
        expected = f"{english['unchecked']}\n\n{english['safety']}"
        assert say("safety", language) == (expected if language == "uk" else english["safety"])


def test_a_language_that_a_speaker_has_checked_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(language: str) -> catalogue.Catalogue:
        made = catalogue.catalogue(language)
        return catalogue.Catalogue(language, made.words, made.answers, "a speaker")

    monkeypatch.setattr(answers, "catalogue", checked)
    assert say("waits", "fa-IR") == texts("fa")["waits"]
    assert say("safety", "fa") == texts("fa")["safety"]
    assert LONGEST_CODE in say("taken", "my", code=LONGEST_CODE)
    assert languages() == LANGUAGES


def test_the_name_of_who_checked_is_read_from_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    written = files("relay").joinpath("locales/fr.po").read_text(encoding="utf-8")

    class Signed:
        def joinpath(self, name: str) -> Signed:
            return self

        def read_text(self, encoding: str) -> str:
            return re.sub('(X-Checked-By:)[^"]*', r"\1 a speaker of it \\n", written)

    monkeypatch.setattr(catalogue, "files", lambda package: Signed())
    assert catalogue.catalogue.__wrapped__("fr").checked_by == "a speaker of it"
