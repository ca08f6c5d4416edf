"""Mail encrypted to the exit: found without a key, opened with one, and read without one again."""

from __future__ import annotations

import pytest
from sealing import attached, by_age, by_openpgp, entity, inline, opened, pgp_mime

from relay.model import Command, Encrypted, Media, Message, Unreadable
from relay.reader.opened import CLOSED
from relay.reader.read import read
from relay.wire.mailkeys import MailKeys, MailPublic, make_mail_keys

WORDS = "پل را بستند."


def made() -> MailKeys:
    keys = make_mail_keys(["post@example.org"])
    assert keys is not None
    return keys


KEYS, OTHERS = made(), made()
TO = KEYS.public


def message(content: bytes) -> Message:
    found = opened(content, KEYS)
    assert isinstance(found, Message), found
    return found


def test_pgp_mime_has_its_real_subject_inside() -> None:
    found = message(pgp_mime(by_openpgp(entity(WORDS, "The bridge"), TO)))
    assert (found.text, found.title, found.media) == (WORDS, "The bridge", ())
    assert found.flags == ("encrypted",)


@pytest.mark.parametrize("container", ["encrypted", "mixed"])
@pytest.mark.parametrize("armour", [True, False])
def test_pgp_mime_is_found_whatever_a_server_made_of_its_container(
    container: str, armour: bool
) -> None:
    sealed = by_openpgp(entity(WORDS), TO, armour=armour)
    found = message(pgp_mime(sealed, container))
    assert (found.text, found.title) == (WORDS, "")


def test_a_signature_inside_is_neither_asked_for_nor_kept() -> None:
    found = message(pgp_mime(by_openpgp(entity(WORDS), TO, signed=True)))
    assert (found.text, found.flags) == (WORDS, ("encrypted",))


@pytest.mark.parametrize("seal", [by_openpgp, by_age])
def test_armour_in_the_text_is_opened(seal: object) -> None:
    sealed = seal(WORDS.encode(), TO)  # type: ignore[operator]
    found = message(inline(sealed, subject="news"))
    assert (found.text, found.title, found.flags) == (WORDS, "news", ("encrypted",))


@pytest.mark.parametrize("seal", [by_openpgp, by_age])
def test_armour_survives_what_mail_programs_do_to_lines(seal: object) -> None:
    sealed = seal(WORDS.encode(), TO)  # type: ignore[operator]
    spoiled = b"  " + sealed.replace(b"\r\n", b"\n").replace(b"\n", b"  \r\n ")
    assert message(inline(spoiled)).text == WORDS


def test_words_beside_the_armour_are_kept_aside_for_a_person() -> None:
    found = message(
        inline(by_openpgp(WORDS.encode(), TO), "Please read.\r\n\r\n", "\r\n-- \r\nSam")
    )
    assert (found.text, found.media) == (WORDS, (Media("text/plain", b"Please read."),))
    assert set(found.flags) == {"encrypted", "media", "quote_removed"}


@pytest.mark.parametrize(
    ("name", "seal", "armour"),
    [
        ("a.txt.pgp", by_openpgp, False),
        ("a.txt.gpg", by_openpgp, False),
        ("a.txt.asc", by_openpgp, True),
        ("a.txt.age", by_age, False),
        ("a.age", by_age, True),
        ("without an ending", by_age, False),
        ("without an ending", by_openpgp, True),
    ],
)
def test_a_file_that_is_encrypted_is_opened_and_its_text_is_the_message(
    name: str, seal: object, armour: bool
) -> None:
    sealed = seal(WORDS.encode(), TO, armour=armour)  # type: ignore[operator]
    found = message(attached((name, sealed)))
    assert (found.text, found.title, found.media) == (WORDS, "papers", ())


def test_several_files_are_all_opened() -> None:
    picture, paper = b"\xff\xd8\xff\xe0picture", b"%PDF-1.7 paper"
    sealed = by_openpgp(picture, TO, armour=False)
    found = message(
        attached(
            ("a.pgp", sealed),
            ("b.age", by_age(paper, TO)),
            ("t.asc", by_openpgp(WORDS.encode(), TO)),
        )
    )
    assert found.text == WORDS
    assert found.media == (Media("image/jpeg", picture), Media("application/pdf", paper))
    assert set(found.flags) == {"encrypted", "media"}


def test_a_whole_mail_that_was_encrypted_as_a_file_is_read_as_a_mail() -> None:
    inner = b"From: W <witness@example.org>\r\nSubject: The bridge\r\n" + entity(WORDS)
    found = message(attached(("a.eml.age", by_age(inner, TO))))
    assert (found.text, found.title) == (WORDS, "The bridge")


