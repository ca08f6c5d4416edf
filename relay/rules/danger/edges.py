"""Many patterns as one, which is tried where it can begin and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def by_edge(forms: Sequence[str]) -> Iterator[str]:
    """The forms, those that begin at the edge of a word as one: they are tried nowhere else."""
    left = list(forms)
    for edge in (r"\b", r"(?<!\w)"):
        of_it = [form.removeprefix(edge) for form in left if form.startswith(edge)]
        left = [form for form in left if not form.startswith(edge)]
        if of_it:
            yield f"{edge}(?:{'|'.join(f'(?:{form})' for form in of_it)})"
    yield from (f"(?:{form})" for form in left)
