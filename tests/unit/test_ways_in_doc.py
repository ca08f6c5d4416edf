"""docs/ways-in.md has every key of every way in, with its default, and no key that is none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from relay.config.inward import KINDS
from relay.config.values import seconds

DOCUMENT = (Path(__file__).parent.parent.parent / "docs/ways-in.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part for part in re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)
}
EVERYWHERE = "What every transport has"
KEY = re.compile(r"`([a-z_]+)`")
AS_SMTP = "as for `smtp`"


def rows(section: str) -> dict[str, str]:
    """What the table of keys says of each: key to its default, as it is written. The first table
    of a section is that of its keys."""
    tables = re.findall(r"^\| Key \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", SECTIONS[section], re.MULTILINE)
    [table] = tables[:1]
    said: dict[str, str] = {}
    for row in table.splitlines():
        keys, default = (cell.strip() for cell in row.strip("|").split("|")[:2])
        for key in KEY.findall(keys):
            assert key not in said, key
            said[key] = default
    return said


def of(kind: str) -> dict[str, str]:
    return rows(f'[transports.NAME], kind = "{kind}"')


def value(written: str, default: Any) -> Any:
    """A default as the document writes it, as the model has it."""
    [made] = tomllib.loads(f"x = {written}").values()
    if isinstance(made, str) and type(default) is int:
        return seconds(made)
    return tuple(made) if isinstance(made, list) else made


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_way_in_is_documented_and_no_other(kind: str) -> None:
    fields = set(KINDS[kind].model_fields)
    assert set(of(kind)) - fields == set()
    assert fields - set(of(kind)) - set(rows(EVERYWHERE)) == set()


def test_what_every_way_in_has_is_a_key_of_each_or_says_of_which() -> None:
    fields = [set(model.model_fields) for model in KINDS.values()]
    assert {key for key in rows(EVERYWHERE) if all(key in one for one in fields)} == {
        "public", "silent_after", "per_sender",
        "answers", "answers_per_day", "answers_per_month", "answers_per_sender", "answers_every",
    }  # fmt: skip
    sms = set(KINDS["sms"].model_fields) & set(KINDS["smpp"].model_fields)
    assert {"answer_prefixes", "read"} <= sms & set(KINDS["gammu"].model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_the_defaults_are_those_of_the_program(kind: str) -> None:
    fields = KINDS[kind].model_fields
    for key, written in of(kind).items():
        if written == "required":
            assert fields[key].is_required(), key
        if written.startswith("`"):
            assert value(written.strip("`"), fields[key].default) == fields[key].default, key
        if written == AS_SMTP:
            assert key in of("smtp"), key
            as_smtp = KINDS["smtp"].model_fields[key]
            assert fields[key].is_required() == as_smtp.is_required(), key
            assert fields[key].default == as_smtp.default or as_smtp.is_required(), key


def test_the_defaults_of_answers_are_those_of_the_program() -> None:
    by_sms = {"sms", "smpp", "gammu"}
    for key in ("per_sender", "answers_per_day", "answers_per_sender", "answers_every"):
        written = rows(EVERYWHERE)[key]
        plain, *more = re.findall(r"`([^`]+)`", written)
        form = re.search(r"form:? `([^`]+)`", written)
        sms = re.search(r"by SMS `([^`]+)`", written)
        assert len(more) == bool(form) + bool(sms)
        for kind, model in KINDS.items():
            said = (
                sms[1] if sms and kind in by_sms else form[1] if form and kind == "form" else plain
            )
            default = model.model_fields[key].default
            assert value(said, default) == default, (kind, key)
