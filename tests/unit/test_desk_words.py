"""The desk in another language: nothing of ours is missing, nothing is put wrong."""

from __future__ import annotations

import re
from importlib.resources import files
from io import BytesIO

import pytest
from desk_browser import Browser
from desk_core import EDITOR, DeskCore
from jinja2.ext import babel_extract

from relay.desk.done import SAID
from relay.desk.flags import SAID as FLAGS
from relay.desk.lanes_asked import LABELS, ORDER_LABELS
from relay.desk.menu import MENU
from relay.desk.pages.operator.around import DONE, TABS
from relay.desk.words import LANGUAGES, count, is_checked, number, reasons, say, wanted, words_in
from relay.model import State
from relay.rules.danger.kinds import SAID as KINDS
from relay.rules.rights import ROLES

OTHERS = [one for one in LANGUAGES if one != "en"]
PUT = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_into_a_text_is_the_same_in_both_languages(language: str) -> None:
    for english, said in words_in(language).items():
        for form in said:
            assert set(PUT.findall(form)) - {"n"} == set(PUT.findall(english)) - {"n"}, english
            assert form.count("%") == len(PUT.findall(form)) + english.startswith("% "), english


def in_templates() -> dict[str, str]:
    """Every word of ours in a template, and where it stands."""
    found: dict[str, str] = {}
    trimmed = {"trim_blocks": "true", "lstrip_blocks": "true"}
    for template in files("relay.desk").joinpath("templates").iterdir():
        written = BytesIO(template.read_bytes())
        for _, _, said, _ in babel_extract(written, ("_", "gettext", "ngettext"), [], trimmed):
            for english in (said,) if isinstance(said, str) else said[:1] if said else ():
                found.setdefault(str(english), template.name)
    return found


def named() -> set[str]:
    """Words of ours that a page is given by a name."""
    tabs = [one.name for one in (*MENU, *TABS)]
    return {*LABELS.values(), *ORDER_LABELS.values(), *SAID.values(), *DONE.values(), *tabs,
            *ROLES, *State, *KINDS, *FLAGS.values()}  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_ours_is_missing(language: str) -> None:
    there = words_in(language)
    lacks = {english: where for english, where in in_templates().items() if english not in there}
    assert not lacks
    assert not named() - there.keys()


def test_a_text_that_a_catalogue_lacks_is_english() -> None:
    assert say("fa", "no such text") == "no such text"
    assert say("xx", "Search") == "Search"
    assert count("fa", "%(n)s thing", "%(n)s things", 2) == "%(n)s things"


def test_a_refusal_of_the_core_with_a_number_in_it_is_found() -> None:
    assert say("fa", "wait 12 s") == "۱۲ ثانیه صبر کنید"
    assert say("fa", "wait 12 s 13") == "wait 12 s 13"
    assert say("en", "wait 12 s") == "wait 12 s"


def test_why_a_message_waits_is_said_reason_by_reason() -> None:
    said = reasons("fa", "danger: phone, mail; perhaps a quote; of its own")
    assert said == "خطر: شمارهٔ تلفن, نشانی ایمیل; شاید نقل قول; of its own"
    assert reasons("en", "danger: phone; review") == "danger: phone; review"


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert (number("en", 12345), number("fa", 12345)) == ("12,345", "۱۲٬۳۴۵")


def test_a_catalogue_that_nobody_signed_is_said_to_be_unchecked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert is_checked("en") and not is_checked("fa")
    written = files("relay").joinpath("locales/desk/fa.po").read_text("utf-8")
    signed = written.replace("X-Checked-By: ", "X-Checked-By: a speaker")
    monkeypatch.setattr("relay.desk.words._written", lambda _: signed)
    is_checked.cache_clear()
    assert is_checked("fa")
    is_checked.cache_clear()


@pytest.mark.parametrize(
    ("said", "language"),
    [("fa-IR,fa;q=0.9,en;q=0.8", "fa"), ("de, en", "en"), ("", "en"), ("x" * 10_000, "en")],
)
def test_a_stranger_is_shown_the_first_language_that_we_have(said: str, language: str) -> None:
    assert wanted(said) == language
    page = Browser(DeskCore(), session="").get("/sign-in", **{"accept-language": said})
    assert f'<html lang="{language}"' in page.text


def test_a_person_is_shown_the_language_of_their_choice_from_right_to_left() -> None:
    core = DeskCore()
    core.people["s-fa"] = {**EDITOR, "language": "fa"}
    page = Browser(core, "s-fa").get("/preferences", **{"accept-language": "en"})
    assert '<html lang="fa" dir="rtl">' in page.text and "ذخیره" in page.text
    assert say("fa", "Sign out") in page.text
