"""The kinds of danger: what each of them is, in words, and which can be cut out of a text."""

from __future__ import annotations

from typing import Final

SAID: Final = {
    "phone": "a telephone number",
    "mail": "a mail address",
    "login_code": "a log-in code",
    "id": "the number of a person's paper",
    "bank": "the number of a bank card or an account",
    "coordinates": "a place on a map",
    "plus_code": "a plus code: a place on a map",
    "three_words": "three words that are a place on a map",
    "time": "an exact time: the telephone company can look up who sent what then",
    "here": "says where somebody is, or lives",
    "name": "says who somebody is",
    "profile": "somebody's account",
    "private_link": "a link that only some were given, or that says whose it is",
    "address_ip": "the address of a computer",
    "plate": "a car's number plate",
    "signature": "the end of a letter, with a name perhaps",
    "word": "a word of the operator's list",
    "homoglyph": "letters that only look like those of the word: copies can be told apart by them",
    "unseen": "signs that nobody sees: copies can be told apart by them",
    "quote": "perhaps words of others",
}
"""Every kind, and what it is. Names are kept for ever: ``relay queue show --json`` has them."""

UNCUT: Final = frozenset({"homoglyph", "unseen", "quote"})
"""Kinds that have no place of their own to cut: of these the whole text waits for a person."""
