"""Methods of the service that prepares videos, and the token by which it is asked."""

from __future__ import annotations

import re
from typing import Final

from relay.testing.bluesky import formats
from relay.testing.bluesky.house import House
from relay.testing.bluesky.methods import method
from relay.testing.bluesky.reading import Asked
from relay.testing.bluesky.says import answer, invalid, unauthorized
from relay.testing.loopback import Fault

SERVICE: Final = "did:web:video.bsky.app"
HOUR_S: Final = 3600


@method("com.atproto.server.getServiceAuth")
def _service(house: House, asked: Asked) -> Fault:
    aud, lxm, exp = (asked.params.get(name) for name in ("aud", "lxm", "exp"))
    if not re.fullmatch(rf"{formats.DID}(#[a-zA-Z0-9_]+)?", aud or ""):
        raise invalid("aud must be a valid atproto DID or did#serviceId reference")
    if house.status == "takendown":
        raise invalid("Bad token scope", "InvalidToken")
    left = 60 if exp is None else exp - asked.now
    if left < 0:
        raise invalid("expiration is in past", "BadExpiration")
    if left > (HOUR_S if lxm else 60):
        raise invalid("cannot request a token that lasts so long", "BadExpiration")
    token = house.sessions.for_service(aud or "", lxm, asked.now, asked.now + left)
    return answer({"token": token})


def _allowed(house: House, asked: Asked, auds: tuple[str, ...], lxm: str) -> None:
    aud, method = house.sessions.service(asked.token)
    if aud not in auds:
        raise unauthorized("jwt audience does not match service did", "BadJwtAudience")
    if method not in (None, lxm):
        raise unauthorized("bad jwt lexicon method", "BadJwtLexiconMethod")


@method("app.bsky.video.getUploadLimits")
def _limits(house: House, asked: Asked) -> Fault:
    _allowed(house, asked, (SERVICE,), asked.id)
    return answer(house.videos.limits())


@method("app.bsky.video.uploadVideo")
def _upload(house: House, asked: Asked) -> Fault:
    """Its token is one for the account's own server, and for uploads there: the service hands the
    prepared video over with it."""
    port = house.base.rpartition(":")[2]
    own = (house.service, f"{house.service}%3A{port}")
    _allowed(house, asked, own, "com.atproto.repo.uploadBlob")
    if asked.params["did"] != house.account:
        raise unauthorized("did does not match the token")
    if asked.mime != "video/mp4":
        raise invalid(f"Wrong request encoding (Content-Type): {asked.mime}")
    status, made = house.videos.put(asked.raw, asked.now)
    return answer(made, status)


@method("app.bsky.video.getJobStatus")
def _status(house: House, asked: Asked) -> Fault:
    return answer({"jobStatus": house.videos.status(asked.params["jobId"], asked.now)})
