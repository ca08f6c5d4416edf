"""SMS gateways on loopback: what they send us, as they sign it, and what takes our calls.

``posts`` has one function a gateway, written by its published description and checked against the
providers' own libraries in ``tests/peers``; ``api`` is a server that takes our answers, and has
their pictures, with faults as scripted::

    post = posts.twilio(URL, token, account, sender="+989121234567", text="hello")
    async with on_loopback(Api()) as api:
        api.credit = 0
"""

from __future__ import annotations

from relay.testing.gateways.api import Api
from relay.testing.gateways.posts import Post

__all__ = ["Api", "Post"]
