"""A clean text is a command, or a message without its code; an SMS is read like any other."""

from __future__ import annotations

import pytest

from relay.model import Command, Media, Message, Unreadable
from relay.reader.read import read
from relay.reader.said import said
from relay.reader.text import MAX_TEXT
from relay.rules.gsm import encoded
from relay.rules.policy import Policy, held_for

PICTURE = Media("image/jpeg", b"\xff\xd8")


def message(found: object) -> Message:
    assert isinstance(found, Message), found
    return found


@pytest.mark.parametrize("text", ["STATUS 8291 4470", "?82914470", "وضعیت ۸۲۹۱۴۴۷۰"])
@pytest.mark.parametrize("kind", ["text", "ucs2"])
def test_a_whole_text_is_a_command(text: str, kind: str) -> None:
    content = text.encode("utf-16-be" if kind == "ucs2" else "utf-8")
    found = read(content, kind)
    assert isinstance(found, Command)
    assert (found.word, found.argument) == ("status", "82914470")


def test_septets_are_read_and_their_code_is_taken_off() -> None:
    kind, content = encoded("They closed the bridge {again}\n#82914470")
    assert kind == "gsm" and b"\x1b" in content
    found = message(read(content, kind))
    assert (found.text, found.code) == ("They closed the bridge {again}", "82914470")
    assert read(b"HELP", "gsm") == Command("help", "", "en")


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ("🕯 پل بسته".encode("utf-16-be")[2:], "ucs2", "\ufffd پل بسته"),
        ("پل بسته 🕯".encode("utf-16-be")[:-2], "ucs2", "پل بسته \ufffd"),
        (b"the bridge \x1b", "gsm", "the bridge \ufffd"),
        (b"the bridge \xff", "gsm", "the bridge \ufffd"),
        (b"the bridge \xff", "text", "the bridge \ufffd"),
    ],
)
def test_what_was_damaged_on_the_way_is_held(content: bytes, kind: str, text: str) -> None:
    found = message(read(content, kind))
    assert (found.text, found.flags) == (text, ("damaged_text",))


@pytest.mark.parametrize("kind", ["text", "ucs2"])
def test_a_sign_for_damage_that_somebody_wrote_is_no_damage(kind: str) -> None:
    content = "what is \ufffd?".encode("utf-16-be" if kind == "ucs2" else "utf-8")
    assert message(read(content, kind)).flags == ()


@pytest.mark.parametrize("kind", ["text", "gsm", "ucs2"])
def test_no_text_is_not_read(kind: str) -> None:
    assert read(b"", kind) == read(b"\x00\x20" if kind == "ucs2" else b"  ", kind)
    assert isinstance(read(b"", kind), Unreadable)


def test_a_text_that_is_too_long_is_kept_whole_and_is_no_command() -> None:
    long = "words " * MAX_TEXT
    found = message(read(long.encode("utf-16-be"), "ucs2"))
    assert found.flags == ("cut_text", "media")
    assert found.media == (Media("text/plain", long.encode()),)


def test_a_title_does_not_make_a_text_less_of_a_command() -> None:
    assert said("DELETE 82914470", title="hello") == Command("delete", "82914470", "en")


def test_what_comes_with_a_picture_is_no_command() -> None:
    found = message(said("DELETE 82914470", media=[PICTURE], flags=["media"]))
    assert (found.text, found.code, found.flags) == ("DELETE 82914470", "", ("media",))


@pytest.mark.parametrize(
    ("under", "text"), [("#82914470", ""), ("The bridge\n#82914470", "The bridge")]
)
def test_a_picture_may_have_a_code_under_it(under: str, text: str) -> None:
    found = message(said(under, media=[PICTURE]))
    assert (found.text, found.code, found.media) == (text, "82914470", (PICTURE,))


def test_a_text_that_may_be_about_a_secret_code_is_seen_by_a_person_first() -> None:
    found = message(said("STATUS sunflower"))
    assert (found.text, found.flags) == ("STATUS sunflower", ("perhaps_code", "perhaps_command"))
    assert held_for(found, Policy(review="none")) == ("perhaps a command",)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("TO everyone", ("perhaps_command",)),
        ("READ this", ("perhaps_command",)),
        ("STATUS of the water", ()),
    ],
)
def test_what_holds_no_secret_is_not_held(text: str, flags: tuple[str, ...]) -> None:
    found = message(said(text))
    assert (found.text, found.flags) == (text, flags)
    assert held_for(found, Policy(review="none")) == ()


def test_a_title_that_is_nothing_but_a_code_is_taken_off_and_is_the_code() -> None:
    found = message(said("The bridge is closed", title="#82914470"))
    assert (found.title, found.text, found.code) == ("", "The bridge is closed", "82914470")
    found = message(said("The bridge\nCODE sunflower7", title="CODE sunflower8"))
    assert (found.title, found.text, found.code) == ("", "The bridge", "sunflower7")


@pytest.mark.parametrize("title", ["Code violation", "water CODE sunflower7"])
def test_a_title_that_may_hold_a_code_is_seen_by_a_person_first(title: str) -> None:
    found = message(said("They closed our shop", title=title))
    assert (found.title, found.code) == (title, "")
    assert held_for(found, Policy(review="none")) == ("perhaps a command",)


@pytest.mark.parametrize(
    "text",
    [
        "Code violation",
        "CODE sunflower",
        "#13571122",
        "STATUS 20260108",
        "water\nCODE ab12cd34\nAda",
    ],
)
def test_what_may_be_a_secret_or_nothing_of_ours_is_a_message_and_held(text: str) -> None:
    found = message(said(text))
    assert (found.text, found.code) == (text, "")
    assert "perhaps a command" in held_for(found, Policy(review="none"))


def test_a_word_of_letters_under_a_picture_is_its_code() -> None:
    found = message(said("CODE sunflower", media=[PICTURE]))
    assert (found.text, found.code) == ("", "sunflower")


def test_dangers_and_language_are_those_of_the_text_without_its_code() -> None:
    found = message(said("پل بسته است\n#82914470", title="به ۰۹۱۲۳۴۵۶۷۸۹ زنگ بزنید"))
    assert found.language == "fa"
    assert [(mark.kind, mark.where, mark.offset) for mark in found.marks] == [("phone", "title", 3)]
