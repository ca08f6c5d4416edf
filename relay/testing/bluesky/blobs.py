"""Files: uploaded first, kept when a record names them, gone after a while when none does.

Facts: ``packages/pds/src/actor-store/blob`` of 20 August 2026. The server looks into a file for its
type and believes what it finds more than the header; a record must name the type and the size that
the upload was answered with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from relay.model import Instant
from relay.testing.bluesky.marks import cid_of_blob
from relay.testing.bluesky.says import invalid

STARTS: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
)
"""Where in a file its type shows, for the types that people send."""


@dataclass(slots=True, repr=False)
class Blob:
    """One file. ``named``: the records that name it."""

    cid: str
    mime: str
    content: bytes
    uploaded: Instant
    named: set[str] = field(default_factory=set)

    @property
    def ref(self) -> dict[str, Any]:
        """How a record names it."""
        return {
            "$type": "blob",
            "ref": {"$link": self.cid},
            "mimeType": self.mime,
            "size": len(self.content),
        }


def named_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every reference to a file in a record, however deep."""
    if isinstance(value, dict):
        link = value["ref"].get("$link") if isinstance(value.get("ref"), dict) else None
        if value.get("$type") == "blob" and isinstance(link, str):
            yield value
        else:
            for one in value.values():
                yield from named_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from named_in(one)


class Blobs:
    """All files of an account. ``kept_s``: how long one stays that no record names."""

    def __init__(self) -> None:
        self.kept_s = 600
        self._blobs: dict[str, Blob] = {}

    def put(self, content: bytes, mime: str, now: Instant) -> Blob:
        """Take an upload."""
        found = [type for at, start, type in STARTS if content[at : at + len(start)] == start]
        cid = cid_of_blob(content)
        self._sweep(now)
        known = self._blobs.get(cid)
        if known is None:
            known = self._blobs[cid] = Blob(cid, found[0] if found else mime, content, now)
        known.uploaded = now
        return known

    def get(self, cid: str, now: Instant) -> Blob | None:
        """A file that is there."""
        self._sweep(now)
        return self._blobs.get(cid)

    def check(self, record: Any, now: Instant) -> None:
        """Look whether all files that a record names are there as it says. Raises No."""
        for ref in named_in(record):
            cid = ref["ref"]["$link"]
            blob = self.get(cid, now)
            if blob is None:
                raise invalid(f"Could not find blob: {cid}", "BlobNotFound")
            if not blob.named and ref.get("mimeType") != blob.mime:
                raise invalid(
                    "Referenced Mimetype does not match stored blob."
                    f" Expected: {blob.mime}, Got: {ref.get('mimeType')}",
                    "InvalidMimeType",
                )
            if not blob.named and ref.get("size") != len(blob.content):
                raise invalid(
                    "Referenced Size does not match stored blob."
                    f" Expected: {len(blob.content)}, Got: {ref.get('size')}",
                    "InvalidSize",
                )

    def name(self, uri: str, record: Any) -> None:
        """From now on this record names these files, and no others: ``None`` names none. A file
        that lost its last name is gone."""
        names = {ref["ref"]["$link"] for ref in named_in(record)}
        for cid, blob in list(self._blobs.items()):
            if cid in names:
                blob.named.add(uri)
            elif uri in blob.named:
                blob.named.discard(uri)
                if not blob.named:
                    del self._blobs[cid]

    def _sweep(self, now: Instant) -> None:
        for cid, blob in list(self._blobs.items()):
            if not blob.named and now >= blob.uploaded + self.kept_s:
                del self._blobs[cid]
