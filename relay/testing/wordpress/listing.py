"""Which entries a listing gives, in which order, in which pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from relay.model import Instant
from relay.testing.loopback import Request
from relay.testing.wordpress.says import No, read_time

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """One page of a listing. ``total``: entries that fit, on all pages."""

    entries: Sequence[Entry]
    number: int
    pages: int
    total: int

    def headers(self, request: Request, base: str) -> dict[str, str]:
        """How many there are, and where the pages before and after are."""
        links = []
        if self.number > 1:
            links.append(f'<{self._at(request, base, self.number - 1)}>; rel="prev"')
        if self.number < self.pages:
            links.append(f'<{self._at(request, base, self.number + 1)}>; rel="next"')
        made = {"X-WP-Total": str(self.total), "X-WP-TotalPages": str(self.pages)}
        return made | ({"Link": ", ".join(links)} if links else {})

    def _at(self, request: Request, base: str, number: int) -> str:
        asked = dict(parse_qsl(urlsplit(request.target).query)) | {"page": str(number)}
        return f"{base}{request.path}?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Order(Generic[Entry]):
    """How entries are read: their id, their date, and what ``orderby`` may name."""

    id: Callable[[Entry], int]
    date: Callable[[Entry], Instant]
    by: dict[str, Callable[[Entry], Any]]


def page(
    entries: Sequence[Entry], said: dict[str, Any], order: Order[Entry], offset_s: int
) -> Page[Entry]:
    """The page that the arguments ``said`` ask for. ``offset_s``: of the site's own time. Raises
    No."""
    after, before = (_time(said, name, offset_s) for name in ("after", "before"))
    fit = [
        one
        for one in entries
        if (after is None or order.date(one) > after)
        and (before is None or order.date(one) < before)
        and (not said.get("include") or order.id(one) in said["include"])
        and order.id(one) not in said.get("exclude", ())
    ]
    by = order.by.get(said.get("orderby", "date"), order.date)
    fit.sort(key=lambda one: (by(one), order.id(one)), reverse=said.get("order", "desc") == "desc")
    size, number = said.get("per_page", 10), said.get("page", 1)
    pages = -(-len(fit) // size)
    if fit and number > pages:
        message = "The page number requested is larger than the number of pages available."
        raise No(400, "rest_post_invalid_page_number", message)
    start = said.get("offset", (number - 1) * size)
    return Page(fit[start : start + size], number, pages, len(fit))


def _time(said: dict[str, Any], name: str, offset_s: int) -> Instant | None:
    try:
        return read_time(said[name], offset_s) if name in said else None
    except ValueError:
        params = {"params": {name: "Invalid date."}, "details": {}}
        raise No(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params) from None
