"""What bridges share: the key of a part, what an answer means, secrets, and files that survive.

A bridge may use any of it or none. What all of it keeps is one rule: nothing is repeated blindly.
A send whose fate is open is ``Unsure``, unless the platform makes the same bytes the same one post
for ever; only then is every doubtful answer merely ``Later``.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import ipaddress
import json
import os
import stat
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from relay.ports import (
    Answer,
    Http,
    Instant,
    Later,
    NoAnswer,
    NotSent,
    Once,
    Outcome,
    Refused,
    Stopped,
    Unsure,
)

KEY_CHARACTERS: Final = 32
MIN_WAIT_S: Final = 1
MAX_WAIT_S: Final = 6 * 3600
"""A ``Retry-After`` is believed up to here: a platform that says a year is asked again today."""

MAX_SECRET_BYTES: Final = 8 * 1024


def part_key(secret: bytes, index: int) -> str:
    """The key of part ``index`` (from 0) of the post with this secret: 32 hex characters.

    HMAC-SHA256, so that nobody who holds the text, a number or a time can find the post by it.
    """
    return hmac.new(secret, b"part %d" % index, hashlib.sha256).hexdigest()[:KEY_CHARACTERS]


# ---------------------------------------------------------------- what an answer means


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


def outcome(answer: Answer, *, once: Once, now: Instant, action: str) -> Outcome:
    """What an answer to a publishing request means, where it is not the success the bridge knows.

    ``action`` is what the operator can do about an account that is turned away. Pass a 2xx too when
    its body is not what it should be: a log-in or maintenance page with status 200 is no post.
    A 409 is for the bridge to judge first; here it is doubt. Statuses: RFC 9110 section 15,
    RFC 6585 section 4 (429), RFC 8470 section 5.2 (425); 520 to 527 are Cloudflare's.
    """
    status = answer.status
    why = f"answered {status}"
    again = retry_after(answer.headers, now)
    for_ever = once.means == "exact" and once.exact_for_s is None
    if status in (401, 402, 403, 404, 410):
        return Stopped(why, action)
    if status == 429:
        return Later(why, again, scope="destination")
    if status in (407, 421):  # a proxy or a front server, before the platform itself
        return Later(why, again, scope="host")
    if status in (408, 425):
        return Later(why, again)
    if 400 <= status < 500 and status != 409:
        return Refused(why)
    if status in (307, 308):  # says in so many words that nothing was done here
        return Later(why, again, scope="host")
    if status == 503 and (again is not None or for_ever):
        return Later(why, again, scope="host")
    # What is left may have been done: a front server that gave up waiting answers 500, 502 or 504,
    # Envoy and Heroku a bare 503, and a redirect is how many a form says thank you.
    if not for_ever:
        return Unsure(why)
    return Later(why, again, scope="delivery" if status in (409, 500) else "host")


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
    try:
        made = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return made if isinstance(made, dict) else None


def web_address(url: str) -> str:
    """``url``, if a bridge may post there: https, or http to a loopback address. Raises ValueError.

    Names and tokens belong in a secret file, so an address that carries a user is refused.
    """
    parts = urlsplit(url)
    parts.port  # noqa: B018  (raises for one that is no number)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write a whole address: https://...")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("put the secret into a file of its own")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("write https: plaintext goes to this machine only")
    return url


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# ---------------------------------------------------------------- secrets


class BadSecret(ValueError):
    """A secret file cannot be used: it must be a plain file of yours, mode 0600 or 0400, with the
    secret in it and nothing else."""


def read_secret(path: str) -> bytes:
    """The secret in a file, without white space around it. Raises BadSecret, which never quotes it.

    The file must be no link, mode 0600 or 0400, ours or root's, and hold 1 to 8,192 bytes.
    """
    try:
        # O_NONBLOCK: a pipe put in its place must not hang the start.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadSecret(f"a secret file cannot be opened ({error.strerror})") from None
    try:
        facts = os.fstat(opened)
        if not stat.S_ISREG(facts.st_mode):
            raise BadSecret("a secret file is no plain file")
        if stat.S_IMODE(facts.st_mode) not in (0o600, 0o400):
            raise BadSecret("a secret file can be read by others: chmod 600 it")
        if facts.st_uid not in (os.geteuid(), 0):
            raise BadSecret("a secret file belongs to somebody else: chown it")
        held = os.read(opened, MAX_SECRET_BYTES + 1)
    finally:
        os.close(opened)
    if len(held) > MAX_SECRET_BYTES or not held.strip():
        raise BadSecret("a secret file is empty, or too long for a secret")
    return held.strip()


# ---------------------------------------------------------------- files that survive


def write_file(
    folder: Path, name: str, content: bytes, *, when: Instant | None = None, sync: bool = True
) -> None:
    """Put a whole file in place or leave what was there: temp, fsync, rename. Raises OSError.

    ``when`` is the time the file shall show (a file's time tells when a post was written). The name
    is durable only after ``sync_folder``. Without ``sync`` a power cut may leave the file empty:
    for what can be made again.
    """
    temp = folder / f".{name}.tmp"  # one name, so that what a kill left is overwritten, not kept
    try:
        opened = os.open(
            temp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644
        )
        with open(opened, "wb") as file:
            os.fchmod(opened, 0o644)  # public whatever our umask is
            file.write(content)
            file.flush()
            if when is not None:
                os.utime(opened, (when, when))
            if sync:
                os.fsync(opened)
        temp.rename(folder / name)
    except OSError:
        temp.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def disk_trouble(error: OSError) -> str:
    """What is wrong with a folder, in our own words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "no room on the disk"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "the folder cannot be written"
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return "the folder is not there"
    return "the disk reported an error"
