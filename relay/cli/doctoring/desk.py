"""The desk: whether anybody can use it, and from where. (Who may write to the audit is looked at
with the other files of the folder.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.config import Settings
from relay.config.desk_checks import USERS


def look(settings: Settings, status: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Nothing where there is no desk."""
    at = settings.desk
    if at is None:
        return
    if not (settings.keys / USERS).exists():
        why = "nobody can sign in, and what is held is released at this terminal only"
        yield mind("desk", "the desk has no users", why, "relay users add NAME --role editor")
    elif status is not None and status["standing"] == "locked":
        why = "nobody can sign in until exit.key is open"
        yield wrong("desk", "the desk is locked", why, "relay unlock")
    else:
        yield good("desk", "the desk has users")
    if not at.hosts:
        why = "it answers on this machine only: by ssh -L, or a browser that runs here"
        remedy = "docs/operate.md has three ways in from elsewhere; each is a name in desk.hosts"
        yield mind("desk", "the desk is reached from here alone", why, remedy)
    if status is not None and status["clock"]["state"] == "frozen":
        why = "if we are wrong, codes of authenticators do not fit, and nobody can sign in"
        yield wrong("desk", "the clock of this machine has jumped", why, "relay clock")
