"""What ``relay bridges try`` prints: as it happens, or all of it as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from relay.cli.bridges.mask import Mask
from relay.cli.bridges.watched import Exchange
from relay.cli.common import said
from relay.cli.posting import Tried, in_words, name_of, what_follows
from relay.model import Health, Later, Once, Part, Posted
from relay.ports import Bridge
from relay.reader.text import clean, clean_line


class Shown:
    """Told of each step; ``end`` when there are no more."""

    def __init__(self, name: str, bridge: str, as_json: bool) -> None:
        self._as_json = as_json
        self._all: dict[str, Any] = {"name": name, "bridge": bridge, "parts": [], "sent": []}
        self._exchanges: list[Exchange] = []

    def end(self) -> None:
        """Print what was not printed on the way."""
        if self._as_json:
            exchanges = [one.as_json() for one in self._exchanges]
            said({**self._all, "exchanges": exchanges})

    def asks(self, one: Exchange) -> None:
        """A request is about to leave, or some bytes of a stream went by."""
        self._exchanges.append(one)
        self._print(f"> {one.method} {one.url}", *_fields(one.headers, one.body))

    def answered(self, one: Exchange) -> None:
        """What came of it."""
        if one.failed:
            self._print(f"< {one.failed}")
        else:
            self._print(f"< {one.status}", *_fields(one.answer_headers, one.answer))

    def health(self, health: Health, reached: bool, mask: Mask) -> None:
        """What the bridge says of its account."""
        account, trouble = (clean_line(mask.text(one)) for one in (health.account, health.trouble))
        self._all |= {"account": account, "trouble": trouble, "reached": reached}
        if trouble:
            what = "The account cannot be used" if reached else "The platform could not be asked"
            self._print(f"{what}: {trouble}")
        else:
            self._print(f"The account can post: {account}")

    def parts(self, parts: Sequence[Part], bridge: Bridge) -> None:
        """How the text would be split."""
        bills = clean_line(str(getattr(bridge, "bills", "")))
        self._all["bills"] = bills
        self._all["parts"] = lines = [_part(part, bridge) for part in parts]
        for line in lines:
            of = f"part {line['part']} of {line['of']}"
            long = [f"{line['bytes']} bytes"]
            long += [f"{line['characters']} characters"] if line["text"] is not None else []
            long += [f"counts {line['counts']}"] if line["counts"] is not None else []
            long += [f"costs {line['price'] / 1000:g} {bills}"] if line["price"] else []
            self._print("", f"{of}: {', '.join(long)}", *_indented(line["text"] or ""))
        self._print("")

    def tried(self, tried: Tried, once: Once, mask: Mask) -> None:
        """How one send ended."""
        outcome, part = tried.outcome, tried.attempt.part
        words = mask.text(in_words(outcome))
        then = what_follows(outcome, once)
        line = {"part": part.index + 1, "outcome": name_of(outcome), "said": words, "then": then}
        if isinstance(outcome, Posted):
            line |= {
                "ref": clean_line(mask.text(outcome.ref)),
                "url": clean_line(mask.url(outcome.url)) if outcome.url else "",
            }
        if isinstance(outcome, Later):
            line |= {"not_before": outcome.not_before, "scope": outcome.scope}
        self._all["sent"].append(line)
        self._print("", f"part {part.index + 1} of {part.of}: {words}", *([then] if then else []))

    def _print(self, *lines: str) -> None:
        if not self._as_json:
            for line in lines:
                click.echo(line)


def _fields(headers: Mapping[str, str], body: str) -> list[str]:
    return [*(f"    {name}: {value}" for name, value in headers.items()), *_indented(body)]


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]


def _part(part: Part, bridge: Bridge) -> dict[str, Any]:
    text = _text_of(part.payload)
    return {
        "part": part.index + 1,
        "of": part.of,
        "bytes": len(part.payload),
        "text": text,
        "characters": None if text is None else len(text),
        "counts": None if text is None else _measured(bridge, text),
        "price": part.price,
    }


def _text_of(payload: bytes) -> str | None:
    """What a part says, where that can be seen: ``text`` in a line of JSON, as ``kit.parts`` and
    most bridges freeze it, or a payload that is text itself."""
    for held in (payload, payload.partition(b"\n")[0]):
        try:
            made = json.loads(held)
        except (ValueError, RecursionError):
            continue
        if isinstance(made, dict):
            text = made.get("text")
            return clean(text) if isinstance(text, str) else None
    try:
        return clean(payload.decode())
    except UnicodeDecodeError:
        return None


def _measured(bridge: Bridge, text: str) -> int | None:
    """How long the platform finds it, of a bridge that has ``measure(text)``."""
    measure = getattr(bridge, "measure", None)
    if measure is None:
        return None
    try:
        counted = measure(text)
    except Exception:  # it is a stranger's, and no part of what a bridge must have
        return None
    return counted if isinstance(counted, int) else None
