"""Where a quote begins: the line that says who wrote it, a separator, the header of another mail.

All of these name people, and all are written by programs: each has a form that is looked for, and
what is only like it is left alone. Nothing here looks at more than a few lines from where it
stands, or at a line that is longer than programs write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from relay.reader.lines import Line
from relay.reader.phrases import (
    BEGINS_FORWARDED,
    FIELDS,
    FORWARD,
    FORWARDED,
    OPENINGS,
    ORIGINAL,
    REPLY,
    WEEKDAYS,
    WROTE,
    WROTE_BEFORE_NAME,
)

LONGEST: Final = 400
"""Characters of a line that can be one of these, its continuation included."""

MOST_LINES: Final = 3
"""Lines over which a program breaks the line that says who wrote."""

MOST_FIELDS: Final = 12
"""Lines of a header in a text, the recipients' continuation lines included."""

Means = Literal["answer", "forward", "unclear", "perhaps"]
"""What follows was answered, or is passed on; it is one of these; or the line may as well be a
sentence of the person, and only a quotation sign after it makes it what it looks like."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The lines up to ``end`` introduce what follows. ``sure``: nobody writes so by hand."""

    end: int
    means: Means
    sure: bool = True


_UNSEEN: Final = dict.fromkeys(
    [
        *(0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)),
        *(0x0640, *range(0x064B, 0x0653), 0x0670),
    ]
)
_ALIKE: Final = {
    **dict.fromkeys(map(ord, "يى"), "ی"),
    **dict.fromkeys(map(ord, "أإآ"), "ا"),
    ord("ك"): "ک",
    ord("ة"): "ه",
    ord("ۀ"): "ه",
    **dict.fromkeys(map(ord, "\xa0\u202f\u3000\t"), " "),
    **dict.fromkeys(map(ord, "‘’`´"), "'"),
    ord("："): ":",
    ord("，"): ",",
    ord("＞"): ">",
    ord("＜"): "<",
}
_PLAIN: Final = str.maketrans({**_UNSEEN, **_ALIKE})


def plain(text: str) -> str:
    """As phrases are compared: lower case; no marks of direction, joiners or vowel signs; Arabic
    letters that keyboards mix up made one; a blank where there are several."""
    return " ".join(text.translate(_PLAIN).casefold().split())


def _squeezed(text: str) -> str:
    return plain(text).replace(" ", "")


def lead_at(lines: Sequence[Line], at: int, means: Means) -> Lead | None:
    """What introduces a quote at this line, if anything does; ``means`` is what the title says."""
    said = lines[at].said
    if not said or len(said) > LONGEST:
        return None
    return _separator(lines, at, means) or _header(lines, at, means) or _attribution(lines, at)


# ---------------------------------------------------------------- titles

_PREFIX: Final = re.compile(r"\s*([^\s:\[\]()][^:\[\]()]{0,20}?)\s*(?:[\[(]\d{1,3}[\])])?\s*[:：]")
_REPLY: Final = frozenset(map(_squeezed, REPLY))
_FORWARD: Final = frozenset(map(_squeezed, FORWARD))


def title_means(title: str) -> Means:
    """What the title says of a mail whose text holds another one."""
    prefix = _PREFIX.match(title[:60])
    word = _squeezed(prefix[1]) if prefix else ""
    return "forward" if word in _FORWARD else "answer" if word in _REPLY else "unclear"


# ---------------------------------------------------------------- separators

_DASHES: Final = "-‐‑‒–—―_=~*> \t"
_DASHED: Final = re.compile(r"[*> \t]{0,6}[-‐‑‒–—―_=]{2}")
_RULE: Final = re.compile(r"[_\-‐–—―]{16,}")
_ORIGINAL: Final = frozenset(map(_squeezed, ORIGINAL))
_FORWARDED: Final = frozenset(map(_squeezed, FORWARDED))
_BEGINS_FORWARDED: Final = frozenset(map(_squeezed, BEGINS_FORWARDED))
_FORWARDED_BY: Final = "forwardedby"  # a name and a date follow


def _separator(lines: Sequence[Line], at: int, means: Means) -> Lead | None:
    said = lines[at].said
    if _DASHED.match(said):
        if _RULE.fullmatch(said):  # of any program; only over a header is it one of these
            return _header(lines, _after_blank(lines, at + 1), means)
        word = _squeezed(said.strip(_DASHES))
        if word in _ORIGINAL:
            return Lead(_past_names(lines, at + 1), "answer")
        if word in _FORWARDED or word.startswith(_FORWARDED_BY):
            return Lead(_past_names(lines, at + 1), "forward")
    elif said[-1] in ":：" and _squeezed(said.rstrip(":： ")) in _BEGINS_FORWARDED:
        return Lead(_past_names(lines, at + 1), "forward")
    return None


def _past_names(lines: Sequence[Line], at: int) -> int:
    """Past the header, or the line of who wrote, that follows a separator; else past nothing."""
    there = _after_blank(lines, at)
    header = _fields(lines, there)
    if header is not None:
        return header[0]
    wrote = _attribution(lines, there) if there < len(lines) else None
    return at if wrote is None else wrote.end


def _after_blank(lines: Sequence[Line], at: int) -> int:
    for there in range(at, min(at + 4, len(lines))):
        if lines[there].said:
            return there
    return len(lines)


# ---------------------------------------------------------------- headers

