"""Our own bridges against the suite that third parties run."""

from __future__ import annotations

import json
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bridges.feed import Feed
from bridges.folder import Folder
from bridges.webhook import Webhook
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import BridgeContract, FixedClock, Stage
from relay.testing.recorder import recorder


class TestFolder(BridgeContract):
    bridge_class = Folder

    @asynccontextmanager
    async def stage(self):
        with TemporaryDirectory() as made:
            folder = Path(made) / "posts"
            folder.mkdir()
            bridge = Folder(Folder.Settings(folder=str(folder)), None, FixedClock())
            yield Stage(
                bridge,
                public=lambda: len([json.loads(p.read_bytes()) for p in folder.iterdir()]),
                cut_off=lambda: shutil.rmtree(folder),
            )


class TestFeed(BridgeContract):
    bridge_class = Feed

    @asynccontextmanager
    async def stage(self):
        with TemporaryDirectory() as made:
            folder = Path(made) / "disk" / "public"
            folder.parent.mkdir()
            bridge = Feed(Feed.Settings(folder=str(folder)), None, FixedClock())

            def public() -> int:
                if not (folder / "feed.json").exists():
                    return 0
                shown = json.loads((folder / "feed.json").read_bytes())["items"]
                assert len({item["id"] for item in shown}) == len(shown)
                return len(shown)

            yield Stage(bridge, public, cut_off=lambda: shutil.rmtree(folder.parent))


class WebhookContract(BridgeContract):
    bridge_class = Webhook
    once: str

    @asynccontextmanager
    async def stage(self):
        async with recorder(keys=self.once == "exact") as platform, HttpOut(None) as http:
            settings = Webhook.Settings(url=platform.url, once=self.once, at_once=32)
            yield Stage(
                Webhook(settings, http, FixedClock()),
                public=lambda: len(platform.made),
                cut_off=platform.refuse,
            )


class TestWebhookWithAKey(WebhookContract):
    once = "exact"


class TestWebhookWithoutAKey(WebhookContract):
    once = "none"
