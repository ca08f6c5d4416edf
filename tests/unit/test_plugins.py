"""Which bridges there are, and what is said of those of others without importing them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict
from strangers import modules, offered

from relay.clock import SystemClock
from relay.config import Destination, load, warnings
from relay.errors import Mistake, SettingsError
from relay.model import Once
from relay.plugins import (
    BY_DESCRIPTION,
    Unusable,
    bridges,
    each_alone,
    found,
    how_to_get,
    mistakes,
    notes,
    plan,
)
from relay.testing.certificates import make_pair

TEXT = """
[channels.news]
destinations = ["loft"]
[destinations.loft]
bridge = "pigeon"
"""
EXPLODES = "raise AssertionError('it was imported')\n"


def settings(tmp_path: Path, more: str = "", text: str = TEXT) -> Any:
    (tmp_path / "relay.toml").write_text(text + more)
    return load(tmp_path / "relay.toml")


def told(tmp_path: Path, more: str = "") -> list[Mistake]:
    return list(mistakes(settings(tmp_path, more)))


@pytest.fixture
def loft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stranger's package whose module must not be imported."""
    folder = offered(tmp_path / "loft", "outword-pigeon", {"pigeon": "pigeon:Pigeon"})
    modules(folder, pigeon=EXPLODES)
    monkeypatch.syspath_prepend(str(folder))
    return folder


# ---------------------------------------------------------------- a stranger's


def test_a_strangers_bridge_is_good_as_far_as_anybody_but_itself_can_tell(
    tmp_path: Path, loft: Path
) -> None:
    assert told(tmp_path, 'colour = "red"') == []
    [(key, said)] = notes(settings(tmp_path))
    assert key == "destinations.loft"
    assert said == "it is of the package outword-pigeon: its settings are checked when it starts"
    assert "pigeon" not in sys.modules


def test_the_secrets_that_a_strangers_section_names_are_looked_at(
    tmp_path: Path, loft: Path
) -> None:
    [mistake] = told(tmp_path, 'token_file = "secrets/loft"')
    assert mistake.key == "destinations.loft.token_file"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/loft").write_text("token")
    (tmp_path / "secrets/loft").chmod(0o644)
    assert [one.key for one in told(tmp_path, 'token_file = "secrets/loft"')] == [mistake.key]
    (tmp_path / "secrets/loft").chmod(0o600)
    assert told(tmp_path, 'token_file = "secrets/loft"') == []


def test_the_authority_that_a_section_names_is_no_secret_and_is_read(
    tmp_path: Path, loft: Path
) -> None:
    [mistake] = told(tmp_path, 'ca_file = "ca.pem"')
    assert (mistake.key, mistake.what) == ("destinations.loft.ca_file", "names no file")
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "ca.pem").chmod(0o644)
    [mistake] = told(tmp_path, 'ca_file = "ca.pem"')
    assert mistake.what == "names a file without a certificate in PEM"
    make_pair(tmp_path, "ca")
    assert told(tmp_path, 'ca_file = "ca.pem"') == []


def test_the_password_of_a_proxy_is_looked_at(tmp_path: Path, loft: Path) -> None:
    route = '[routes.out]\nproxy = "http://127.0.0.1:3128"\nuser = "me"\n'
    [mistake] = told(tmp_path, f'{route}password_file = "secrets/out"')
    assert mistake.key == "routes.out.password_file" and "relay login out" in mistake.remedy


def test_each_destination_of_a_stranger_has_an_outlet_of_its_own(
    tmp_path: Path, loft: Path
) -> None:
    two = TEXT.replace('["loft"]', '["page", "loft", "nest"]')
    two += '[destinations.nest]\nbridge = "pigeon"\n[destinations.idle]\nbridge = "pigeon"\n'
    assert each_alone(settings(tmp_path, text=two)) == {"loft", "nest"}


def test_a_strangers_bridge_is_built_only_where_it_is_alone(loft: Path) -> None:
    with pytest.raises(Unusable, match="runs in the node only"):
        built(Destination(bridge="pigeon"))
    with pytest.raises(Unusable, match="cannot be imported: assertionerror") as raised:
        built(Destination(bridge="pigeon"), alone=True)
    assert "it was imported" not in str(raised.value)


def test_of_a_strangers_secret_nothing_is_told(loft: Path) -> None:
    assert how_to_get(Destination(bridge="pigeon"), "token_file") == ""


# ---------------------------------------------------------------- names


