"""What an operator sees of the node, and can do to it: a page each, under ``/node``.

The notes from one shift to the next are everybody's who decides or operates, and lie beside them.
"""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from relay.desk.pages.operator import (
    audit,
    board,
    brake,
    drills,
    flow,
    handover,
    panic,
    queue,
    windows,
)

ROUTES: Final[list[BaseRoute]] = [
    *board.ROUTES,
    *queue.ROUTES,
    *flow.ROUTES,
    *windows.ROUTES,
    *drills.ROUTES,
    *brake.ROUTES,
    *audit.ROUTES,
    *panic.ROUTES,
    *handover.ROUTES,
]
