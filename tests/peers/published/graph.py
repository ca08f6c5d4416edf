"""Facebook's Graph API, out of the code that Facebook makes of its own description for Python.

The code is parsed and never run: each method there names its edge, what may be said to it, of what
kind, and what comes back, whose fields may be asked for.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from published.asked import FORM, PARTS, Asked

ANYWHERE = {"appsecret_proof", "fields", "limit", "after", "before", "since", "until"}
"""What every request may say ("Secure Graph API Calls", "Paginated Results")."""

KINDS = {
    "string": r".*",
    "bool": r"true|false|0|1",
    "int": r"-?\d+",
    "unsigned int": r"\d+",
    "datetime": r"\d+|\d{4}-\d\d-\d\dT.+",
    "Object": r"\{.*\}|\d+(_\d+)?",
    "map": r"\{.*\}",
}


@dataclass(frozen=True)
class _Call:
    params: Mapping[str, str]
    enums: Mapping[str, set[str]]
    target: str


class Graph:
    """``nodes`` are the classes of objects that are asked, each of which may be meant by an id."""

    def __init__(self, folder: Path, nodes: list[str]) -> None:
        self._folder = folder / "facebook_business/adobjects"
        self._classes: dict[str, ast.ClassDef] = {}
        self._nodes = nodes

    def flaws(self, asked: Asked) -> list[str]:
        version, _, *edge = asked.steps
        if not re.fullmatch(r"v\d+\.0", version) or len(edge) > 1:
            return [f"no such operation: {asked.method} {asked.path}"]
        place = "/" + "".join(edge)
        calls = [call for node in self._nodes for call in self._calls(node, asked.method, place)]
        if not calls:
            return [f"no such operation: {asked.method} {asked.path}"]
        if asked.type not in ("", FORM, PARTS):
            return [f"no such type of body: {asked.type}"]
        said = dict(asked.query) | dict(asked.form)
        return min(([*self._of(call, said)] for call in calls), key=len)

    def _of(self, call: _Call, said: Mapping[str, str | bytes]) -> Iterator[str]:
        yield from self._expanded(call.target, str(said.get("fields", "")))
        for name, value in said.items():
            kind = call.params.get(name)
            if kind is None:
                if name not in ANYWHERE:
                    yield f"no such field: {name}"
            elif isinstance(value, bytes) or not _is(kind, value, call.enums):
                yield f"{name}: not of the kind {kind}"

    def _expanded(self, node: str, fields: str) -> Iterator[str]:
        """Fields that a node does not have; an edge of it may be asked for like one, with fields of
        its own in braces ("Field Expansion")."""
        known = self._fields(node)
        for name, within in _split(fields):
            edges = [*self._calls(node, "GET", f"/{name}")] if name not in known else []
            if name not in known and not edges:
                yield f"fields: no such field of {node}: {name}"
            for edge in edges:
                if within and edge.target != "AbstractCrudObject":
                    yield from self._expanded(edge.target, within)

    # ------------------------------------------------------------ reading the code

    def _class(self, name: str) -> ast.ClassDef:
        if name not in self._classes:
            tree = ast.parse((self._folder / f"{name.lower()}.py").read_text())
            [self._classes[name]] = [
                one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name
            ]
        return self._classes[name]

    def _constants(self, name: str, within: str) -> set[str]:
        """The values of a class within a class."""
        return {
            str(line.value.value)
            for one in self._class(name).body
            if isinstance(one, ast.ClassDef) and one.name == within
            for line in one.body
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
        }

    def _fields(self, name: str) -> set[str]:
        return {"id"} if name == "AbstractCrudObject" else self._constants(name, "Field") | {"id"}

    def _calls(self, node: str, method: str, edge: str) -> Iterator[_Call]:
        for one in self._class(node).body:
            if not isinstance(one, ast.FunctionDef):
                continue
            said = {
                part.arg: ast.unparse(part.value)
                for call in ast.walk(one)
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "FacebookRequest"
                for part in call.keywords
                if part.arg
            }
            if (said.get("method"), said.get("endpoint")) == (repr(method), repr(edge)):
                yield self._call(one, said["target_class"])

    def _call(self, function: ast.FunctionDef, target: str) -> _Call:
        set_ = {
            ast.unparse(line.targets[0]): line.value
            for line in function.body
            if isinstance(line, ast.Assign)
        }
        enums = {}
        assert isinstance(set_["enums"], ast.Dict)
        for name, values in zip(set_["enums"].keys, set_["enums"].values, strict=True):
            listed = re.match(r"(\w+)\.(\w+)\.__dict__|(\[.*\])", ast.unparse(values), re.DOTALL)
            assert name is not None and listed is not None
            enums[ast.literal_eval(name)] = (
                set(ast.literal_eval(listed[3]))
                if listed[3]
                else self._constants(listed[1], listed[2])
            )
        return _Call(ast.literal_eval(set_["param_types"]), enums, target)


def _split(fields: str) -> Iterator[tuple[str, str]]:
    """The names of ``a,b{c,d{e}}``, each with what stands in its braces."""
    name, within, depth = "", "", 0
    for sign in f"{fields},":
        if sign == "," and not depth:
            if name:
                yield name, within
            name, within = "", ""
            continue
        depth -= sign == "}"
        if depth:
            within += sign
        elif sign not in "{}":
            name += sign
        depth += sign == "{"


def _is(kind: str, value: str, enums: Mapping[str, set[str]]) -> bool:
    if kind in enums:
        return value in enums[kind]
    if kind.startswith("list"):
        of = kind[5:-1]
        listed: Any = json.loads(value) if value.startswith("[") else value.split(",")
        texts = [one if isinstance(one, str) else json.dumps(one) for one in listed]
        return not of or all(_is(of, one, enums) for one in texts)
    return re.fullmatch(KINDS.get(kind, r".*"), value, re.DOTALL) is not None
