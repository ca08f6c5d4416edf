"""Who is given what: the shared outlet all but those that are alone, and each of these its own."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from relay.clock import SteadyClock
from relay.config import load
from relay.node.start import _outlets

TEXT = """
[channels.news]
destinations = ["page", "loft", "nest"]
[destinations.loft]
bridge = "pigeon"
token_file = "secrets/loft"
[destinations.nest]
bridge = "pigeon"
token_file = "secrets/nest"
[destinations.idle]
bridge = "pigeon"
"""


def test_an_outlet_of_its_own_is_given_one_section(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(TEXT)
    mains = _outlets(load(tmp_path / "relay.toml"), "", frozenset({"loft", "nest"}), SteadyClock())
    given: dict[str, Any] = {
        label: inspect.getclosurevars(main).nonlocals for label, main in mains.items()
    }
    assert {label: (list(one["served"]), one["alone"]) for label, one in given.items()} == {
        "outlet": (["page"], False),
        "outlet.loft": (["loft"], True),
        "outlet.nest": (["nest"], True),
    }


APART = """
import os, resource, sys
from relay.node.apart import MEMORY_BYTES, keep_apart, say_nothing

ours = say_nothing()
read, write = os.pipe()
keep_apart(write)
print("ready")
os.write(2, b"a text")
pid = os.fork()
if pid == 0:
    try:
        os.write(write, b"x")
    except OSError:
        os._exit(7)
    os._exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
limit = resource.getrlimit(resource.RLIMIT_DATA)[0] == MEMORY_BYTES
ours.write(f"{status} {limit} {sorted(os.environ)}")
"""


def test_an_outlet_of_its_own_prints_nothing_and_its_copies_hold_nothing_of_ours() -> None:
    env = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "CREDENTIALS_DIRECTORY": "/run/credentials",
    }
    done = subprocess.run([sys.executable, "-c", APART], env=env, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"7 True ['LC_ALL', 'PATH']"
