"""Somebody who was sent a link joins, signs in and out, and sees what is theirs to see."""

from __future__ import annotations

from collections.abc import Callable

from at_desk import PASSPHRASE, Person


def test_who_joined_by_a_link_signs_in_with_a_code_and_is_greeted(
    person: Callable[..., Person],
) -> None:
    editor = person("first", "editor")
    assert "first" in editor.page.locator("header").inner_text()
    editor.page.get_by_role("button", name="Sign out").click()
    editor.goes("/")
    assert "/sign-in" in editor.page.url
    assert PASSPHRASE not in editor.page.content()
