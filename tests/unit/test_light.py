"""No process loads what another one needs: on a small machine memory is what is short first."""

from __future__ import annotations

import subprocess
import sys

STEPS = (
    (
        "relay.node.entering.core",  # with nothing that opens exit.key
        ("relay.wire.exitfile", "relay.node.exit_key", "relay.node.rolling", "httpx", "hypercorn"),
    ),
    ("relay.node.core", ("httpx", "hypercorn", "aiosmtpd", "starlette", "jinja2", "lxml", "PIL")),
    ("relay.node.outlet", ("rich", "pygments", "hypercorn", "aiosmtpd", "starlette", "jinja2")),
    ("relay.node.door", ("rich", "pygments", "starlette", "jinja2", "lxml", "segno")),
)

CODE = """
import importlib, sys
for step in sys.argv[1:]:
    module, *others = step.split(",")
    importlib.import_module(module)
    found = [one for one in others if one in sys.modules]
    assert not found, (module, found)
"""


def test_a_process_loads_nothing_that_is_anothers() -> None:
    steps = [",".join((module, *others)) for module, others in STEPS]
    subprocess.run([sys.executable, "-c", CODE, *steps], check=True)
