"""The service that prepares videos: it takes a file, works on it, and gives the server a blob.

Facts: the lexicons app.bsky.video of 20 August 2026, and what the service answers in truth, which
is not what they say: an upload's status stands bare and not in ``jobStatus``, a video that was
prepared before is an error that leads to its blob, and an account without a confirmed address of
mail gets an empty status (bluesky-social/atproto, issues 3026 and 3097). Here the service is at the
address of the server itself, and the prepared video is the file as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from relay.model import Instant
from relay.testing.bluesky.blobs import Blobs
from relay.testing.bluesky.marks import cid_of_blob
from relay.testing.bluesky.says import invalid

MIME: Final = "video/mp4"


@dataclass(slots=True, repr=False)
class Job:
    """One video. ``ready``: when it is done; ``failure``: how it failed, if it did."""

    id: str
    content: bytes
    ready: Instant
    failure: str
    stored: bool = False


class Videos:
    """All jobs of an account. Settable: ``takes_s`` (the work on one), ``fails`` (the failure code
    of every one that comes, such as ``encoding_failure``), ``left`` (how many more today),
    ``confirmed`` (the account's address of mail is)."""

    def __init__(self, did: str, blobs: Blobs) -> None:
        self.takes_s = 0
        self.fails = ""
        self.left = 25
        self.confirmed = True
        self._did = did
        self._blobs = blobs
        self._jobs: dict[str, Job] = {}

    def put(self, content: bytes, now: Instant) -> tuple[int, dict[str, Any]]:
        """Take a video. Gives the status and the answer."""
        if not self.confirmed:
            nothing = {"jobId": "", "did": "", "state": "", "error": "unconfirmed_email"}
            return 401, {"jobStatus": nothing}
        id = cid_of_blob(content)[-20:]
        if id in self._jobs and not self._jobs[id].failure:
            said = {"error": "already_exists", "message": "Video already processed"}
            state = "JOB_STATE_COMPLETED"
            return 409, {"jobId": id, "did": self._did, "state": state, **said}
        if self.left <= 0:
            raise invalid("Daily upload limit exceeded", "UploadLimitExceeded")
        self.left -= 1
        self._jobs[id] = Job(id, content, now + self.takes_s, self.fails)
        return 200, {"jobId": id, "did": self._did, "state": "JOB_STATE_CREATED"}

    def status(self, id: str, now: Instant) -> dict[str, Any]:
        """How far a video is. Raises No."""
        job = self._jobs.get(id)
        if job is None:
            raise invalid("job not found")
        made: dict[str, Any] = {"jobId": id, "did": self._did}
        if now < job.ready:
            done = 100 - 100 * (job.ready - now) // max(self.takes_s, 1)
            return made | {"state": "JOB_STATE_ENCODING", "progress": min(99, max(0, done))}
        if job.failure:
            said = {"error": "video processing error", "message": "Failed to process video"}
            return made | {"state": "JOB_STATE_FAILED", "failureCode": job.failure, **said}
        if not job.stored:
            self._blobs.put(job.content, MIME, job.ready)
            job.stored = True
        ref = {"$link": cid_of_blob(job.content)}
        blob = {"$type": "blob", "ref": ref, "mimeType": MIME, "size": len(job.content)}
        return made | {"state": "JOB_STATE_COMPLETED", "blob": blob}

    def limits(self) -> dict[str, Any]:
        """What may still be uploaded today."""
        if not self.confirmed:
            return {"canUpload": False, "error": "unconfirmed_email", "message": "Confirm it first"}
        if self.left <= 0:
            return {"canUpload": False, "error": "UploadLimitExceeded", "message": "Tomorrow"}
        bytes_left = self.left * 300_000_000
        return {
            "canUpload": True,
            "remainingDailyVideos": self.left,
            "remainingDailyBytes": bytes_left,
        }
