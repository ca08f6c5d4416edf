"""A text in sections: the person's own words, and what is quoted in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from relay.reader.leads import Lead, fields_at, lead_at, title_means
from relay.reader.lines import Line, Quoted

MOST_LINES: Final = 2_000
MOST_CHARACTERS: Final = 100_000
"""What is looked at for leads: five times a text that is published. A quote goes on beyond."""

MOST_SECTIONS: Final = 400
"""Sections of a text; what comes after them stays as it is. Two hundred answers to two hundred
questions are no exchange between people."""


@dataclass(slots=True, repr=False)
class Section:
    """Lines that belong together. ``own``: the person's words, or what they pass on; ``quote``:
    with a sign at every line; ``rest``: all that follows a lead, without signs. ``sure``: a program
    says that it is a quote, and whose."""

    kind: Literal["own", "quote", "rest"]
    sure: bool = False
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, repr=False)
class Parted:
    """The sections of a text. ``named``: lines that name people are left out of them; ``unsure``:
    and these may have been the person's own. ``doubt``: some of it may be a quote or a header, and
    nothing says so for sure. ``forwarded``: a mail is passed on."""

    sections: list[Section]
    named: bool = False
    unsure: bool = False
    doubt: bool = False
    forwarded: bool = False


def parted(lines: Sequence[Line], title: str) -> Parted:
    """Part a text; nothing of it is lost but the lines that introduce quotes and name people."""
    return _Parting(lines, title).done()


class _Parting:
    """One pass over the lines."""

    def __init__(self, lines: Sequence[Line], title: str) -> None:
        self._lines = lines
        self._means = title_means(title)
        self._made = Parted([Section("own")])
        self._at = 0
        self._looked_at = 0

    def done(self) -> Parted:
        while self._at < len(self._lines):
            lead = self._lead()
            if len(self._made.sections) > MOST_SECTIONS:
                self._made.doubt = True
                self._made.sections.append(Section("own", lines=list(self._lines[self._at :])))
                break
            if lead is not None:
                self._introduced(lead)
            elif self._lines[self._at].is_quote:
                self._quote(sure=False)  # pasted, it has what programs put around a quote, too
            else:
                self._made.doubt |= self._looks() and fields_at(self._lines, self._at)
                self._own(self._lines[self._at])
                self._at += 1
        return self._made

    def _lead(self) -> Lead | None:
        self._looked_at += len(self._lines[self._at].text)
        return lead_at(self._lines, self._at, self._means) if self._looks() else None

    def _looks(self) -> bool:
        return self._at <= MOST_LINES and self._looked_at <= MOST_CHARACTERS

    def _introduced(self, lead: Lead) -> None:
        after = self._next_said(lead.end)
        quote = after < len(self._lines) and self._lines[after].is_quote
        if lead.means == "perhaps" and not (quote and self._means == "answer"):
            self._made.doubt = True
            self._own(self._lines[self._at])
            self._at += 1
            return
        self._made.named = True
        self._made.unsure |= lead.means == "unclear" or not lead.sure
        self._made.sections.append(Section("own"))
        self._at = lead.end
        if lead.means == "forward" or self._made.forwarded:
            self._passed_on(after, unquote=quote and lead.means == "forward")
        elif quote:
            self._at = after
            self._quote(sure=True)
        elif lead.means == "answer":
            self._made.sections.append(Section("rest", True, list(self._lines[self._at :])))
            self._at = len(self._lines)
        else:
            self._made.doubt = True

    def _passed_on(self, after: int, *, unquote: bool) -> None:
        """What a person passes on counts as theirs; the signs that a program put before it go."""
        self._made.forwarded = True
        if not unquote:
            return
        depth = self._lines[after].quoted
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.said and line.quoted is not depth:
                return
            lead = self._lead()
            if lead is not None and lead.means != "perhaps":
                self._at = lead.end
                continue
            self._own(Line(line.said, line.said, Quoted.NOT))
            self._at += 1

    def _quote(self, *, sure: bool) -> None:
        """Lines with signs, and the empty ones between them; leads in them go."""
        section = Section("quote", sure)
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.is_quote:
                after = self._next_said(self._at)
                if line.said or after == len(self._lines) or not self._lines[after].is_quote:
                    break
            lead = self._lead() if line.is_quote else None
            if lead is not None and lead.means != "perhaps":
                self._made.named = section.sure = True
                self._at = lead.end
                continue
            section.lines.append(line)
            self._at += 1
        self._made.sections += [section, Section("own")]

    def _own(self, line: Line) -> None:
        last = self._made.sections[-1]
        if last.kind != "own":
            self._made.sections.append(last := Section("own"))
        last.lines.append(line)

    def _next_said(self, at: int) -> int:
        """The next line that says something, from ``at`` on; a few are looked at."""
        for there in range(at, min(at + 6, len(self._lines))):
            if self._lines[there].said:
                return there
        return len(self._lines)
