"""Methods of the server and its account (com.atproto.server, com.atproto.identity)."""

from __future__ import annotations

from typing import Any

from relay.testing.bluesky.house import House
from relay.testing.bluesky.methods import method
from relay.testing.bluesky.reading import Asked
from relay.testing.bluesky.says import answer, invalid, unauthorized
from relay.testing.bluesky.sessions import Pair
from relay.testing.loopback import Fault


@method("com.atproto.server.describeServer")
def _describe(house: House, asked: Asked) -> Fault:
    made = {
        "did": house.service,
        "availableUserDomains": [".test.example"],
        "inviteCodeRequired": True,
        "blobUploadLimit": house.blob_bytes,
        "links": {},
        "contact": {},
    }
    return answer(made)


@method("com.atproto.server.createSession")
def _login(house: House, asked: Asked) -> Fault:
    who, password = asked.body["identifier"].lower(), asked.body["password"]
    if who in (house.account, house.handle) and password == house.main_password:
        said = "A sign in code has been sent to your email address"
        raise unauthorized(said, "AuthFactorTokenRequired")
    # With an app password nobody gets into an account that was taken down (account-manager.ts).
    good = who in (house.account, house.handle) and password == house.password
    if not good or house.status == "takendown":
        raise unauthorized("Invalid identifier or password")
    return answer(_session(house, house.sessions.begin(asked.now)))


@method("com.atproto.server.refreshSession")
def _refresh(house: House, asked: Asked) -> Fault:
    if house.status == "takendown":
        raise unauthorized("Account has been taken down", "AccountTakedown")
    return answer(_session(house, house.sessions.refresh(asked.token, asked.now)))


@method("com.atproto.server.deleteSession")
def _logout(house: House, asked: Asked) -> Fault:
    house.sessions.end(asked.token)
    return Fault(made=True, body=b"")


@method("com.atproto.server.getSession")
def _whoami(house: House, asked: Asked) -> Fault:
    if house.status == "takendown":
        raise invalid(f"Could not find user info for account: {house.account}")
    return answer(_session(house))


def _session(house: House, pair: Pair | None = None) -> dict[str, Any]:
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": house.base,
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": house.account,
        "alsoKnownAs": [f"at://{house.handle}"],
        "verificationMethod": [],
        "service": [service],
    }
    made = {
        "did": house.account,
        "didDoc": document,
        "handle": house.handle,
        "email": "relay@test.example",
        "emailConfirmed": house.videos.confirmed,
        "active": house.status is None,
    }
    if house.status:
        made["status"] = house.status
    if pair:
        made |= {"accessJwt": pair.access, "refreshJwt": pair.refresh}
    return made


@method("com.atproto.identity.resolveHandle")
def _resolve(house: House, asked: Asked) -> Fault:
    handle = asked.params["handle"].lower()
    known = {house.handle: house.account} | {one.handle: did for did, one in house.others.items()}
    if handle in known:
        return answer({"did": known[handle]})
    if handle.endswith(".test.example"):
        raise invalid("Unable to resolve handle", "HandleNotFound")
    raise invalid("Unable to resolve handle")
