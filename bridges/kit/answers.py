"""What an answer means, on every platform alike: which statuses are doubt, and until when to wait.

A send whose fate is open is ``Unsure``, unless the platform makes the same bytes the same one post
for ever; only then is every doubtful answer merely ``Later``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from relay.ports import (
    Absent,
    Answer,
    Found,
    Http,
    Instant,
    Later,
    Lookup,
    NoAnswer,
    NotSent,
    Outcome,
    Posted,
    Refused,
    Stopped,
    Unsure,
)

MIN_WAIT_S: Final = 1
MAX_WAIT_S: Final = 6 * 3600
"""A ``Retry-After`` is believed up to here: a platform that says a year is asked again today."""


async def ask(
    http: Http,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout_s: float = 60.0,
) -> Answer | Later | Unsure:
    """A request that publishes: its answer, or what to return where there is none."""
    try:
        return await http.request(method, url, headers=headers, body=body, timeout_s=timeout_s)
    except NotSent:
        return Later("the host cannot be reached", scope="host")
    except NoAnswer:
        return Unsure("the request left and no whole answer came")


def outcome(answer: Answer, *, now: Instant, action: str) -> Outcome:
    """What an answer to a publishing request means, where it is not the success the bridge knows.

    ``action`` is what the operator can do about an account that is turned away. Pass a 2xx too when
    its body is not what it should be: a log-in or maintenance page with status 200 is no post.
    A 409 is for the bridge to judge first; here it is doubt. Statuses: RFC 9110 section 15,
    RFC 6585 section 4 (429), RFC 8470 section 5.2 (425); 520 to 527 are Cloudflare's.
    """
    status = answer.status
    why = f"answered {status}"
    again = retry_after(answer.headers, now)
    if status in (401, 402, 403, 404, 410):
        return Stopped(why, action)
    if status == 429:
        # Its reset counts here only: some servers name one with every answer.
        return Later(why, again_at(answer.headers, now), scope="destination")
    if status in (407, 421):  # a proxy or a front server, before the platform itself
        return Later(why, again, scope="host")
    if status in (408, 425):
        return Later(why, again)
    if 400 <= status < 500 and status != 409:
        return Refused(why)
    if status in (307, 308):  # says in so many words that nothing was done here
        return Later(why, again, scope="host")
    if status == 503 and again is not None:
        return Later(why, again, scope="host")
    # What is left may have been done: a front server that gave up waiting answers 500, 502 or 504,
    # Envoy and Heroku a bare 503, and a redirect is how many a form says thank you. Also where a
    # repeat does no harm: who takes a message back must know that it may be there.
    return Unsure(why)


def retry_after(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """When ``Retry-After`` (RFC 9110 10.2.3: seconds or a date) lets us come back, or None.

    Between 1 s and 6 h from ``now``. A date is measured against the server's own ``Date``, where it
    gives one: either clock may be wrong. What is neither seconds nor a date is None.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        wait = int(said) if len(said) < 9 else MAX_WAIT_S
    else:
        until = _http_date(said)
        if until is None:
            return None
        there = server_time(headers)
        wait = until - (now if there is None else there)
    return now + min(max(wait, MIN_WAIT_S), MAX_WAIT_S)


def again_at(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """When a request is welcome again: by ``Retry-After``, else by a rate limit's reset; None if
    neither is said.

    A reset is a moment (ISO 8601 on Mastodon, seconds since 1970 on X, Bluesky and Discord) or a
    number of seconds from now (the IETF's ``RateLimit-Reset``, Discord's ``-Reset-After``). A
    moment is measured against the server's own ``Date``; all is kept between 1 s and 6 h.
    """
    until = retry_after(headers, now)
    return _reset(headers, now) if until is None else until


def used_up(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """Until when a platform's own limit is used up by the request that was answered so; None if
    there is something left, or it does not say. For ``Posted.rest``."""
    said = next((headers[name] for name in _REMAINING if name in headers), "").strip()
    if not (said.isascii() and said.isdigit()) or int(said[:9]) > 0:
        return None
    return _reset(headers, now)


_REMAINING: Final = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_RESET: Final = (
    "x-ratelimit-reset-after",
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-rate-limit-reset",
)
_EPOCH: Final = 1_000_000_000
"""A number above it is a moment, one below a length of time: 2001 was before all of them."""


def _reset(headers: Mapping[str, str], now: Instant) -> Instant | None:
    said = next((headers[name] for name in _RESET if name in headers), "").strip()
    there = server_time(headers)
    here = now if there is None else there
    try:
        if re.fullmatch(r"[0-9]+(\.[0-9]{1,9})?", said, re.ASCII):
            wait = math.ceil(float(said[:24]))
            wait -= here if wait > _EPOCH else 0
        else:
            when = datetime.fromisoformat(said)
            wait = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()) - here
    except (ValueError, OverflowError):
        return None
    return now + min(max(wait, MIN_WAIT_S), MAX_WAIT_S)


def server_time(headers: Mapping[str, str]) -> Instant | None:
    """What the other side's clock shows, by its ``Date``; None if it gives none."""
    return _http_date(headers.get("date", ""))


def _http_date(said: str) -> Instant | None:
    """RFC 9110 5.6.7, its two obsolete forms included; all of them mean UTC."""
    try:
        when = parsedate_to_datetime(said)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def json_object(answer: Answer) -> Mapping[str, Any] | None:
    """The body, if it is a JSON object and says so in its Content-Type; else None."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and "+json" in kind):
        return None
    made = json_value(answer.body)
    return made if isinstance(made, dict) else None


_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def json_value(said: bytes) -> Any:
    """What JSON in UTF-8 (RFC 8259 8.1) says, in texts that can be written again: half a surrogate
    pair is a question mark. None for what is no JSON."""
    try:
        made = json.loads(said.decode("utf-8-sig"))
        if _HALF.search(said):
            made = json.loads(json.dumps(made, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return made


def unless_found(refused: Refused, lookup: Lookup) -> Posted | Refused | Unsure:
    """What a refusal means for a part that was tried before: that try may have made it public, and
    a refusal says that nothing was."""
    if isinstance(lookup, Found):
        return Posted(lookup.ref, lookup.url)
    if isinstance(lookup, Absent) and lookup.strong:
        return refused
    return Unsure("it was refused, and an earlier try may have been taken")


def doubted(answer: Answer | Later | Stopped | Unsure, told: Outcome, now: Instant) -> Outcome:
    """What the answer to a request that makes something public means, where to repeat it does no
    harm: ``told``, the bridge's own word for it, unless it may have been done all the same. Who
    takes a post back looks for it only where there is doubt."""
    if isinstance(told, Posted):
        return told
    meant = outcome(answer, now=now, action="") if isinstance(answer, Answer) else answer
    return meant if isinstance(meant, Unsure) else told


def harmless(outcome: Outcome) -> Later | Refused | Stopped:
    """The same, of a request that may be repeated without harm: doubt is ``Later``."""
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    why = outcome.why if isinstance(outcome, Unsure) else "it is done already"
    return Later(why, scope="host")
