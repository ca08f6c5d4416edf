"""The calls of X's API v2 that a bridge makes, each with its answer.

Facts: X's OpenAPI document 2.167 for what is asked and answered; docs.x.com, "Rate limits", for how
many in 15 minutes. The 403s are worded as public bug reports quote them. On the tiers that anybody
can buy one may answer only those who named the account, and quote nobody; whether a thread of one's
own counts as allowed is ``own_replies_allowed``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from relay.testing.loopback import Fault, Request
from relay.testing.shapes import Record
from relay.testing.x import account as prices
from relay.testing.x import bodies, media, posts, says, tables, weighing
from relay.testing.x.account import Account
from relay.testing.x.media import Medium, NotTaken
from relay.testing.x.posts import Post
from relay.testing.x.says import No

Answers = Callable[..., Fault]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: ``most`` in 15 minutes, and the right that it needs."""

    method: str
    path: re.Pattern[str]
    answers: Answers
    most: int
    right: str
    query: Record

    @property
    def does(self) -> str:
        """A name for it."""
        return self.answers.__name__


ROUTES: Final[list[Route]] = []


def _route(
    method: str, path: str, most: int, right: str, query: Record = tables.NONE
) -> Callable[[Answers], Answers]:
    def add(answers: Answers) -> Answers:
        pattern = re.compile(path.replace("ID", "([^/]+)"))
        ROUTES.append(Route(method, pattern, answers, most, right, query))
        return answers

    return add


# ---------------------------------------------------------------- who it is


