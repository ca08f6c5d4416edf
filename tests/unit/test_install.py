"""``make install`` in a throw-away root: the same state however often, and only ours taken away.

The program itself is a stand-in here, a folder with a file; tests/stories has the real one.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "packaging"))

import install as making  # noqa: E402 - packaging is a folder of scripts, not a package
import place as places  # noqa: E402
import program as programs  # noqa: E402
import user as users  # noqa: E402

ANALYSE = shutil.which("systemd-analyze")
ME = str(os.geteuid())


def build(place: places.Place, program: Path, steps: places.Steps) -> None:
    """A program that says yes to every question."""

    def fill() -> None:
        (program / "bin").mkdir(parents=True)
        (program / "bin/relay").write_text("#!/bin/sh\nexit 0\n")
        (program / "bin/relay").chmod(0o755)

    if not program.exists():
        steps.does("program", f"{program} is built", fill)


def refusing(place: places.Place, program: Path, steps: places.Steps) -> None:
    """A program that does not take the settings there are."""
    build(place, program, steps)
    (program / "bin/relay").write_text("#!/bin/sh\necho 'news: is missing' >&2\nexit 78\n")


def failing(place: places.Place, program: Path, steps: places.Steps) -> None:
    """No network."""
    raise places.Cannot("the program could not be built", 69)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sources of one version."""
    made = tmp_path / "source"
    (made / "relay").mkdir(parents=True)
    (made / "relay/__init__.py").write_text('"""One."""\n')
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.txt"):
        (made / name).write_text(name)
    (made / "bridges").mkdir()
    return made


@pytest.fixture
def place(tmp_path: Path, source: Path) -> places.Place:
    root = tmp_path / "root"
    return places.Place(root / "opt/outword", root / "srv/outword", ME, root, source)


def installed(place: places.Place, *, dry: bool = False, **more: object) -> str:
    """Install; what was printed."""
    out = io.StringIO()
    given = {"build": build, **more}
    making.install(place, places.Steps(dry=dry, out=out), **given)  # type: ignore[arg-type]
    return out.getvalue()


def uninstalled(place: places.Place, *, dry: bool = False, purge: bool = False) -> str:
    out = io.StringIO()
    making.uninstall(place, places.Steps(dry=dry, out=out), purge=purge)
    return out.getvalue()


def tree(root: Path | None) -> dict[str, tuple[int, int, int, str]]:
    """Every path below: its mode, its owner, and what it holds or where it leads."""
    assert root is not None
    found = {}
    for path in root.rglob("*"):
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            holds = os.readlink(path)
        else:
            holds = path.read_bytes().hex() if path.is_file() else ""
        about_it = (about.st_mode, about.st_uid, about.st_gid, holds)
        found[str(path.relative_to(root))] = about_it
    return found


def upgraded(place: places.Place) -> None:
    """The sources become those of another version."""
    (place.source / "relay/__init__.py").write_text('"""Two."""\n')


# ---------------------------------------------------------------- the same state


def test_twice_and_after_an_uninstall_it_is_the_same(place: places.Place) -> None:
    installed(place)
    once = tree(place.root)
    assert {
        "opt/outword/venv",
        "srv/outword",
        "usr/local/bin/relay",
        "etc/systemd/system/outword.service",
    } < set(once)
    assert once["srv/outword"][0] == stat.S_IFDIR | 0o700
    assert "is written" not in installed(place)
    assert tree(place.root) == once
    uninstalled(place)
    installed(place)
    assert tree(place.root) == once


def test_uninstall_leaves_the_folder_of_the_node_and_nothing_else(place: places.Place) -> None:
    installed(place)
    (place.node / "relay.toml").write_text("[node]\n")
    said = uninstalled(place)
    assert sorted(tree(place.root)) == ["srv", "srv/outword", "srv/outword/relay.toml"]
    assert "stays, with keys and messages (PURGE=1 destroys it)" in said
    assert uninstalled(place).splitlines() == said.splitlines()[-1:]


def test_purge_leaves_nothing(place: places.Place) -> None:
    installed(place)
    (place.node / "relay.toml").write_text("[node]\n")
    uninstalled(place, purge=True)
    assert tree(place.root) == {}


def test_purge_touches_nothing_if_the_folder_is_no_node(place: places.Place) -> None:
    installed(place)
    (place.node / "photos").mkdir()
    before = tree(place.root)
    with pytest.raises(places.Cannot, match="so it is no node's"):
        uninstalled(place, purge=True)
    assert tree(place.root) == before


