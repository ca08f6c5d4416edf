"""Budgets in relay.toml: what they may say, and what of it contradicts itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import load
from relay.config.inward.common import Answering, AnsweringBySms, AnswersTo
from relay.errors import SettingsError
from relay.node.budgets import limits_of
from relay.rules.budgets import Budget

BOX = '[channels.news]\n[destinations.x]\nbridge = "folder"\nfolder = "."\n'
PHONE = (
    '[http]\n[channels.news]\n[transports.x]\nkind = "sms"\ngateway = "android"\nchannel = "news"\n'
    'secret_file = "s"\n'
)


class Chat(Answering):
    """A kind that answers by itself, as a bot does."""

    answers: AnswersTo = "asked"


def wrong(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "relay.toml"
    file.write_text(text)
    try:
        load(file)
    except SettingsError as refused:
        return {one.key: one.remedy for one in refused.mistakes}
    return {}


def test_a_destination_has_the_budgets_that_are_written_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(BOX)
    assert limits_of(load(file).destinations["x"]) == ()
    file.write_text(f"{BOX}posts_per_day = 50\nmoney_per_day = 1.5\nmoney_per_month = 10\n")
    assert limits_of(load(file).destinations["x"]) == (
        Budget("posts", "day", 50),
        Budget("money", "day", 1500),
        Budget("money", "month", 10_000),
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("posts_per_day = 3\nposts_per_month = 2\n", "posts_per_day"),
        ("posts_per_day = 2\nposts_per_month = 2\n", ""),
        ("money_per_day = 1.001\nmoney_per_month = 1.0\n", "money_per_day"),
        ("money_per_day = 1.0\nmoney_per_month = 1\n", ""),
        ("posts_per_day = 9\nmoney_per_month = 1.0\n", ""),
    ],
)
def test_a_day_that_has_more_than_its_month_is_refused_with_the_remedy(
    tmp_path: Path, written: str, key: str
) -> None:
    found = wrong(tmp_path, BOX + written)
    assert list(found) == ([f"destinations.x.{key}"] if key else [])
    assert not key or f"raise {key.replace('day', 'month')}" in found[f"destinations.x.{key}"]


@pytest.mark.parametrize(
    "written", ["posts_per_day = 0", "posts_per_month = -1", "posts_per_day = 1.5",
                'posts_per_month = "9"', "posts_per_day = true", "posts_per_day = 1000001"],
)  # fmt: skip
def test_what_is_no_number_of_posts_is_refused(tmp_path: Path, written: str) -> None:
    [key] = wrong(tmp_path, f"{BOX}{written}\n")
    assert key == f"destinations.x.{written.split()[0]}"


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("answers_per_day = 50\nanswers_per_month = 49\n", True),
        ("answers_per_day = 50\nanswers_per_month = 50\n", False),
        ("answers_per_month = 50\n", False),  # fewer than a day has, if nobody says how many
        ("answers_per_day = 5000\n", False),
        ("answers_per_month = 0\n", True),
    ],
)
def test_answers_are_held_to_the_same(tmp_path: Path, written: str, refused: bool) -> None:
    assert bool(wrong(tmp_path, PHONE + written)) is refused


@pytest.mark.parametrize(
    ("at", "most"),
    [
        (AnsweringBySms(), 1000),
        (AnsweringBySms(answers_per_day=5000), 50_000),
        (AnsweringBySms(answers_per_month=31), 31),
        (Chat(), None),
        (Chat(answers_per_month=500), 500),
    ],
)
def test_a_month_of_answers_by_sms_is_ten_days_and_that_of_others_has_no_end(
    at: Answering, most: int | None
) -> None:
    assert at.most_per_month == most
