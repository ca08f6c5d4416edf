"""``fields``: the Graph API's little language for what of a node is wanted.

``id,message,attachments{target{id}}`` (developers.facebook.com, "Field expansion"). A name that a
node does not have is an error; one that is empty is left out; ``id`` always comes.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any, Final

from relay.testing.facebook import says
from relay.testing.facebook.says import No
from relay.testing.loopback import Fault

Wanted = dict[str, "Wanted"]
TOKEN: Final = re.compile(r"\s*([A-Za-z_][\w]*|[{},]|\.\w+\([^()]*\)|.)", re.DOTALL)


def wanted(written: str) -> Wanted:
    """What is asked for. Raises No."""
    tokens = [found[1] for found in TOKEN.finditer(written.strip())]
    made, rest = _list(tokens)
    if rest:
        raise No(_syntax(rest[0]))
    return made


def _list(tokens: list[str]) -> tuple[Wanted, list[str]]:
    made: Wanted = {}
    while True:
        if not tokens or not re.fullmatch(r"[A-Za-z_]\w*", tokens[0]):
            raise No(_syntax(tokens[0] if tokens else "end of string"))
        name, *tokens = tokens
        made[name] = {}
        while tokens and tokens[0].startswith("."):
            tokens = tokens[1:]  # limits and the like of a nested list: all of it is short here
        if tokens and tokens[0] == "{":
            made[name], tokens = _list(tokens[1:])
            if not tokens or tokens[0] != "}":
                raise No(_syntax(tokens[0] if tokens else "end of string"))
            tokens = tokens[1:]
        if not tokens or tokens[0] != ",":
            return made, tokens
        tokens = tokens[1:]


def _syntax(found: str) -> Fault:
    return says.error(2500, f'Syntax error "Unexpected {found}" in the parameter fields')


def chosen(node: dict[str, Any], fields: Wanted, known: Set[str], type: str) -> dict[str, Any]:
    """What of a node was asked for. Raises No for a field that such a node does not have."""
    for name in fields:
        if name not in known:
            message = f"Tried accessing nonexisting field ({name}) on node type ({type})"
            raise No(says.wrong(message))
    made = {name: _within(node[name], sub) for name, sub in fields.items() if name in node}
    return made | {"id": node["id"]}


def _within(value: Any, sub: Wanted) -> Any:
    """The wanted parts of what is nested."""
    if not sub:
        return value
    if isinstance(value, dict) and "data" in value:
        return value | {"data": [_within(one, sub) for one in value["data"]]}
    if isinstance(value, dict):
        return {name: _within(value[name], below) for name, below in sub.items() if name in value}
    return value
