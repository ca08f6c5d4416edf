"""Public: what the stand-ins for Google's services share: errors, logins, tokens."""

from relay.testing.google.says import Refused, backend_error, daily_limit, limited
from relay.testing.google.server import Google
from relay.testing.google.tokens import Tokens

__all__ = ["Google", "Refused", "Tokens", "backend_error", "daily_limit", "limited"]
