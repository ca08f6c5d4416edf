"""Google's discovery documents ("API Discovery Service"): Blogger and YouTube."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from published import shapes
from published.asked import JSON, Asked, fits

UPLOAD = {"uploadType": {"type": "string", "enum": ["resumable"]}}
"""What "Resumable uploads" adds to the query."""


class Discovery:
    """One document, by the name of its API and version ("blogger.v3")."""

    def __init__(self, folder: Path, name: str) -> None:
        path = folder / "googleapiclient/discovery_cache/documents" / f"{name}.json"
        self._document = json.loads(path.read_text())
        self._methods = [*_methods(self._document)]

    def flaws(self, asked: Asked) -> list[str]:
        for method in self._methods:
            for template, upload in self._places(method):
                if method["httpMethod"] == asked.method and fits(asked.steps, template):
                    return self._of(method, asked, UPLOAD if upload else {})
        return [f"no such operation: {asked.method} {asked.path}"]

    def _places(self, method: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        """Where it is asked. Uploads that can be resumed go where simple ones do, as in the guides
        and in Google's own client."""
        yield self._document["servicePath"] + method["path"], False
        if "mediaUpload" in method:
            yield method["mediaUpload"]["protocols"]["simple"]["path"], True

    def _of(self, method: Mapping[str, Any], asked: Asked, more: Mapping[str, Any]) -> list[str]:
        known = self._document["parameters"] | method.get("parameters", {}) | more
        found = [*self._query(known, asked)]
        request = method.get("request")
        if request is None:
            return found + (["it has no body"] if asked.type else [])
        if asked.type != JSON:
            return [*found, f"no such type of body: {asked.type or 'none'}"]
        defs = {name: _schema(one, method["id"]) for name, one in self._document["schemas"].items()}
        return found + shapes.flaws(_schema(request, method["id"]), asked.json, defs)

    def _query(self, known: Mapping[str, Any], asked: Asked) -> Iterator[str]:
        said: dict[str, list[str]] = {}
        for name, value in asked.query:
            said.setdefault(name, []).append(value)
        for name, values in said.items():
            rule = known.get(name)
            if rule is None or rule.get("location") == "path":
                yield f"{name}: no such parameter"
                continue
            if rule.get("repeated"):
                values = [one for value in values for one in value.split(",")]
            elif len(values) > 1:
                yield f"{name}: said more than once"
            schema = {key: rule[key] for key in ("type", "enum", "pattern") if key in rule}
            for bound in ("minimum", "maximum"):
                if bound in rule:
                    schema[bound] = int(rule[bound])
            for value in values:
                for flaw in shapes.flaws(schema, shapes.typed(schema, value, {}), {}):
                    yield f"{name}: {flaw}"
        for name, rule in known.items():
            if rule.get("required") and rule["location"] == "query" and name not in said:
                yield f"{name}: missing"


def _methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from _methods(below)


def _schema(one: Mapping[str, Any], method: str) -> dict[str, Any]:
    """As JSON Schema, strict; what a method needs is written at the fields."""
    if "$ref" in one:
        return {"$ref": f"#/$defs/{one['$ref']}"}
    made: dict[str, Any] = {key: one[key] for key in ("type", "enum") if key in one}
    if made.get("type") == "any":
        del made["type"]
    if "items" in one:
        made["items"] = _schema(one["items"], method)
    if "properties" in one:
        of = one["properties"]
        made["properties"] = {name: _schema(field, method) for name, field in of.items()}
        made["additionalProperties"] = False
        made["required"] = [
            name
            for name, field in of.items()
            if method in field.get("annotations", {}).get("required", ())
        ]
    if "additionalProperties" in one:
        made["additionalProperties"] = _schema(one["additionalProperties"], method)
    return made
