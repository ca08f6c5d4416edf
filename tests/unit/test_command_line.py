"""The command line without a terminal, without room, without a way to write: a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from strangers import modules, offered

SETTINGS = """
[node]
{node}
[channels.news]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "relay.toml"
    path.write_text(SETTINGS.format(node=""))
    return path


def shell(line: str, *words: object) -> subprocess.CompletedProcess[str]:
    """A line of sh, in which "$@" is the command ``relay`` with these words."""
    command = [sys.executable, "-m", "relay", *map(str, words)]
    return subprocess.run(
        ["sh", "-c", line, "sh", *command], capture_output=True, text=True, timeout=30
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_needs_nobody_to_speak_to(file: Path, closed: str) -> None:
    done = shell(f'"$@" {closed}', "check", "-c", file)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_full_disk_under_the_output_is_told(file: Path) -> None:
    done = shell('"$@" > /dev/full', "check", "-c", file)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (74, "relay: No space left on device")


def test_a_full_disk_under_the_log_stops_nothing(file: Path) -> None:
    done = shell('"$@" 2> /dev/full', "check", "-c", file)
    assert (done.returncode, done.stdout) == (0, f"{file}: good\n")


@pytest.mark.parametrize(
    "node", ['data = "file"', 'data = "file/data"', 'keys = "file"', 'passphrase_file = "file/x"']
)
def test_a_folder_that_cannot_be_made_is_told_by_name(file: Path, node: str) -> None:
    (file.parent / "file").touch()
    file.write_text(SETTINGS.format(node=node))
    done = shell('"$@"', "run", "-c", file)
    assert done.returncode == 73
    assert "Traceback" not in done.stderr
    assert str(file.parent / "file") in done.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("relay lo", {"login"}),
        ("relay queue re", {"redact", "release", "retry", "rewrite"}),
        ("relay zz", set()),
    ],
)
def test_a_shell_completes_commands(
    typed: str, offered: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = typed.split()
    monkeypatch.setenv("_RELAY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    done = shell('"$@"')
    assert {line.partition(",")[2] for line in done.stdout.splitlines() if line} == offered


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_RELAY_COMPLETE", f"{name}_source")
    assert "_RELAY_COMPLETE" in shell('"$@"').stdout


TOKEN = "the-token-of-nobody"

FAILS = """
import sys
from pydantic import BaseModel


class Rage(BaseException):
    pass


class Bird:
    class Settings(BaseModel):
        pass

    api = 1

    def __init__(self, settings, http, clock):
        raise {raised}
"""


@pytest.mark.parametrize("raised", ["Rage({!r})", "sys.exit({!r})", "KeyError({!r})"])
def test_what_a_bridge_raises_is_never_quoted(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: str
) -> None:
    strangers = tmp_path / "strangers"
    modules(strangers, birds=FAILS.format(raised=raised.format(TOKEN)))
    monkeypatch.setenv("PYTHONPATH", str(offered(strangers, "birds", {"bird": "birds:Bird"})))
    with file.open("a") as settings:
        settings.write('[destinations.loft]\nbridge = "bird"\n')
    done = shell('"$@"', "destinations", "test", "loft", "-c", file)
    assert done.returncode in (65, 70)
    said = done.stderr + done.stdout
    assert TOKEN not in said and "Traceback" not in said
    assert "failed: keyerror" in said or "or of a bridge: " in said


def test_a_command_leaves_no_core_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FAILS.format(raised="KeyError(print(resource.getrlimit(resource.RLIMIT_CORE)))")
    modules(tmp_path / "strangers", birds=f"import resource\n{source}")
    birds = offered(tmp_path / "strangers", "birds", {"bird": "birds:Bird"})
    monkeypatch.setenv("PYTHONPATH", str(birds))
    with file.open("a") as settings:
        settings.write('[destinations.loft]\nbridge = "bird"\n')
    done = shell('"$@"', "destinations", "test", "loft", "-c", file)
    assert done.stdout.splitlines()[0] == "(0, 0)"
