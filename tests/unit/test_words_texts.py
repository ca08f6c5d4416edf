"""What people say to the world is heard whole, whatever it begins or ends with."""

from __future__ import annotations

import pytest
from words_texts import BEGINNING, ENDING, ENDS, lines

from relay.model import Message
from relay.reader.read import read
from relay.rules.words import command_of, without_code
from relay.rules.words.catalogue import LANGUAGES, catalogue
from relay.rules.words.letters import folded

BEGUN = [(language, text) for language in LANGUAGES for text in lines(BEGINNING[language])]
ENDED = [text + end for language in LANGUAGES for text in lines(ENDING[language]) for end in ENDS]


def test_there_are_enough_of_them() -> None:
    assert all(len(lines(BEGINNING[language])) >= 25 for language in LANGUAGES)
    assert len({text for _, text in BEGUN}) >= 200
    assert len(set(ENDED)) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_begins_a_text_in_its_language(language: str) -> None:
    texts = [folded(text) for text in lines(BEGINNING[language])]
    words = catalogue(language).words
    for spellings in words.values():
        assert any(text.startswith(folded(one)) for text in texts for one in spellings)
    every = tuple(folded(one) for spellings in words.values() for one in spellings)
    assert [text for text in texts if not text.startswith(every)] == []


@pytest.mark.parametrize(("language", "text"), BEGUN)
def test_a_text_that_begins_with_a_word_of_ours_is_a_message(language: str, text: str) -> None:
    assert command_of(text) is None
    for content, kind in ((text.encode(), "text"), (text.encode("utf-16-be"), "ucs2")):
        found = read(content, kind)
        assert isinstance(found, Message)
        assert (found.text, found.code) == (text, "")


@pytest.mark.parametrize("text", ENDED)
def test_an_end_that_is_no_code_stays(text: str) -> None:
    assert without_code(text) == (text, "")
    found = read(text.encode(), "text")
    assert isinstance(found, Message)
    assert (found.text, found.code) == (text, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_a_code_under_it_each_is_published_without_the_code(language: str) -> None:
    for text in (*lines(BEGINNING[language]), *lines(ENDING[language])):
        found = read(f"{text}\n#8291 4470".encode(), "text")
        assert isinstance(found, Message)
        assert (found.text, found.code) == (text, "82914470")
