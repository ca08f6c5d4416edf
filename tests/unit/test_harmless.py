"""Links, numbers and mentions: taken out of what strangers wrote, refused in an editor's words."""

from __future__ import annotations

import time

import pytest

from relay.rules.harmless import found, harmless


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://x.example/a?b=c now", "see now"),
        ("see www.example.org", "see"),
        ("see example.org/path, friends", "see friends"),
        ("t.me/channel", ""),
        ("write to someone@example.org today", "write to today"),
        ("@someone look", "look"),
        ("ask @some.one@server.example there", "ask there"),
        ("call +98 912 345 6789 now", "call now"),
        ("call 0912-345-67-89", "call"),
        ("زنگ بزن ۰۹۱۲۳۴۵۶۷۸۹ حالا", "زنگ بزن حالا"),
        ("code 4815", "code"),
        ("0\u200c9\u200c1\u200c2", ""),
        ("exa\u00admple.o\u200brg", ""),
        ("\uff11\uff12\uff13\uff14\uff15", ""),
        ("10.0.0.1", ""),
    ],
)
def test_what_could_lead_astray_is_taken_out(text: str, left: str) -> None:
    assert harmless(text) == left
    assert found(text)
    assert not found(left)


@pytest.mark.parametrize(
    "text",
    [
        "How many are there, 12 or 20?",
        "since 2009 and 1388, in Tehran",
        "سلام، آنجا چند نفر هستند؟ می\u200cتوانید بگویید؟",
        "three lines\nof text\nand no more",
        "Is it true?...",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert found(text) == ()
    assert harmless(text) == text


@pytest.mark.parametrize("piece", ["a.", "1 ", "@", "a@", "http://", "1-", "w.w", "a" * 70 + "."])
def test_it_is_linear_in_the_length_of_the_text(piece: str) -> None:
    began = time.process_time()
    found((piece * 20_000)[:20_000])
    assert time.process_time() - began < 2
