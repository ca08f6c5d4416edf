"""What stands around each page of the node: the tabs, and what came of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relay.desk.looks import render


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the node; ``key`` follows it after G."""

    path: str
    name: str
    key: str


TABS: Final = (
    Tab("/node", "Board", "KeyB"),
    Tab("/node/queue", "Queue", "KeyQ"),
    Tab("/node/flow", "Flow", "KeyV"),
    Tab("/node/windows", "Windows", "KeyW"),
    Tab("/node/drills", "Drills", "KeyD"),
    Tab("/node/brake", "Brake", "KeyR"),
    Tab("/node/users", "Users", "KeyU"),
    Tab("/node/audit", "Audit", "KeyT"),
    Tab("/node/panic", "Panic", ""),
)

DONE: Final = {
    "paused": "It is paused; messages are accepted as before.",
    "was-paused": "It was paused already.",
    "resumed": "It goes on.",
    "was-not-paused": "It was not paused.",
    "window": "The window is planned.",
    "removed": "The window is removed.",
    "drill": "The drill has begun.",
    "note": "The note is kept.",
}
"""What came of a form, by a word of the address: no text from an address is ever shown."""


def node_page(request: Request, template: str, status: int = 200, /, **shown: Any) -> Response:
    """A page of the node."""
    done = DONE.get(request.query_params.get("done", ""), "")
    return render(request, template, status, tabs=TABS, done=done, **shown)


def back_to(path: str, done: str, **more: str) -> Response:
    """After a form: the page, which says what came of it."""
    return RedirectResponse(f"{path}?{urlencode({'done': done, **more})}", 303)
