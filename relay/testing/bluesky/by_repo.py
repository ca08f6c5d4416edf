"""Methods of records and files (com.atproto.repo, com.atproto.sync)."""

from __future__ import annotations

from typing import Any

from relay.testing.bluesky.house import House
from relay.testing.bluesky.methods import method
from relay.testing.bluesky.reading import Asked
from relay.testing.bluesky.repo import ANY, Kept, Write
from relay.testing.bluesky.says import No, answer, invalid, unauthorized
from relay.testing.loopback import Fault


def _write(house: House, asked: Asked) -> Write:
    body = asked.body
    return Write(
        body["collection"],
        body.get("rkey") or house.repo.key(asked.now),
        body["record"],
        body.get("swapRecord", ANY),
        body.get("swapCommit"),
        body.get("validate"),
    )


def _own(house: House, repo: str) -> None:
    """Look whether a repo is that of the token's account, and may be written. Raises No."""
    if repo.lower() not in (house.account, house.handle):
        raise No(403, "AccountNotFound", "Account not found")
    if house.status == "takendown":
        raise unauthorized("Account has been taken down", "AccountTakedown")
    if house.status == "deactivated":
        raise unauthorized("Account is deactivated", "AccountDeactivated")


@method("com.atproto.repo.putRecord")
def _put(house: House, asked: Asked) -> Fault:
    _own(house, asked.body["repo"])
    return answer(house.repo.put(_write(house, asked), asked.now))


@method("com.atproto.repo.createRecord")
def _create(house: House, asked: Asked) -> Fault:
    _own(house, asked.body["repo"])
    return answer(house.repo.create(_write(house, asked), asked.now))


@method("com.atproto.repo.deleteRecord")
def _delete(house: House, asked: Asked) -> Fault:
    _own(house, asked.body["repo"])
    uri = house.repo.uri(asked.body["collection"], asked.body["rkey"])
    swap_record, swap_commit = asked.body.get("swapRecord", ANY), asked.body.get("swapCommit")
    return answer(house.repo.delete(uri, swap_record, swap_commit, asked.now))


@method("com.atproto.repo.getRecord")
def _get(house: House, asked: Asked) -> Fault:
    repo, rest = asked.params["repo"], f"{asked.params['collection']}/{asked.params['rkey']}"
    if repo in house.others:
        uri, there = f"at://{repo}/{rest}", house.strangers
    elif not house.status and repo.lower() in (house.account, house.handle):
        uri, there = f"at://{house.account}/{rest}", house.repo.records
    else:
        raise invalid("Could not locate record")  # an account that is not here: proves nothing
    one = there.get(uri)
    if one is None or asked.params.get("cid", one.cid) != one.cid:
        raise invalid(f"Could not locate record: {uri}", "RecordNotFound")
    return answer(_record(one))


@method("com.atproto.repo.listRecords")
def _list(house: House, asked: Asked) -> Fault:
    if house.status or asked.params["repo"].lower() not in (house.account, house.handle):
        raise invalid(f"Could not find repo: {asked.params['repo']}")
    found = house.repo.page(
        asked.params["collection"],
        asked.params.get("limit", 50),
        asked.params.get("cursor"),
        reverse=asked.params.get("reverse", False),
    )
    made: dict[str, Any] = {"records": [_record(one) for one in found]}
    if found:
        made["cursor"] = found[-1].rkey
    return answer(made)


def _record(one: Kept) -> dict[str, Any]:
    return {"uri": one.uri, "cid": one.cid, "value": one.value}


@method("com.atproto.repo.uploadBlob")
def _upload(house: House, asked: Asked) -> Fault:
    if house.status == "takendown":
        raise unauthorized("Account has been taken down", "AccountTakedown")
    if len(asked.raw) > house.blob_bytes:
        raise No(413, "PayloadTooLarge", "request entity too large")
    return answer({"blob": house.blobs.put(asked.raw, asked.mime, asked.now).ref})


@method("com.atproto.sync.getBlob")
def _blob(house: House, asked: Asked) -> Fault:
    one = house.blobs.get(asked.params["cid"], asked.now)
    if asked.params["did"] != house.account or one is None or not one.named:
        raise invalid("Blob not found", "BlobNotFound")
    return Fault(200, {"Content-Type": one.mime}, one.content, made=True)
