"""Types that platforms publish for TypeScript, as JSON Schema: Telegram, Slack, Discord.

``types/read.mjs`` has made them, from the packages that ``types/package.json`` names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from published import shapes
from published.asked import FORM, JSON, PARTS, Asked


class _Types:
    def __init__(self, folder: Path, name: str) -> None:
        document = json.loads((folder / f"{name}.json").read_text())
        self._methods: Mapping[str, shapes.Schema] = document["methods"]
        self._defs: Mapping[str, Any] = document["$defs"]

    def _json(self, method: str, said: Any) -> list[str]:
        return shapes.flaws(self._methods[method], said, self._defs)

    def _form(self, method: str, form: Mapping[str, Any]) -> list[str]:
        return shapes.fields(self._methods[method], form, self._defs)


class Telegram(_Types):
    """``POST /botTOKEN/METHOD``, as JSON or as a form with files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "telegram")

    def flaws(self, asked: Asked) -> list[str]:
        bot, *rest = asked.steps
        if asked.method != "POST" or not bot.startswith("bot") or len(rest) != 1:
            return [f"no such operation: {asked.method} {asked.path}"]
        [method] = rest
        if method not in self._methods:
            return [f"no such method: {method}"]
        found = ["nothing is asked in the address"] if asked.query else []
        if asked.type == JSON:
            return found + self._json(method, asked.json)
        if asked.type != PARTS:
            return [*found, f"no such type of body: {asked.type}"]
        return found + self._form(method, self._files(asked.form))

    @staticmethod
    def _files(form: Mapping[str, str | bytes]) -> dict[str, Any]:
        """The form with its files as the types have them; those that a field names as
        ``attach://`` are its own."""
        said = "".join(one for one in form.values() if isinstance(one, str))
        named = set(re.findall(r"attach://([A-Za-z0-9_]+)", said))
        return {
            name: value if isinstance(value, str) else {"file": True}
            for name, value in form.items()
            if name not in named
        }


class Slack(_Types):
    """``POST /api/METHOD``, as JSON or as a form."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "slack")

    def flaws(self, asked: Asked) -> list[str]:
        method = asked.path.removeprefix("/api/")
        if asked.method != "POST" or method not in self._methods:
            return [f"no such operation: {asked.method} {asked.path}"]
        found = ["nothing is asked in the address"] if asked.query else []
        if asked.type == JSON:
            return found + self._json(method, asked.json)
        if asked.type != FORM:
            return [*found, f"no such type of body: {asked.type}"]
        return found + self._form(method, asked.form)


class Discord(_Types):
    """``/api/v10/webhooks/ID/TOKEN``, and messages below; as JSON, or as a form with files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "discord")

    def flaws(self, asked: Asked) -> list[str]:
        found = re.fullmatch(
            r"/api/v10/webhooks/\d+/[\w-]+(?P<below>/messages/(?:\d+|@original))?", asked.path
        )
        method = asked.method.lower() + (" message" if found and found["below"] else "")
        if found is None or f"{method}?" not in self._methods:
            return [f"no such operation: {asked.method} {asked.path}"]
        wrong = self._form(f"{method}?", dict(asked.query))
        said = asked.json
        if asked.type == PARTS:
            form = dict(asked.form)
            said = json.loads(str(form.pop("payload_json", "null")))
            wrong += [
                f"no such part: {name}" for name in form if not re.fullmatch(r"files\[\d+\]", name)
            ]
        if said is None:
            return wrong
        if method not in self._methods:
            return [*wrong, "it has no body"]
        return wrong + self._json(method, said)
