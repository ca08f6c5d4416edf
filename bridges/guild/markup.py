"""A text as Discord is given it: it reads Markdown, and what people wrote is to stay what it is.

Discord's Markdown would hide words (``||``), make headings, and show one address and lead to
another (``[...](...)``). A backslash before a sign leaves it a sign. Addresses stay as they are:
Discord takes them as far as there is no white space and no ``<``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from bridges.kit.counting import Atom, Counting, units

_MARK: Final = regex.compile(
    r"(?P<link>https?://[^\s<]+)"
    r"|(?P<sign>[\\*_~`|<\[])"
    r"|(?P<number>^[ \t]*[0-9]{1,9})(?P<dot>\.)(?=\s)"
    r"|(?P<begin>^[ \t]*)(?P<first>[#>-])",
    regex.IGNORECASE | regex.MULTILINE,
)
_MAY_BE_MARKED: Final = regex.compile(r"[\\*_~`|<\[.#>-]")
_SIGNED: Final = regex.compile(r"\\([\\*_~`|<\[.#>-])")
_UTF_16: Final = Counting("utf-16")


def plain(text: str) -> str:
    """The Markdown that shows this text."""
    return str(_MARK.sub(_escaped, text))


def _escaped(found: regex.Match[str]) -> str:
    if found["link"]:
        return str(found[0])
    if found["sign"]:
        return f"\\{found['sign']}"
    if found["dot"]:
        return f"{found['number']}\\."
    return f"{found['begin']}\\{found['first']}"


def shown(markdown: str) -> str:
    """The text that Discord shows for what ``plain`` made."""
    return str(_SIGNED.sub(r"\1", markdown))


class Marked:
    """Counts what ``plain`` makes of a text, or more: each sign that may get a backslash has one.

    Discord says 2000 characters and not what one is; UTF-16 units are never too few.
    """

    def atoms(self, text: str) -> Iterator[Atom]:
        """As ``kit.counting.Measure``."""
        start = 0
        for atom in _UTF_16.atoms(text):
            yield Atom(atom.end, self.units(text[start : atom.end]))
            start = atom.end

    def units(self, text: str) -> int:
        """As ``kit.counting.Measure``."""
        return units(text, "utf-16") + len(_MAY_BE_MARKED.findall(text))
