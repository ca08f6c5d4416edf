"""The sheet for the person inside is short, in the order of what saves, and does what it says."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from relay.model import Command
from relay.rules.words import command_of, is_weak

SHEET = (Path(__file__).parent.parent.parent / "docs/send.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", SHEET, re.M | re.S))
LANGUAGES = ("English", "فارسی", "Español", "မြန်မာ")
DRAFTS = {"فارسی": "پیش‌نویس", "Español": "Borrador", "မြန်မာ": "မူကြမ်း"}
MOST_CHARACTERS = 2_400
"""At 95 a line, thirty lines with their breaks: half a page of A4."""

ORDER = {
    "English": ("prison", "form", "mail", "SMS", "Delete", "Name nobody", "hear nothing",
                "cannot be called back", "code", "number ours"),
    "فارسی": ("زندان", "فرم", "ایمیل", "شرکت تلفن", "پاک کنید", "نام نبرید", "نمی‌شنوید",
              "پس گرفته نمی‌شود", "کد لازم", "شماره از ماست"),
    "Español": ("cárcel", "formulario", "correo", "compañía telefónica", "Borre", "No nombre",
                "No sabrá nada", "no se puede retirar", "código", "nuestro este número"),
    "မြန်မာ": ("ထောင်", "ဖောင်", "အီးမေးလ်", "ဖုန်းကုမ္ပဏီ", "ဖျက်ပါ", "နာမည်ကိုမှ", "ပြန်မကြားရ",
              "သေချာပေါက်", "ကုဒ် လို", "ဒီနံပါတ်"),
}  # fmt: skip


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_saves_in_its_order(language: str) -> None:
    text, at = plain(SECTIONS[language]), 0
    for said in ORDER[language]:
        at = text.index(said, at)
    assert re.findall(r"^(\d)\. ", SECTIONS[language], re.M) == list("12345678")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_short(language: str) -> None:
    assert len(plain(SECTIONS[language])) <= MOST_CHARACTERS


@pytest.mark.parametrize(("language", "word"), DRAFTS.items())
def test_what_no_speaker_has_checked_says_so_in_its_first_line(language: str, word: str) -> None:
    lines = [one for one in SECTIONS[language].splitlines() if one and not one.startswith("<")]
    assert lines[0].startswith(f"**{word}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_signs_it_teaches_are_understood_and_the_code_is_a_good_one(language: str) -> None:
    taught = [
        found for one in re.findall(r"`([^`]+)`", SECTIONS[language]) if (found := command_of(one))
    ]
    code = taught[0].argument
    assert taught == [Command("code", code), Command("delete", code), Command("status", code)]
    assert not is_weak(code)


def test_it_asks_first_what_the_page_and_the_paper_ask() -> None:
    safety = json.loads(files("relay").joinpath("locales/safety.json").read_bytes())["en"]
    assert safety["before"] in plain(SECTIONS["English"])


def test_it_promises_nobody_to_be_anonymous_and_nothing_to_be_published() -> None:
    assert "anonym" not in SHEET.lower()
    assert "if it can be published without harm" in plain(SECTIONS["English"])
