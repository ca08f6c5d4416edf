"""The form as people see it: one page, no script, nothing loaded from anywhere.

Its own words are in ``words.json``. Safety texts are used in languages that a named speaker has
checked, else in English: they are in ``relay/locales/safety.json``.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa"})
DIGITS: Final = {"fa": "۰۱۲۳۴۵۶۷۸۹", "my": "၀၁၂၃၄၅၆၇၈၉"}
OTHERWISE: Final = "en"


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """What one page shows. ``note`` and ``told`` name words of ``words.json``; ``answer`` is shown
    as it is; ``text`` and ``asked`` stand in their fields again where nothing became of them, so
    that nobody has to write them twice. ``answers``: questions are answered at all. ``most_bytes``:
    of all pictures together."""

    language: str = OTHERWISE
    note: str = ""
    told: str = ""
    code: str = ""
    answer: str = ""
    text: str = ""
    once: str = ""
    asked: str = ""
    answers: bool = True
    most_bytes: int = 10 * 1024 * 1024


@cache
def words() -> dict[str, dict[str, Any]]:
    """The form's words by language."""
    read: dict[str, dict[str, Any]] = json.loads(
        files("relay.transports.form").joinpath("words.json").read_bytes()
    )
    return read


@cache
def _safety() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = json.loads(
        files("relay").joinpath("locales/safety.json").read_bytes()
    )
    return read


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("relay.transports.form", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The style, which stands in the page itself."""
    return files("relay.transports.form").joinpath("form.css").read_text("utf-8").strip()


@cache
def headers() -> tuple[tuple[str, str], ...]:
    """Headers of every page: nothing is kept, nothing is loaded, nothing is told to others.

    The referrer stays within the site: without any a browser sends no Origin that says so.
    """
    known = base64.b64encode(sha256(style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{known}'; img-src data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    return (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    )


def shown(view: View) -> bytes:
    """The page."""
    safety = _safety()
    language = view.language if view.language in words() else OTHERWISE
    checked = language if language in safety else OTHERWISE
    made = (
        _pages()
        .get_template("form.html")
        .render(
            view=view,
            words=words()[language],
            most_mb=_megabytes(view.most_bytes, language),
            language=language,
            direction=_direction(language),
            languages=[(tag, one["name"], _direction(tag)) for tag, one in words().items()],
            safety=safety[checked],
            leave_out=words()[checked]["leave_out"],
            checked=checked,
            safety_direction=_direction(checked),
            style=style(),
        )
    )
    return made.encode()


def _megabytes(amount: int, language: str) -> str:
    """A round number of MiB, or one digit behind the point of less, in the language's digits."""
    whole = amount / 2**20
    written = f"{whole:.0f}" if whole >= 1 else f"{whole:.1f}"
    digits = DIGITS.get(language)
    return written.translate(str.maketrans("0123456789", digits)) if digits else written


def _direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def chosen(wanted: str, accepted: str) -> str:
    """The language of a page: the one that was asked for, else the first of Accept-Language (RFC
    9110 section 12.5.4, its order taken as written) that the form has."""
    tags = [wanted, *(one.partition(";")[0] for one in accepted[:500].split(","))]
    for tag in tags:
        language = tag.strip().lower().partition("-")[0]
        if language in words():
            return language
    return OTHERWISE
