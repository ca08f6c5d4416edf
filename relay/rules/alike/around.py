"""What people put around what they forward: "please share", "Fwd:", "copied from a group".

By words rather than by sentences: at both ends of a text all such words go up to the first other
one, however they are put. A word that could be a place or a number is none of them.
"""

from __future__ import annotations

import re
from typing import Final

from relay.rules.alike.around_words import PHRASES, WORDS
from relay.rules.alike.folding import folded
from relay.rules.alike.sentences import Sentences, sentences
from relay.rules.alike.words import has_signs, words_of

_VOCABULARY: Final = frozenset(words_of(folded(WORDS)))
_PHRASE: Final = "|".join(sorted(map(folded, PHRASES.split()), key=len, reverse=True))
_MOST: Final = 12
"""Phrases that are taken off at one end."""

_PHRASES_BEFORE: Final = re.compile(rf"[\W_]{{0,40}}(?:(?:{_PHRASE})[\W_]{{0,40}}){{1,{_MOST}}}")
_LAST_PHRASE: Final = re.compile(rf"(?:{_PHRASE})[\W_]{{0,40}}\Z")
_LONGEST: Final = 80
"""Characters of a phrase and what comes after it."""

_CHAT_LINE: Final = re.compile(
    r"^(?:\[[0-9]{1,4}[0-9./:,\s\u202f-]{3,22}(?:[ap]\.?m\.?)?\]"
    r"|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? [0-9]{1,2}:[0-9]{2}(?: [ap]m)? -)"
    r" [^:\n]{1,40}: "
    r"|^[^\[\n]{1,40}, \[[0-9./:\s-]{8,22}\]\n",
    re.M,
)
"""What a chat writes before a line that is copied from it: "[12/01, 14:33] Name: "."""

_HEAD: Final = re.compile(
    r"(?:^[ >*-]{0,8}(?:from|to|date|sent|subject|cc|von|an|datum|betreff|de|para|fecha|asunto"
    r"|enviado|objet|envoye|от|кому|дата|тема|از|به|تاریخ|موضوع|من|الی|التاریخ|الموضوع|kimden|kime"
    r"|tarih|konu|发件人|收件人|日期|主题) ?:[^\n]{0,200}\n){2,8}",
    re.M,
)
"""The head of a mail that was passed on: two such lines or more."""

_FROM: Final = re.compile(
    r"^[ >*-]{0,8}(?:forwarded (?:from|by)|fwd from|ارسال شده از|فوروارد از|به نقل از"
    r"|منقول (?:من|عن)|переслано (?:от|из)|reenviado (?:de|por)|transfere (?:de|par|depuis)"
    r"|weitergeleitet von|转发自|转自)[^\n]{0,60}\n",
    re.M,
)


def story_of(text: str) -> Sentences:
    """The words of a folded text without what stands around it; all of them, if all are such."""
    told = text.lstrip()
    if "\n" in told:
        told = _FROM.sub("\n", _HEAD.sub("\n", told))
    if told[:1] == "[" or told[:1].isdigit() or "\n" in told:
        told = _CHAT_LINE.sub("", told)
    if has_signs(told):
        told = _without_phrases(told)
    found = sentences(told)
    words = found.words
    begin, end = 0, len(words)
    while begin < end and words[begin] in _VOCABULARY:
        begin += 1
    while end > begin and words[end - 1] in _VOCABULARY:
        end -= 1
    if begin < end:
        return found.cut(begin, end)
    return found if words else sentences(text)


def _without_phrases(text: str) -> str:
    before = _PHRASES_BEFORE.match(text)
    begin, end = before.end() if before else 0, len(text)
    for _ in range(_MOST):
        last = _LAST_PHRASE.search(text, max(begin, end - _LONGEST), end)
        if last is None:
            break
        end = last.start()
    return text[begin:end]
