"""The board as a table: a line for each place, with all there is to say of it in the last column.

On a terminal of 80 columns that is no line. There the table has what is needed at a glance, and
under it stands a line for each place of which there is more to say.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click

from relay.cli.tables import fits, show_table
from relay.config import DIRECT
from relay.reader.text import clean_line
from relay.rules.bidi import apart
from relay.rules.spending import plain

Place = Mapping[str, Any]

_HEADS = ("name", "state", "since (UTC)", "waiting", "oldest", "posted", "last (UTC)")
_FULL, _SHORT = "%Y-%m-%d %Hh", "%m-%d %Hh"


def draw(places: Mapping[str, Place]) -> None:
    """Print it, as wide as the terminal has room for."""
    heads, more = _more(places)
    rows = [(*_row(name, place, _FULL), *more[name]) for name, place in places.items()]
    if fits((*_HEADS, *heads), rows):
        show_table((*_HEADS, *heads), rows)
        return
    show_table(_HEADS, [_row(name, place, _SHORT) for name, place in places.items()])
    for name, place in places.items():
        if line := _below(place, heads, more[name]):
            click.echo(f"{name}: {line}")


def _below(place: Place, heads: Sequence[str], cells: Sequence[str]) -> str:
    """What there is to say of a place beside its row; that it goes by its best route is nothing."""
    *others, (_, why) = zip(heads, cells, strict=True)
    said = [f"{head}: {cell}" for head, cell in others if cell and (head != "via" or _ways(place))]
    return "; ".join(filter(None, (why, *said)))


def _row(name: str, place: Place, form: str) -> tuple[str, ...]:
    return (
        name,
        place["state"],
        _hour(place["since"], form),
        str(place["waiting"] or ""),
        _age(place["oldest_s"]) if place["waiting"] else "",
        str(place["posted"] or ""),
        _hour(place["last"], form),
    )


def _more(places: Mapping[str, Place]) -> tuple[Sequence[str], Mapping[str, Sequence[str]]]:
    """The other columns, of those that have anything to say, and their cells by place."""
    columns = {
        "spent": {name: _spent(place) for name, place in places.items()},
        "via": {name: _via(place) for name, place in places.items()},
        "canary": {name: _canary(place) for name, place in places.items()},
    }
    routes = any(len(place.get("routes", ())) > 1 for place in places.values())
    heads = [head for head in columns if any(columns[head].values()) and (head != "via" or routes)]
    more = {
        name: [*(columns[head][name] for head in heads), _why(place)]
        for name, place in places.items()
    }
    return [*heads, "why"], more


def _via(place: Place) -> str:
    """The route in use; what has no other than the direct one goes out as anything does, or, like
    the page, to no place but a folder."""
    route, choice = place.get("route") or "", len(place.get("routes", ())) > 1
    return route if choice or route != DIRECT else ""


def _spent(place: Place) -> str:
    """Every budget; of answers, which every way in that answers has, only where some went."""
    return "; ".join(
        f"{plain(one['spent'])} / {plain(one['limit'])} "
        f"{one['unit'] or one['what']} {'today' if one['per'] == 'day' else 'this month'}"
        for one in place.get("budgets", ())
        if one["spent"] or one["what"] != "answers"
    )


def _canary(place: Place) -> str:
    """How the self test there ended: how long it took, or when it last worked."""
    tried = place.get("canary")
    if not tried:
        return ""
    state = tried["state"] or "not yet"
    if state in ("works", "slow") and tried["took_s"] is not None:
        return f"{state}, {max(tried['took_s'], 0.1):g} s"
    good = _hour(tried["last_good"], _FULL)
    return f"{state}, good {good}" if good else state


def _why(place: Place) -> str:
    stale = place.get("stale", 0)
    held = f"{stale} held: waited too long" if stale else ""
    tried = (place.get("canary") or {}).get("why", "")
    canary = f"canary: {tried}" if tried else ""
    all_of_it = map(clean_line, (place["why"], _ways(place), held, canary))
    return "; ".join(apart(said) for said in all_of_it if said)


def _ways(place: Place) -> str:
    """What is wrong with the routes that are better than the one in use."""
    used, routes = place.get("route"), list(place.get("routes", {}).items())
    better = routes[: next((n for n, (name, _) in enumerate(routes) if name == used), 0)]
    return "; ".join(f"{name}: {state}" for name, state in better)


def _hour(at: int | None, form: str) -> str:
    return time.strftime(form, time.gmtime(at)) if at else ""


def _age(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds >= 3600 else "<1 h"
