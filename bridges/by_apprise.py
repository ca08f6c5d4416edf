"""Posts through the library Apprise, to the hundred-odd services that have no bridge of their own.

For operators' alarms and small groups: it knows no repeat, tells no id and no reason, cannot change
or take back, and has no threads. Whatever is no plain success is doubt, and doubt is a person's.

It goes out by itself. Every other bridge is given its way out (``http``) and has no other; this
library opens its own connections, so that none of what ``[routes]`` says about proxies, about hosts
and about the size of an answer holds here. What can be had of our rules is: redirects and repeats
are off, certificates are verified, plaintext goes to this machine only, nothing is written to the
disk or to a log. It waits in a thread, where nothing can stop it: so it has a process of its own.
What cannot be had: it takes any answer of 200 for a yes, and reads it however long it is.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, ClassVar, Final

import trio
from pydantic import BaseModel, ConfigDict, Field

from bridges import kit
from bridges.kit import drafts, showing, words
from bridges.kit.counting import Counting
from bridges.kit.drafts import Draft
from bridges.kit.fitting import ALL, NO_MEDIA
from bridges.kit.forms import file_name
from bridges.kit.splitting import split
from relay.ports import (
    Attempt,
    Clock,
    Fits,
    Health,
    Http,
    Keep,
    Lookup,
    Media,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Said,
    Stopped,
    Unknown,
    Unsure,
)

LEAST_ROOM: Final = 60
"""Characters below which no text can be split."""

SILENT: Final = ("apprise", "urllib3", "requests")
CODE_POINTS: Final = Counting("code points")
LOOK: Final = "try the addresses with the command apprise, and mend the file"


class NoLibrary(ImportError):
    """Apprise is not installed here: ``pip install 'outword[apprise]'``."""


class ByApprise:
    """Messages to all addresses of one file."""

    api = 1
    blocking = True
    """It waits in a thread inside a library: only the end of its process ends that."""

    needs = ("apprise",)  #: libraries of its own, installed only where it is wanted

    goes_by_itself: ClassVar[bool] = True
    """It does not use the way out that it is given."""

    tested: ClassVar[str] = "by description only"
    earlier_versions: ClassVar[bool] = False
    again: ClassVar[str] = (
        "nothing: Apprise tells neither ids nor why something failed, so that all but a plain "
        "success is held for a person"
    )
    once: Once = Once("none")
    secrets: ClassVar[Mapping[str, str]] = {
        "url_file": "Apprise's addresses, one a line (ntfys://host/topic, mailtos://...): "
        "appriseit.com lists how each service writes its own"
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "apprise"``. ``[routes]`` does not hold for it:
        the library opens its own connections."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        url_file: str
        name: str = Field("News", min_length=1, max_length=60)  #: what services are told it is
        timeout_s: int = Field(60, ge=1, le=110)  #: patience with one service

    @staticmethod
    def hosts(settings: ByApprise.Settings) -> Collection[str]:
        """None through ``http``: the library goes out by itself."""
        return ()

    def __init__(self, settings: ByApprise.Settings, http: Http, clock: Clock) -> None:
        self.at_once = 1
        held = kit.read_secret(settings.url_file)
        urls = [line.strip() for line in held.decode("utf-8", "replace").splitlines()]
        urls = [url for url in urls if url and not url.startswith("#")]
        self._account = hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:32]
        self._library = _library()
        asset = _asset(self._library, settings)
        self._services = [_service(self._library, asset, url) for url in urls]
        self.fits: Fits = ALL if all(s.attachment_support for s in self._services) else NO_MEDIA
        room = min((int(one.body_maxlen) for one in self._services), default=LEAST_ROOM)
        self._room = max(room, LEAST_ROOM)
        self._all = self._library.Apprise(asset=asset)
        for service in self._services:
            self._all.add(service)

    async def prepare(self, post: Post) -> Sequence[Part]:
        """Clean, split to what the narrowest of the services takes, and freeze."""
        made = self._composed(post)
        return [
            Part(kit.part_key(post.secret, index), index, len(made), drafts.frozen(draft))
            for index, draft in enumerate(made)
        ]

    def _composed(self, post: Post) -> list[Draft]:
        text = words.clean(words.headed(words.clean(post.title), words.clean(post.text)))
        refuse = "" if text or post.media else "nothing is left of it to post"
        if post.media and not all(one.attachment_support for one in self._services):
            refuse = "one of the services takes no media"
        if any(not one.content for one in post.media):
            refuse = "a medium is empty"
        if refuse:
            return [Draft("", refuse=refuse)]
        said = "\n\n".join(filter(None, [words.quiet(text), _described(post.media)]))
        first, *more = split(said, self._room, CODE_POINTS)
        return [Draft(first, post.media), *(Draft(part) for part in more)]

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        draft = drafts.thawed(part.payload)
        return showing.said(draft.text, "code points", self._room, draft.media, draft.refuse)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """One call of the library, in a thread. It is not left alone when it is cancelled."""
        draft = drafts.thawed(attempt.part.payload)
        if draft.refuse:
            return Refused(draft.refuse)
        status = await trio.to_thread.run_sync(self._notify, draft, abandon_on_cancel=False)
        if status == "SUCCESS":
            return Posted(attempt.part.key)
        if status == "NOMATCH":
            return Stopped("there is no address to post to", LOOK)
        # A service that refused, one that was not reached and one that posted and then failed look
        # alike; and of several, some may have it.
        return Unsure(f"Apprise says {status}")

    def _notify(self, draft: Draft) -> str:
        """The name of the library's status. Nothing it raises is passed on: it may quote."""
        try:
            attached = [
                self._library.attachment.memory.AttachMemory(
                    content=one.content, name=file_name(one.type, str(number)), mimetype=one.type
                )
                for number, one in enumerate(draft.media, 1)
            ]
            result = self._all.notify(
                body=draft.text,
                body_format=self._library.NotifyFormat.TEXT,
                attach=attached or None,
            )
        except Exception:  # a plug-in of the library may raise anything
            return "FAILURE"
        return str(result.status.name)

    async def find(self, attempt: Attempt) -> Lookup:
        """Unknown: the library has nothing to ask with."""
        return Unknown("what went through Apprise cannot be looked up")

    async def check(self) -> Health:
        """Names the file's addresses by their hash; to ask them would be to post."""
        return Health(f"apprise {self._account}", "" if self._services else f"no address: {LOOK}")


