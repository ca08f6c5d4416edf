"""Calls about the server, the account and its devices."""

from __future__ import annotations

from relay.testing.loopback import Fault
from relay.testing.matrix.calls import CLIENT
from relay.testing.matrix.house import House
from relay.testing.matrix.methods import on
from relay.testing.matrix.reading import Asked
from relay.testing.matrix.says import No, answer, forbidden


@on("GET", "/.well-known/matrix/client")
def _well_known(house: House, asked: Asked) -> Fault:
    return answer({"m.homeserver": {"base_url": house.base}})


@on("GET", "/_matrix/client/versions")
def _versions(house: House, asked: Asked) -> Fault:
    versions = ["r0.6.1", *(f"v1.{n}" for n in range(1, 13))]
    return answer({"versions": versions, "unstable_features": {}})


@on("GET", f"{CLIENT}/login")
def _flows(house: House, asked: Asked) -> Fault:
    return answer({"flows": [{"type": "m.login.password"}]})


@on("POST", f"{CLIENT}/login")
def _login(house: House, asked: Asked) -> Fault:
    house.logins.take(asked.now)
    said = asked.body
    if said["type"] != "m.login.password":
        raise No(400, "M_UNKNOWN", "Unknown login type")
    identifier = said.get("identifier", {})
    if identifier.get("type") != "m.id.user" or "user" not in identifier:
        raise No(400, "M_BAD_JSON", "identifier (missing: m.id.user)")
    if "password" not in said:
        raise No(400, "M_MISSING_PARAM", "password")
    local = house.account[1:].partition(":")[0]
    if identifier["user"] not in (house.account, local) or said["password"] != house.password:
        raise forbidden("Invalid username or password")
    house.unlocked()
    if house.state == "deactivated":
        raise No(403, "M_USER_DEACTIVATED", "This account has been deactivated")
    tokens = house.devices.begin(
        said.get("device_id"), asked.now, refreshes=said.get("refresh_token", False)
    )
    return answer({"user_id": house.account, "home_server": house.server, **tokens})


@on("POST", f"{CLIENT}/refresh")
def _refresh(house: House, asked: Asked) -> Fault:
    house.unlocked()
    return answer(house.devices.refresh(asked.body["refresh_token"], asked.now))


@on("POST", f"{CLIENT}/logout")
def _logout(house: House, asked: Asked) -> Fault:
    house.devices.end(asked.device)
    house.timeline.forget_device(asked.device)
    return answer({})


@on("GET", f"{CLIENT}/account/whoami")
def _whoami(house: House, asked: Asked) -> Fault:
    return answer({"user_id": house.account, "device_id": asked.device, "is_guest": False})
