"""What ``relay doctor`` says of what each process reaches: tried, and told as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strangers import modules, offered

from relay.cli.doctoring import reaches
from relay.cli.doctoring.reaches import Reached, found, kernel, tried
from relay.cli.run import warn
from relay.config import Settings, load
from relay.confine import Grants, Means, possible
from relay.node.granted import Granted, granted_to
from relay.plugins import destinations

NOBODY = 64321
"""A user whom nobody is."""

ALL = Means(7, seccomp=True)
NONE = Means(0, seccomp=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("data", "keys", "public", "secrets"):
        (tmp_path / name).mkdir()
    (tmp_path / "keys/door.key").touch()
    file = tmp_path / "relay.toml"
    file.write_text('[channels.news]\ndestinations = ["page"]\n\n[desk]\n')
    return load(file)


@pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")
@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("core", "files: its own; network: control socket only; programs: none"),
        ("door", "files: its own; network: in and out; programs: none"),
        ("desk", "files: its own; network: in; programs: none"),
        ("reader", "files: none; network: none; programs: none"),
        ("cleaner", "files: none; network: none; programs: none"),
        ("outlet", "files: its own; network: out; programs: none"),
    ],
)
def test_what_a_role_reaches_is_found_by_trying(role: str, said: str, settings: Settings) -> None:
    granted = granted_to(role, settings, destinations(settings))
    reached = tried(role, granted)
    assert reached is not None and reached.said(role) == said
    assert found(role, granted, reached, ALL).state == "good"


@pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("role", [role for role in reaches.ROLES if role != "plug-in"])
def test_it_is_the_same_for_an_ordinary_user(role: str, settings: Settings) -> None:
    for at in (settings.base, *settings.base.parents):
        if at.stat().st_uid == 0 and not at.stat().st_mode & 0o001:
            at.chmod(at.stat().st_mode | 0o011)
    for at in (settings.base, *settings.base.rglob("*")):
        os.chown(at, NOBODY, NOBODY)
    granted = granted_to(role, settings, destinations(settings))
    as_root = tried(role, granted)
    assert as_root is not None
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os._exit(0 if tried(role, granted) == as_root else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_where_nothing_confines_all_is_reached_and_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.node.confined.confine", lambda grants, *, or_else_less: None)
    granted = granted_to("core", settings)
    reached = tried("core", granted)
    assert reached == Reached(*[True] * 6)
    said = found("core", granted, reached, NONE)
    assert said.state == "mind" and "files: all; network: in and out; programs: any" in said.what


OUT = Granted(Grants(network=True))


@pytest.mark.parametrize(
    ("role", "granted", "reached"),
    [
        ("core", Granted(Grants()), Reached(others=True)),
        ("core", Granted(Grants()), Reached(own=True, out=True)),
        ("outlet", OUT, Reached(out=True, programs=True)),
        ("outlet", OUT, Reached(out=True, parent=True)),
        ("reader", Granted(Grants()), Reached(own=True)),
        ("cleaner", Granted(Grants()), Reached(inward=True)),
        ("plug-in", Granted(Grants()), Reached(own=True, out=True)),
        ("plug-in", Granted(Grants()), Reached(own=True, inward=True)),
    ],
)
def test_what_is_reached_and_was_not_granted_is_wrong(
    role: str, granted: Granted, reached: Reached
) -> None:
    assert found(role, granted, reached, ALL).state == "wrong"
    assert found(role, granted, reached, NONE).state == "mind"


def test_what_could_not_be_tried_is_said_so() -> None:
    assert found("core", OUT, None, ALL).state == "mind"


def test_the_kernel_is_named_with_what_it_lacks() -> None:
    assert kernel(ALL).state == "good" and "ABI 7" in kernel(ALL).what
    assert kernel(NONE).state == "mind" and "Landlock" in kernel(NONE).what


@pytest.mark.parametrize(("means", "said"), [(ALL, False), (NONE, True)])
def test_a_start_on_a_kernel_that_cannot_confine_says_so(
    means: Means,
    said: bool,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("relay.cli.run.possible", lambda: means)
    warn(settings)
    assert ("not kept from each other" in capsys.readouterr().err) is said


def test_every_role_is_looked_at(settings: Settings) -> None:
    checks = [one.check for one in reaches.look(settings)]
    assert checks == ["confinement", *(f"reach of {role}" for role in reaches.ROLES)]


def test_each_plug_in_of_others_has_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried as its section says, its module is not imported, and nothing is made."""
    site = offered(tmp_path / "site", "outword-pigeon", {"pigeon": "pigeon_here:Pigeon"})
    monkeypatch.syspath_prepend(str(modules(site, pigeon_here="raise AssertionError")))
    node = tmp_path / "n"
    (node / "secrets").mkdir(parents=True)
    (node / "secrets/loft").touch(mode=0o600)
    (node / "relay.toml").write_text(
        '[channels.news]\ndestinations = ["page", "loft"]\n[destinations.loft]\nbridge = "pigeon"\n'
        'token_file = "secrets/loft"\nfolder = "loft"\n'
    )
    line = list(reaches.look(load(node / "relay.toml")))[-1]
    assert line.check == "reach of plug-in loft" and not (node / "loft").exists()
    if possible().enough:
        assert (line.state, line.what) == (
            "good",
            "files: its own; network: none; programs: none",
        )
