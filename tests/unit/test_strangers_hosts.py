"""A stranger's bridge reaches what its operator has written, and its section is its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from strangers import modules, offered

from relay.config import Destination, load, warnings
from relay.errors import Mistake, SettingsError
from relay.plugins import Unusable, mistakes, plan
from relay.plugins.hosts import granted
from relay.plugins.places import SHARED

TEXT = """
[channels.news]
destinations = ["loft", "box"]
danger_words_file = "words/a"
[routes.tor]
proxy = "socks5://127.0.0.1:9050"
user = "us"
password_file = "tor/pass"
[http]
listen = "127.0.0.1:0"
[tls]
certificate = "tls/chain"
key = "tls/key"
[transports.modem]
kind = "gammu"
database = "gammu/smsd.db"
channel = "news"
[destinations.loft]
bridge = "pigeon"
{more}
[destinations.box]
bridge = "folder"
folder = "box"
"""

PIGEON = """
from pydantic import BaseModel

class Pigeon:
    api = 1

    class Settings(BaseModel):
        url: str

    @staticmethod
    def hosts(settings):
        return {"loft.example.org", "api.pigeons.example"}
"""


def loft(**more: Any) -> Destination:
    return Destination.model_validate({"bridge": "pigeon", **more})


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = offered(tmp_path / "site", "outword-pigeon", {"pigeon": "a_pigeon:Pigeon"})
    monkeypatch.syspath_prepend(str(modules(folder, a_pigeon=PIGEON)))


def told(tmp_path: Path, more: str) -> list[Mistake]:
    (tmp_path / "relay.toml").write_text(TEXT.format(more=more))
    return wrong(tmp_path)


def wrong(tmp_path: Path) -> list[Mistake]:
    """What is wrong with destinations; other files are not there."""
    found = mistakes(load(tmp_path / "relay.toml"))
    return [one for one in found if one.key.startswith("destinations")]


# ---------------------------------------------------------------- which hosts


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ([], {"loft.example.org"}),
        (["api.pigeons.example"], {"api.pigeons.example"}),
        (["API.pigeons.example"], {"api.pigeons.example"}),
        (["*.pigeons.example"], {"api.pigeons.example", "a.b.pigeons.example"}),
        (["*.pigeons.example"], {"*.pigeons.example", "*.eu.pigeons.example"}),
        (["192.0.2.7"], {"192.0.2.7"}),
        ([], set()),
    ],
)
def test_what_stands_in_its_section_it_may_reach(hosts: list[str], said: set[str]) -> None:
    section = loft(url="https://loft.example.org/in", hosts=hosts)
    assert granted(section, said, says=True) == said


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ([], "api.pigeons.example"),
        (["api.pigeons.example"], "pigeons.example"),
        (["api.pigeons.example"], "*.pigeons.example"),
        (["any.pigeons.example"], "*.pigeons.example"),
        (["*.pigeons.example"], "pigeons.example"),
        (["*.pigeons.example"], "pigeons.example.thief.example"),
        (["*.eu.pigeons.example"], "*.pigeons.example"),
        ([], "127.0.0.1"),
    ],
)
def test_what_it_names_besides_is_refused_with_the_key_to_write(
    hosts: list[str], said: str
) -> None:
    with pytest.raises(Unusable) as refused:
        granted(loft(url="https://loft.example.org/in", hosts=hosts), {said}, says=True)
    assert str(refused.value) == f'it would reach {said}: add hosts = ["{said}"] if it may'


def test_what_looks_like_another_host_is_not_offered_to_be_written() -> None:
    section = loft(url="https://büro.example.org/in")
    assert granted(section, {"büro.example.org"}, says=True) == {"büro.example.org"}
    with pytest.raises(Unusable, match="letters may be like those of another"):
        granted(section, {"аpi.example.org"}, says=True)


def test_one_that_names_none_is_let_to_those_of_its_section() -> None:
    section = loft(url="https://loft.example.org/in", deep={"a": ["b.example:8080"]}, hosts=["c.d"])
    assert granted(section, (), says=False) == {"loft.example.org", "b.example", "c.d"}


def test_a_name_of_a_file_is_no_host() -> None:
    section = loft(url="https://loft.example.org/in", token_file="token.zip", folder="loft.app")
    assert granted(section, (), says=False) == {"loft.example.org"}


def test_a_default_of_its_settings_is_nothing_that_anybody_wrote(tmp_path: Path) -> None:
    section = loft(url="https://loft.example.org/in")
    with pytest.raises(Unusable, match=r'add hosts = \["api.pigeons.example"\]'):
        plan(section, base=tmp_path, url="", alone=True)
    more = loft(url="https://loft.example.org/in", hosts=["api.pigeons.example"])
    planned = plan(more, base=tmp_path, url="", alone=True)
    assert planned.hosts == {"loft.example.org", "api.pigeons.example"}


# ---------------------------------------------------------------- relay check


def test_hosts_that_are_hosts_are_no_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, 'hosts = ["a.example", "*.B.example", "192.0.2.1", "::1"]') == []


@pytest.mark.parametrize("host", ["https://a.example", "*.org", "a b", "", "a.example:443", "*"])
def test_what_is_no_host_is_a_mistake(tmp_path: Path, host: str) -> None:
    [mistake] = told(tmp_path, f'hosts = ["{host}"]')
    assert (mistake.key, mistake.what) == ("destinations.loft.hosts", "has what is no host")


@pytest.mark.parametrize(
    ("more", "key"),
    [('hosts = ["a.example"]', "hosts"), ("allow_unconfined = true", "allow_unconfined")],
)
def test_a_bridge_of_ours_has_neither(tmp_path: Path, more: str, key: str) -> None:
    (tmp_path / "relay.toml").write_text(TEXT.format(more="") + more)
    [mistake] = wrong(tmp_path)
    assert mistake.key == f"destinations.box.{key}" and mistake.remedy == "take it out"


@pytest.mark.parametrize(
    "folder",
    [
        *(".", "", "data", "data/loft", "keys", "secrets", "box", "box/loft", "..", "public"),
        *("tls", "words", "tor", "gammu"),
    ],
)
def test_a_folder_that_holds_what_is_anothers_is_a_mistake(tmp_path: Path, folder: str) -> None:
    [mistake] = told(tmp_path, f'folder = "{folder}"')
    assert mistake.key == "destinations.loft.folder"
    assert mistake.remedy == 'give it one, as in folder = "loft"'


def test_a_folder_of_its_own_is_none(tmp_path: Path) -> None:
    assert told(tmp_path, 'folder = "loft"') == []


@pytest.mark.parametrize(
    "file", ["keys/exit.key", "data/spool.sqlite", "relay.toml", "tls/key", "tor/pass", "words/a"]
)
def test_a_file_of_the_node_is_nobodys_secret(tmp_path: Path, file: str) -> None:
    assert "names a file of the node" in [one.what for one in told(tmp_path, f'a_file = "{file}"')]


@pytest.mark.parametrize(
    "key", ['folder = "{}"', 'folder = "{}/own"', 'a_file = "{}/held"'], ids=["it", "in it", "file"]
)
def test_the_session_of_a_bridge_of_ours_is_nobodys_but_its_own(tmp_path: Path, key: str) -> None:
    bird = """
[destinations.bird]
bridge = "bluesky"
handle = "us.example.org"
password_file = "passwords/bird"
"""
    more = key.format("passwords/bird.session") + bird
    what = SHARED if key.startswith("folder") else "names a file of the node"
    assert what in [one.what for one in told(tmp_path, more)]


def test_who_may_run_unconfined_is_warned_of_at_each_start(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(TEXT.format(more="allow_unconfined = true"))
    said = dict(warnings(load(tmp_path / "relay.toml")))
    assert "reads all that the node can" in said["destinations.loft.allow_unconfined"]


def test_a_list_of_hosts_without_end_is_refused(tmp_path: Path) -> None:
    many = ", ".join(f'"h{n}.example"' for n in range(65))
    (tmp_path / "relay.toml").write_text(TEXT.format(more=f"hosts = [{many}]"))
    with pytest.raises(SettingsError):
        load(tmp_path / "relay.toml")
