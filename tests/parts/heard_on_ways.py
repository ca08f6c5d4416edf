"""How people pass a message on: what they leave away of it, and what they do to the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from textwrap import fill

from heard_on_words import AROUND

AS_IT_WAS = "as it was"
OTHERWISE = {"P": "a place spelt otherwise", "N": "a number as a word or a digit"}
SENTENCE = re.compile(r"[^.!?؟。！？။۔\n]+[.!?؟。！？။۔]*[\s]*")
SMS_CHARS = {True: 160, False: 70}  # GSM letters or UCS-2: 3GPP TS 23.038


@dataclass(frozen=True)
class Mark:
    """Where a slot stands in a text, in characters."""

    start: int
    stop: int
    slot: int


@dataclass(frozen=True)
class Told:
    """A text, and what it says of its template's slots."""

    language: str
    text: str
    marks: tuple[Mark, ...]

    @property
    def said(self) -> frozenset[int]:
        """The slots that stand in it whole."""
        return frozenset(mark.slot for mark in self.marks)

    def keeping(self, ranges: list[tuple[int, int]], between: str = "") -> Told:
        """These parts of it, in this order."""
        text, marks = "", []
        for start, stop in ranges:
            text += between if text else ""
            for mark in self.marks:
                if start <= mark.start and mark.stop <= stop:
                    by = len(text) - start
                    marks.append(Mark(mark.start + by, mark.stop + by, mark.slot))
            text += self.text[start:stop]
        return Told(self.language, text, tuple(marks))

    def sentences(self) -> list[tuple[int, int]]:
        """Where its sentences stand, without the space after them."""
        found = [(m.start(), m.start() + len(m[0].rstrip())) for m in SENTENCE.finditer(self.text)]
        return [(start, stop) for start, stop in found if stop - start > 3]

    def words(self) -> list[tuple[int, int]]:
        """Where its words stand; Chinese has none, so there it is every character."""
        shape = r"\S" if self.language == "zh" else r"\S+"
        return [m.span() for m in re.finditer(shape, self.text)]

    def free(self, start: int, stop: int) -> bool:
        """Whether no slot and no digit is there."""
        clear = all(stop <= mark.start or mark.stop <= start for mark in self.marks)
        return clear and not any(letter.isnumeric() for letter in self.text[start:stop])


Cut = Callable[[Told, Random], Told | None]
Dress = Callable[[Told, Random], str | None]


@dataclass(frozen=True)
class Way:
    """One way: None of either step says that it does not fit this message."""

    name: str
    cut: Cut
    dress: Dress


# What is left away.


def whole(told: Told, chance: Random) -> Told:
    return told


def without_the_first_sentence(told: Told, chance: Random) -> Told | None:
    sentences = told.sentences()
    return told.keeping(sentences[1:], " ") if len(sentences) > 2 else None


def without_the_last_sentence(told: Told, chance: Random) -> Told | None:
    sentences = told.sentences()
    return told.keeping(sentences[:-1], " ") if len(sentences) > 1 else None


def without_one_in_the_middle(told: Told, chance: Random) -> Told | None:
    sentences = told.sentences()
    if len(sentences) < 3:
        return None
    del sentences[chance.randrange(1, len(sentences) - 1)]
    return told.keeping(sentences, " ")


def in_another_order(told: Told, chance: Random) -> Told | None:
    sentences = told.sentences()
    if len(sentences) < 2:
        return None
    by = chance.randrange(1, len(sentences))
    return told.keeping(sentences[by:] + sentences[:by], " ")


def one_sms(told: Told, chance: Random) -> Told | None:
    room = SMS_CHARS[told.text.isascii()]
    if len(told.text) <= room:
        return None
    return told.keeping([(0, room)])


def two_sms(told: Told, chance: Random) -> Told | None:
    room = {160: 306, 70: 134}[SMS_CHARS[told.text.isascii()]]
    return told.keeping([(0, room)]) if len(told.text) > room else None


def the_beginning(told: Told, chance: Random) -> Told | None:
    words = told.words()
    last = int(len(words) * chance.uniform(0.6, 0.85))
    return told.keeping([(0, words[last][0])])


def the_end(told: Told, chance: Random) -> Told | None:
    words = told.words()
    first = int(len(words) * chance.uniform(0.15, 0.4))
    return told.keeping([(words[first][0], len(told.text))])


def a_passage_left_out(told: Told, chance: Random) -> Told | None:
    words = told.words()
    first = int(len(words) * chance.uniform(0.2, 0.5))
    then = first + max(2, int(len(words) * chance.uniform(0.15, 0.3)))
    return told.keeping([(0, words[first][0]), (words[then][0], len(told.text))], "... ")


# What is done to the rest.


def plain(told: Told, chance: Random) -> str:
    return told.text


def dots_after(told: Told, chance: Random) -> str:
    return told.text.rstrip() + chance.choice(["...", "…", " (...)"])