def test_purge_does_not_follow_a_link(place: places.Place, tmp_path: Path) -> None:
    installed(place)
    place.node.rmdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/relay.toml").touch()
    place.node.symlink_to(tmp_path / "other")
    with pytest.raises(places.Cannot, match="not a folder"):
        uninstalled(place, purge=True)
    with pytest.raises(places.Cannot, match="not a folder"):
        installed(place)
    assert (tmp_path / "other/relay.toml").exists()


def test_dry_prints_every_step_and_does_none(place: places.Place) -> None:
    said = installed(place, dry=True)
    assert place.root is not None and not place.root.exists()
    did = installed(place)
    assert [line.replace("would be done: ", "") for line in said.splitlines()] == did.splitlines()
    before = tree(place.root)
    said = uninstalled(place, dry=True, purge=True)
    assert said.count("would be done") == 5  # unit, command, link, program, folder
    assert tree(place.root) == before


# ---------------------------------------------------------------- upgrades


def test_an_upgrade_turns_the_link_and_keeps_the_version_before(place: places.Place) -> None:
    installed(place)
    (place.node / "relay.toml").write_text("[node]\n")
    first = os.readlink(place.link)
    upgraded(place)
    said = installed(place)
    second = os.readlink(place.link)
    assert first != second
    assert "systemctl restart outword (until then the old version runs)" in said
    assert (place.prefix / first).is_dir()
    (place.source / "relay/__init__.py").write_text('"""Three."""\n')
    installed(place)
    kept = sorted(one.name for one in place.prefix.iterdir())
    assert kept == sorted(["venv", second, os.readlink(place.link)])


@pytest.mark.parametrize("build_it", [failing, refusing])
def test_an_upgrade_that_fails_changes_nothing_that_is_in_force(
    place: places.Place, build_it: Callable[..., None]
) -> None:
    installed(place)
    (place.node / "relay.toml").write_text("[node]\n")
    before = tree(place.root)
    upgraded(place)
    with pytest.raises(places.Cannot):
        installed(place, build=build_it)
    after = tree(place.root)
    assert {path: after[path] for path in before} == before
    assert all(
        re.match(r"opt/outword/venv-[0-9a-f]{12}", path) for path in set(after) - set(before)
    )


def test_a_version_that_refuses_the_settings_is_taken_where_one_insists(
    place: places.Place,
) -> None:
    installed(place)
    (place.node / "relay.toml").write_text("[node]\n")
    was = os.readlink(place.link)
    upgraded(place)
    installed(place, build=refusing, check=False)
    assert os.readlink(place.link) != was


def test_a_version_from_which_a_process_runs_is_not_removed(place: places.Place) -> None:
    installed(place)
    first = place.prefix / os.readlink(place.link)
    (first / "sleep").symlink_to(shutil.which("sleep") or "")
    with subprocess.Popen([first / "sleep", "60"]) as running:
        try:
            for text in ("Two", "Three"):
                (place.source / "relay/__init__.py").write_text(text)
                installed(place)
            assert first.is_dir()
        finally:
            running.kill()
    (place.source / "relay/__init__.py").write_text("Four")
    installed(place)
    assert not first.exists()


def test_a_version_is_named_by_what_it_is_made_of(place: places.Place) -> None:
    name = programs.program_name(place)
    assert programs.NAMED.fullmatch(name)
    cache = place.source / "relay/__pycache__"
    cache.mkdir()
    (cache / "x.pyc").touch()
    assert programs.program_name(place) == name
    (place.source / "requirements.txt").write_text("other")
    assert programs.program_name(place) != name


# ---------------------------------------------------------------- what is not ours


@pytest.mark.parametrize("name", ["command", "unit", "link"])
def test_what_others_put_there_is_neither_replaced_nor_removed(
    place: places.Place, name: str
) -> None:
    file: Path = getattr(place, name)
    file.parent.mkdir(parents=True)
    file.write_text("theirs\n")
    with pytest.raises(places.Cannot, match="move it away") as raised:
        installed(place)
    assert raised.value.status == 73
    uninstalled(place)
    assert file.read_text() == "theirs\n"
    assert not place.node.exists()


