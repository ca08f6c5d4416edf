"""Marks a spool that was set back: what it holds may have been done since, and nothing tells."""

from __future__ import annotations

import sqlite3

from relay.model import SET_BACK


def set_back(connection: sqlite3.Connection) -> None:
    """Every message that may yet be posted says so, and every delivery that waits for a person."""
    # Also of what was assigned: a place that gets it later may have had it before.
    connection.execute(
        "UPDATE row SET note = ?, rev = rev + 1"
        " WHERE root = seq AND (state IN ('quarantined', 'refused')"
        " OR queue IN ('inbox', 'read', 'clean', 'review', 'deliver', 'assigned'))",
        (SET_BACK,),
    )
    # A person who releases one of these must know that somebody may have done it before.
    connection.execute(
        "UPDATE row SET why = 'unsure: set back; ' || why, rev = rev + 1"
        " WHERE root <> seq AND state = 'held' AND why NOT LIKE 'unsure%'"
        " AND why NOT LIKE 'withdrawn%'",
    )