def dots_before(told: Told, chance: Random) -> str:
    return chance.choice(["...", "… ", "(...) "]) + told.text


def by_whatsapp(told: Told, chance: Random) -> str:
    return f"{chance.choice(AROUND[told.language].forwarded)}\n{told.text}"


def out_of_whatsapp(told: Told, chance: Random) -> str:
    return f"[{_hour(chance)}, {_day(chance)}] {chance.choice(_names(told))}: {told.text}"


def by_telegram(told: Told, chance: Random) -> str:
    around = AROUND[told.language]
    return f"{around.forwarded_from} {chance.choice(around.sources)}\n{told.text}"


def out_of_telegram(told: Told, chance: Random) -> str:
    return f"{chance.choice(_names(told))}, [{_day(chance)} {_hour(chance)}]\n{told.text}"


def by_mail(told: Told, chance: Random) -> str:
    around = AROUND[told.language]
    over, sender, date, subject, to = around.mail
    return (
        f"{over}\n{sender}: {chance.choice(around.sources)} <news@example.org>\n"
        f"{date}: {_day(chance)} {_hour(chance)}\n"
        f"{subject}: Fwd: {chance.choice(around.before)}\n{to}: <desk@example.net>\n\n{told.text}\n"
    )


def quoted_in_a_mail(told: Told, chance: Random) -> str:
    lines = fill(told.text, 68).split("\n")
    comment = chance.choice(AROUND[told.language].before)
    return "\n".join([comment, "", *(f"> {line}" for line in lines)])


def in_quotes(told: Told, chance: Random) -> str:
    signs = chance.choice(["«»", "“”", '""', "''"])
    return signs[0] + told.text + signs[1]


