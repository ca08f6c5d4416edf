"""OpenAPI 3.0: PeerTube's document, and any other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from published import shapes
from published.asked import JSON, Asked, fits


class OpenApi:
    """One document."""

    def __init__(self, path: Path) -> None:
        self._document = json.loads(path.read_text())

    def flaws(self, asked: Asked) -> list[str]:
        for template, place in self._document["paths"].items():
            if asked.method.lower() in place and fits(asked.steps, template):
                found = place[asked.method.lower()]
                rules = [*place.get("parameters", ()), *found.get("parameters", ())]
                known = [self._at(rule) for rule in rules]
                return [*self._query(known, asked), *self._body(found, asked)]
        return [f"no such operation: {asked.method} {asked.path}"]

    def _query(self, known: list[Any], asked: Asked) -> Iterator[str]:
        rules = {rule["name"]: rule for rule in known if rule["in"] == "query"}
        for name, value in asked.query:
            if name not in rules:
                yield f"{name}: no such parameter"
                continue
            schema = self._schema(rules[name]["schema"])
            for flaw in shapes.flaws(schema, shapes.typed(schema, value, {}), {}):
                yield f"{name}: {flaw}"
        said = dict(asked.query)
        yield from (
            f"{name}: missing"
            for name, rule in rules.items()
            if rule.get("required") and name not in said
        )

    def _body(self, operation: Mapping[str, Any], asked: Asked) -> Iterator[str]:
        content = self._at(operation.get("requestBody", {})).get("content", {})
        if not asked.type and not content:
            return
        if asked.type not in content:
            yield f"no such type of body: {asked.type or 'none'}"
            return
        schema = self._schema(content[asked.type].get("schema", {}))
        if asked.type == JSON:
            yield from shapes.flaws(schema, asked.json, {})
        elif asked.form:
            form = {n: v if isinstance(v, str) else "a file" for n, v in asked.form.items()}
            yield from shapes.fields(schema, form, {})

    def _at(self, one: Any) -> Any:
        """What it names, if it is a reference."""
        while "$ref" in one:
            found = self._document
            for step in one["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            one = found
        return one

    def _schema(self, one: Any) -> dict[str, Any]:
        """As JSON Schema, strict, without references (none that is asked with goes in circles)."""
        one = self._at(one)
        made: dict[str, Any] = {}
        for part in one.get("allOf", ()):
            of = self._schema(part)
            properties = {**made.get("properties", {}), **of.get("properties", {})}
            required = [*made.get("required", ()), *of.get("required", ())]
            made |= of | {"properties": properties, "required": required}
        for key in ("type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"):
            if key in one:
                made[key] = one[key]
        if "pattern" in made:  # some write it between slashes, as in JavaScript
            made["pattern"] = made["pattern"].removeprefix("/").removesuffix("/")
        for key in ("oneOf", "anyOf"):
            if key in one:
                made["anyOf"] = [self._schema(way) for way in one[key]]
        if "items" in one:
            made["items"] = self._schema(one["items"])
        if "properties" in one:
            own = {name: self._schema(field) for name, field in one["properties"].items()}
            made["properties"] = made.get("properties", {}) | own
            made["required"] = [*made.get("required", ()), *one.get("required", ())]
        if made.get("properties"):
            made["additionalProperties"] = False
        if one.get("nullable") and "type" in made:
            made["type"] = [made["type"], "null"]
        return made