def test_a_name_that_nobody_offers_is_a_mistake_that_names_those_that_are(
    tmp_path: Path, loft: Path
) -> None:
    wrong = TEXT.replace("pigeon", "pidgeon")
    [mistake] = mistakes(settings(tmp_path, text=wrong))
    assert mistake.key == "destinations.loft.bridge"
    assert '"pigeon"' in mistake.remedy and '"webhook"' in mistake.remedy


def test_a_name_that_two_packages_offer_is_a_mistake(
    tmp_path: Path, loft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(offered(tmp_path / "b", "doves", {"pigeon": "doves:Dove"})))
    [mistake] = told(tmp_path)
    assert mistake.what == "is offered by 2 packages that are installed here"
    assert [one.hidden for one in bridges() if one.name == "pigeon"] == [True, True]
    with pytest.raises(Unusable, match="several packages"):
        built(Destination(bridge="pigeon"), alone=True)


def test_nobody_takes_the_name_of_one_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(offered(tmp_path / "b", "cuckoo", {"folder": "cuckoo:X"})))
    folder = TEXT.replace('"pigeon"', '"folder"\nfolder = "box"')
    assert list(mistakes(settings(tmp_path, text=folder))) == []
    assert each_alone(settings(tmp_path, text=folder)) == frozenset()
    assert [(one.distribution, one.hidden) for one in bridges() if one.name == "folder"] == [
        ("outword", False),
        ("cuckoo", True),
    ]


@pytest.mark.parametrize(
    ("name", "content"), [("entry_points.txt", "[relay.bridges]\nno name\n"), ("METADATA", "\0")]
)
def test_a_package_with_broken_metadata_breaks_nothing(
    tmp_path: Path, loft: Path, name: str, content: str
) -> None:
    [info] = loft.glob("*.dist-info")
    (info / name).write_text(content)
    assert "webhook" in [one.name for one in bridges()]


# ---------------------------------------------------------------- the list


def test_the_list_names_ours_with_what_is_known_of_them_and_others_by_their_package(
    loft: Path,
) -> None:
    listed = {one.name: one for one in bridges()}
    assert listed["pigeon"] == found.Listed("pigeon", "outword-pigeon", "1.0", ours=False)
    assert {name: listed[name].tested for name in ("feed", "folder", "webhook", "mastodon")} == {
        "feed": "real server",
        "folder": "real server",
        "webhook": "schema-checked",
        "mastodon": "schema-checked",
    }
    assert all(one.again and one.version for one in listed.values() if one.ours)
    assert (listed["feed"].once, listed["mastodon"].once) == ("exact", "lookup")


def test_what_repeating_does_is_said_in_words() -> None:
    assert found._in_words(Once("exact", 3300)) == "exact for 3300 s"
    assert found._in_words(None) == ""


# ---------------------------------------------------------------- one of ours


class Bird:
    api = 1
    needs: ClassVar[tuple[str, ...]] = ()
    goes_by_itself = False
    tested: ClassVar[str] = BY_DESCRIPTION
    blocking = False

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        url: str = ""
        size: int = 0

    def __init__(self, settings: Any, http: Any, clock: Any) -> None:
        self.settings = settings


@pytest.fixture
def bird(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Bird]:
    """A bridge as if it were ours, of the name "pigeon"."""

    class Ours(Bird):
        pass

    one = found.Offered("pigeon", "outword", "1.0", Point(Ours))  # type: ignore[arg-type]
    monkeypatch.setattr(found, "_offers", lambda package="": iter([one]))
    return Ours


class Point:
    def __init__(self, cls: type) -> None:
        self._cls = cls

    def load(self) -> type:
        return self._cls


def without_the_page(said: list[Mistake]) -> list[Mistake]:
    return [one for one in said if not one.key.startswith("destinations.page")]


def test_a_bridge_that_was_never_tried_asks_for_a_word_of_the_operator(
    tmp_path: Path, bird: type[Bird]
) -> None:
    [mistake] = without_the_page(told(tmp_path))
    assert mistake.key == "destinations.loft.bridge" and "untested = true" in mistake.remedy
    assert without_the_page(told(tmp_path, "untested = true")) == []
    assert "destinations.loft.untested" in dict(warnings(settings(tmp_path, "untested = true")))
    assert list(notes(settings(tmp_path, "untested = true"))) == []


def test_a_word_that_is_not_needed_any_more_stops_nothing_and_is_told(
    tmp_path: Path, bird: type[Bird]
) -> None:
    bird.tested = "real server"
    assert without_the_page(told(tmp_path)) == []
    assert without_the_page(told(tmp_path, "untested = true")) == []
    [(key, said)] = notes(settings(tmp_path, "untested = true"))
    assert key == "destinations.loft.untested" and "take it out" in said


