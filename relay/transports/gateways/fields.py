"""The bodies that gateways send, forms and JSON, read with limits. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from relay.serving.urlencoded import pairs_in

MOST_FIELDS: Final = 200
"""Fields of a form. Twilio's longest, an MMS of ten pictures with all it tells of places, has some
sixty."""

Pairs = Sequence[tuple[str, str]]


def pairs_of(form: bytes | str) -> Pairs | None:
    """The fields of a form (application/x-www-form-urlencoded) in their order; None for more than
    MOST_FIELDS, or what is no UTF-8."""
    try:
        written = form if isinstance(form, bytes) else form.encode("ascii")
        return pairs_in(written, MOST_FIELDS)
    except ValueError:
        return None


def fields_of(form: bytes | str) -> dict[str, str] | None:
    """The fields of a form by name; None as ``pairs_of``, and where a name comes twice: two readers
    could take different ones."""
    pairs = pairs_of(form)
    if pairs is None:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def table(body: bytes) -> dict[str, Any] | None:
    """The JSON object that the body is; None for anything else, however deep or long."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def tables_in(value: object) -> list[dict[str, Any]]:
    """The objects of a JSON list; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
