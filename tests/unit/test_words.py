"""A text is a command only if the whole of it is one; else only a code at its end is ours."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.model import Command
from relay.rules.words import (
    code_alone,
    command_of,
    is_about,
    is_weak,
    mentions_code,
    normal,
    perhaps,
    without_code,
)
from relay.rules.words.catalogue import LANGUAGES, WORDS, catalogue
from relay.rules.words.dates import is_date
from relay.rules.words.letters import folded

OF_A_CODE = ("code", "status", "delete", "answers", "again")
SPELLED = [
    (language, word, spelling)
    for language in LANGUAGES
    for word in WORDS
    for spelling in catalogue(language).words[word]
]


def meant(text: str) -> tuple[str, str] | None:
    """The word and the argument of the command that a text is."""
    found = command_of(text)
    return (found.word, found.argument) if found else None


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(("language", "word", "spelling"), SPELLED)
def test_each_word_is_understood_in_any_case_and_with_any_digits(
    language: str, word: str, spelling: str
) -> None:
    code = ("code", "status", "delete", "answers", "again")
    for said in (spelling, spelling.lower(), spelling.upper(), spelling.title()):
        if word in ("help", "read"):
            assert meant(said) == (word, "")
        elif word == "to":
            assert perhaps(f"{said} #family") == Command("to", "family", language)
        if word in code:
            for digits in (
                "82914470",
                "۸۲۹۱۴۴۷۰",
                "٨٢٩١٤٤٧٠",
                "၈၂၉၁၄၄၇၀",
                "८२९१४४७०",
                "８２９１４４７０",
            ):
                assert meant(f"{said} {digits}") == (word, "82914470")
                assert meant(f"{said}: {digits}") == (word, "82914470")
                assert meant(f"{said} #{digits}.") == (word, "82914470")
                assert meant(f"{said}{digits}") == (word, "82914470")


@pytest.mark.parametrize(("language", "word", "spelling"), SPELLED)
def test_a_word_without_what_it_is_about_is_a_message(
    language: str, word: str, spelling: str
) -> None:
    if word not in ("help", "read"):
        assert command_of(spelling) is None
    assert command_of(f"{spelling} 1234567") is None
    assert command_of(f"{spelling} 1234567890123") is None
    assert command_of(f"{spelling}!") is None


def test_no_two_languages_mean_different_things_by_one_spelling() -> None:
    meanings: dict[str, set[str]] = {}
    for _, word, spelling in SPELLED:
        meanings.setdefault(folded(spelling), set()).add(word)
    assert [one for one, words in meanings.items() if len(words) > 1 or not one] == []


def test_a_command_names_the_language_of_its_word_and_a_sign_has_none() -> None:
    for language, word, spelling in SPELLED:
        found = command_of(f"{spelling} 82914470") if word in OF_A_CODE else None
        if found:
            assert found.language == language or spelling in ("CODE", "حذف", "تكرار")
    assert command_of("?82914470") == Command("status", "82914470", "")


@pytest.mark.parametrize(
    "text",
    [
        "НЕLР",  # the letters of a Cyrillic keyboard
        "ΗELP",
        "HЕLP",
        "STАTUS 82914470",
        "СODE 82914470",
        "DELЕTE 82914470",
        "КOД 82914470",
    ],
)
def test_letters_that_only_look_alike_are_other_letters(text: str) -> None:
    assert command_of(text) is None and perhaps(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("كد 82914470", "code"),  # the kaf of an Arabic keyboard
        ("وضعيت 82914470", "status"),
        ("ｈｅｌｐ", "help"),
        ("راهنمـا", "help"),
        ("مره اخرى 82914470", "again"),
        ("پاسخها 82914470", "answers"),
        ("پاسخ\u200cها 82914470", "answers"),
        ("code\n82914470", "code"),
        ("CO\u0301DIGO 82914470", "code"),
    ],
)
def test_one_letter_in_two_codings_is_one_letter(text: str, word: str) -> None:
    found = meant(text)
    assert found is not None and found[0] == word


# ------------------------------------------------------------------ signs


@pytest.mark.parametrize(
    ("signs", "word"),
    [("#＃﹟", "code"), ("?？؟⸮﹖", "status"), ("-‐‑‒–—―−－﹣", "delete")],
)
def test_a_sign_needs_no_language(signs: str, word: str) -> None:
    for sign in signs:
        assert meant(f"{sign}82914470") == (word, "82914470")
        assert meant(f" {sign} 8291 4470 1234\n") == (word, "829144701234")
        assert meant(f"{sign}۸۲۹۱\u00a0۴۴۷۰") == (word, "82914470")
        assert meant(f"{sign}8291447") is None
        assert meant(f"{sign}8291447012345") is None
        assert meant(f"{sign}sunflower7") is None
        assert meant(f"{sign}{sign}82914470") is None
        assert meant(f"{sign}82914470 tonight") is None
        assert meant(sign) is None


@pytest.mark.parametrize(
    "hidden", ["\u200f", "\u200e", "\u200c", "\u2067", "\ufe0f\u20e3", "\ufeff"]
)
def test_what_cannot_be_seen_hides_no_command(hidden: str) -> None:
    assert meant(f"{hidden}#{hidden}8291{hidden}4470{hidden}") == ("code", "82914470")
    assert meant(f"{hidden}ST{hidden}ATUS {hidden}82914470") == ("status", "82914470")
    assert without_code(f"words\n{hidden}#82914470{hidden}\n") == ("words", "82914470")


# ------------------------------------------------------------------ codes


def test_the_letter_wa_is_a_zero_among_burmese_digits_only() -> None:
    assert meant("#၈၂၉၁၄၄၇ဝ") == ("code", "82914470")
    assert meant("ကုဒ် ဝ၂၉၁၄၄၇၈") == ("code", "02914478")
    assert meant("ကုဒ်ဝ၂၉၁၄၄၇၈") == ("code", "02914478")
    assert meant("#8291447ဝ") is None
    assert meant("#ဝဝဝဝဝဝဝဝ") is None
    assert normal("၈၂၉၁၄၄၇ဝ") == "82914470"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CODE sunflower", "sunflower"),
        ("code Sun-Flower7", "sunflower7"),
        ("CODE: گل\u200cآفتاب\u200cگردان", "گلافتابگردان"),
        ("КОД подсолнух", "подсолнух"),
        ("STATUS sunflower7", "sunflower7"),
        ("DELETE sun-flower-7", "sunflower7"),
    ],
)
def test_after_the_written_word_a_code_may_have_letters(text: str, code: str) -> None:
    found = command_of(text) or perhaps(text)
    assert found is not None and found.argument == code == normal(code)
    assert code_alone(text) == (code if found.word == "code" else "")
    assert (command_of(text) is not None) is any(one.isdecimal() for one in code)


@pytest.mark.parametrize(
    "text",
    [
        "CODE tulip77",
        "CODE sun flower 77",
        "CODE sunflower!",
        "STATUS covid-19",
        "代码 我们需要帮助快来人啊",
        "状态 这里的水已经不能喝了2026",
        "ကုဒ် ကျွန်တော်တို့အသက်ရှင်နေသေးတယ်",
        "CODE " + "a" * 41,
    ],
)
def test_what_is_too_short_or_a_sentence_is_no_code(text: str) -> None:
    assert command_of(text) is None and perhaps(text) is None


@pytest.mark.parametrize(
    "code",
    [
        "11111111",
        "12121212",
        "12345678",
        "87654321",
        "67890123",
        "32109876",
        "abcdefgh",
        "19790211",
    ],
)
def test_a_code_that_anybody_would_try_is_weak_and_taken_off_all_the_same(code: str) -> None:
    assert is_weak(code)
    assert without_code(f"words\nCODE {code}") == ("words", code)


@pytest.mark.parametrize("code", ["82914470", "12345679", "11223344", "sunflower", "20261308"])
def test_a_code_that_nobody_would_try_is_not(code: str) -> None:
    assert not is_weak(code)


@pytest.mark.parametrize(
    "day",
    [
        "20260108",
        "08012026",
        "12252026",  # the 25th of December, as Americans write it
        "14041018",
        "18101404",
        "14470718",
        "۱۴۰۴۱۰۱۸",
        "٠٨٠١٢٠٢٦",
        "2026 01 08",
    ],
)
def test_a_day_after_a_sign_is_a_hashtag_and_nothing_of_ours(day: str) -> None:
    text = f"They came to the square\n#{day}"
    assert without_code(text) == (text, "")
    assert command_of(f"#{day}") is None and perhaps(f"#{day}") is None
    assert not mentions_code(text)
    assert is_weak(day)


@pytest.mark.parametrize("day", ["19790211", "11021979", "13571122", "13991009"])
def test_a_day_after_the_word_code_may_be_a_birthday_and_is_taken_off(day: str) -> None:
    assert without_code(f"words\nCODE {day}") == ("words", day)
    assert command_of(f"CODE {day}") is None
    assert is_weak(day)


@pytest.mark.parametrize(
    "text",
    ["#19790211", "#13571122", "?20260108", "-14041018", "DELETE 20260108", "Again 20260108"],
)
def test_a_day_that_may_be_meant_as_a_code_is_doubtful_and_vanishes_for_nobody(text: str) -> None:
    assert command_of(text) is None
    assert perhaps(text) is not None


@pytest.mark.parametrize(
    "code", ["20261308", "20260132", "32012026", "18991231", "15000101", "202601080", "13570000"]
)
def test_what_is_no_day_of_any_calendar_is_a_code(code: str) -> None:
    assert without_code(f"words\n#{code}") == ("words", code)
    assert not is_weak(code)


@pytest.mark.parametrize(
    "text",
    [
        "No water\nCODE sunflower7\nAda",
        "No water\n#82914470\n--\nAda\nSent from my phone",
        "CODE sunflower7\nNo water\nfor nine days",
        "No water CODE sunflower7",
        "No water. code: 8291 4470",
        "No water #82914470",
        "#82914470 No water",
        "کد ۸۲۹۱۴۴۷۰ آب نیست",
        "Code violation\nthey wrote on our door",
        'No water\n"CODE sunflower7"',
        "No water\n**CODE sunflower7**",
        "آب نیست\n«کد ۸۲۹۱۴۴۷۰»",
    ],
)
def test_a_code_that_is_not_where_it_belongs_is_seen_by_a_person(text: str) -> None:
    assert without_code(text) == (text, "")
    assert mentions_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "No water\n#MahsaAmini",
        "No water #20260108",
        "The code of silence is broken",
        "the old code violations again",
        "Room 82914470 is empty",
        "کد ملی ما را خواستند",
        "CODE red\nat the hospital",
        "",
    ],
)
def test_what_has_no_code_is_not_held_for_one(text: str) -> None:
    assert not mentions_code(text)


# ------------------------------------------------------------------ at the end of a message


@pytest.mark.parametrize(
    ("text", "kept", "code"),
    [
        ("words\n#82914470", "words", "82914470"),
        ("words\r\n\r\n # 8291 4470 \n\n", "words", "82914470"),
        ("one\ntwo\nCODE sunflower", "one\ntwo", "sunflower"),
        ("آب نیست\nکد ۸۲۹۱۴۴۷۰", "آب نیست", "82914470"),
        ("ရေမလာဘူး\n#၈၂၉၁၄၄၇ဝ", "ရေမလာဘူး", "82914470"),
        ("HELP\n#82914470", "HELP", "82914470"),
    ],
)
def test_a_last_line_that_is_nothing_but_a_code_is_taken_off(
    text: str, kept: str, code: str
) -> None:
    assert without_code(text) == (kept, code)


@pytest.mark.parametrize(
    "text",
    [
        "words #82914470",
        "words\n?82914470",
        "words\n-82914470",
        "words\nSTATUS 82914470",
        "words\n82914470",
        "words\n#82914470 #news",
        "#82914470\nwords",
        "words\n#82914470\nmore words",
        "#82914470",
        "\n\n#82914470",
        "\u200f\n#82914470",
        "",
    ],
)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert without_code(text) == (text, "")


# ------------------------------------------------------------------ in doubt


@pytest.mark.parametrize(
    ("text", "word", "argument"),
    [
        ("TO everyone", "to", "everyone"),
        ("to family", "to", "family"),
        ("به family", "to", "family"),
        ("READ this", "read", "this"),
        ("read clean water", "read", "clean water"),
        ("AGAIN shooting", "again", "shooting"),
        ("СНОВА стреляют", "again", "стреляют"),
        ("Estado islámico", "status", "islámico"),
        ("Code violation", "code", "violation"),
    ],
)
def test_where_only_the_exit_can_tell_it_is_a_message_that_may_be_a_command(
    text: str, word: str, argument: str
) -> None:
    assert command_of(text) is None
    found = perhaps(text)
    assert found is not None and (found.word, found.argument) == (word, argument)


@pytest.mark.parametrize(
    "text",
    ["read this!", "READ all of this", "STATUS critical now", "TO all of you", "words", "HELP", ""],
)
def test_there_is_no_doubt_where_there_is_none(text: str) -> None:
    assert perhaps(text) is None


def test_a_topic_after_its_sign_is_certain_and_a_channel_never() -> None:
    assert meant("READ #آب") == ("read", "آب")
    assert meant("READ #clean_water") == ("read", "clean_water")
    assert command_of("to #Family-2") is None
    assert perhaps("to #Family-2") == Command("to", "family-2", "en")
    assert perhaps("الى #family") == Command("to", "family", "ar")
    assert perhaps("TO #family and friends") is None
    assert meant("READ\n#MahsaAmini") is None
    assert perhaps("TO #خانواده") is None


@pytest.mark.parametrize(
    ("topic", "text", "is_said"),
    [
        ("آب", "از دوشنبه آب نیست", True),
        ("آب", "از دوشنبه آبی نیست", False),
        ("water", "No WATER, for nine days", True),
        ("clean_water", "clean water", True),
        ("clean water", "water, clean", False),
        ("water", "waterworks", False),
        ("水", "九天没有水了", True),
        ("ရေ", "ကိုးရက်ရှိပြီ ရေမလာဘူး", True),
        ("", "anything", True),
    ],
)
def test_a_topic_is_found_by_whole_words_however_they_were_typed(
    topic: str, text: str, is_said: bool
) -> None:
    assert is_about(topic, text) is is_said


# ------------------------------------------------------------------ whatever comes

PIECES = st.sampled_from(
    [
        *("HELP", "STATUS", "CODE", "کد", "حذف", "查询", "ကုဒ်", "TO", "#", "?", "؟", "-", "−", ":"),
        *("=", " ", "\n", "\t", "\u200f", "\u200c", "\ufe0f", "۸۲۹۱", "82914470", "၈၂၉၁", "ဝ", "٧"),
        *("x", "é", "\ud800", "\ufdfa", "ﬃ", "İ", ".", "!", "\u0301", "\x00", "\x85", "\u2028"),
    ]
)
TEXTS = st.text() | st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS)
@example("\ud800\n#82914470")
@example("#" + "\ufdfa" * 100)
def test_no_text_is_too_much_for_it(text: str) -> None:
    found = command_of(text)
    assert found is None or found.word == "read" or found.argument == folded(found.argument)
    assert found is None or perhaps(text) is None
    kept, code = without_code(text)
    assert text.startswith(kept)
    assert code == normal(code)
    assert (kept == text) if not code else kept
    is_weak(text)
    mentions_code(text)
    assert code_alone(text) == normal(code_alone(text))


@given(TEXTS, st.text("0123456789", min_size=8, max_size=12))
def test_a_code_under_any_text_is_found_and_the_text_is_not_touched(text: str, code: str) -> None:
    kept, found = without_code(f"{text}x\n#{code}")
    assert (kept, found) == ((f"{text}x\n#{code}", "") if is_date(code) else (f"{text}x", code))


HOSTILE = [
    "\u200f",
    " ",
    "\n",
    "-",
    "#",
    "# ",
    "1",
    "1 ",
    "CODE ",
    "x-",
    "\u0301",
    "ဝ",
    "\n#8",
    "﷽",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_its_time_grows_no_faster_than_the_text(piece: str) -> None:
    def spent(length: int) -> float:
        text = ("CODE " + piece * length)[:length] + "\n" + (piece * length)[:length]
        begun = time.process_time()
        for _ in range(3):
            command_of(text), perhaps(text), without_code(text), normal(text), mentions_code(text)
        return time.process_time() - begun

    spent(100)
    assert spent(20_000) < 100 * max(spent(1_000), 0.0005)
