"""What a page is called, where it is, and the words that it has of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bridges.page.templates import FOLDER

RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Site:
    """A page's title, its address and the language of its own words. ``url`` has no slash at its
    end, or is empty."""

    title: str
    url: str
    language: str

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``: that of the page's own words."""
        return "rtl" if self.language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"

    @property
    def words(self) -> dict[str, Any]:
        """The page's own words, English where there are none in its language."""
        known = _words()
        return known["en"] | known.get(self.language.partition("-")[0].lower(), {})

    def at(self, path: str) -> str:
        """The address of something in the folder."""
        return f"{self.url}/{path}" if self.url else path

    def day(self, date: str) -> str:
        """A day for people: "23 November 2026", in the page's language."""
        year, month, day = date[:10].split("-")
        return f"{int(day)} {self.words['months'][int(month) - 1]} {year}"


@cache
def _words() -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = json.loads((FOLDER / "words.json").read_bytes())
    return made
