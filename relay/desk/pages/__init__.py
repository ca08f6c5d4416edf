"""The pages of the desk: each file has its ``ROUTES``, and ``ROUTES`` here are all of them.

A page is an async function of a request that gives a response. Whoever asks is signed in and
``who.person_of`` says who it is, unless the path is one of ``guard.OPEN``; a form that came was
checked, and is had by ``forms.form_of``.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

from relay.desk.pages import (
    asides,
    deeds,
    doings,
    entering,
    groups,
    lanes,
    messages,
    operator,
    originals,
    outbox,
    own,
    pulse,
    reports,
    searching,
    start,
    static,
)

ROUTES: list[BaseRoute] = [
    *static.ROUTES,
    *entering.ROUTES,
    *own.ROUTES,
    *start.ROUTES,
    *pulse.ROUTES,
    *lanes.ROUTES,
    *groups.ROUTES,
    *messages.ROUTES,
    *reports.ROUTES,
    *doings.ROUTES,
    *deeds.ROUTES,
    *outbox.ROUTES,
    *searching.ROUTES,
    *asides.ROUTES,
    *originals.ROUTES,
    *operator.ROUTES,
]
