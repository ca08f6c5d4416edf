"""[canary]: what it may name, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import Canary, load, warnings
from relay.errors import Mistake, SettingsError
from relay.plugins import mistakes

SETTINGS = """
[http]
listen = "127.0.0.1:0"

[channels.news]
destinations = ["page", "box", "hook"]

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]

[transports.chat]
kind = "telegram"
token_file = "secrets/chat"
channel = "news"

[transports.centre]
kind = "smpp"
host = "127.0.0.1"
port = 2775
tls = false
user = "relay"
password_file = "secrets/centre"
channel = "news"

[destinations.box]
bridge = "folder"
folder = "box"

[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/"

[destinations.spare]
bridge = "folder"
folder = "spare"
"""


def told(tmp_path: Path, more: str, settings: str = SETTINGS) -> list[Mistake]:
    file = tmp_path / "relay.toml"
    file.write_text(settings + more)
    (tmp_path / "secrets").mkdir(exist_ok=True)
    for name in ("chat", "centre"):
        (tmp_path / "secrets" / name).touch(mode=0o600)
        (tmp_path / "secrets" / name).write_text("1:secret")
    try:
        load(file, mistakes)
    except SettingsError as error:
        return list(error.mistakes)
    return []


@pytest.mark.parametrize(
    "canary",
    [
        'transports = ["mail"]',
        'destinations = ["page", "box"]',
        'transports = ["mail"]\ndestinations = ["box"]\nevery = "1m"\nlate = "1m"',
    ],
)
def test_what_can_be_tried_is_good(canary: str, tmp_path: Path) -> None:
    assert told(tmp_path, f"[canary]\n{canary}\n") == []


@pytest.mark.parametrize(
    ("canary", "key", "what"),
    [
        ("", "canary", "tries nothing"),
        ('every = "1h"', "canary", "tries nothing"),
        ('transports = ["box"]', "canary.transports", "names no transport"),
        ('destinations = ["mail"]', "canary.destinations", "names no destination"),
        ('destinations = ["spare"]', "canary.destinations", "names one that nothing is sent to"),
        (
            'transports = ["mail", "chat"]',
            "canary.transports",
            'names one of kind "telegram": a bot cannot write to itself',
        ),
        (
            'transports = ["centre"]',
            "canary.transports",
            'names one of kind "smpp": a centre cannot be made to send us anything',
        ),
        (
            'transports = ["mail"]\nevery = "1m"\nlate = "2m"',
            "canary.late",
            "is longer than the time until the next one",
        ),
        ('transports = ["mail"]\nevery = "30s"', "canary.every", "cannot be used"),
    ],
)
def test_what_cannot_is_a_mistake_with_its_remedy(
    canary: str, key: str, what: str, tmp_path: Path
) -> None:
    [mistake] = told(tmp_path, f"[canary]\n{canary}\n")
    assert (mistake.key, mistake.what) == (key, what) and mistake.remedy


@pytest.mark.parametrize(
    ("of", "more", "what"),
    [
        ("box", 'destinations = ["box"]', ""),
        (
            "hook",
            'destinations = ["hook"]',
            "would post what its bridge cannot take back, or what everybody sees on the page",
        ),
        ("box", 'destinations = ["page"]', "says nothing where [canary] does not name this"),
    ],
)
def test_a_post_must_be_one_that_is_tried_and_can_be_taken_back(
    of: str, more: str, what: str, tmp_path: Path
) -> None:
    settings = SETTINGS.replace(f"[destinations.{of}]\n", f'[destinations.{of}]\ncanary = "post"\n')
    found = told(tmp_path, f"[canary]\n{more}\n", settings)
    assert [one.key for one in found] == [f"destinations.{of}.canary"] * bool(what)
    assert all(one.what.startswith(what) for one in found)


@pytest.mark.parametrize(
    ("budget", "every", "greedy"),
    [
        ("posts_per_day = 200", "30m", False),
        ("posts_per_day = 100", "30m", True),
        ("posts_per_month = 500", "6h", False),
        ("posts_per_month = 100", "6h", True),
    ],
)
def test_tests_leave_a_budget_to_people(
    budget: str, every: str, greedy: bool, tmp_path: Path
) -> None:
    more = f'[destinations.box]\ncanary = "post"\n{budget}\n'
    settings = SETTINGS.replace("[destinations.box]\n", more)
    found = told(tmp_path, f'[canary]\nevery = "{every}"\ndestinations = ["box"]\n', settings)
    assert [one.key for one in found] == ["destinations.box.canary"] * greedy
    assert all(budget.split()[0] in one.what and one.remedy for one in found)


def test_a_post_is_named_in_a_warning(tmp_path: Path) -> None:
    box = SETTINGS.replace("[destinations.box]\n", '[destinations.box]\ncanary = "post"\n')
    file = tmp_path / "relay.toml"
    file.write_text(box + '[canary]\ndestinations = ["box"]\n')
    assert "destinations.box.canary" in [key for key, _ in warnings(load(file))]


def test_nothing_is_ever_posted_to_the_page_for_a_test(tmp_path: Path) -> None:
    page = '[destinations.page]\nbridge = "feed"\ncanary = "post"\n'
    [mistake] = told(tmp_path, f'{page}[canary]\ndestinations = ["page"]\n')
    assert mistake.key == "destinations.page.canary"


def test_the_example_shows_the_defaults() -> None:
    root = Path(__file__).parents[2]
    shown = (root / "relay.toml.example").read_text()
    for line in ('# every = "30m"', '# late = "5m"', '# canary = "check"'):
        assert line in shown
    assert (Canary().every, Canary().late) == (1800, 300)
