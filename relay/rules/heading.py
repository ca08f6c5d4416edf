"""Where a mail's Subject goes on a platform without titles: it is the first paragraph."""

from __future__ import annotations


def with_heading(title: str, text: str) -> str:
    """The text under its title, unless it begins with it already; either may be empty.

    For destinations that show one text. Those with titles of their own (the page, a folder, a
    webhook) are given both apart. "Begins" means the same letters, and no letter or digit after.
    """
    if not title:
        return text
    if not text.strip():
        return title
    following = text[len(title) : len(title) + 1]
    if text.startswith(title) and not following.isalnum():
        return text
    return f"{title}\n\n{text}"
