"""Imports point down only, without cycles; an entry cannot open what it stored."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LEVELS = {
    0: {"relay.model", "relay.errors"},
    1: {"relay.ports"},
    2: {"relay.wire", "relay.rules"},
    3: {
        "relay.entry",
        "relay.exit",
        "relay.reach",
        "relay.mailing",
        "relay.serving",
        "relay.sockets",
        "relay.confine",
        "relay.bridging",
    },
    4: {
        "relay.spool",
        "relay.transports",
        "relay.links",
        "relay.reader",
        "relay.cleaning",
        "relay.desk",
    },
    5: {
        "relay.config",
        "relay.plugins",
        "relay.journal",
        "relay.clock",
        "relay.control",
        "relay.keyfiles",
    },
    6: {"relay.node", "relay.testing"},
    7: {"relay.cli", "relay.__main__"},
}
LEVEL_OF = {room: level for level, rooms in LEVELS.items() for room in rooms}
BRIDGES_SEE = {"relay.ports", "bridges.kit", "bridges"}
PURE = {"relay.wire", "relay.rules"}
IMPURE = {"trio", "socket", "asyncio", "time", "datetime.now"}
DEMO_SEES = {"relay.cli", "relay.config", "relay.testing"}
SAME_LEVEL = {
    ("relay.plugins", "relay.config"),
    ("relay.plugins", "relay.keyfiles"),
    ("relay.mailing", "relay.reach"),
    ("relay.mailing", "relay.serving"),
    ("relay.mailing", "relay.sockets"),
}
"""Who may see a neighbour all the same: mail goes out by routes, and comes in at a socket."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports_of(source: str, module: str = "") -> set[str]:
    """Every module a source names in an import, wherever in the file it stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def faults(module: str, source: str) -> list[str]:
    """What an import in this module may not do."""
    room = room_of(module)
    said = []
    for named in imports_of(source):
        there = room_of(named)
        if module.startswith("bridges"):
            if named.startswith("relay") and there not in BRIDGES_SEE:
                said.append(f"{module} sees {named}: a bridge sees ports and kit only")
            continue
        if named.startswith("bridges"):
            said.append(f"{module} imports {named}: bridges are found by entry point")
        if room in PURE and named.split(".")[0] in IMPURE:
            said.append(f"{module} imports {named}: this level has no loop, socket or clock")
        if there not in LEVEL_OF or there == room:
            continue
        if module.startswith("relay.cli.demo") and there not in DEMO_SEES:
            said.append(f"the demo sees {named}")
        up = LEVEL_OF[there] - LEVEL_OF[room]
        pair = (room, there)
        strangers = LEVEL_OF[room] in (3, 4, 6) and pair not in SAME_LEVEL
        if up > 0 or (up == 0 and strangers):
            said.append(f"{module} (level {LEVEL_OF[room]}) imports {named} ({LEVEL_OF[there]})")
        if up == 0 and LEVEL_OF[room] == 5 and pair not in SAME_LEVEL:
            said.append(f"{module} imports its neighbour {named}")
    return said


def sources() -> list[Path]:
    return sorted([*(ROOT / "relay").rglob("*.py"), *(ROOT / "bridges").rglob("*.py")])


@pytest.mark.parametrize("path", sources(), ids=module_of)
def test_imports_point_down(path: Path) -> None:
    module = module_of(path)
    assert module in ("relay",) or module.startswith("bridges") or room_of(module) in LEVEL_OF
    assert faults(module, path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("relay.entry.seal", "from relay.exit import unseal"),
        ("relay.entry.seal", "import relay.exit.unseal"),
        ("relay.wire.envelope", "import trio"),
        ("relay.model", "from relay.ports import Bridge"),
        ("relay.spool.sqlite", "from relay.transports import smtp"),
        ("relay.node.core", "from relay.testing import ledger"),
        ("relay.exit.post", "from relay.spool import sqlite"),
        ("relay.node.outlet", "from bridges.feed import Feed"),
        ("bridges.feed", "from relay.wire import item"),
        ("relay.cli.demo", "from relay.node import start"),
        ("relay.cli.demo.page", "from relay.node import start"),
        ("relay.journal", "from relay.config import Settings"),
    ],
)
def test_an_import_that_points_up_or_sideways_is_found(module: str, source: str) -> None:
    assert faults(module, source)


def test_no_two_modules_import_each_other() -> None:
    graph = {module_of(p): imports_of(p.read_text()) for p in sources()}
    names = set(graph)

    def module_named(said: str) -> str:
        """The module that an import names, or in which what it names lies; empty for others."""
        while said and said not in names:
            said = said.rpartition(".")[0]
        return said

    def reach(module: str) -> set[str]:
        return {module_named(said) for said in graph[module]} - {module, ""}

    seen: dict[str, int] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if seen.get(module):
            return
        for following in reach(module):
            visit(following, (*path, module))
        seen[module] = 1

    for module in names:
        visit(module, ())