def typed_again(told: Told, chance: Random, one_in: int = 8) -> str:
    """Slips at some words, none of them a place or a number of the story."""
    text = told.text
    longest = 1 if told.language == "zh" else 4
    free = [w for w in told.words() if w[1] - w[0] >= longest and told.free(*w)]
    many = max(1, len(told.words()) // (one_in * (3 if told.language == "zh" else 1)))
    for start, stop in sorted(chance.sample(free, min(many, len(free))), reverse=True):
        text = text[:start] + _slip(text[start:stop], chance) + text[stop:]
    return text


def typed_in_haste(told: Told, chance: Random) -> str:
    """More slips, no capitals, hardly a stop."""
    return re.sub(r"[.,،，。!؟?]+(?=\s|$)", "", typed_again(told, chance, 4)).lower()


def a_place_mistyped(told: Told, chance: Random) -> str | None:
    """A slip in the first slot that reads as a name: a capital, no digit."""
    for mark in told.marks:
        word = told.text[mark.start : mark.stop]
        if len(word) > 5 and word[0].isupper() and not any(c.isnumeric() for c in word):
            return told.text[: mark.start] + _slip(word, chance) + told.text[mark.stop :]
    return None


def shouted(told: Told, chance: Random) -> str | None:
    return told.text.upper() if told.language in {"en", "ru", "es", "fr", "uk"} else None


DIGITS = {"fa": "۰۱۲۳۴۵۶۷۸۹", "ar": "٠١٢٣٤٥٦٧٨٩", "my": "၀၁၂၃၄၅၆၇၈၉", "zh": "０１２３４５６７８９"}
DIGITS |= {"ur": DIGITS["fa"], "ckb": DIGITS["ar"]}


def other_digits(told: Told, chance: Random) -> str | None:
    own = DIGITS.get(told.language)
    if not own:
        return None
    if any(digit in told.text for digit in own):
        return told.text.translate(str.maketrans(own, "0123456789"))
    return told.text.translate(str.maketrans("0123456789", own))


KEYS: dict[str, dict[int, str]] = {
    "fa": str.maketrans({"ی": "ي", "ک": "ك", "\u200c": " "}),
    "ckb": str.maketrans({"ی": "ي", "ک": "ك", "ە": "ه", "ێ": "ی", "ۆ": "و", "ڕ": "ر", "ڵ": "ل"}),
    "ur": str.maketrans({"ی": "ي", "ک": "ك", "ہ": "ه"}),
    "ar": str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"}),
    "ru": str.maketrans(dict(zip("ёЁ", "еЕ", strict=True))),
    "uk": str.maketrans({"'": "’", "і": "i"}),
    "tr": str.maketrans(dict(zip("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU", strict=True))),
    "my": str.maketrans({" ": ""}),
    "zh": str.maketrans(dict(zip("，。！？", ",.!?", strict=True))),
}
SHORT = {"you": "u", "are": "r", "please": "pls", "people": "ppl", "and": "&", "because": "cos"}


def by_another_keyboard(told: Told, chance: Random) -> str:
    """Letters as a phone without the language has them; short English; no accents."""
    if told.language == "en":
        return re.sub(r"\b\w+\b", lambda word: SHORT.get(word[0], word[0]), told.text)
    if told.language in KEYS:
        return told.text.translate(KEYS[told.language])
    apart = unicodedata.normalize("NFD", told.text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def with_emojis(told: Told, chance: Random) -> str:
    signs = chance.sample(["🚨", "🙏", "😭", "❗️", "⚠️", "🔥", "💔", "👇🏽", "🇺🇳"], 3)
    return f"{signs[0]}{signs[0]} {told.text}{signs[1]} {signs[2] * 3}"


def with_hashtags(told: Told, chance: Random) -> str:
    return f"{told.text} {' '.join(chance.sample(AROUND[told.language].tags, 2))}"


def with_a_word_as_a_hashtag(told: Told, chance: Random) -> str:
    """A place, number or hour of the text made a tag where it stands."""
    mark = chance.choice(told.marks)
    return f"{told.text[: mark.start]}#{told.text[mark.start :]}"


def with_a_comment_before(told: Told, chance: Random) -> str:
    return f"{chance.choice(AROUND[told.language].before)} {told.text}"


def with_a_comment_after(told: Told, chance: Random) -> str:
    return f"{told.text}\n{chance.choice(AROUND[told.language].after)}"


def with_a_comment_that_counts(told: Told, chance: Random) -> str:
    return f"{AROUND[told.language].counted}\n\n{told.text}"


CUTS: list[Cut] = [
    *(without_the_last_sentence, without_one_in_the_middle, in_another_order, the_beginning),
]
DRESSES: list[Dress] = [
    *(by_whatsapp, by_telegram, by_mail, typed_again, with_emojis, with_a_comment_before),
    *(by_another_keyboard, in_quotes),
]


def cut_somehow(told: Told, chance: Random) -> Told | None:
    return chance.choice(CUTS)(told, chance)


def dressed_somehow(told: Told, chance: Random) -> str | None:
    return chance.choice(DRESSES)(told, chance)


def dressed_twice(told: Told, chance: Random) -> str | None:
    """Typed again, and passed on under a header."""
    text = typed_again(told, chance)
    return chance.choice([by_whatsapp, by_telegram, by_mail])(Told(told.language, text, ()), chance)


WAYS = [
    Way("forwarded by WhatsApp", whole, by_whatsapp),
    Way("copied out of WhatsApp", whole, out_of_whatsapp),
    Way("forwarded by Telegram", whole, by_telegram),
    Way("copied out of Telegram", whole, out_of_telegram),
    Way("forwarded by mail", whole, by_mail),
    Way("quoted in a mail", whole, quoted_in_a_mail),
    Way("in quotes", whole, in_quotes),
    Way("without the first sentence", without_the_first_sentence, plain),
    Way("without the last sentence", without_the_last_sentence, plain),
    Way("without one in the middle", without_one_in_the_middle, plain),
    Way("in another order", in_another_order, plain),
    Way("cut at one SMS", one_sms, plain),
    Way("cut at two SMS", two_sms, plain),
    Way("only the beginning", the_beginning, dots_after),
    Way("only the end", the_end, dots_before),
    Way("a passage left out", a_passage_left_out, plain),
    Way("typed again", whole, typed_again),
    Way("typed in haste", whole, typed_in_haste),
    Way("shouted", whole, shouted),
    Way("other digits", whole, other_digits),
    Way("by another keyboard", whole, by_another_keyboard),
    Way("with emojis", whole, with_emojis),
    Way("with hashtags", whole, with_hashtags),
    Way("a word as a hashtag", whole, with_a_word_as_a_hashtag),
    Way("a comment before", whole, with_a_comment_before),
    Way("a comment after", whole, with_a_comment_after),
    Way("a comment that counts", whole, with_a_comment_that_counts),
    Way("cut and dressed", cut_somehow, dressed_somehow),
    Way("typed again and forwarded", whole, dressed_twice),
    Way("a place mistyped", whole, a_place_mistyped),
]
APART = frozenset({"a place mistyped", OTHERWISE["P"]})
"""Ways that are figures of their own: another spelling may as well be another place."""


def _slip(word: str, chance: Random) -> str:
    """One slip: two letters changed over, one left out, one twice."""
    if len(word) < 2:
        return word + word
    at = chance.randrange(len(word) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def _names(told: Told) -> tuple[str, ...]:
    return (*AROUND[told.language].sources, "+44 7700 900142", "~")


def _hour(chance: Random) -> str:
    return f"{chance.randrange(24):02}:{chance.randrange(60):02}"


def _day(chance: Random) -> str:
    day, month = chance.randrange(1, 29), chance.randrange(1, 13)
    return chance.choice(
        [f"{day}/{month}/2026", f"{day:02}.{month:02}.26", f"2026-{month:02}-{day:02}"]
    )