def test_a_library_that_is_not_here_is_a_mistake_with_its_remedy(
    tmp_path: Path, bird: type[Bird]
) -> None:
    bird.tested, bird.needs = "real server", ("json", "no_such_library")
    [mistake] = without_the_page(told(tmp_path))
    assert mistake.key == "destinations.loft.bridge"
    assert "make install WITH=no_such_library" in mistake.remedy


def test_a_library_that_is_not_here_is_said_where_its_bridge_would_be_started(
    tmp_path: Path, bird: type[Bird]
) -> None:
    bird.needs = ("no_such_library",)
    one = settings(tmp_path).destinations["loft"]
    with pytest.raises(Unusable, match="make install WITH=no_such_library"):
        plan(one, base=tmp_path, url="")


def test_a_bridge_that_makes_its_own_connections_is_told_at_each_start(
    tmp_path: Path, bird: type[Bird]
) -> None:
    bird.tested, bird.goes_by_itself = "real server", True
    [(key, said)] = notes(settings(tmp_path))
    assert key == "destinations.loft.bridge" and "its own connections" in said


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('routes = ["direct"]', ""),
        ('routes = ["tor"]', "routes"),
        ('routes = ["direct", "tor"]', "routes"),
        (f'pins = ["sha256/{"A" * 43}="]', "pins"),
    ],
)
def test_what_a_bridge_with_its_own_connections_cannot_keep_is_refused(
    tmp_path: Path, bird: type[Bird], line: str, key: str
) -> None:
    bird.tested, bird.goes_by_itself = "real server", True
    tor = '\n[routes.tor]\nproxy = "socks5://127.0.0.1:9050"'
    found = without_the_page(told(tmp_path, line + tor))
    assert [one.key for one in found] == ([f"destinations.loft.{key}"] if key else [])


def test_the_word_is_true_or_false(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(tmp_path, 'untested = "yes"')
    [mistake] = raised.value.mistakes
    assert (mistake.key, mistake.remedy) == (
        "destinations.loft.untested",
        "it should be true or false",
    )


def test_one_of_ours_that_blocks_has_an_outlet_of_its_own(tmp_path: Path, bird: type[Bird]) -> None:
    assert each_alone(settings(tmp_path)) == frozenset()
    bird.blocking = True
    assert each_alone(settings(tmp_path)) == {"loft"}


# ---------------------------------------------------------------- building


def built(destination: Destination, *, alone: bool = False) -> Any:
    planned = plan(destination, base=Path("/srv"), url="https://news.example.org", alone=alone)
    return planned.made(None, SystemClock())  # type: ignore[arg-type]


def test_a_bridge_gets_its_section_and_the_address_of_the_page(bird: type[Bird]) -> None:
    assert built(Destination(bridge="pigeon")).settings.url == "https://news.example.org"


def test_a_bridge_that_cannot_say_its_hosts_is_not_started(bird: type[Bird]) -> None:
    bird.hosts = lambda settings: {}["secret"]  # type: ignore[attr-defined]
    try:
        with pytest.raises(Unusable, match="cannot say which hosts it reaches: keyerror"):
            built(Destination(bridge="pigeon"))
        bird.hosts = lambda settings: ["no host"]  # type: ignore[attr-defined]
        with pytest.raises(Unusable, match="a host that is none"):
            built(Destination(bridge="pigeon"))
    finally:
        del bird.hosts  # type: ignore[attr-defined]


def test_what_is_wrong_with_a_section_is_told_by_its_keys(bird: type[Bird]) -> None:
    secret = "a-secret-in-the-wrong-place"
    table = {"bridge": "pigeon", "size": secret, **{f"key{n}": secret for n in range(6)}}
    with pytest.raises(Unusable) as raised:
        built(Destination.model_validate(table))
    assert secret not in str(raised.value)
    assert str(raised.value) == (
        "its settings: size cannot be used, key0 is not a key we know, key1 is not a key we know, "
        "key2 is not a key we know, key3 is not a key we know and 2 more"
    )


def test_settings_that_are_no_model_are_a_fault_of_the_bridge(bird: type[Bird]) -> None:
    bird.Settings = object  # type: ignore[assignment, misc]
    with pytest.raises(Unusable, match="cannot read its settings: attributeerror"):
        built(Destination(bridge="pigeon"))


@pytest.mark.parametrize("lacks", ["api", "Settings"])
def test_a_class_that_is_no_bridge_of_this_version_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, bird: type[Bird], lacks: str
) -> None:
    monkeypatch.delattr(Bird, lacks)
    with pytest.raises(Unusable, match=lacks):
        built(Destination(bridge="pigeon"))
