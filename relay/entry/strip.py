"""Parts who from what: an arrival goes in, submissions that name nobody come out.

Nothing of the sender is in a submission but keys made of it with secrets that only the door holds:
the repeat key (a provider that sends again is recognised), the author tags (two messages of one
person within two days can be grouped, and nothing can be told from them afterwards) and the network
tags (the same for those who share a mail domain, an operator or a network).

A way back is there only where the transport may answer: it goes into the return token, which the
exit holds and only a door opens. An address that nobody will use is not kept, sealed or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes

from relay.entry.headers import filter_headers
from relay.model import MAX_WAY_BACK, Arrival, Submission
from relay.rules.networks import network_of_client, network_of_mail, network_of_phone
from relay.rules.policy import BY_SMS
from relay.wire.names import author_tag, join_key, network_tag, repeat_key, second_key
from relay.wire.primitives import KEY
from relay.wire.token import ReturnKey, make_token


@dataclass(frozen=True, slots=True, repr=False)
class EntrySecrets:
    """What a door keys its names with, 32 bytes each.

    ``node_secret`` and ``join_secret`` come from door.key; ``join_previous`` is the join secret
    before that one, if there is one. The tag keys are the core's, of today and of yesterday, and so
    is the return key of today; without one no way back is made.
    """

    node_secret: bytes
    join_secret: bytes
    tag_today: bytes
    tag_yesterday: bytes
    join_previous: bytes = b""
    return_key: ReturnKey | None = None


def strip(arrival: Arrival, secrets: EntrySecrets) -> tuple[Submission, ...]:
    """One submission for each channel of the arrival, without the person."""
    content, flags = arrival.content, arrival.flags
    if arrival.kind == "mail":
        content, found = filter_headers(content)
        flags = flags + found
    tags = _author_tags(arrival.sender, secrets)
    networks = _network_tags(arrival, secrets)
    digest = sha256(arrival.content).digest() if arrival.kind == "mail" else b""
    join_keys = tuple(_join_keys(arrival, secrets))
    token, answer_key = _way_back(arrival, secrets.return_key)
    return tuple(
        Submission(
            transport=arrival.transport,
            kind=arrival.kind,
            content=content,
            channel=channel,
            flags=_with_unknown(flags, channel, arrival),
            repeat_keys=tuple(_repeat_keys(arrival, index, channel, digest, secrets)),
            author_tags=tags,
            network_tags=networks,
            segment=arrival.segment,
            segments=arrival.segments,
            join_keys=join_keys,
            return_token=token,
            answer_key=answer_key,
            code=arrival.code,
        )
        for index, channel in enumerate(arrival.channels)
    )


def _with_unknown(flags: tuple[str, ...], channel: str, arrival: Arrival) -> tuple[str, ...]:
    more = ("unknown_address",) if channel in arrival.unknown else ()
    return tuple(dict.fromkeys(flags + more))


def _author_tags(sender: bytes, secrets: EntrySecrets) -> tuple[bytes, ...]:
    """Today's and yesterday's tag, so that midnight parts nobody; none for a bounce."""
    if not sender:
        return ()
    return (author_tag(secrets.tag_today, sender), author_tag(secrets.tag_yesterday, sender))


def _network_tags(arrival: Arrival, secrets: EntrySecrets) -> tuple[bytes, ...]:
    """Today's and yesterday's tag of where it came from; none where that says nothing: a chat, a
    bounce, a short code, a proxy on this machine."""
    network = _network_of(arrival)
    if not network:
        return ()
    return (network_tag(secrets.tag_today, network), network_tag(secrets.tag_yesterday, network))


def _network_of(arrival: Arrival) -> bytes:
    if arrival.kind == "mail":
        return network_of_mail(arrival.sender)
    if BY_SMS in arrival.flags:
        return network_of_phone(arrival.sender)
    return network_of_client(arrival.network)


def _repeat_keys(
    arrival: Arrival, index: int, channel: str, digest: bytes, secrets: EntrySecrets
) -> Iterator[bytes]:
    """The keys by which the spool knows a repeat. Each says for which channel it is.

    A mail is its MAIL FROM, its RCPT TO there and the bytes of DATA: what a client sends again
    after a lost answer. Message-ID is the sender's to choose, and would let one mail hide another.
    One that was fetched is also its place at the provider, as any other arrival with an id is.
    """
    if arrival.kind == "mail":
        recipient = arrival.recipients[index] if arrival.recipients else arrival.recipient
        whole = _framed(arrival.sender, recipient, digest)
        yield repeat_key(secrets.node_secret, arrival.transport, whole, channel)
    if arrival.provider_id:
        known_as = arrival.provider_id
        yield repeat_key(secrets.node_secret, arrival.transport, known_as, channel)
    if arrival.repeats_without_id or (arrival.kind != "mail" and not arrival.provider_id):
        content = arrival.content
        if arrival.segments:  # two segments may say the same
            content = _framed(arrival.reference, bytes([arrival.segment]), content)
        for secret in filter(None, (secrets.join_secret, secrets.join_previous)):
            yield second_key(secret, arrival.sender, content, arrival.claimed_at, channel)


def _join_keys(arrival: Arrival, secrets: EntrySecrets) -> Iterator[bytes]:
    """By which the exit knows the segments of one SMS, also across a day's end."""
    if not arrival.segments:
        return
    for secret in filter(None, (secrets.join_secret, secrets.join_previous)):
        yield join_key(
            secret,
            arrival.transport,
            arrival.sender,
            arrival.recipient,
            arrival.reference,
            arrival.segments,
        )


def _way_back(arrival: Arrival, key: ReturnKey | None) -> tuple[bytes, bytes]:
    """A token and its answer key, new for this arrival; empty where nothing can go back."""
    if key is None or not 0 < len(arrival.way_back) <= MAX_WAY_BACK:
        return b"", b""
    answer_key = token_bytes(KEY)
    address = arrival.transport.encode() + b"\x00" + arrival.way_back
    return make_token(key, answer_key, address), answer_key


def _framed(*parts: bytes) -> bytes:
    """Parts that cannot be mistaken for others: each after its length, then hashed to 32 bytes."""
    made = sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()
