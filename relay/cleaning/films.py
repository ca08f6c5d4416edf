"""A film or a sound made anew from its pictures and samples."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Final

from relay.cleaning.kinds import Moving
from relay.cleaning.muxing import written
from relay.cleaning.others import UNHEARD
from relay.cleaning.rates import Rate, film_rate, sound_rate
from relay.cleaning.refused import NOTHING, NotClean
from relay.cleaning.tracks import Look, look, opened
from relay.cleaning.work import ROUNDING_S, Work, too_long
from relay.model import Fits, Media

_TRIES: Final = (1.0, 0.75, 0.5)
"""Parts of the room there is: an encoder may be off where everything moves."""


def make(content: bytes, kind: Moving, fits: Fits) -> Media:
    """The film as MP4 (H.264 and AAC) with a poster, the sound as M4A (AAC). A film of which no
    sound is opened is silent, and says what it lacks. Raises NotClean where it is too long or
    cannot be made small enough, and whatever PyAV raises at damaged bytes."""
    seen = look(content, kind)
    is_film = seen.first is not None
    limit_s = fits.film_seconds if is_film else fits.sound_seconds
    most = fits.film_bytes if is_film else fits.sound_bytes
    if most <= 0:
        raise NotClean("no films are taken there" if is_film else "no sounds are taken there")
    if seen.seconds > limit_s + ROUNDING_S:
        raise too_long(limit_s)
    for part in _TRIES:
        room = int(most * part)
        rate = (
            film_rate(room, seen.seconds, fits.film_side)
            if is_film
            else sound_rate(room, seen.seconds)
        )
        made = _made(content, kind, seen, rate, limit_s)
        if len(made.content) <= most:
            return made
    raise NotClean("it cannot be made small enough")


def _made(content: bytes, kind: Moving, seen: Look, rate: Rate, limit_s: int) -> Media:
    out = BytesIO()
    form = "ipod" if seen.first is None else "mp4"
    with opened(content, kind) as tracks, written(out, form) as muxer:
        work = Work(tracks, seen, muxer, rate, limit_s)
        work.run()
        lacks = UNHEARD if tracks.unheard else ""
    if not out.getbuffer().nbytes:  # no sample was enough for one packet
        raise NotClean(NOTHING)
    seconds = max(1, math.ceil(work.ends_s - ROUNDING_S))
    if seen.first is None:
        return Media("audio/mp4", out.getvalue(), seconds=seconds)
    width, height = work.size
    return Media(
        "video/mp4",
        out.getvalue(),
        poster=work.poster.made(),
        width=width,
        height=height,
        seconds=seconds,
        lacks=lacks,
    )
