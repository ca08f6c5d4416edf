"""The records of an account: written under keys, each version with an address of its content.

Facts: ``packages/pds`` of 20 August 2026 (``putRecord.ts``, ``createRecord.ts``,
``deleteRecord.ts``, ``repo/prepare.ts``, ``actor-store/repo/transactor.ts``). What makes a post one
post is here: a put of the very record that is there does nothing and is answered as before, without
``commit``; any other put under its key changes it; to create what is there is an error of the
server's own (500).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from relay.model import Instant
from relay.testing.bluesky import formats
from relay.testing.bluesky.blobs import Blobs
from relay.testing.bluesky.lexicon import RECORDS
from relay.testing.bluesky.marks import cid_of_record, tid
from relay.testing.bluesky.says import No, invalid, worded

ANY: Final = object()
"""No wish about what is there before a write."""


@dataclass(frozen=True, slots=True, repr=False)
class Kept:
    """One record. ``number``: its place among all that were ever made; ``made`` and ``changed``:
    when it was first written and, if it was, last changed."""

    number: int
    uri: str
    cid: str
    value: dict[str, Any]
    made: Instant
    changed: Instant | None = None

    @property
    def collection(self) -> str:
        """What kind of record it is."""
        return self.uri.split("/")[3]

    @property
    def rkey(self) -> str:
        """Its key."""
        return self.uri.split("/")[4]


@dataclass(frozen=True, slots=True, repr=False)
class Write:
    """A record that is to be written, and what has to be there before."""

    collection: str
    rkey: str
    record: dict[str, Any]
    swap_record: object = ANY
    swap_commit: str | None = None
    validate: bool | None = None


class Repo:
    """The records of one account."""

    def __init__(self, did: str, blobs: Blobs) -> None:
        self.did = did
        self.records: dict[str, Kept] = {}
        self.commit = {"cid": cid_of_record(did), "rev": tid(0)}
        self._blobs = blobs
        self._numbers = 0

    def uri(self, collection: str, rkey: str) -> str:
        """The address of what has this key."""
        return f"at://{self.did}/{collection}/{rkey}"

    def key(self, now: Instant) -> str:
        """A key that was never given out."""
        self._numbers += 1
        return tid(now * 1_000_000 + self._numbers)

    def put(self, write: Write, now: Instant) -> dict[str, Any]:
        """Write a record, or find that it is there. Gives the answer. Raises No."""
        uri = self.uri(write.collection, write.rkey)
        record, status = _valid(write)
        cid, before = cid_of_record(record), self.records.get(uri)
        if before and before.cid == cid:
            return _answer(uri, cid, None, status)
        self._expect(before, write.swap_record, write.swap_commit)
        self._blobs.check(record, now)
        if before:
            self.records[uri] = replace(before, cid=cid, value=record, changed=now)
        else:
            self._numbers += 1
            self.records[uri] = Kept(self._numbers, uri, cid, record, now)
        self._blobs.name(uri, record)
        return _answer(uri, cid, self._committed(now), status)

    def create(self, write: Write, now: Instant) -> dict[str, Any]:
        """Write a new record. Raises No: 500 where the key is taken, as the reference code does."""
        if self.uri(write.collection, write.rkey) in self.records:
            _valid(write)
            raise No(500, "InternalServerError", "Internal Server Error")
        return self.put(write, now)

    def delete(
        self, uri: str, swap_record: object, swap_commit: str | None, now: Instant
    ) -> dict[str, Any]:
        """See to it that nothing has this address. Gives the answer. Raises No."""
        before = self.records.get(uri)
        if before is None:
            return {}
        self._expect(before, swap_record, swap_commit)
        del self.records[uri]
        self._blobs.name(uri, None)
        return {"commit": self._committed(now)}

    def page(self, collection: str, limit: int, cursor: str | None, *, reverse: bool) -> list[Kept]:
        """A part of one collection: newest key first, or ``reverse``."""
        found = sorted(
            (one for one in self.records.values() if one.collection == collection),
            key=lambda one: one.rkey,
            reverse=not reverse,
        )
        if cursor:
            found = [one for one in found if (one.rkey > cursor) == reverse and one.rkey != cursor]
        return found[:limit]

    def _expect(self, before: Kept | None, swap_record: object, swap_commit: str | None) -> None:
        if swap_commit not in (None, self.commit["cid"]):
            raise invalid(f"Commit was at {self.commit['cid']}", "InvalidSwap")
        there = before.cid if before else None
        if swap_record is not ANY and swap_record != there:
            raise invalid(f"Record was at {there or 'null'}", "InvalidSwap")

    def _committed(self, now: Instant) -> dict[str, str]:
        rev = self.key(now)
        self.commit = {"cid": cid_of_record([self.commit["cid"], rev]), "rev": rev}
        return self.commit


def _answer(
    uri: str, cid: str, commit: dict[str, str] | None, status: str | None
) -> dict[str, Any]:
    made: dict[str, Any] = {"uri": uri, "cid": cid}
    if commit:
        made["commit"] = commit
    if status:
        made["validationStatus"] = status
    return made


def _valid(write: Write) -> tuple[dict[str, Any], str | None]:
    """The record as it is kept, and whether its lexicon was looked at. Raises No."""
    id = write.collection
    if write.record.get("$type", id) != id:
        raise invalid(f"Invalid $type: expected {id}, got {write.record['$type']}")
    record = {"$type": id, **write.record}
    if write.validate is False:
        return record, None
    if id not in RECORDS:
        if write.validate:
            raise invalid(f"Unknown lexicon type: {id}")
        return record, "unknown"
    if not re.fullmatch(formats.TID, write.rkey):
        raise invalid(f"Invalid record key for {id}: Invalid TID string")
    for flaw in RECORDS[id].flaws(record):
        raise invalid(f"Invalid {id} record: {worded(flaw, '$.record')}")
    return record, "valid"