@_route("GET", "/2/users/me", 75, "users.read", tables.ME)
def me(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """The account itself."""
    account.pay_for([f"user {account.account}"], prices.USER_READ)
    return says.answer(
        {"data": {"id": account.account, "name": account.name, "username": account.name}}
    )


# ---------------------------------------------------------------- posts


@_route("POST", "/2/tweets", 100, "tweet.write")
def post(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """A post, or the reason why not."""
    said = bodies.body(request, tables.POST)
    text = said.get("text", "")
    ids = said.get("media", {}).get("media_ids", [])
    if not (text.strip() or ids):
        raise No(says.invalid({"text": "Either text or media ids must be provided."}))
    _permit(account, text, said)
    parent = said.get("reply", {}).get("in_reply_to_tweet_id")
    if parent is not None:
        _permit_reply(account, parent)
    one = account.written(text, _chosen(account, ids), parent=parent)
    if account.repeats(one):
        raise No(says.duplicate())
    if not account.drops:
        account.keep(one)
    linked = any(weighing.links(text))
    account.pay(prices.POST_WITH_LINK if linked else prices.POST)
    made = {"id": one.id, "text": one.shown, "edit_history_tweet_ids": [one.id]}
    return says.answer({"data": made}, 201)


def _permit(account: Account, text: str, said: dict[str, Any]) -> None:
    if weighing.weight(text) > account.limit:
        raise No(says.forbidden(says.TOO_LONG))
    if weighing.NEVER & set(text):
        raise No(says.forbidden("Your Tweet text holds characters that are not allowed."))
    if len(weighing.CASHTAG.findall(text)) > 1:
        raise No(says.forbidden("A post may hold one cashtag at most."))
    if "quote_tweet_id" in said:
        raise No(says.forbidden("You are not permitted to quote posts."))
    if "edit_options" in said:
        raise No(says.forbidden("You are not permitted to edit posts."))
    if "poll" in said and "media" in said:
        raise No(says.invalid({"poll": "poll and media exclude each other"}))


def _permit_reply(account: Account, parent: str) -> None:
    answered = account.posts.get(parent)
    if answered is None:
        raise No(says.forbidden(says.NO_PARENT))
    own = answered.author == account.account
    if not (account.own_replies_allowed if own else account.mentions(answered)):
        raise No(says.forbidden(says.NO_REPLY))


def _chosen(account: Account, ids: list[str]) -> tuple[Medium, ...]:
    try:
        return account.shelf.choose(ids, account.clock.now())
    except NotTaken as error:
        raise No(says.invalid(error.flaws)) from None


@_route("GET", "/2/tweets/ID", 900, "tweet.read", tables.ONE)
def show(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """One post; one that is not there is an error within a good answer."""
    _one_vocabulary(asked)
    one = account.posts.get(_id(id))
    if one is None:
        return says.answer({"errors": [says.about_absent("tweet", id)]})
    account.pay_for([one.id], prices.READ)
    return says.answer({"data": posts.entity(one, asked)} | posts.included([one], asked))


@_route("DELETE", "/2/tweets/ID", 50, "tweet.write")
def delete(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """Take a post back."""
    one = account.posts.get(_id(id))
    if one is None:
        raise No(says.absent("tweet", id))
    if one.author != account.account:
        raise No(says.forbidden("You are not authorized to delete this Tweet."))
    del account.posts[id]
    account.pay(prices.DELETE)
    return says.answer({"data": {"deleted": True}})


@_route("GET", "/2/users/ID/tweets", 900, "tweet.read", tables.TWEETS)
def tweets(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """What the account posted, newest first."""
    return _page(account, asked, id, account.listed(lambda one: one.author == account.account))


@_route("GET", "/2/users/ID/mentions", 300, "tweet.read", tables.MENTIONS)
def mentions(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """What others posted that names it, newest first."""
    return _page(account, asked, id, account.listed(account.mentions))


def _page(account: Account, asked: dict[str, Any], id: str, listed: list[Post]) -> Fault:
    _one_vocabulary(asked)
    if _id(id) != account.account:
        return says.answer({"errors": [says.about_absent("user", id)]})
    if not re.fullmatch(r"before[0-9]{1,19}", asked.get("pagination_token", "before1")):
        raise No(says.invalid({"pagination_token": "is not a token of this listing"}))
    shown, meta = posts.page(listed, asked)
    account.pay_for([one.id for one in shown], prices.OWN_READ)
    data = {"data": [posts.entity(one, asked) for one in shown]} if shown else {}
    return says.answer(data | posts.included(shown, asked) | {"meta": meta})


def _one_vocabulary(asked: dict[str, Any]) -> None:
    if "post.fields" in asked and "tweet.fields" in asked:
        raise No(says.invalid({"tweet.fields": "post.fields and tweet.fields are the same"}))


def _id(id: str) -> str:
    if not re.fullmatch("[0-9]{1,19}", id):
        raise No(says.invalid({"id": "id does not match ^[0-9]{1,19}$"}))
    return id


# ---------------------------------------------------------------- media


@_route("POST", "/2/media/upload", 500, "media.write")
def upload(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """An image or an animation, whole."""
    said, content = bodies.upload(request, tables.UPLOAD)
    id, now = account.ids.next(account.clock.now()), account.clock.now()
    return _shown(
        account,
        lambda: account.shelf.whole(id, said["media_category"], content, now, _work(account)),
    )


@_route("POST", "/2/media/upload/initialize", 1875, "media.write")
def initialize(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """An upload in pieces begins."""
    said = bodies.body(request, tables.INITIALIZE)
    id, now = account.ids.next(account.clock.now()), account.clock.now()
    return _shown(account, lambda: account.shelf.begin(id, said, now))


@_route("POST", "/2/media/upload/ID/append", 1875, "media.write")
def append(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """One piece."""
    said, piece = bodies.upload(request, tables.APPEND)
    now = account.clock.now()
    try:
        one = account.shelf.append(_id(id), said["segment_index"], piece, now)
    except NotTaken as error:
        raise No(says.invalid(error.flaws)) from None
    return says.answer({"data": {"expires_at": one.until}})


@_route("POST", "/2/media/upload/ID/finalize", 1875, "media.write")
def finalize(account: Account, request: Request, asked: dict[str, Any], id: str) -> Fault:
    """All pieces are there."""
    now = account.clock.now()
    return _shown(account, lambda: account.shelf.finish(_id(id), now, _work(account)))


@_route("GET", "/2/media/upload", 1000, "media.write", tables.STATUS)
def status(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """How far the work is."""
    one = account.shelf.get(asked["media_id"], account.clock.now())
    if one is None:
        raise No(says.absent("media", asked["media_id"]))
    return _shown(account, lambda: one)


@_route("POST", "/2/media/metadata", 500, "media.write")
def metadata(account: Account, request: Request, asked: dict[str, Any]) -> Fault:
    """What there is to see on a medium."""
    said = bodies.body(request, tables.METADATA)
    about = said.get("metadata", {})
    alt = about.get("alt_text", {}).get("text")
    if account.shelf.describe(said["id"], alt, account.clock.now()) is None:
        raise No(says.absent("media", said["id"]))
    account.pay(prices.METADATA)
    return says.answer({"data": {"id": said["id"], "associated_metadata": about}})


def _work(account: Account) -> media.Work:
    return media.Work(account.media_takes_s, account.media_fails)


def _shown(account: Account, take: Callable[[], Medium]) -> Fault:
    try:
        return says.answer({"data": media.entity(take(), account.clock.now())})
    except NotTaken as error:
        raise No(says.invalid(error.flaws)) from None
