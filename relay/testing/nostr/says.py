"""What a relay answers to plain HTTP: its information document (NIP-11)."""

from __future__ import annotations

import json
from typing import Final

from relay.testing.loopback import Fault, Request
from relay.testing.nostr.judge import Rules
from relay.testing.nostr.manners import Manners

CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
}
DOCUMENT: Final = "application/nostr+json"
NIPS: Final = (1, 9, 11, 13, 40)


def page(request: Request, manners: Manners, rules: Rules) -> Fault:
    """The answer to a request that is no upgrade."""
    if request.method == "OPTIONS":
        return Fault(204, CORS, b"")
    if request.path != "/" or request.method != "GET":
        return nothing_here()
    if not manners.document:
        return Fault(then="cut")
    if DOCUMENT not in request.headers.get("accept", ""):
        return Fault(200, CORS | {"Content-Type": "text/plain"}, b"Please use a Nostr client.")
    return Fault(200, CORS | {"Content-Type": DOCUMENT}, _document(manners, rules))


def nothing_here() -> Fault:
    """404: a relay has one address (NIP-01)."""
    return Fault(404, CORS | {"Content-Type": "text/plain"}, b"Not found")


def _document(manners: Manners, rules: Rules) -> bytes:
    restricted = rules.members is not None or bool(rules.unpaid) or manners.min_pow_difficulty > 0
    limitation = manners.limitation | {
        "payment_required": bool(rules.unpaid),
        "restricted_writes": restricted,
    }
    nips = [*NIPS, *([42, 70] if manners.auth != "never" else [])]
    said = {
        "name": "stand-in",
        "description": "A relay for tests.",
        "pubkey": "",
        "contact": "",
        "supported_nips": nips,
        "software": manners.software,
        "version": manners.version,
        "limitation": limitation,
    }
    return json.dumps(said).encode()
