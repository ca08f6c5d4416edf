"""Calls about files."""

from __future__ import annotations

from relay.testing.loopback import Fault
from relay.testing.matrix.house import House
from relay.testing.matrix.methods import on
from relay.testing.matrix.reading import Asked
from relay.testing.matrix.says import answer, not_found


@on("GET", "/_matrix/client/v1/media/config")
def _config(house: House, asked: Asked) -> Fault:
    return answer({"m.upload.size": house.media.most_bytes})


@on("POST", "/_matrix/media/v3/upload")
def _upload(house: House, asked: Asked) -> Fault:
    name = asked.params.get("filename", "")
    return answer({"content_uri": house.media.put(asked.raw, asked.type, name, asked.now).uri})


@on("POST", "/_matrix/media/v1/create")
def _promise(house: House, asked: Asked) -> Fault:
    file = house.media.promise(asked.now)
    return answer({"content_uri": file.uri, "unused_expires_at": file.ends * 1000})


@on("PUT", "/_matrix/media/v3/upload/ID/ID")
def _fill(house: House, asked: Asked) -> Fault:
    name = asked.params.get("filename", "")
    server, id = asked.path
    house.media.fill(server, id, asked.raw, asked.type, name, asked.now)
    return answer({})


@on("GET", "/_matrix/client/v1/media/download/ID/ID")
def _download(house: House, asked: Asked) -> Fault:
    server, id = asked.path
    file = house.media.get(f"mxc://{server}/{id}")
    if file is None or file.content is None:
        raise not_found()
    headers = {"Content-Type": file.type, "Content-Disposition": "attachment"}
    return Fault(200, headers, file.content, made=True)