def _described(media: Sequence[Media]) -> str:
    """What media show, a line each: few services have a field for it."""
    alts = (" ".join(words.clean(one.alt).split()) for one in media)
    return "\n".join(f"[{words.quiet(alt)}]" for alt in alts if alt)


def _library() -> Any:
    """Apprise, silent: it logs addresses and what services answered."""
    try:
        import apprise
        import apprise.attachment.memory

        with warnings.catch_warnings():  # its plug-ins use modules that Python is about to lose
            warnings.simplefilter("ignore")
            apprise.Apprise.instantiate("json://localhost")  # which loads all of them
    except ModuleNotFoundError:
        raise NoLibrary("the bridge apprise needs: pip install 'outword[apprise]'") from None
    for name in SILENT:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    return apprise


def _asset(library: Any, settings: ByApprise.Settings) -> Any:
    """What all services share: no repeat, no redirect, nothing on the disk, no product's name."""
    return library.AppriseAsset(
        app_id=settings.name,
        app_desc=settings.name,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        async_mode=False,
        interpret_emojis=False,
        interpret_escapes=False,
        default_service_retry=0,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        secure_logging=True,
        allow_templates=False,
        result_log_disk_size=0,
        service_timeout=settings.timeout_s,
    )


def _service(library: Any, asset: Any, url: str) -> Any:
    """The service of an address, by our rules. Raises BadSecret, which quotes nothing."""
    try:
        service = library.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    except Exception:  # a plug-in of the library may raise anything
        service = None
    if service is None:
        raise kit.BadSecret("an address is none that Apprise knows, or needs a package more")
    if service.retry or service.redirects:
        raise kit.BadSecret("an address repeats or follows: take retry= and redirect= out of it")
    if not service.verify_certificate:
        raise kit.BadSecret("an address does not verify certificates: take verify= out of it")
    if _in_the_clear(service, url):
        raise kit.BadSecret("an address is not encrypted: take the way to write it that ends in s")
    return service


def _in_the_clear(service: Any, url: str) -> bool:
    """Whether it goes to another machine without TLS, as far as its way to write it tells."""
    plain = service.protocol or ()
    schema = url.partition("://")[0].lower()
    if schema not in ((plain,) if isinstance(plain, str) else plain):
        return False
    host = getattr(service, "host", None)
    if not isinstance(host, str) or host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True
