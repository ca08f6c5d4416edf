"""Who asks, and what they may: the roles of WordPress, as ``populate_roles`` gives them rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relay.testing.wordpress.says import No

Role = Literal["editor", "author", "contributor", "subscriber", "none"]

_CONTRIBUTOR: Final = frozenset({"read", "edit_posts", "delete_posts"})
_AUTHOR: Final = _CONTRIBUTOR | {
    "publish_posts",
    "edit_published_posts",
    "delete_published_posts",
    "upload_files",
}
RIGHTS: Final[dict[Role, frozenset[str]]] = {
    "editor": _AUTHOR | {"edit_others_posts", "moderate_comments", "unfiltered_html"},
    "author": _AUTHOR,
    "contributor": _CONTRIBUTOR,
    "subscriber": frozenset({"read"}),
    "none": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is known, or a stranger."""

    known: bool
    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """Whether this is allowed."""
        return right in self.rights

    def need(self, right: str, code: str, message: str) -> None:
        """Raise No unless this is allowed."""
        if not self.may(right):
            raise self.no(code, message)

    def no(self, code: str, message: str) -> No:
        """401 for a stranger, 403 for one who is known (``rest_authorization_required_code``)."""
        return No(403 if self.known else 401, code, f"Sorry, you are not allowed to {message}.")
