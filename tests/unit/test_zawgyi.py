"""Burmese in the older coding is recognised; turned into Unicode where that can be, else held."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from relay.model import Command, Message
from relay.reader import zawgyi
from relay.reader.read import read
from relay.reader.text import MAX_TEXT
from relay.rules.policy import Policy, held_for

SAME = [
    (
        "ကျွန်တော်တို့ရွာကို စစ်တပ်က မီးရှို့သွားတယ်။",
        "ကၽြန္ေတာ္တို႔ရြာကို စစ္တပ္က မီးရႈိ႕သြားတယ္။",
    ),
    ("ဆေးရုံမှာ သွေး လိုနေတယ်", "ေဆး႐ုံမွာ ေသြး လိုေနတယ္"),
    ("တံတားကို ပိတ်လိုက်ပြီ၊ ဘယ်သူမှ မသွားပါနဲ့", "တံတားကို ပိတ္လိုက္ၿပီ၊ ဘယ္သူမွ မသြားပါနဲ႔"),
    ("ကျောင်းသားတွေကို မလွှတ်သေးဘူး", "ေက်ာင္းသားေတြကို မလႊတ္ေသးဘူး"),
    ("ရေမလာတာ ကိုးရက်ရှိပြီ", "ေရမလာတာ ကိုးရက္႐ွိၿပီ"),
]
"""The same in Unicode and in Zawgyi."""

IN_UNICODE = [
    *(unicode for unicode, _ in SAME),
    "မင်္ဂလာပါ",
    "၁၂၃၄၅၆၇၈",
    "ၵႂၢမ်းတႆး",  # Shan
    "ဘာသာမန်",  # Mon
    "ကညီကျိာ်",  # S'gaw Karen
    "no Burmese at all",
]
OPEN = Policy(review="none")


def message(text: str) -> Message:
    found = read(text.encode(), "text")
    assert isinstance(found, Message)
    return found


@pytest.fixture
def without_icu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zawgyi, "_converter", lambda: None)


@pytest.fixture
def with_icu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that knows the sentences above; what else it gets it gives back."""
    known = dict(reversed(pair) for pair in SAME)
    monkeypatch.setattr(zawgyi, "_converter", lambda: lambda piece: known.get(piece, piece))


@pytest.mark.usefixtures("without_icu")
@pytest.mark.parametrize("old", [old for _, old in SAME])
def test_what_cannot_be_turned_is_left_marked_and_held(old: str) -> None:
    found = message(old)
    assert (found.text, found.flags, found.language) == (old, ("zawgyi",), "my")
    assert held_for(found, OPEN) == ("perhaps Zawgyi",)


@pytest.mark.usefixtures("with_icu")
@pytest.mark.parametrize(("unicode", "old"), SAME)
def test_what_can_be_turned_is_published_in_unicode(unicode: str, old: str) -> None:
    found = message(old)
    assert (found.text, found.flags) == (unicode, ("was_zawgyi",))
    assert held_for(found, OPEN) == ()


@pytest.mark.usefixtures("with_icu")
@pytest.mark.parametrize("text", IN_UNICODE)
def test_what_is_unicode_is_left_alone(text: str) -> None:
    found = read(f"- {text}".encode(), "text")
    assert isinstance(found, Message | Command)
    if isinstance(found, Message):
        assert (found.text, found.flags) == (f"- {text}", ())


@pytest.mark.usefixtures("with_icu")
def test_in_doubt_it_is_left_and_held() -> None:
    found = message("မဂၤလာပါ")  # too short to be certain
    assert (found.text, found.flags) == ("မဂၤလာပါ", ("zawgyi",))


@pytest.mark.usefixtures("with_icu")
def test_a_title_is_turned_with_its_text() -> None:
    (title, old_title), (text, old_text) = SAME[:2]
    assert zawgyi.in_unicode(old_title, old_text) == (title, text, "was_zawgyi")
    assert zawgyi.in_unicode("", old_text) == ("", text, "was_zawgyi")


@pytest.mark.usefixtures("with_icu")
def test_a_code_under_a_text_in_zawgyi_is_found() -> None:
    found = message(f"{SAME[0][1]}\n#၈၂၉၁၄၄၇ဝ")
    assert (found.text, found.code) == (SAME[0][0], "82914470")


@pytest.mark.parametrize("word", ["ကုဒ္", "ကုဒ်"])
def test_a_word_in_either_coding_is_understood(word: str) -> None:
    assert read(f"{word} ၈၂၉၁၄၄၇ဝ".encode(), "text") == Command("code", "82914470", "my")


def test_what_has_no_blanks_or_grows_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    old = SAME[0][1]
    for convert, text in (
        (lambda piece: piece * 30, (old + " ") * 20),
        (lambda piece: piece, old.replace(" ", "") * 30),
        (lambda piece: " ", old),
    ):
        monkeypatch.setattr(zawgyi, "_converter", lambda convert=convert: convert)
        assert zawgyi.in_unicode("", text) == ("", text, "zawgyi")
        assert len(text) < MAX_TEXT


def test_a_library_without_the_rules_turns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_rules(name: str) -> None:
        raise ValueError(name)

    old_icu = SimpleNamespace(Transliterator=SimpleNamespace(createInstance=no_such_rules))
    monkeypatch.setattr(zawgyi, "import_module", lambda name: old_icu)
    assert zawgyi._converter.__wrapped__() is None


def test_the_rules_of_icu_give_the_same_sentences() -> None:
    icu = pytest.importorskip("icu", reason="PyICU is not installed")
    convert = icu.Transliterator.createInstance("Zawgyi-my").transliterate
    assert [convert(old) for _, old in SAME] == [unicode for unicode, _ in SAME]
