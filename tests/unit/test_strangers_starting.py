"""The process of a stranger's plug-in, as it is started and settles in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from strangers import modules, offered

from relay.bridging import Unusable
from relay.clock import SystemClock
from relay.config import Destination
from relay.confine import Means, possible
from relay.node import pipes
from relay.node.child import Pulse
from relay.node.outlet import Place
from relay.node.pipes import Pipe
from relay.node.process import FROM_OUTLET
from relay.node.serving import FROM_CORE
from relay.node.strangers import room, starting
from relay.node.strangers.keeper import FROM_PLUG_IN, Keeper
from relay.node.strangers.line import MOST_SAID, Line
from relay.node.strangers.starting import Started, started
from relay.wire import frames

confined = pytest.mark.skipif(not possible().enough, reason=f"here: {possible().lacks}")

PIGEON = """
import os
from pathlib import Path
from pydantic import BaseModel
from relay.ports import Health, Once

def may_read(path):
    try:
        return Path(path).read_text()
    except OSError as error:
        return type(error).__name__

class Pigeon:
    api = 1
    once = Once("none")
    at_once = 1

    class Settings(BaseModel):
        token_file: str = ""
        other: str = ""
        folder: str = ""
        since: object = None

    def __init__(self, settings, http, clock):
        self._settings = settings
        self._clock = clock

    async def check(self):
        settings = self._settings
        if settings.folder:
            Path(settings.folder, "written").write_text("by itself")
        said = (may_read(settings.token_file), may_read(settings.other), sorted(os.environ))
        return Health(" ".join(map(str, said)), str(settings.since))
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node's folder; beside it a package whose bridge says what it can read."""
    folder = offered(tmp_path / "site", "outword-pigeon", {"pigeon": "pigeon_here:Pigeon"})
    monkeypatch.syspath_prepend(str(modules(folder, pigeon_here=PIGEON)))
    (tmp_path / "n/secrets").mkdir(parents=True)
    for name in ("loft", "nest"):
        (tmp_path / "n/secrets" / name).write_text(f"the token of {name}")
    return tmp_path / "n"


def section(**more: Any) -> Destination:
    return Destination.model_validate({"bridge": "pigeon", **more})


@contextmanager
def running(base: Path, **more: Any) -> Iterator[tuple[Started, Destination]]:
    there = started("loft", section(**more), base, "")
    try:
        yield there, section(**more)
    finally:
        there.sock.close()
        there.process.kill()
        there.process.wait()


def checked(base: Path, **more: Any) -> tuple[frames.Serves, Any]:
    """What the real process of the plug-in says when it has started, and of its account."""
    core, outlet = pipes.pair()
    read, write = os.pipe()
    told: list[Any] = []

    async def run(there: Started, destination: Destination) -> None:
        pipe, pulse = Pipe(outlet, FROM_CORE), Pulse(write)
        place = Place(base, "", {})
        keeper = Keeper("loft", destination, place, pipe, pulse, SystemClock())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(keeper.run, Line(there.sock, FROM_PLUG_IN, MOST_SAID), there.begin)
            asks = Pipe(core, FROM_OUTLET)
            with trio.fail_after(60):
                told.append(await asks.receive())
                await asks.send(frames.Check(1, "loft"))
                told.append(await asks.receive())
            nursery.cancel_scope.cancel()

    try:
        with running(base, **more) as (there, destination):
            trio.run(run, there, destination)
    finally:
        for end in (core, outlet):
            end.close()
        for fd in (read, write):
            os.close(fd)
    return told[0], told[1]


@confined
def test_it_reads_the_secret_of_its_section_and_no_other(base: Path) -> None:
    serves, said = checked(
        base, token_file="secrets/loft", other=str(base / "secrets/nest"), folder="own"
    )
    assert serves == frames.Serves("loft", serves.once, 1)
    assert said.health.account == "the token of loft PermissionError []"
    assert (base / "own/written").read_text() == "by itself"


