"""What a suite must know of a stand-in: the faults it has, and how it is looked at.

``Stand`` is what an author gives to ``PlatformContract``; the kills of real processes and the posts
to real servers take the same. ``secret`` writes a secret file, ``picture`` makes a medium.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

from relay.model import Media, Post
from relay.testing import recorder as faults
from relay.testing.bridge_contract import DATE, a_post
from relay.testing.loopback import Fault

NOW: Final = DATE + 600
SENTENCE: Final = "امشب برق نیست و می‌خواهیم همه بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷 و خوبیم. "
"""Persian with a joiner inside a word, a family of seven code points, a flag of two."""
LONGEST_IN_PARTS: Final = 1000
"""Characters of a post up to which the suite takes threads of it along."""


def _limited(**headers: str) -> Callable[[], Fault]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Fault(429, {"Content-Type": "application/json", **named}, b'{"error": "slow"}')


def _date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


HTTP_FAULTS: Final[Mapping[str, Callable[[], Any]]] = {
    "429 with seconds": _limited(Retry_After="7"),
    "429 with a date": _limited(Retry_After=_date(NOW + 60), Date=_date(NOW)),
    "429 with a reset in seconds since 1970": _limited(X_RateLimit_Reset=str(NOW + 60)),
    "429 with a reset as a time": _limited(X_RateLimit_Reset="2026-11-18T11:12:00.123456Z"),
    "429 with nothing": _limited(),
    "500": lambda: faults.error(500),
    "500 after it was posted": lambda: faults.error(500, made=True),
    "502": lambda: faults.error(502),
    "502 after it was posted": lambda: faults.error(502, made=True),
    "503 with seconds": lambda: faults.maintenance("60"),
    "503 with nothing": lambda: faults.maintenance(),
    "503 after it was posted": lambda: replace(faults.maintenance(), made=True),
    "cut before it was posted": lambda: faults.cut(made=False),
    "cut after it was posted": lambda: faults.cut(),
    "no answer, and not posted": lambda: faults.hang(made=False),
    "no answer, and posted": lambda: faults.hang(),
    "posted after we gave up": lambda: faults.late(),
    "half an answer": lambda: faults.half(),
    "a page where JSON is due": lambda: faults.other_type(),
    "a page where JSON is due, and posted": lambda: faults.other_type(made=True),
    "JSON of another shape, and posted": lambda: Fault(
        200, {"Content-Type": "application/json"}, b'{"id": {}, "ok": "yes"}', made=True
    ),
    "a redirect": lambda: faults.redirect("https://example.org/elsewhere"),
    "an answer without end": lambda: faults.endless(),
    "a packed answer that grows": lambda: faults.bomb(),
}


def picture(n: int = 0) -> Media:
    """A PNG of one pixel (W3C PNG, 5), with a description in Persian."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = (1).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    pixel = zlib.compress(bytes([0, n]))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    return Media("image/png", png, f"یک بام در شب، {n}")


def secret(folder: Path, name: str, content: str | bytes) -> str:
    """The path of a secret file with this in it, as a bridge wants it: mode 0600."""
    path = folder / name
    path.touch(0o600)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


@dataclass(frozen=True, slots=True)
class Stand:
    """A stand-in that serves, and what the suite must know of it.

    ``platform`` has ``script``, ``texts`` and ``public`` (values with ``media``, each with
    ``alt``, and ``parent``), and where its platform has them ``lists_late_s``, ``expire``,
    ``revoke``, ``broke``, ``suspend``.
    ``settings`` are the bridge's. ``publishing``: the requests that make something there, as
    ``script(on=...)`` names them; each is spoiled in turn. ``threads``: parts answer one another.
    ``images``: pictures with descriptions are taken. ``limit`` characters by ``length`` is what one
    post may have (0: not tested). ``bare`` takes a shown text back to what was said. ``reply``
    makes somebody (``by``) answer a ref. ``faults`` in place of ``HTTP_FAULTS`` where a platform
    speaks no HTTP. ``title``: the platform has titles, and a post is given one. ``alts`` are the
    descriptions of the media of one value of ``public``, ``files`` their bytes. ``media`` is what a
    post needs to be one at all (a film). ``authority`` is a file of certificates to believe instead
    of the system's.
    """

    platform: Any
    settings: Mapping[str, Any]
    publishing: Sequence[str]
    threads: bool = True
    images: bool = True
    limit: int = 0
    length: Callable[[str], int] = len
    bare: Callable[[str], str] = str
    reply: Callable[[str, str, str], object] | None = None
    faults: Mapping[str, Callable[[], Any]] | None = None
    title: str = ""
    alts: Callable[[Any], list[str]] = lambda one: [medium.alt for medium in one.media]
    files: Callable[[Any], list[bytes]] = lambda one: [medium.content for medium in one.media]
    media: Callable[[], Sequence[Media]] | None = None
    authority: str = ""

    def post(self, text: str = "") -> Post:
        """The post that is taken on a journey: three parts long, where there are threads."""
        long = self.limit * 5 // 2 if self.threads and self.limit <= LONGEST_IN_PARTS else 0
        made = a_post(text or as_long_as(long or 200, self.length), title=self.title, language="fa")
        needed = tuple(self.media()) if self.media else ()
        return replace(made, media=needed or ((picture(),) if self.images else ()))


def trusting(authority: str) -> ssl.SSLContext | None:
    """Whom a bridge before such a stand believes; None: whom everybody does."""
    return ssl.create_default_context(cafile=authority) if authority else None


def as_long_as(long: int, length: Callable[[str], int]) -> str:
    """A Persian text with emoji in it that is just so long, by a platform's own measure."""
    text = SENTENCE * max(0, long // length(SENTENCE) - 2)
    while length(text + SENTENCE) <= long:
        text += SENTENCE
    while (short := long - length(text)) > 0:
        text += "ب" * max(1, short // 2)  # a letter may count two
    return text.rstrip() + "ب" * (long - length(text.rstrip()))
