"""JSON Schema, with the two lengths that lexicons count, and values out of forms and queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

Schema = Mapping[str, Any] | bool


def _most_bytes(_: Any, most: int, said: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(said, str) and len(said.encode()) > most:
        yield ValidationError("too many bytes")


def _most_graphemes(_: Any, most: int, said: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(said, str) and len(regex.findall(r"\X", said)) > most:
        yield ValidationError("too many graphemes")


_Validator: Any = extend(
    Draft202012Validator, {"maxBytes": _most_bytes, "maxGraphemes": _most_graphemes}
)


def flaws(schema: Schema, said: Any, defs: Mapping[str, Any]) -> list[str]:
    """What in ``said`` is not of the shape: where, and against which rule."""
    if isinstance(schema, bool):
        return [] if schema else ["nothing may be said here"]
    found = _Validator({**schema, "$defs": defs}).iter_errors(said)
    return [_told(error) for error in found]


def _told(error: ValidationError) -> str:
    """Of several ways none of which fits, the one that fits best is meant."""
    while error.validator in ("anyOf", "oneOf") and error.context:
        ways: dict[Any, list[ValidationError]] = {}
        for one in error.context:
            ways.setdefault(one.schema_path[0], []).append(one)
        error = min(ways.values(), key=lambda way: (len(way), -_depth(way[0])))[0]
    where = "/".join(map(str, error.absolute_path))
    rule = f"{error.validator} {json.dumps(error.validator_value)[:80]}"
    if error.validator == "additionalProperties":
        known = error.schema["properties"] if isinstance(error.schema, dict) else {}
        rule = f"no such field: {', '.join(sorted(set(error.instance) - set(known)))}"
    elif error.validator == "required":
        rule = f"missing: {', '.join(sorted(set(error.validator_value) - set(error.instance)))}"
    return f"{where or 'the body'}: {rule}"


def _depth(error: ValidationError) -> int:
    return len(error.absolute_path)


def fields(schema: Schema, form: Mapping[str, Any], defs: Mapping[str, Any]) -> list[str]:
    """As ``flaws``, of a form: what is not text there is written as JSON. Where there are several
    shapes, those of the one that fits best."""
    tried = []
    for shape in _shapes(schema, defs):
        of = shape.get("properties", {})
        said = {name: typed(of.get(name, True), value, defs) for name, value in form.items()}
        tried.append(flaws(shape, said, defs))
    return min(tried, key=len) if tried else ["nothing may be said here"]


def typed(schema: Schema, value: Any, defs: Mapping[str, Any]) -> Any:
    """A text as it stands, or what it says as JSON, whatever fits the schema."""
    if not isinstance(value, str) or not flaws(schema, value, defs):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _shapes(schema: Schema, defs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, bool):
        return
    if "$ref" in schema:
        yield from _shapes(defs[schema["$ref"].rpartition("/")[2]], defs)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _shapes(one, defs)
    else:
        yield schema


def strict(schema: Any) -> Any:
    """The same schema, where no object has a field that is not named."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(one) for name, one in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        made["additionalProperties"] = False
    return made
