"""The methods of the Web API that a stand-in answers, each as one function of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from relay.testing.loopback import Fault, Loopback, Request
from relay.testing.slack import says
from relay.testing.slack.messages import TEAM, Message, file, shown
from relay.testing.slack.reads import Asked, asked, posted
from relay.testing.slack.says import No
from relay.testing.slack.tables import METHODS, SCOPES
from relay.testing.slack.workspace import Workspace

API: Final = "/api/"
UPLOAD: Final = "/upload/v1/"
WORKSPACE: Final = "https://relay.slack.com"


class Calls(Loopback):
    """The part of a stand-in that reads a call and answers it."""

    max_body_bytes = 128 * 1024 * 1024

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.lists_late_s = 0
        self._workspace = workspace
        self._refuses = ""
        self._webhook_refuses = ""

    # ------------------------------------------------------------ what comes

    def called(self, request: Request) -> Fault:
        """Act on a call of a method, and answer it."""
        method = request.path.removeprefix(API)
        try:
            if method not in METHODS or request.method not in ("GET", "POST"):
                raise No("unknown_method", req_method=method)
            call = asked(method, request)
            self._let_in(call)
            return says.well(ANSWERS[method](self, call), call.warnings)
        except No as no:
            return says.failed(no.error, **no.more)

    def hooked(self, request: Request) -> Fault:
        """Act on a call of a webhook, and answer it."""
        space = self._workspace
        if request.path != space.hook:
            return says.webhook_says("no_service")
        if self._webhook_refuses:
            return says.webhook_says(self._webhook_refuses)
        if not space.is_there:
            return says.webhook_says("channel_not_found")
        if space.is_archived:
            return says.webhook_says("channel_is_archived")
        if request.method != "POST":
            return Fault(405, says.TEXT, b"")
        try:
            space.post(posted(request), space.user, space.bot)
        except No as no:
            return says.webhook_says(no.error)
        return says.webhook_says("ok")

    def uploaded(self, request: Request) -> Fault:
        """The bytes of a file come."""
        try:
            size = self._workspace.files.upload(request.path.removeprefix(UPLOAD), request)
        except No as no:
            return Fault(400, says.TEXT, no.error.encode())
        return Fault(200, says.TEXT, f"OK - {size}".encode(), made=True)

    def _let_in(self, call: Asked) -> None:
        """Whether who asks may. Raises No."""
        if not call.token:
            raise No("not_authed")
        if call.token != self._workspace.token:
            raise No(self._refuses or "invalid_auth")
        scope = SCOPES.get(call.method, "")
        if scope and scope not in self._workspace.scopes:
            has = ",".join(sorted(self._workspace.scopes))
            raise No("missing_scope", needed=scope, provided=has)

    # ------------------------------------------------------------ messages

    def _test(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        return {
            "url": f"{WORKSPACE}/",
            "team": "Relay",
            "user": "relay",
            "team_id": TEAM,
            "user_id": space.user,
            "bot_id": space.bot,
            "is_enterprise_install": False,
        }

    def _post(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        channel = space.place(call["channel"], write=True)
        if not any(call[name] for name in ("text", "blocks", "attachments", "markdown_text")):
            raise No("no_text")
        if call["markdown_text"] and (call["text"] or call["blocks"]):
            raise No("markdown_text_conflict")
        said = {"text": call["markdown_text"], **call.values}
        made = space.post(said, space.user, space.bot)
        return {"channel": channel, "ts": made.id, "message": self._shown(made, metadata=True)}

    def _update(self, call: Asked) -> dict[str, Any]:
        channel = self._workspace.place(call["channel"], write=True)
        made = self._workspace.update(call)
        message = self._shown(made, metadata=True)
        return {"channel": channel, "ts": made.id, "text": made.kept, "message": message}

    def _delete(self, call: Asked) -> dict[str, Any]:
        channel = self._workspace.place(call["channel"])
        self._workspace.delete(call["ts"])
        return {"channel": channel, "ts": call["ts"]}

    def _permalink(self, call: Asked) -> dict[str, Any]:
        channel = self._workspace.place(call["channel"])
        one = self._workspace.found(call["message_ts"])
        link = f"{WORKSPACE}/archives/{channel}/p{one.id.replace('.', '')}"
        if one.parent:
            link += f"?thread_ts={one.parent}&cid={channel}"
        return {"channel": channel, "permalink": link}

    # ------------------------------------------------------------ listings

    def _info(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        if call["channel"] != space.channel or not space.is_there:
            raise No("channel_not_found")
        channel = {
            "id": space.channel,
            "name": "news",
            "is_channel": True,
            "is_private": False,
            "is_archived": space.is_archived,
            "is_member": space.is_member,
        }
        return {"channel": channel}

    def _history(self, call: Asked) -> dict[str, Any]:
        self._workspace.place(call["channel"])
        top = [one for one in self._workspace.messages if one.parent is None or one.broadcast]
        return self._listed(top, call)

    def _replies(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        space.place(call["channel"])
        named = next((one for one in space.messages if one.id == call["ts"]), None)
        if named is None:
            raise No("thread_not_found")
        head = next((one for one in space.messages if one.id == named.parent), named)
        made = self._listed(space.replies(head.id), call, newest=False)
        if not call["cursor"]:
            full = bool(call["include_all_metadata"])
            made["messages"].insert(0, self._shown(head, metadata=full))
        return made

    def _listed(self, among: list[Message], call: Asked, *, newest: bool = True) -> dict[str, Any]:
        """A page of a listing; ``newest``: they come first."""
        among = among[::-1] if newest else among
        page, after = self._workspace.page(among, call, self.lists_late_s)
        full = bool(call["include_all_metadata"])
        made: dict[str, Any] = {
            "messages": [self._shown(one, metadata=full) for one in page],
            "has_more": after is not None,
            "pin_count": 0,
        }
        if after is not None:
            made["response_metadata"] = {"next_cursor": f"next:{after}"}
        return made

    def _shown(self, one: Message, *, metadata: bool) -> dict[str, Any]:
        return shown(one, self._workspace.replies(one.id), self.base, metadata=metadata)

    # ------------------------------------------------------------ files

    def _announce(self, call: Asked) -> dict[str, Any]:
        name, size, alt = call["filename"], call["length"], call["alt_txt"] or ""
        id, path = self._workspace.files.announce(name, size, alt)
        return {"upload_url": self.base + path, "file_id": id}

    def _complete(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        channel = call["channel_id"] or call["channels"]
        if channel:
            space.place(channel, write=True)
        space.head(call["thread_ts"])
        files = space.files.complete(call["files"])
        if channel:
            space.share(files, call)
        return {"files": [file(one, self.base) for one in files]}

    def _file(self, call: Asked) -> dict[str, Any]:
        space = self._workspace
        one = space.files.get(call["file"])
        shares = [{"ts": each.id} for each in space.messages if one.id in _ids(each)]
        shared = {"public": {space.channel: shares}} if shares else {}
        return {"file": file(one, self.base) | {"shares": shared}}

    def _unfile(self, call: Asked) -> dict[str, Any]:
        self._workspace.files.delete(call["file"])
        return {}


def _ids(one: Message) -> set[str]:
    return {medium.id for medium in one.media}


ANSWERS: Final[dict[str, Callable[[Calls, Asked], dict[str, Any]]]] = {
    "auth.test": Calls._test,
    "chat.postMessage": Calls._post,
    "chat.update": Calls._update,
    "chat.delete": Calls._delete,
    "chat.getPermalink": Calls._permalink,
    "conversations.info": Calls._info,
    "conversations.history": Calls._history,
    "conversations.replies": Calls._replies,
    "files.getUploadURLExternal": Calls._announce,
    "files.completeUploadExternal": Calls._complete,
    "files.info": Calls._file,
    "files.delete": Calls._unfile,
}