def test_a_command_may_be_encrypted() -> None:
    found = opened(inline(by_age(b"STATUS 12345678", TO)), KEYS)
    assert isinstance(found, Command) and (found.word, found.argument) == ("status", "12345678")


def test_quotes_inside_are_taken_off_as_of_any_mail() -> None:
    text = f"{WORDS}\r\n\r\nOn 1/1/26 12:00, Sam <sam@example.org> wrote:\r\n> hello"
    assert message(pgp_mime(by_openpgp(entity(text), TO))).text == WORDS
    assert message(inline(by_age(text.encode(), TO))).text == WORDS


def test_the_legacy_display_of_a_protected_subject_is_no_text() -> None:
    inner = (
        'Subject: The bridge\r\nContent-Type: text/plain; charset=utf-8; hp="cipher"; '
        f'hp-legacy-display="1"\r\n\r\nSubject: The bridge\r\n\r\n{WORDS}'
    )
    found = message(pgp_mime(by_openpgp(inner.encode(), TO)))
    assert (found.text, found.title) == (WORDS, "The bridge")


def test_the_protected_fields_of_older_programs_give_the_subject_and_no_medium() -> None:
    inner = (
        "Content-Type: multipart/mixed; boundary=i; protected-headers=v1\r\n\r\n--i\r\n"
        "Content-Type: "
        "text/rfc822-headers; protected-headers=v1\r\n\r\nSubject: The bridge\r\n\r\n--i\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}\r\n--i--"
    )
    found = message(pgp_mime(by_openpgp(inner.encode(), TO)))
    assert (found.text, found.title, found.media) == (WORDS, "The bridge", ())


# ---------------------------------------------------------------- what is not opened


@pytest.mark.parametrize("keys", [OTHERS, None], ids=["other keys", "no keys"])
@pytest.mark.parametrize("seal", [by_openpgp, by_age])
def test_what_is_not_for_this_exit_is_set_aside_with_the_reason(
    seal: object, keys: MailKeys | None
) -> None:
    sealed = seal(WORDS.encode(), TO)  # type: ignore[operator]
    assert opened(inline(sealed), keys) == Unreadable(CLOSED)


def test_words_in_the_clear_go_on_with_what_cannot_be_opened_beside_them() -> None:
    sealed = by_age(WORDS.encode(), TO, armour=False)
    found = opened(attached(("a.age", sealed), text="The key is on its way."), OTHERS)
    assert isinstance(found, Message)
    assert found.text == "The key is on its way."
    assert found.media == (Media("application/octet-stream", sealed),)
    assert set(found.flags) == {"media", "not_opened"}


def test_one_that_opens_and_one_that_does_not_are_both_there() -> None:
    ours, theirs = by_age(WORDS.encode(), TO), by_age(b"other", OTHERS.public)
    found = message(attached(("a.age", ours), ("b.age", theirs)))
    assert (found.text, len(found.media)) == (WORDS, 1)
    assert set(found.flags) == {"encrypted", "media", "not_opened"}


@pytest.mark.parametrize("seal", [by_openpgp, by_age])
def test_a_ciphertext_that_was_altered_or_cut_gives_nothing(seal: object) -> None:
    sealed = seal(WORDS.encode() * 50, TO, armour=False)  # type: ignore[operator]
    altered = bytearray(sealed)
    altered[-5] ^= 1
    for bad in (bytes(altered), sealed[: len(sealed) // 2]):
        assert opened(attached(("a.pgp.age", bad), ("a.gpg", bad)), KEYS) == Unreadable(CLOSED)


@pytest.mark.parametrize(
    "text",
    [
        "> -----BEGIN PGP MESSAGE-----\r\n> abc\r\n> -----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\r\nit has no end",
        "He sent me a BEGIN PGP MESSAGE and I cannot read it.",
    ],
)
def test_what_only_speaks_of_it_is_text(text: str) -> None:
    found = read(inline(b"", text), "mail")
    assert isinstance(found, Message) and "PGP MESSAGE" in found.text


def test_of_a_form_or_a_chat_nothing_is_opened() -> None:
    assert isinstance(read(inline(by_age(b"x", TO)), "multipart"), Message)


def test_no_value_of_this_prints_a_text_or_a_key() -> None:
    found = read(inline(by_age(b"x", TO)), "mail")
    assert isinstance(found, Encrypted)
    for value in (found, found.parts[0], KEYS, TO):
        assert "AGE" not in f"{value!r} {value}" and "x" * 3 not in repr(value)
    assert isinstance(TO, MailPublic)
