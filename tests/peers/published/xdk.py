"""X's API, out of the code that X makes of its own description for Python.

The code that asks is parsed and never run: each method there names its path, what may stand in the
query, and what is said in the body. What bodies look like is plain pydantic, and is loaded.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from published import shapes
from published.asked import JSON, PARTS, Asked, fits


@dataclass(frozen=True)
class _Operation:
    method: str
    path: str
    query: frozenset[str]
    body: str


class Xdk:
    """All operations."""

    def __init__(self, folder: Path) -> None:
        self._operations = [
            operation
            for path in sorted((folder / "xdk").glob("*/client.py"))
            for operation in _operations(path)
        ]
        found = importlib.util.spec_from_file_location("xdk_schemas", folder / "xdk/schemas.py")
        assert found is not None and found.loader is not None
        self._schemas = importlib.util.module_from_spec(found)
        found.loader.exec_module(self._schemas)

    def flaws(self, asked: Asked) -> list[str]:
        for operation in self._operations:
            if operation.method == asked.method and fits(asked.steps, operation.path):
                return [*self._of(operation, asked)]
        return [f"no such operation: {asked.method} {asked.path}"]

    def _of(self, operation: _Operation, asked: Asked) -> Iterator[str]:
        for name, _ in asked.query:
            if name not in operation.query:
                yield f"{name}: no such parameter"
        if not operation.body:
            if asked.type:
                yield "it has no body"
            return
        schema = self._schema(operation.body)
        defs = schema.pop("$defs", {})
        if asked.type == JSON:
            yield from shapes.flaws(schema, asked.json, defs)
        elif asked.type == PARTS:
            form = {n: v if isinstance(v, str) else "a file" for n, v in asked.form.items()}
            yield from shapes.fields(schema, form, defs)
        else:
            yield f"no such type of body: {asked.type or 'none'}"

    def _schema(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = shapes.strict(
            TypeAdapter(getattr(self._schemas, name)).json_schema()
        )
        return made


def _operations(path: Path) -> Iterator[_Operation]:
    bodies = dict(re.findall(r"^(\w+) = schemas\.(\w+)", _models(path), re.MULTILINE))
    for one in ast.walk(ast.parse(path.read_text())):
        if not isinstance(one, ast.FunctionDef):
            continue
        text = ast.unparse(one)
        found = re.search(r"self\.client\.base_url \+ '([^']+)'", text)
        verb = re.search(r"session\.(get|post|put|delete|patch)\(", text)
        if found is None or verb is None:
            continue
        query = frozenset(re.findall(r"params\['([^']+)'\] =", text))
        body = next((_annotation(arg) for arg in one.args.args if arg.arg == "body"), "")
        yield _Operation(verb[1].upper(), found[1], query, bodies.get(body, body))


def _annotation(arg: ast.arg) -> str:
    said = ast.unparse(arg.annotation) if arg.annotation else ""
    return re.sub(r"Optional\[(.*)\]", r"\1", said)


def _models(path: Path) -> str:
    models = path.with_name("models.py")
    return models.read_text() if models.exists() else ""
