"""What a call of a method, or of a webhook, says: a query, a form, or JSON, in its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.testing.fediverse.forms import Unclear, said
from relay.testing.loopback import Request
from relay.testing.shapes import Listed, Record, Shape, Tagged, from_json, from_text
from relay.testing.slack.says import No, misshapen
from relay.testing.slack.tables import (
    FORMS_ONLY,
    MAX_METADATA_BYTES,
    METHODS,
    WEBHOOK,
)


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A call that fits its method. ``token``: the one that came with it; ``warnings``: what Slack
    says to a call that is good but not quite."""

    method: str
    values: Mapping[str, Any]
    token: str
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """An argument, or None."""
        return self.values.get(name)


def token_of(request: Request) -> str:
    """The token of the header; empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def asked(method: str, request: Request) -> Asked:
    """Read a call of a method. Raises No."""
    table = METHODS[method]
    kind = request.headers.get("content-type", "")
    json_sent = kind.startswith("application/json")
    if json_sent and request.method == "POST" and method not in FORMS_ONLY:
        values = {name: _unpacked(table, name, one) for name, one in _object(request).items()}
        warnings = () if "charset" in kind else ("missing_charset",)
        return _fitting(Asked(method, values, token_of(request), warnings))
    values = _form(table, request, kind)
    token = values.pop("token", "") or token_of(request)
    return _fitting(Asked(method, values, token))


def _form(table: Record, request: Request, kind: str) -> dict[str, Any]:
    """The arguments of a query and a form together. Raises No."""
    if request.body and not kind:
        raise No("missing_post_type")
    known = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")
    if request.body and not kind.startswith(known):
        raise No("invalid_post_type")
    if kind.startswith("application/json"):
        request = Request(request.method, request.target, {}, b"")
    try:
        form = said(request)
    except Unclear:
        raise No("invalid_form_data") from None
    return {
        name: from_text(_shape(table, name), written[-1]) for name, written in form.values.items()
    }


def posted(request: Request) -> Mapping[str, Any]:
    """Read a call of a webhook: JSON, or a form whose ``payload`` is JSON. Raises No."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        try:
            body: Any = from_json(said(request).one("payload"))
        except Unclear:
            raise No("invalid_payload") from None
    else:
        body = from_json(request.body.decode(errors="replace"))
    if not isinstance(body, dict):
        raise No("invalid_payload")
    for flaw in WEBHOOK.flaws(body):
        raise No("invalid_blocks" if flaw.at[0] == "blocks" else "invalid_payload")
    if not any(body.get(name) for name in ("text", "blocks", "attachments")):
        raise No("no_text")
    return body


def _fitting(call: Asked) -> Asked:
    """The same call, if it fits. Raises No."""
    flaws = list(METHODS[call.method].flaws(call.values))
    if flaws:
        raise misshapen(flaws)
    if len(json.dumps(call["metadata"])) > MAX_METADATA_BYTES:
        raise No("metadata_too_large")
    return call


def _object(request: Request) -> dict[str, Any]:
    try:
        read = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise No("invalid_json") from None
    if not isinstance(read, dict):
        raise No("json_not_object")
    return read


def _shape(table: Record, name: str) -> Shape | None:
    return table.need.get(name) or table.may.get(name)


def _unpacked(table: Record, name: str, value: Any) -> Any:
    """An argument of JSON; one that is no text may also be a string that holds it."""
    shape = _shape(table, name)
    if isinstance(value, str) and isinstance(shape, Record | Listed | Tagged):
        return from_json(value)
    return value
