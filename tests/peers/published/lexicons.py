"""Bluesky's lexicons (atproto.com/specs/lexicon), and records within what is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from published import shapes
from published.asked import JSON, Asked

FORMATS = {
    "at-identifier": r"^(did:[a-z]+:[A-Za-z0-9._:%-]+|[A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*)$",
    "at-uri": r"^at://[^\s/]+(/[A-Za-z0-9.-]+(/[A-Za-z0-9._~:-]+)?)?$",
    "cid": r"^[A-Za-z2-7+]{8,}$|^b[a-z2-7]{58}$",
    "datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "did": r"^did:[a-z]+:[A-Za-z0-9._:%-]+$",
    "handle": r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    "language": r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$",
    "nsid": r"^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+\.[a-zA-Z][a-zA-Z0-9]*$",
    "record-key": r"^[A-Za-z0-9._~:-]{1,512}$",
    "tid": r"^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$",
    "uri": r"^[a-z][a-z0-9+.-]*:\S+$",
}
WRITES = ("com.atproto.repo.createRecord", "com.atproto.repo.putRecord")


class Lexicons:
    """All of them."""

    def __init__(self, folder: Path) -> None:
        self._named = {one["id"]: one for one in json.loads((folder / "lexicons.json").read_text())}
        self._defs = {
            _id(lexicon, name): _schema(one, lexicon)
            for lexicon, document in self._named.items()
            for name, one in document["defs"].items()
        }

    def flaws(self, asked: Asked) -> list[str]:
        method = asked.path.removeprefix("/xrpc/")
        main = self._named.get(method, {"defs": {}})["defs"].get("main", {"type": ""})
        if main["type"] != {"GET": "query", "POST": "procedure"}.get(asked.method):
            return [f"no such operation: {asked.method} {asked.path}"]
        return [*self._query(main, method, asked), *self._input(main, method, asked)]

    def _query(self, main: Mapping[str, Any], method: str, asked: Asked) -> Iterator[str]:
        known = main.get("parameters", {"properties": {}})
        said: dict[str, Any] = {}
        for name, value in asked.query:
            rule = known["properties"].get(name, {"type": "unknown"})
            if rule["type"] == "array":
                said.setdefault(name, []).append(value)
            else:
                said[name] = shapes.typed(_schema(rule, method), value, self._defs)
        schema = _object(known, method)
        for flaw in shapes.flaws(schema, said, self._defs):
            yield f"in the address: {flaw}"

    def _input(self, main: Mapping[str, Any], method: str, asked: Asked) -> Iterator[str]:
        input = main.get("input")
        if input is None:
            if asked.type:
                yield "it has no body"
            return
        if input["encoding"] not in (asked.type, "*/*"):
            yield f"no such type of body: {asked.type or 'none'}"
        if asked.type != JSON or "schema" not in input:
            return
        yield from shapes.flaws(_schema(input["schema"], method), asked.json, self._defs)
        if method in WRITES:
            record = _ref(asked.json["collection"], method)
            for flaw in shapes.flaws(record, asked.json["record"], self._defs):
                yield f"in the record: {flaw}"


def _id(lexicon: str, name: str) -> str:
    """A name that can stand in a pointer."""
    return f"{lexicon}:{name}"


def _whole(said: str, lexicon: str) -> str:
    """A reference with its lexicon: ``#b`` in ``a`` is ``a#b``."""
    said = said.removeprefix("lex:")
    return lexicon + said if said.startswith("#") else said


def _ref(said: str, lexicon: str) -> dict[str, str]:
    of, _, name = _whole(said, lexicon).partition("#")
    return {"$ref": "#/$defs/" + _id(of, name or "main")}


def _schema(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    """As JSON Schema, strict."""
    make = _MADE.get(one["type"])
    return make(one, lexicon) if make else {}


def _object(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    free = one.get("nullable", ())
    properties = {}
    for name, field in one.get("properties", {}).items():
        made = _schema(field, lexicon)
        properties[name] = {"anyOf": [made, {"type": "null"}]} if name in free else made
    return {
        "type": "object",
        "properties": {"$type": {"type": "string"}, **properties},
        "required": [*one.get("required", ())],
        "additionalProperties": False,
    }


def _record(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    made = _object(one["record"], lexicon)
    made["properties"]["$type"] = {"const": lexicon}
    made["required"].append("$type")
    return made


def _string(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string"}
    if one.get("format") in FORMATS:
        made["pattern"] = FORMATS[one["format"]]
    for ours, theirs in {"maxBytes": "maxLength", "minLength": "minLength"}.items():
        if theirs in one:
            made[ours] = one[theirs]
    return made | {key: one[key] for key in ("maxGraphemes", "enum", "const") if key in one}


def _union(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    """One of those that are named, which says by ``$type`` which it is."""
    ways = []
    for ref in one["refs"]:
        named = {"properties": {"$type": {"const": _whole(ref, lexicon)}}, "required": ["$type"]}
        ways.append({"allOf": [_ref(ref, lexicon), named]})
    return {"anyOf": ways}


def _blob(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    link = {"type": "object", "properties": {"$link": {"type": "string"}}, "required": ["$link"]}
    size: dict[str, Any] = {"type": "integer", "minimum": 0}
    if "maxSize" in one:
        size["maximum"] = one["maxSize"]
    accept = "|".join(kind.replace("*", "[^/]+") for kind in one.get("accept", ["*/*"]))
    kind = {"type": "string", "pattern": f"^({accept})$"}
    properties = {"$type": {"const": "blob"}, "ref": link, "mimeType": kind, "size": size}
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _array(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    made = {"type": "array", "items": _schema(one["items"], lexicon)}
    for ours, theirs in {"maxItems": "maxLength", "minItems": "minLength"}.items():
        if theirs in one:
            made[ours] = one[theirs]
    return made


def _integer(one: Mapping[str, Any], lexicon: str) -> dict[str, Any]:
    rules = {key: one[key] for key in ("minimum", "maximum", "enum", "const") if key in one}
    return {"type": "integer", **rules}


_MADE = {
    "array": _array,
    "blob": _blob,
    "boolean": lambda one, lexicon: {"type": "boolean"},
    "integer": _integer,
    "object": _object,
    "record": _record,
    "ref": lambda one, lexicon: _ref(one["ref"], lexicon),
    "string": _string,
    "union": _union,
}
