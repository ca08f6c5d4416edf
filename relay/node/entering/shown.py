"""The exits of an entry, for the status, the board and the alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.config import Settings
from relay.node.board import Board
from relay.node.crossing.bundles import Bundles
from relay.node.crossing.offering import Offering
from relay.ports import Clock
from relay.rules.exits import ExitFacts, Exits
from relay.wire.epochs import days_ahead


class Shown:
    """Of one entry."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        bundles: Bundles,
        offering: Offering,
        board: Board,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._bundles = bundles
        self._ended = offering.ended
        self._board = board

    def facts(self) -> Exits:
        """What is known of them, for the alarms."""
        now = self._clock.now()
        return Exits(
            {
                name: ExitFacts(
                    days_ahead(keys.until, now) if keys.until > now else None,
                    keys.serial > 0,
                    keys.ended,
                    keys.refused,
                    self._ended.only[name],
                    keys.today,
                )
                for name, keys in self._bundles.shown().items()
            },
            self._ended.damaged,
            seals=bool(self._bundles.seals_to()),
        )

    def peers(self, board: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Every exit by its name: its keys, and what is on the way to it. ``board`` has its
        links."""
        now = self._clock.now()
        shown: dict[str, dict[str, Any]] = {}
        for name, keys in self._bundles.shown().items():
            ways = [one for one, at in self._settings.links.items() if at.peer == name]
            places = [board[one] for one in ways if one in board]
            shown[name] = {
                "waiting": max((place["waiting"] for place in places), default=0),
                "oldest_s": max((place["oldest_s"] for place in places), default=0),
                "handed": sum(place["posted"] for place in places),
                "last": max((place["last"] or 0 for place in places), default=0) or None,
                "links": ways,
                "after_s": self._settings.peers[name].after,
                "serial": keys.serial,
                "keys_until": keys.until or None,
                "keys_days": days_ahead(keys.until, now) if keys.until > now else None,
                "keys_today": keys.today,
                "revoked": keys.ended,
                "refused": self._bundles.refusals[name],
                "why": keys.refused,
            }
        return shown

    def crossings(self) -> dict[str, int]:
        """What ended here since this process began, and is at no exit."""
        ended = self._ended
        return {"expired": ended.expired, "refused": ended.refused, "damaged": ended.damaged}
