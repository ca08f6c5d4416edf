"""Nobody asks the system for the time but the clock, and the command line for a person's moment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

ASKS = {
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.ctime",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
}
"""What gives the time of the system's clock, which jumps. (``time.monotonic`` does not.)"""

OF_NOW = {"time.gmtime", "time.strftime", "formatdate", "email.utils.formatdate"}
"""What gives it where nothing is given to it."""

MAY = ("relay/clock.py", "relay/cli/", "relay/testing/")


def dotted(node: ast.expr) -> str:
    """``time.time`` of the expression that says so; empty for what is no dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def asks(source: str) -> Iterator[int]:
    """Lines that ask, or take what asks out of its module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and dotted(node) in ASKS:
            yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (node.lineno for name in node.names if f"time.{name.name}" in ASKS)
        elif isinstance(node, ast.Call) and not (node.args or node.keywords):
            yield from [node.lineno] if dotted(node.func) in OF_NOW else ()


def sources() -> list[Path]:
    every = sorted([*(ROOT / "relay").rglob("*.py"), *(ROOT / "bridges").rglob("*.py")])
    return [path for path in every if not str(path.relative_to(ROOT)).startswith(MAY)]


def test_only_the_clock_asks_the_system_for_the_time() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}" for path in sources() for line in asks(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        "import time\nnow = time.time()",
        "import time\nclass A:\n    def __init__(self, now=time.time): ...",
        "from time import time",
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)",
        "import datetime\nday = datetime.date.today()",
        "import time\nhour = time.gmtime()",
        "from email.utils import formatdate\ndate = formatdate()",
    ],
)
def test_who_asks_is_found(source: str) -> None:
    assert list(asks(source))


@pytest.mark.parametrize(
    "source",
    [
        "import time\nnow = time.monotonic()",
        "import time\nhour = time.gmtime(at)",
        "from datetime import datetime\nat = datetime.fromtimestamp(at, UTC)",
        "now = self._clock.now()",
    ],
)
def test_a_timer_and_a_given_time_are_no_question(source: str) -> None:
    assert not list(asks(source))
