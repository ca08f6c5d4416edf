"""People who write to a bot in private: the Bot API with what a way in needs of it.

``async with people() as chats`` serves ``/bot<token>/<method>`` and ``/file/bot<token>/...``.
Updates are kept until a later offset confirms them, whoever crashes in between; a request for
updates is kept open for its ``timeout``. Objects and refusals are those of the published Bot API;
their form is checked by python-telegram-bot's own parser, which reads every one of them::

    chats.write(7, "Hello")                        # from somebody whose chat is 7
    chats.write(7, "Look", photo=b"...")
    chats.album(7, [b"...", b"..."], "Two")
    chats.sent                                     # what the bot said: (chat, text)
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import unquote

import trio

from relay.testing.fediverse.forms import Unclear, said
from relay.testing.loopback import Fault, Loopback, Request, on_loopback
from relay.testing.shapes import from_json
from relay.testing.telegram.says import No, badly, well

CALL: Final = re.compile(r"/(file/)?bot([^/]+)/(.+)")
MOST: Final = 100
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of the largest file that getFile gives (Bot API, "getFile")."""

DATE: Final = 1_700_000_000


class People(Loopback):
    """One bot, and whoever writes to it. ``token``: the bot's; ``other_poller``: somebody else asks
    for updates as well, which is refused (409)."""

    def __init__(self) -> None:
        super().__init__()
        self.token = f"5000000001:AA{token_urlsafe(25)[:33]}"
        self.other_poller = False
        self.webhook: dict[str, Any] = {}
        self.sent: list[tuple[int, str]] = []
        self.left: list[int] = []
        self.blocked: set[int] = set()
        """Chats whose people have blocked the bot."""
        self._updates: list[dict[str, Any]] = []
        self._next = 900_000_001
        self._message = 1
        self._files: dict[str, bytes] = {}
        self._came = trio.Event()

    # ------------------------------------------------------------ what people do

    def write(
        self, chat: int, text: str = "", *, photo: bytes = b"", **more: Any
    ) -> dict[str, Any]:
        """A message in private; ``more``: further fields of its Message. Gives the update."""
        content: dict[str, Any] = dict(more)
        if photo:
            content["photo"] = [self._photo(photo[:20], 90), self._photo(photo, 1280)]
        if text:
            content["caption" if photo or more.keys() & _FILES else "text"] = text
        return self.update("message", self.message(chat, **content))

    def album(self, chat: int, photos: Sequence[bytes], caption: str = "") -> list[dict[str, Any]]:
        """Several pictures at once: an update each, with one media_group_id."""
        group = str(13_000_000_000_000 + self._message)
        return [
            self.write(chat, caption if not n else "", photo=one, media_group_id=group)
            for n, one in enumerate(photos)
        ]

    def document(self, content: bytes, type_: str, name: str = "a file") -> dict[str, Any]:
        """The ``document`` of a message."""
        return self._file(content) | {"mime_type": type_, "file_name": name}

    def edit(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        """A message is changed afterwards."""
        changed = update["message"] | {"text": text, "edit_date": DATE + 60}
        return self.update("edited_message", changed)

    def start(self, chat: int, language: str = "en") -> dict[str, Any]:
        """Somebody begins a chat with the bot."""
        entity = {"type": "bot_command", "offset": 0, "length": 6}
        said_ = self.message(chat, text="/start", entities=[entity])
        said_["from"]["language_code"] = language
        return self.update("message", said_)

    def invite(self, group: int) -> dict[str, Any]:
        """The bot is put into a group."""
        chat = {"id": group, "type": "supergroup", "title": "A group"}
        bot = {"id": 5_000_000_001, "is_bot": True, "first_name": "relay"}
        member = {
            "chat": chat,
            "from": _person(1),
            "date": DATE,
            "old_chat_member": {"user": bot, "status": "left"},
            "new_chat_member": {"user": bot, "status": "member"},
        }
        return self.update("my_chat_member", member)

    def message(self, chat: int, **content: Any) -> dict[str, Any]:
        """A Message of a private chat, with a number of its own."""
        self._message += 1
        where = {"id": chat, "type": "private", "first_name": "Somebody", "username": "somebody"}
        made = {"message_id": self._message, "from": _person(chat), "chat": where, "date": DATE}
        return made | content

    def update(self, kind: str, what: dict[str, Any]) -> dict[str, Any]:
        """One more update of any kind."""
        made = {"update_id": self._next, kind: what}
        self._next += 1
        self._updates.append(made)
        self._came.set()
        self._came = trio.Event()
        return made

    @property
    def waiting(self) -> int:
        """How many updates nobody has confirmed."""
        return len(self._updates)

    def forget(self, file_id: str) -> None:
        """A file is gone at Telegram."""
        self._files.pop(file_id, None)

    def _photo(self, content: bytes, width: int) -> dict[str, Any]:
        return self._file(content) | {"width": width, "height": width}

    def _file(self, content: bytes) -> dict[str, Any]:
        id_ = f"AgAC{len(self._files)}-{token_urlsafe(12)}"
        self._files[id_] = content
        return {"file_id": id_, "file_unique_id": id_[-12:], "file_size": len(content)}

    # ------------------------------------------------------------ what the bot asks

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        """Do what was asked; answer it, or as the script says."""
        try:
            made = await self._called(request)
        except No as no:
            made = badly(no)
        return fault or made

    async def _called(self, request: Request) -> Fault:
        match = CALL.fullmatch(unquote(request.path))
        if match is None:
            raise No(404, "Not Found")
        if match[2] != self.token:
            raise No(401, "Unauthorized")
        if match[1]:
            return Fault(200, {}, self._content(match[3]), made=True)
        try:
            values = {name: one[-1] for name, one in said(request).values.items()}
        except Unclear:
            raise No(400, "can't parse the request") from None
        if match[3] == "getUpdates":
            return well(await self._asked(values))
        method = _METHODS.get(match[3])
        if method is None:
            raise No(404, "Not Found: method not found")
        return well(method(self, values))

    async def _asked(self, values: dict[str, str]) -> list[dict[str, Any]]:
        if self.other_poller:
            words = "terminated by other getUpdates request"
            raise No(409, f"{words}; make sure that only one bot instance is running")
        if self.webhook.get("url"):
            raise No(409, "can't use getUpdates method while webhook is active")
        offset = int(values.get("offset", 0))
        self._updates = [one for one in self._updates if one["update_id"] >= offset]
        with trio.move_on_after(float(values.get("timeout", 0))):
            while not self._updates:
                await self._came.wait()
        allowed = from_json(values.get("allowed_updates", "[]")) or []
        ready = [one for one in self._updates if not allowed or set(allowed) & one.keys()]
        return ready[:MOST]

    def _me(self, values: dict[str, str]) -> Any:
        return {
            "id": 5_000_000_001,
            "is_bot": True,
            "first_name": "relay",
            "username": "relay_bot",
            "can_join_groups": True,
        }

    def _send(self, values: dict[str, str]) -> Any:
        chat, text = int(values["chat_id"]), values.get("text", "")
        if not text:
            raise No(400, "message text is empty")
        if chat in self.blocked:
            raise No(403, "bot was blocked by the user")
        self.sent.append((chat, text))
        return self.message(chat, text=text)

    def _get_file(self, values: dict[str, str]) -> Any:
        content = self._files.get(values["file_id"])
        if content is None:
            raise No(400, "wrong file_id or the file is temporarily unavailable")
        if len(content) > LARGEST:
            raise No(400, "file is too big")
        about = {"file_id": values["file_id"], "file_unique_id": values["file_id"][-12:]}
        return about | {"file_size": len(content), "file_path": f"files/{values['file_id']}"}

    def _content(self, path: str) -> bytes:
        content = self._files.get(path.removeprefix("files/"))
        if content is None:
            raise No(404, "Not Found")
        return content

    def _leave(self, values: dict[str, str]) -> Any:
        self.left.append(int(values["chat_id"]))
        return True

    def _hook(self, values: dict[str, str]) -> Any:
        self.webhook = dict(values)
        return True

    def _unhook(self, values: dict[str, str]) -> Any:
        if values.get("drop_pending_updates", "false").lower() == "true":
            self._updates.clear()
        self.webhook = {}
        return True


def _person(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "Somebody", "username": f"somebody{chat}"}


_FILES: Final = frozenset(
    {"photo", "video", "document", "audio", "voice", "video_note", "animation"}
)
_METHODS: Final = {
    "getMe": People._me,
    "sendMessage": People._send,
    "getFile": People._get_file,
    "leaveChat": People._leave,
    "setWebhook": People._hook,
    "deleteWebhook": People._unhook,
}


@asynccontextmanager
async def people() -> AsyncIterator[People]:
    """A bot's people, served while the block lasts."""
    async with on_loopback(People()) as made:
        yield made
