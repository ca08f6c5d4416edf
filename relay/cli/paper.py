"""The paper that tells people where to write: half a page of text, or of HTML for a printer.

It holds what ``/send`` holds: the ways in with their warnings, the page's address (as a QR code,
too), the page key as eight words, the day, and how anyone can check all of it. It is in English,
the only language in which the safety texts have been checked.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

import jinja2
import segno

from relay.cli.qr import can_draw, qr_lines

WIDTH: Final = 72
NAMES: Final = {
    "form": "By a page", "mail": "By mail", "chat": "By chat", "sms": "By SMS"
}  # fmt: skip
"""What people call each kind, in the order of what saves."""

Ways = Mapping[str, Any]


def safety() -> Mapping[str, Any]:
    """The sentences about safety, in English."""
    made: dict[str, Mapping[str, Any]] = json.loads(
        files("relay").joinpath("locales/safety.json").read_bytes()
    )
    return made["en"]


def check_line(ways: Ways) -> str:
    """The command by which anyone checks the ways on the page."""
    address = ways["url"] or "ADDRESS"
    return f"relay verify --key {ways['page_key']} {address}/send/ways.json"


def as_text(ways: Ways) -> str:
    """For a terminal, or a printer that knows text only."""
    return "\n".join(_lines(ways)) + "\n"


def _lines(ways: Ways) -> Iterator[str]:
    sentences = safety()
    yield from (ways["title"], "=" * len(ways["title"]), "")
    if not ways["ways"]:
        yield from ("At present nobody is told how to write to us.", "")
    for name, shown, warnings in _kinds(ways):
        yield from (f"{name}:", *(f"    {one}" for one in shown))
        for warning in warnings:
            yield from textwrap.wrap(sentences["warnings"][warning], WIDTH)
        yield ""
    if ways["url"]:
        yield f"The page: {ways['url']}/"
        if can_draw():
            yield from ("", *qr_lines(f"{ways['url']}/"))
        yield ""
    words = ways["page_key"].split("-")
    yield from ("The key of the page, in eight words:", "")
    yield from ("    " + "  ".join(words[:4]), "    " + "  ".join(words[4:]), "")
    for paragraph in (sentences["forged_paper"], sentences["promise"], sentences["paper"]):
        yield from textwrap.wrap(paragraph, WIDTH)
    yield from ("", f"Signed on {ways['day']}. On a computer:", f"  {check_line(ways)}")


def _kinds(ways: Ways) -> list[tuple[str, list[str], list[str]]]:
    """Ways of one kind together: its name, what to write to, its warnings. Safest first."""
    known = safety()["warnings"]
    return [
        (
            NAMES.get(kind, "Another way"),
            [one["shown"] for one in of],
            [w for w in said if w in known],
        )
        for (_, kind, said), of in groupby(sorted(ways["ways"], key=_kind), key=_kind)
    ]


def _kind(way: Ways) -> tuple[int, str, list[str]]:
    kind = way["kind"]
    return list(NAMES).index(kind) if kind in NAMES else len(NAMES), kind, way["warnings"]


def as_html(ways: Ways) -> str:
    """A page in one file, A5, that loads nothing. In ASCII, however it is written to a file."""
    drawn = ""
    if ways["url"]:
        code = segno.make(f"{ways['url']}/", error="m", micro=False)
        drawn = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(files("relay").joinpath("cli/paper.html").read_text(encoding="utf-8"))
    made = template.render(
        ways=ways, kinds=_kinds(ways), safety=safety(), qr=drawn, check=check_line(ways)
    )
    return made.encode("ascii", "xmlcharrefreplace").decode() + "\n"