@confined
def test_a_bridge_that_cannot_be_made_says_why_in_our_words(base: Path) -> None:
    serves, said = checked(base, token_file=7)
    assert serves.trouble == "its settings: token_file cannot be used"
    assert said == frames.Failed(1, "its bridge did not start")


def test_where_the_kernel_cannot_confine_it_does_not_start(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "possible", lambda: Means(landlock=0, seccomp=True))
    with pytest.raises(Unusable) as refused:
        started("loft", section(), base, "")
    assert str(refused.value).startswith("it cannot be confined, since this machine lacks Landlock")
    assert "allow_unconfined = true" in str(refused.value)


def test_where_the_kernel_cannot_confine_it_starts_if_its_operator_says_so(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "possible", lambda: Means(landlock=0, seccomp=False))
    more = {"token_file": "secrets/loft", "other": str(base / "secrets/nest")}
    _, said = checked(base, allow_unconfined=True, **more)
    assert said.health.account == "the token of loft the token of nest []"


def test_its_command_line_and_its_surroundings_tell_nothing(base: Path) -> None:
    with running(base, token_file="secrets/loft") as (there, _):
        line = Path(f"/proc/{there.process.pid}/cmdline").read_text()
        assert str(base) not in line and "loft" not in line
        assert os.getsid(there.process.pid) == there.process.pid
        with suppress(OSError):  # as root, once it has settled in
            assert Path(f"/proc/{there.process.pid}/environ").read_text() == ""


def test_it_ends_when_its_line_does(base: Path) -> None:
    with running(base) as (there, _):
        there.sock.shutdown(socket.SHUT_RDWR)
        assert there.process.wait(60) == 0


def test_where_the_node_lies_is_no_place_for_modules(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(base))
    monkeypatch.syspath_prepend(str(base.parent))
    here = base / "venv/site-packages"
    here.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(os.getcwd())
    given = list(starting._paths(base))
    assert str(here) in given
    assert not {"", str(base), str(base.parent), os.getcwd()} & set(given)


def test_where_the_command_lies_is_no_place_for_modules(
    base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (tmp_path / "linked").symlink_to(base.parent)
    monkeypatch.setattr(sys, "argv", [str(home / "our-relay.py")])
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.syspath_prepend(str(tmp_path / "linked"))
    assert not {str(home), str(tmp_path / "linked")} & set(starting._paths(base))


def test_who_was_started_where_nothing_is_any_more_finds_the_libraries(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = "import os, sys; os.rmdir(sys.argv[1]); import relay.confine as c; c.libraries()"
    environ = {"PYTHONPATH": str(Path(starting.__file__).parents[3])}
    done = subprocess.run([sys.executable, "-c", script, str(gone)], cwd=gone, env=environ)
    assert done.returncode == 0


def test_where_too_much_lies_it_does_not_start(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_FILES", 2)
    for name in ("a", "b", "c"):
        (base / "own" / name).mkdir(parents=True)
    with pytest.raises(Unusable, match="its folder holds too much: make room there"):
        started("loft", section(folder="own"), base, "")


def test_several_packages_that_offer_one_name_start_nothing(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(offered(base / "b", "doves", {"pigeon": "doves:Dove"})))
    with pytest.raises(Unusable, match="several packages"):
        started("loft", section(), base, "")


def test_limits_are_lowered_and_never_raised() -> None:
    script = """
import os, resource
from relay.node.strangers.settling import LIMITS, settle_in
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
sock = settle_in(os.getppid())
limits = [resource.getrlimit(one) == (min(most, 40) if one == resource.RLIMIT_NOFILE else most,) * 2
          for one, most in LIMITS]
sock.send(repr((all(limits), sorted(os.environ), os.getcwd(), sock.fileno() < 40)).encode())
"""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=theirs.fileno(), capture_output=True, timeout=60
        )
        theirs.close()
        assert done.returncode == 0 and done.stderr == b""
        assert ours.recv(1000) == b"(True, [], '/', True)"