_FIELD: Final = re.compile(
    r"[*_> \t]{0,4}([^\W\d_][^:：*\n]{0,30}?)[*_ \t]{0,4}[:：][*_ \t]{0,4}(.*)"
)
_FIELDS: Final = {_squeezed(name): kind for name, kind in FIELDS.items()}
_ADDRESS: Final = re.compile(r"(?<=[^\s<>@])@[^\s<>@]{2}")
_MOMENT: Final = re.compile(r"\d{4}|\d{1,2}[:.٫]\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")


def _header(lines: Sequence[Line], at: int, means: Means) -> Lead | None:
    """A header by itself. Without an address and in a mail that answers nothing it may as well be
    what somebody writes down: from one street, to another, on a day."""
    found = _fields(lines, at)
    if found is None:
        return None
    end, addressed = found
    return Lead(end, means if addressed or means != "unclear" else "perhaps", sure=addressed)


def _field(line: Line) -> tuple[str, str] | None:
    """What a field is about, and its value."""
    found = _FIELD.match(plain(line.said[:LONGEST]))
    kind = _FIELDS.get(_squeezed(found[1])) if found else None
    return None if found is None or kind is None else (kind, found[2])


def _fields(lines: Sequence[Line], at: int) -> tuple[int, bool] | None:
    """The end of a header that begins here, and whether an address is in it: who it is from and two
    fields more, with an address or a moment. Who writes "From: Tehran" means something else."""
    if at >= len(lines) or (first := _field(lines[at])) is None:
        return None
    kinds, addressed, dated, end, kind = set(), False, False, at, first[0]
    for there in range(at, min(at + 2 * MOST_FIELDS, len(lines))):
        if not lines[there].said:
            continue  # Outlook for the web leaves a line between fields
        found = _field(lines[there])
        if found is None:
            if kind not in ("to", "cc") or not _ADDRESS.search(lines[there].said[:LONGEST]):
                break
            end = there + 1  # more recipients
            continue
        kind, value = found
        addressed |= kind != "subject" and bool(_ADDRESS.search(value))
        dated |= kind == "when" and bool(_MOMENT.search(value))
        kinds.add(kind)
        end = there + 1
    whole = "from" in kinds and len(kinds & {"when", "to", "subject", "cc"}) >= 2
    return (end, addressed) if whole and (addressed or dated) else None


def fields_at(lines: Sequence[Line], at: int) -> bool:
    """Whether two fields of a header stand here, one of them naming people: too little to be sure
    of a header, and enough for a person to look at it."""
    first = _field(lines[at]) if lines[at].said else None
    if first is None:
        return False
    following = (one for one in lines[at + 1 : at + 3] if one.said)
    second = next((_field(one) for one in following), None)
    kinds = {one[0] for one in (first, second) if one and one[1]}
    return len(kinds) == 2 and bool(kinds & {"from", "to", "cc"}) and "other" not in kinds


# ---------------------------------------------------------------- who wrote


def _any_of(phrases: Sequence[str]) -> str:
    return "|".join(re.escape(plain(one)) for one in sorted(phrases, key=len, reverse=True))


_BRACKETED: Final = re.compile(r"[<(\[]\s?(?:mailto:)?[^\s<>@()]{1,64}@[^\s<>@()]{2,255}\s?[>)\]]")
_BEGINS: Final = re.compile(
    rf"[-\"'«“ ]{{0,3}}(?:\d|(?:{_any_of(OPENINGS)})[ ,،]|在 ?\d|(?:{_any_of(WEEKDAYS)})\b)"
)
_SAYS_SO: Final = re.compile(rf"(?:^|[^\w])(?:{_any_of(WROTE)})$|(?:写道|寫道|撰写|撰寫|写)$")
_SAYS_WHO: Final = re.compile(rf"(?:^|[ ,،])(?:{_any_of(WROTE_BEFORE_NAME)}) ")
_NAME_FIRST: Final = 120  # characters of a name and its address, where these come first


def _attribution(lines: Sequence[Line], at: int) -> Lead | None:
    """ "On ... wrote:" in one line or broken over a few, which must begin as programs begin it."""
    joined = ""
    for end in range(at + 1, min(at + MOST_LINES, len(lines)) + 1):
        said = lines[end - 1].said
        if not said or len(said) > LONGEST or lines[end - 1].quoted != lines[at].quoted:
            return None
        joined = f"{joined} {said}" if joined else said
        if len(joined) > LONGEST:
            return None
        if said[-1] in ":：":
            means = _says(plain(joined))
            if means is not None or end > at + 1:
                return None if means is None else Lead(end, means)
        if end == at + 1 and not _may_go_on(said):
            return None
    return None


def _may_go_on(said: str) -> bool:
    start = plain(said)
    return bool(_MOMENT.search(start) or "<" in start) and bool(
        _BEGINS.match(start) or "<" in start[:_NAME_FIRST]
    )


def _says(joined: str) -> Means | None:
    """``joined`` is plain, and its colon is the last of it."""
    body = joined.rstrip(": ")
    if not _MOMENT.search(body):
        return None
    verb = bool(_SAYS_SO.search(body[-40:])) or bool(_SAYS_WHO.search(body) and _BEGINS.match(body))
    address = _BRACKETED.search(body)
    if address is None:
        return "perhaps" if verb and _BEGINS.match(body) else None
    at_end = address.end() >= len(body) - 1
    if _BEGINS.match(body) and (verb or at_end):
        return "answer"
    if verb and address.start() <= _NAME_FIRST and not _MOMENT.search(body[: address.start()]):
        return "answer"  # a name and its address come first
    return "perhaps" if verb else None
