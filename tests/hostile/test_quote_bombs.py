"""No text that looks like quotes, headers and signatures without end costs more than other text."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from relay.model import Message, Unreadable
from relay.reader.quotes import stripped
from relay.reader.read import read
from relay.reader.text import MAX_TEXT

SECONDS = 2
MOST = 10_000_000
LINES = 299_000  # a mail of more is refused before its text is looked at

HEAD = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
ATTRIBUTION = "On Thu, Jan 1, 2026 at 12:00 PM X <x@example.org> wrote:"


def lines(unit: str, most: int = MOST) -> bytes:
    """A mail of one line again and again, as often as fits."""
    made = (unit + "\n").encode()
    return HEAD + made * min(LINES // (unit.count("\n") + 1), (most - 100) // len(made))


def one_line(unit: str) -> bytes:
    return HEAD + unit.encode() * ((MOST - 100) // len(unit.encode()))


BOMBS: dict[str, Callable[[], bytes]] = {
    "attributions": lambda: lines(ATTRIBUTION),
    "attributions and quotes": lambda: lines(f"{ATTRIBUTION}\n> yes"),
    "quoted attributions": lambda: lines(f"> {ATTRIBUTION}"),
    "beginnings of attributions": lambda: lines("On Thu, Jan 1, 2026 at 12:00 PM X <"),
    "dates with colons": lambda: lines("1.1.2026, 12:00 " + "x " * 180 + ":"),
    "brackets with colons": lambda: lines("1.1.2026, 12:00 " + "[" * 180 + "a@:"),
    "names without end": lambda: lines("1.1.2026, 12:00 <" + "a" * 370 + ":"),
    "verbs": lambda: lines("on 1.1.2026 " + "schrieb " * 48 + ":"),
    "headers": lambda: lines("From: a@b.org\nTo: c\nSubject: d\nSent: 1 January 2026"),
    "one field": lambda: lines("From: a"),
    "recipients": lambda: lines("To: a@b.org; c@d.org"),
    "fields without a colon": lambda: lines("*" * 4 + "a" * 390),
    "empty fields": lambda: lines("To:\n"),
    "separators": lambda: lines("-----Original Message-----"),
    "rules": lambda: lines("_" * 32),
    "rules over lists": lambda: lines("_" * 32 + "\nmailing list"),
    "dashes": lambda: one_line("-"),
    "signs": lambda: one_line(">"),
    "signs with blanks": lambda: one_line("> "),
    "lines of signs": lambda: lines(">" * 30),
    "signs and none in turn": lambda: lines("> a\nb"),
    "signs and empty lines": lambda: lines("> a\n"),
    "delimiters": lambda: lines("-- "),
    "delimiters and words": lambda: lines("-- \nwords"),
    "devices": lambda: lines("Sent from my iPhone"),
    "secrecy": lambda: lines("this message " + "x" * 119 + "\n"),
    "unsubscribe": lambda: lines("To unsubscribe from this group\n"),
    "links": lambda: lines("http://a <http://b> " * 10),
    "armour": lambda: lines("-----BEGIN PGP SIGNED MESSAGE-----\nHash: a\n"),
    "signatures": lambda: lines("-----BEGIN PGP SIGNATURE-----"),
    "beginnings of ciphertexts": lambda: lines("-----BEGIN PGP MESSAGE-----"),
    "ciphertexts": lambda: lines("-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----"),
    "a ciphertext of other ends": lambda: lines(
        "-----BEGIN PGP MESSAGE-----\n-----END AGE ENCRYPTED FILE-----"
    ),
    "passed on again and again": lambda: lines(
        f"---------- Forwarded message ---------\n{ATTRIBUTION}"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_text_of_quotes_is_read_within_two_seconds(name: str) -> None:
    content = BOMBS[name]()
    assert len(content) <= MOST
    begun = time.process_time()
    found = read(content, "mail")
    spent = time.process_time() - begun
    assert spent < SECONDS, spent
    assert found != Unreadable("not understood")
    assert not isinstance(found, Message) or len(found.text) <= MAX_TEXT


@pytest.mark.parametrize(
    "unit",
    [
        "<blockquote type=cite>",
        "<div class=signature>",
        "<blockquote type=cite>a</blockquote>b<br>",
    ],
)
def test_html_of_quotes_is_read_within_two_seconds(unit: str) -> None:
    content = b"Content-Type: text/html\r\n\r\n" + unit.encode() * (
        9_000 if "b<br>" in unit else 240
    )
    begun = time.process_time()
    found = read(content + b"words", "mail")
    assert time.process_time() - begun < SECONDS
    assert isinstance(found, Message) and found.text


@pytest.mark.parametrize(
    "unit",
    [
        f"{ATTRIBUTION}\n",
        "> a\nb\n",
        "-- \n",
        "From: a@b.org\nTo: b\nDate: 2026\n",
        "To: a@b.org\n",
        "\n",
    ],
)
def test_twice_the_text_costs_no_more_than_twice_the_work(unit: str) -> None:
    def cost(times: int) -> float:
        begun = time.process_time()
        stripped(unit * times)
        return time.process_time() - begun

    cost(1000)
    small = min(cost(20_000) for _ in range(3))
    assert min(cost(80_000) for _ in range(2)) < 8 * small + 0.5
