"""``relay bundle print``: short messages on paper, where nothing else goes; and back again.

Each sheet has one batch with one envelope, in a handful of QR codes: whoever has all codes of a
sheet has that message, whatever became of the other sheets. It is as sealed as it is on a stick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
import segno

from relay.links.folder.strips import cut, name_of
from relay.links.port import Peer
from relay.wire.batch import Batch, make_batch
from relay.wire.padding import CLASSES

SHORT: Final = CLASSES[0]
"""Bytes of the envelopes that are printed: those of the smallest size."""

PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A4</title>
<style>
@page { size: A4; margin: 12mm }
body { margin: 0; font: 11pt monospace }
section { break-after: page }
section:last-child { break-after: auto }
h1 { font-size: 14pt; margin: 0 0 4mm }
div { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm }
figure { margin: 0; break-inside: avoid }
svg { width: 76mm; height: 76mm; display: block }
</style>
</head>
<body>
{% for sheet in sheets %}
<section>
<h1>{{ sheet.name }}</h1>
<div>
{% for code in sheet.codes %}
<figure>
{{ code | safe }}
<figcaption>{{ loop.index }} / {{ sheet.codes | length }}</figcaption>
</figure>
{% endfor %}
</div>
</section>
{% endfor %}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """One piece of paper: the name of its batch, and its codes as SVG."""

    name: str
    codes: tuple[str, ...]


class Printed:
    """What goes on paper: at most ``most`` messages, but for the first ``skip``; and of what is not
    one, all. ``long``: messages that were too long; ``more``: whether others would have fitted."""

    def __init__(self, most: int, skip: int) -> None:
        self._left = most
        self._skip = skip
        self.sheets: list[Sheet] = []
        self.messages = 0
        self.long = 0
        self.more = False

    @property
    def codes(self) -> int:
        """On all sheets together."""
        return sum(len(one.codes) for one in self.sheets)

    def add(self, peer: Peer, batches: Iterator[Batch], seed: bytes) -> None:
        """What waits for a peer, as the core gives it."""
        for batch in batches:
            self.long += sum(len(one.envelope) > SHORT for one in batch.envelopes)
            for one in short_ones(batch):
                if self._takes(one):
                    self._draw(make_batch(one, seed, peer.key))
            if self.more:
                return

    def _takes(self, one: Batch) -> bool:
        if not one.envelopes:
            return True
        if self._skip:
            self._skip -= 1
            return False
        self.more |= not self._left
        self._left = max(0, self._left - 1)
        self.messages += not self.more
        return not self.more

    def _draw(self, made: bytes) -> None:
        if strips := cut(made):
            self.sheets.append(Sheet(name_of(made), tuple(map(_drawn, strips))))

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        counts = {"sheets": len(self.sheets), "codes": self.codes, "messages": self.messages}
        return {**counts, "long": self.long, "more": self.more}


def write_new(file: Path, text: str) -> None:
    """Write a file that only we may read. Raises OSError, also where there is one of that name."""
    made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(made, "w", encoding="utf-8") as out:
        out.write(text)


def short_ones(batch: Batch) -> Iterator[Batch]:
    """What of a batch goes on paper, each by itself: envelopes of the smallest size, answers, and
    receipts. Keys do not: they are some hundred codes."""
    if batch.durable or batch.heard:
        yield Batch(durable=batch.durable, heard=batch.heard, serial=batch.serial)
    for one in batch.envelopes:
        if len(one.envelope) <= SHORT:
            yield Batch(envelopes=(one,), serial=batch.serial)
    for answer in batch.answers:
        yield Batch(answers=(answer,))


def page(sheets: Sequence[Sheet]) -> str:
    """All of it as one page of HTML, a sheet a page of paper. Nothing on it names anybody."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(PAGE).render(sheets=sheets)


def _drawn(strip: str) -> str:
    code = segno.make(strip, mode="alphanumeric", error="m", boost_error=False, micro=False)
    return str(code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))
