"""A corpus: hostile inputs by what they are, each made when it is wanted, none of them kept."""

from __future__ import annotations

from collections.abc import Callable

Maker = Callable[[], bytes]


class Corpus(dict[str, Maker]):
    """Makers of inputs by their names: that of a function is what its input is, in words."""

    def __call__(self, make: Maker) -> Maker:
        """Takes a maker in, as a decorator."""
        name = make.__name__.replace("_", " ").strip()
        assert name not in self, name
        self[name] = make
        return make

    def each(self, made: dict[str, Maker]) -> None:
        """Takes in several that differ in one thing."""
        assert not self.keys() & made.keys()
        self.update(made)


def filled(before: bytes, unit: bytes, after: bytes = b"", *, most: int) -> bytes:
    """About that many bytes, made of one unit again and again."""
    return before + unit * ((most - len(before) - len(after)) // len(unit)) + after
