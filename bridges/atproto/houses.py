"""Which server holds an account: the one that is named, or one that its entryway leads to.

Behind the entryway bsky.social accounts live on servers below host.bsky.network (docs.bsky.app,
"PDS Entryway"). A document that names a server elsewhere is not followed there, and the one that is
named is asked in its place: it passes on what is for its accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from bridges import kit

ENTRYWAY: Final = "bsky.social"
BELOW: Final = ".host.bsky.network"


def hosts_from(service: str) -> frozenset[str]:
    """The hosts of an account of this service, as ``hosts`` of a bridge names them."""
    host = kit.host_of(service)
    return frozenset({host, f"*{BELOW}"} if host == ENTRYWAY else {host})


def may_live_at(server: str, service: str) -> bool:
    """Whether an account of ``service`` may live at ``server``, both being addresses. Only a
    service on this machine has one that is reached in clear."""
    try:
        url = kit.web_address(server)
    except ValueError:
        return False
    if url.startswith("http:") and not service.startswith("http:"):
        return False
    host, entry = kit.host_of(url), kit.host_of(service)
    return host == entry or (entry == ENTRYWAY and host.endswith(BELOW))


def named_in(document: Any) -> str:
    """The server that a DID document names (atproto.com/specs/did, service ``#atproto_pds``), as
    scheme, host and port; "" if it names none."""
    services = document.get("service") if isinstance(document, Mapping) else None
    for one in services if isinstance(services, list) else ():
        if not isinstance(one, Mapping) or one.get("type") != "AtprotoPersonalDataServer":
            continue
        try:
            parts = urlsplit(str(one.get("serviceEndpoint")))
        except ValueError:
            return ""
        return f"{parts.scheme}://{parts.netloc}"
    return ""
