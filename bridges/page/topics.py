"""What an item is filed under: its language, and the hashtags that people wrote in it.

A hashtag is "#" and letters, marks, digits or underscores behind it, in any script, not within a
word or an address. Of an item the first five count. Nothing else is read out of a text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bridges.page.item import Item

MOST_OF_AN_ITEM: Final = 5
SHORTEST: Final = 2
LONGEST: Final = 50
SIGNS: Final = "#\uff03"
JOINERS: Final = "_\u200c\u200d"

UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Letters and marks that nobody sees (Unicode, Default_Ignorable_Code_Point): two topics that read
the same are one, and none has a name without anything to read."""

NAMES: Final = {
    "am": "አማርኛ", "ar": "العربية", "az": "Azərbaycanca", "be": "Беларуская", "bn": "বাংলা",
    "ckb": "کوردیی ناوەندی", "cs": "Čeština", "de": "Deutsch", "dv": "ދިވެހި", "el": "Ελληνικά",
    "en": "English", "es": "Español", "fa": "فارسی", "fr": "Français", "he": "עברית", "hi": "हिन्दी",
    "id": "Indonesia", "it": "Italiano", "ja": "日本語", "ka": "ქართული", "kk": "Қазақ тілі",
    "km": "ខ្មែរ", "ko": "한국어", "ku": "Kurdî", "ky": "Кыргызча", "lo": "ລາວ", "my": "မြန်မာ",
    "nl": "Nederlands", "pl": "Polski", "ps": "پښتو", "pt": "Português", "ro": "Română",
    "ru": "Русский", "sd": "سنڌي", "so": "Soomaali", "sw": "Kiswahili", "ta": "தமிழ்",
    "th": "ไทย", "ti": "ትግርኛ", "tk": "Türkmen", "tr": "Türkçe", "ug": "ئۇيغۇرچە",
    "uk": "Українська", "ur": "اردو", "uz": "O‘zbek", "vi": "Tiếng Việt", "yi": "ייִדיש",
    "zh": "中文",
}  # fmt: skip
"""Languages by the name that their readers know. Another stands under its tag."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What items are filed under: a language (its tag, without region) or a topic (its word)."""

    topic: bool
    word: str

    @property
    def file(self) -> str:
        """The name of its page in ``by``: nothing that anybody wrote is in a name."""
        if not self.topic:
            return f"lang-{self.word}.html"
        return f"topic-{hashlib.sha256(self.word.encode()).hexdigest()[:16]}.html"

    @property
    def shown(self) -> str:
        """What people call it."""
        return f"#{self.word}" if self.topic else NAMES.get(self.word, self.word)

    @property
    def language(self) -> str:
        """The language that its name is in, as far as that is known."""
        return "" if self.topic else self.word


def keys_of(item: Item) -> frozenset[Key]:
    """All that an item is filed under."""
    language = item.language.partition("-")[0].lower()
    named = {Key(False, language)} if language else set()
    title = f"{item.title}\n" if item.titled else ""
    return frozenset(named | {Key(True, word) for word in topics_of(title + item.text)})


def topics_of(text: str) -> list[str]:
    """The hashtags of a text, without their signs, each once and as all of its spellings are."""
    found: dict[str, None] = {}
    at = 0
    while len(found) < MOST_OF_AN_ITEM and (at := _next_sign(text, at)) >= 0:
        end = at + 1
        while end < len(text) and _belongs(text[end]):
            end += 1
        alone = at == 0 or not (_belongs(text[at - 1]) or text[at - 1] in "/&#")
        word = _spelt(text[at + 1 : end]) if end - at <= 4 * LONGEST else ""
        if alone and SHORTEST <= len(word) <= LONGEST and any(map(str.isalpha, word)):
            found[word] = None
        at = end
    return list(found)


def _spelt(word: str) -> str:
    """As all its spellings are. Normalizing takes time as the square of the marks on a letter, so
    nothing long is given to it."""
    made = unicodedata.normalize("NFKC", word).casefold()
    return UNSEEN.sub("", made).strip("\u200c\u200d")


def _next_sign(text: str, start: int) -> int:
    return min((at for one in SIGNS if (at := text.find(one, start)) >= 0), default=-1)


def _belongs(letter: str) -> bool:
    return letter in JOINERS or unicodedata.category(letter)[0] in "LMN"
