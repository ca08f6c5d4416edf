"""What ``relay status`` and ``relay board`` say of the exits of an entry: a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def exits_of(now: Mapping[str, Any]) -> Iterator[str]:
    """From the status of a node; of one that is no entry only what was left from when it was."""
    for name, waiting in now.get("astray", {}).items():
        remedy = "`relay status --check` says what to do"
        yield f"exit {name}: {waiting} wait, and no peer here is that exit: {remedy}"
    if now.get("role") != "entry":
        return
    if now["standing"] == "keys":
        yield "There is no key to seal to: everybody is answered 'try again later'."
    for name, exit_ in now.get("peers", {}).items():
        yield f"exit {name}: {exit_['waiting']} wait, {exit_['handed']} by links, {_keys(exit_)}"
        if exit_["why"]:
            yield f"exit {name}: the keys that came last were refused: {exit_['why']}"
    lost = {what: n for what, n in now.get("crossings", {}).items() if n}
    if lost:
        told = ", ".join(f"{n} {what}" for what, n in lost.items())
        yield f"on the way to an exit, since the start: {told}"


def _keys(exit_: Mapping[str, Any]) -> str:
    if exit_["revoked"]:
        return "revoked"
    if not exit_["serial"]:
        return "its keys are not here"
    if not exit_.get("keys_today", True) and exit_["keys_days"]:  # an older node does not say
        return "keys for later days, and none for today"
    days = exit_["keys_days"]
    if days is None:
        return "its keys have ended"
    return f"keys for {days} {'day' if days == 1 else 'days'}" if days else "its keys end today"
