"""Brings the pictures of one message to Slack before it, and remembers them across tries.

docs.slack.dev, "Working with files": ask where to, bring the bytes, say that it is done; nobody
sees a file that is in no channel. Slack works on it for a moment after that, and refuses a message
that shows it too early, so it is asked whether it knows its type by now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from bridges import kit
from bridges.kit.forms import file_name
from bridges.workspace import answers
from bridges.workspace.api import Api, error, good
from relay.ports import Answer, Keep, Later, Media, Refused, Stopped, Unsure

NOT_READY_S: Final = 5
NOT_READY: Final = "a picture is not ready yet"

NotNow = Later | Refused | Stopped


def kept(ids: Sequence[str]) -> bytes:
    """For ``keep``: under 500 bytes for ten pictures."""
    return json.dumps([*ids]).encode()


def read(written: bytes) -> tuple[str, ...]:
    """The files that an earlier try brought. Raises ValueError for anything else."""
    return tuple(str(id) for id in json.loads(written)) if written else ()


async def uploaded(
    api: Api, media: Sequence[Media], so_far: Sequence[str], keep: Keep
) -> tuple[str, ...] | NotNow:
    """The ids of all of them, ready and kept; or why not now, or never."""
    ids = tuple(so_far)
    for medium in media[len(ids) :]:
        made = await _upload(api, medium)
        if not isinstance(made, str):
            return made
        ids = (*ids, made)
        await keep(kept(ids))
    for id in ids:
        waits = await _ready(api, id)
        if waits is not None:
            if waits == _GONE:
                await keep(b"")
            return waits
    return ids


_GONE: Final = Later("its pictures were gone, and are uploaded again")


async def _upload(api: Api, medium: Media) -> str | NotNow:
    asked: dict[str, Any] = {"filename": file_name(medium.type), "length": len(medium.content)}
    if medium.alt:
        asked["alt_txt"] = medium.alt
    where = await api.read("files.getUploadURLExternal", **asked)
    said = good(where) or {}
    id, url = said.get("file_id"), said.get("upload_url")
    if not isinstance(id, str) or not kit.is_ref(id) or not _is_address(url, api):
        return answers.harmless(where, api.now())
    brought = await api.upload(str(url), medium.content)
    if not isinstance(brought, Answer) or brought.status != 200:
        return _not_brought(brought)
    files = json.dumps([{"id": id, "title": file_name(medium.type)}])
    done = await api.read("files.completeUploadExternal", files=files)
    return id if good(done) is not None else answers.harmless(done, api.now())


def _not_brought(answer: Answer | Later | Unsure) -> NotNow:
    if isinstance(answer, Answer) and answer.status == 413:
        return Refused("a picture is larger than Slack takes")
    if isinstance(answer, Answer):
        return Later("Slack did not take a picture now")
    return kit.harmless(answer)


def _is_address(said: Any, api: Api) -> bool:
    """Whether a picture may go there: Slack itself names no service of this machine's."""
    try:
        return isinstance(said, str) and kit.web_address(said).startswith(api.scheme)
    except ValueError:
        return False


async def _ready(api: Api, id: str) -> NotNow | None:
    """None if Slack has worked on the file. Its type is told when it has."""
    answer = await api.read("files.info", file=id)
    said = good(answer)
    if said is None:
        if error(answer) in ("file_not_found", "file_deleted"):
            return _GONE
        return answers.harmless(answer, api.now())
    file = said.get("file")
    ready = isinstance(file, dict) and file.get("mimetype")
    return None if ready else Later(NOT_READY, api.now() + NOT_READY_S)
