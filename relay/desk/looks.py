"""Pages from templates: what is put in is text, never markup."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from relay.desk.assets import path_of
from relay.desk.flags import named
from relay.desk.forms import deed_token
from relay.desk.menu import entries
from relay.desk.who import is_signed_in, person_of
from relay.desk.words import LANGUAGES, RIGHT_TO_LEFT, count, number, reasons, say, wanted


def language_of(request: Request) -> str:
    """The language for whoever asks: what they chose, else what their browser would like."""
    chosen = person_of(request).language if is_signed_in(request) else ""
    return chosen if chosen in LANGUAGES else wanted(request.headers.get("accept-language", ""))


def render(request: Request, template: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
    """A page. Besides what is ``shown`` a template has ``person`` (None on open pages), ``csrf``,
    ``deed_token()``, ``menu``, ``here`` (the path), ``language`` and ``direction``."""
    language = language_of(request)
    person = person_of(request) if is_signed_in(request) else None
    page = _pages(language).get_template(template)
    return HTMLResponse(
        page.render(
            person=person,
            csrf=person.csrf if person else request.state.csrf,
            menu=entries(person) if person else [],
            here=request.scope["path"],
            language=language,
            direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
            **shown,
        ),
        status,
    )


@cache
def _pages(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("relay.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]  # of the extension
    made.filters["number"] = partial(number, language)
    made.filters["flag"] = named
    made.filters["reasons"] = partial(reasons, language)
    # The extension's own take what they are given for markup, which is meant for literals only.
    made.globals |= {
        "_": partial(_said, language),
        "gettext": partial(_put, language),
        "ngettext": partial(_counted, language),
        "deed_token": deed_token,
        "asset": path_of,
    }
    return made


def _said(language: str, english: str, /, **values: object) -> Markup:
    """Our words, or whatever else it is given, as text; ``values`` stand in it as ``%(name)s``."""
    return _put(language, english, **values) if values else escape(say(language, english))


def _put(language: str, english: str, /, **values: object) -> Markup:
    return escape(say(language, english)) % _shown(language, values)


def _counted(language: str, one: str, many: str, n: int, /, **values: object) -> Markup:
    """Our words for so many; ``values`` as above."""
    return escape(count(language, one, many, n)) % _shown(language, values)


def _shown(language: str, values: dict[str, object]) -> dict[str, object]:
    return {
        name: number(language, value) if isinstance(value, int) else value
        for name, value in values.items()
    }
