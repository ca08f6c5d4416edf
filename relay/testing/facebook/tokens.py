"""Access tokens: whose they are, how long they live, and how one becomes another.

Facts: developers.facebook.com, "Access tokens" and "Long-lived tokens": a login gives a person's
token for an hour or two, which is exchanged for one of about sixty days; the page's token that is
read with a long one has no end, and dies with the person's consent.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from secrets import token_hex, token_urlsafe
from typing import Any, Final, Literal

from relay.model import Instant
from relay.testing.facebook import says
from relay.testing.facebook.says import No

Kind = Literal["USER", "PAGE", "APP"]

SHORT_S: Final = 2 * 3600
LONG_S: Final = 60 * 86400
CODE_LIVES_S: Final = 600
MAX_TOKENS: Final = 10_000
RIGHTS: Final = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_read_user_content",
)


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """One token. ``until`` is None for one without an end; ``dead`` the subcode of why it does not
    work any more."""

    kind: Kind
    issued: Instant
    until: Instant | None
    dead: int = 0


@dataclass(slots=True, repr=False)
class Tokens:
    """Every token of one person, one page, one application."""

    app: str
    secret: str = field(default_factory=lambda: token_hex(16))
    held: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, tuple[str, Instant]] = field(default_factory=dict)

    def issue(self, kind: Kind, now: Instant, lives_s: int | None) -> str:
        """A new token; None lives for ever."""
        assert len(self.held) < MAX_TOKENS
        token = f"EAA{token_urlsafe(60)}"
        self.held[token] = Token(kind, now, None if lives_s is None else now + lives_s)
        return token

    def revoke(self, subcode: int) -> None:
        """None of those that there are works any more."""
        self.held = {token: replace(one, dead=subcode) for token, one in self.held.items()}

    def known(self, token: str, now: Instant) -> Token:
        """What a token is. Raises No with what Facebook says to one that does not work."""
        if token == f"{self.app}|{self.secret}":
            return Token("APP", now, None)
        one = self.held.get(token)
        if one is None:
            message = "Invalid OAuth access token - Cannot parse access token"
            raise No(says.error(190, message, status=401))
        if one.dead:
            raise No(says.revoked(one.dead))
        if one.until is not None and one.until <= now:
            raise No(says.revoked(463))
        return one

    def page_token(self, of: str, now: Instant) -> str:
        """A page's token, read with a person's: without an end where that one is a long one."""
        until = self.held[of].until
        left = 0 if until is None else until - now
        return self.issue("PAGE", now, None if left > SHORT_S else left)

    def proof(self, token: str) -> str:
        """``appsecret_proof``, as it has to be for a token."""
        return hmac.digest(self.secret.encode(), token.encode(), hashlib.sha256).hex()

    def agreed(self, redirect: str, now: Instant) -> str:
        """The person says yes: a code that is used once."""
        code = f"AQ{token_urlsafe(40)}"
        self.codes = {code: (redirect, now + CODE_LIVES_S)}
        return code

    def exchanged(self, said: dict[str, Any], now: Instant) -> dict[str, Any]:
        """What ``/oauth/access_token`` answers. Raises No."""
        if said["client_id"] != self.app:
            raise No(says.error(101, "Error validating application."))
        if said["client_secret"] != self.secret:
            raise No(says.error(1, "Error validating client secret."))
        grant = said.get("grant_type", "code")
        if grant == "client_credentials":
            return {"access_token": f"{self.app}|{self.secret}", "token_type": "bearer"}
        if grant == "code":
            redirect, until = self.codes.pop(said.get("code", ""), ("", 0))
            if until <= now or redirect != said.get("redirect_uri"):
                raise No(says.error(100, "Invalid verification code format."))
            lives_s = SHORT_S
        else:
            if self.known(said.get("fb_exchange_token", ""), now).kind != "USER":
                raise No(says.wrong("fb_exchange_token is not the token of a person"))
            lives_s = LONG_S
        token = self.issue("USER", now, lives_s)
        return {"access_token": token, "token_type": "bearer", "expires_in": lives_s}
