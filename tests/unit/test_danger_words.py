"""An operator's list of words: what it finds, what it does not, and how it is read."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config import Settings, parse, warnings
from relay.errors import KeyFileError
from relay.node.policies import policies_of
from relay.plugins import notes
from relay.plugins.wordlists import read_words, wrong_words
from relay.rules.danger import word_marks
from relay.rules.policy import Policy
from relay.rules.wordlist import MOST_LINES, NO_WORDS, word_list, wrong_lines

LIST = word_list(
    ["Ali Reza  # a comment", "# nothing but a comment", "", "می‌خواهم", "رضا", "Иванов*", "李明",
     "Straße", "علي", "Zoë", "بيت لحم"]
)  # fmt: skip


def found(text: str) -> list[str]:
    return [text[one.offset :][: one.length] for one in word_marks(text, LIST)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("I saw ALI reza.", "ALI reza"),
        ("Ali\nReza", "Ali\nReza"),
        ("می‌خواهم بروم", "می‌خواهم"),
        ("میخواهم بروم", "میخواهم"),
        ("می خواهم بروم", "می خواهم"),
        ("رضا‌جان", "رضا"),
        ("«رضا»", "رضا"),
        ("ورضا كان هناك", "رضا"),
        ("والرضا", "رضا"),
        ("Ивановым", "Ивановым"),
        ("我和李明在一起", "李明"),
        ("die STRAßE", "STRAßE"),
        ("علی آمد", "علی"),
        ("علي جاء", "علي"),
        ("zoe\u0308".replace("e\u0308", "ë"), "zoë"),
        ("بیت لحم", "بیت لحم"),
        ("Ali\u200b Reza", "Ali\u200b Reza"),
        ("Ali  \n Reza", "Ali  \n Reza"),
        ("#Ali_Reza", "Ali_Reza"),
        ("Ali-Reza", "Ali-Reza"),
        ("#AliReza", "AliReza"),
        ("#بيت_لحم", "بيت_لحم"),
        ("بيت‌لحم", "بيت‌لحم"),
        ("رُضَـــا", "رُضَـــا"),
        ("𝐙𝐨ë", "𝐙𝐨ë"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, word: str) -> None:
    assert found(text) == [word]


@pytest.mark.parametrize(
    "text", ["Alis Reza", "Ali", "رضایت", "трИвановский", "Straßen", "Zoëy", "a"]
)
def test_a_part_of_a_word_is_no_word(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Rezaei met", "Rezaei"),
        ("#reza_h, then", "reza_h"),
        ("@Reza_H_1988!", "Reza_H_1988"),
        ("Rezaei-Rad said", "Rezaei-Rad"),
        ("Reza'i's house", "Reza'i's"),
        ("reza_rezvan_rez", "reza_rezvan_rez"),
        ("کتاب‌هایمان گم شد", "کتاب‌هایمان"),
        ("#کتاب_های_ما", "کتاب_های_ما"),
        ("रामायण पढ़ो", "रामायण"),
        ("rez - a", "rez"),
        ("Rezaさん", "Reza"),
        ("李明在一起", "李明"),
        ("ကိုအောင်", "ကို"),
    ],
)
def test_a_word_that_is_known_by_its_beginning_is_found_to_its_end(text: str, word: str) -> None:
    words = word_list(["Rez*", "کتاب*", "राम*", "李明*", "ကို*"])
    marks = word_marks(text, words)
    assert [text[one.offset :][: one.length] for one in marks] == [word]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Jean-Luc", "jean luc"),
        ("Iğdır", "IĞDIR"),
        ("رئیس پور", "رییس‌پور"),
        ("علی‌رضا", "علي رضا"),
        ("a.*(b", "a.*(b"),
        ("\ufeffZoe", "zoe"),
    ],
)
def test_a_line_is_taken_as_it_is_meant(line: str, text: str) -> None:
    [mark] = word_marks(f"x {text} x", word_list([line]))
    assert (mark.offset, mark.length) == (2, len(text))


def test_without_a_list_nothing_is_found() -> None:
    assert word_marks("Ali Reza", NO_WORDS) == ()
    assert not NO_WORDS and LIST


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_word_between_blanks_is_found_whatever_stands_around(before: str, after: str) -> None:
    text = f"{before} Ali Reza {after}"
    marks = word_marks(text, LIST)
    assert any(one.offset == len(before) + 1 for one in marks)
    assert all(0 <= one.offset < one.offset + one.length <= len(text) for one in marks)


def test_ten_thousand_words_are_looked_for_in_the_longest_text_at_once() -> None:
    random, letters = Random(7), "abcdefghij"
    words = word_list("".join(random.choices(letters, k=5 + n % 8)) for n in range(MOST_LINES))
    for text in (
        " ".join(random.choices(letters, k=10_000)),
        "".join(random.choices(letters + " ", k=20_000)),
        "ab" * 10_000,
        "ab " * 6_666,
    ):
        begun = time.process_time()
        word_marks(text, words)
        assert time.process_time() - begun < 0.5  # 0.02 to 0.05 s measured


def test_a_beginning_in_the_longest_hashtag_is_found_at_once() -> None:
    text, words = "ab_" * 6_666, word_list(["ab*"])
    begun = time.process_time()
    assert [one.length for one in word_marks(text, words)] == [len(text)]
    assert time.process_time() - begun < 0.5


# ---------------------------------------------------------------- the file


def test_lines_that_cannot_be_used_are_told_by_number_and_reason_and_never_quoted() -> None:
    lines = ["fine", "x", "a" * 101, "in*side", "--", "ok*", "  # comment"]
    wrong = list(wrong_lines(lines))
    assert [number for number, _ in wrong] == [2, 3, 4, 5]
    assert not any(line in said for line in lines for _, said in wrong if len(line) > 2)


def settings_with(folder: Path, content: bytes, mode: int = 0o600) -> Settings:
    file = folder / "words"
    file.write_bytes(content)
    file.chmod(mode)
    table = {"channels": {"news": {"danger_words_file": "words"}}}
    return parse(table, folder / "relay.toml")


def test_the_core_reads_the_list_of_each_channel(tmp_path: Path) -> None:
    made = settings_with(tmp_path, "Ali Reza\r\n# no\nرضا\n".encode("utf-8-sig"))
    policy = policies_of(made)["news"]
    assert len(word_marks("رضا and ali reza", policy.words)) == 2


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"fine\nx\n", 0o600, "line 2"),
        (b"fine\n", 0o644, "chmod 600"),
        (b"", 0o600, "empty"),
        (b"\xff\xfe", 0o600, "UTF-8"),
        (b"word\n" * (MOST_LINES + 1), 0o600, "more than"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_by_its_key(
    tmp_path: Path, content: bytes, mode: int, said: str
) -> None:
    [wrong] = wrong_words(settings_with(tmp_path, content, mode))
    assert wrong.key == "channels.news.danger_words_file"
    assert said in f"{wrong.what}; {wrong.remedy}"


def test_every_wrong_line_is_named_at_once(tmp_path: Path) -> None:
    [wrong] = wrong_words(settings_with(tmp_path, b"A\nB\nfine\n*\n"))
    few = "has fewer than 2 signs"
    assert wrong.what == f"line 1 {few}; line 2 {few}; line 4 {few}"


def test_of_many_wrong_lines_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    [wrong] = wrong_words(settings_with(tmp_path, b"x\n" * 500))
    assert wrong.what.count("line ") == 10
    assert wrong.what.endswith("; and 490 more")


def test_a_list_of_comments_alone_is_warned_of(tmp_path: Path) -> None:
    made = settings_with(tmp_path, b"# whom we protect\n\n# nobody yet\n")
    assert list(wrong_words(made)) == []
    warned = dict(notes(made))["channels.news.danger_words_file"]
    assert "nothing is looked for" in warned


def test_a_list_with_a_word_is_not_warned_of(tmp_path: Path) -> None:
    made = settings_with(tmp_path, b"# whom we protect\nAli Reza\n")
    assert "channels.news.danger_words_file" not in dict(notes(made))


def test_a_list_that_is_gone_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        read_words(tmp_path / "words")


def test_a_channel_without_its_words_is_looser() -> None:
    with_words, without = Policy(words=LIST), Policy()
    assert with_words.no_looser_than(without)
    assert not without.no_looser_than(with_words)
    assert "Ali" not in repr(with_words)


@pytest.mark.parametrize(
    ("channel", "key"),
    [
        ({"danger": "off"}, "danger"),
        ({"danger": "mark", "review": "none"}, "danger"),
        ({"danger": "off", "danger_words_file": "words"}, "danger_words_file"),
    ],
)
def test_what_lets_dangers_out_is_warned_of(
    tmp_path: Path, channel: dict[str, str], key: str
) -> None:
    made = parse({"channels": {"news": channel}}, tmp_path / "relay.toml")
    assert f"channels.news.{key}" in dict(warnings(made))


@pytest.mark.parametrize("channel", [{"danger": "redact", "review": "none"}, {"danger": "mark"}])
def test_what_holds_or_cuts_them_is_not(tmp_path: Path, channel: dict[str, str]) -> None:
    made = parse({"channels": {"news": channel}}, tmp_path / "relay.toml")
    assert "channels.news.danger" not in dict(warnings(made))