def test_other_files_beside_the_program_stay(place: places.Place) -> None:
    installed(place)
    (place.prefix / "README.md").touch()
    (place.prefix / "venv-mine").mkdir()
    assert "other files lie in it" in uninstalled(place)
    assert sorted(one.name for one in place.prefix.iterdir()) == ["README.md", "venv-mine"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(place: places.Place) -> None:
    place.node.mkdir(parents=True)
    os.chown(place.node, 64999, 64999)
    with pytest.raises(places.Cannot, match="another user"):
        installed(place)


@pytest.mark.parametrize(
    "given, status",
    [
        (("", "/opt", "", ""), 64),
        (("", "/opt/a b", "", ""), 64),
        (("", "/opt/../etc", "", ""), 64),
        (("", "", "/srv/a\nb", ""), 64),
        (("", "", "/home/me/outword", ""), 64),
        (("", "", "/tmp/node", ""), 64),
        (("", "", "/opt/outword/node", ""), 64),
        (("", "/srv/outword/program", "", ""), 64),
        (("", "", "", "Not A Name"), 64),
        (("", "", "", "a" * 33), 64),
        (("/", "", "", ""), 64),
        (("/x/y z", "", "", ""), 64),
    ],
)
def test_places_that_cannot_be_are_refused(
    given: tuple[str, str, str, str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(places.Cannot) as raised:
        places.read_place(*given)
    assert raised.value.status == status


def test_the_longest_name_and_other_good_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    made = places.read_place("", "/usr/local/lib/outword", "/var/lib/outword", "a" * 32)
    assert (str(made.node), made.user, made.real) == ("/var/lib/outword", "a" * 32, True)
    usual = places.read_place("", "", "", "")
    assert [str(usual.prefix), str(usual.node), usual.user] == [
        "/opt/outword",
        "/srv/outword",
        "outword",
    ]


def test_only_root_installs_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(places.Cannot, match="as root") as raised:
        places.read_place("", "", "", "")
    assert raised.value.status == 77


def test_a_node_does_not_run_as_root(tmp_path: Path) -> None:
    real = places.Place(tmp_path / "opt/x", tmp_path / "srv/x", "root")
    with pytest.raises(places.Cannot, match="not run as root"):
        users.make_user(real, places.Steps(dry=True, out=None))


def test_the_target_of_the_makefile_says_what_is_wrong_and_gives_its_status(
    tmp_path: Path,
) -> None:
    def made(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["make", "-s", "-C", str(ROOT), *words, f"PYTHON={sys.executable}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    root = f"ROOT={tmp_path / 'root'}"
    done = made("install", root, "DRY=1")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "root/srv/outword") in done.stdout
    assert not (tmp_path / "root").exists()
    done = made("install", root, "DRY=maybe")
    assert (done.returncode, "DRY takes 1 or 0" in done.stderr) == (2, True)
    done = made("uninstall", root, "NODE=/x")
    assert (done.returncode, "NODE takes a full path" in done.stderr) == (2, True)


# ---------------------------------------------------------------- the command and the unit


def test_the_command_is_a_script_without_faults(place: places.Place) -> None:
    written = making.command_text(place)
    done = subprocess.run(["sh", "-n"], input=written, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    checker = shutil.which("shellcheck")
    if checker:
        command = [checker, "-s", "sh", "-"]
        assert subprocess.run(command, input=written, text=True).returncode == 0


def unit_of(file: Path) -> dict[str, list[str]]:
    """The settings of a unit file, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in file.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_names_the_places_and_no_placeholder_is_left(place: places.Place) -> None:
    installed(place)
    assert "@NODE@" not in place.unit.read_text() and "@USER@" not in place.unit.read_text()
    unit = unit_of(place.unit)
    assert unit["ExecStart"] == [f"{place.prefix}/venv/bin/relay run -c {place.node}/relay.toml"]
    assert unit["ReadWritePaths"] == [str(place.node)]
    assert unit["User"] == [ME]
    assert unit["AmbientCapabilities"] == ["CAP_NET_BIND_SERVICE"]


@pytest.mark.skipif(ANALYSE is None, reason="apt-get install systemd")
def test_the_service_is_exposed_as_little_as_promised(place: places.Place, tmp_path: Path) -> None:
    installed(place)
    unit = tmp_path / "outword.service"
    unit.write_text(place.unit.read_text().replace(f"User={ME}", "User=daemon"))

    def rated(most: int) -> subprocess.CompletedProcess[str]:
        command = [str(ANALYSE), "security", "--offline=true", "--no-pager", str(unit)]
        limit = f"--threshold={most}"
        return subprocess.run([*command, limit], capture_output=True, text=True, timeout=60)

    done = rated(15)  # tenths
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert rated(1).returncode != 0
    command = [str(ANALYSE), "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_library_more_makes_another_program_of_its_own_requirements(tmp_path):
    root, source = str(tmp_path / "root"), Path(places.__file__).parent.parent
    plain = places.read_place(root, "", "", "")
    more = places.read_place(root, "", "", "", "apprise")
    assert plain.requirements == "requirements.txt"
    assert more.requirements == "requirements-apprise.txt"
    assert programs.program_name(plain) != programs.program_name(more)
    pinned = (source / more.requirements).read_text()
    assert "apprise==" in pinned and "trio==" in pinned
    with pytest.raises(places.Cannot) as caught:
        places.read_place(root, "", "", "", "pigeons")
    assert caught.value.status == 64
