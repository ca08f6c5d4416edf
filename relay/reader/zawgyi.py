"""Burmese that was typed in Zawgyi, an older coding that uses the same code points otherwise.

Read as Unicode it shows wrong letters, and a search for its words finds nothing. Many phones in
Myanmar still write it. It is told by myanmartools (Apache-2.0, Google), a Markov model of which
letters follow each other in either coding; below its threshold a text is left alone.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Final, Protocol

ZAWGYI: Final = "zawgyi"
"""Flag: the text may be Zawgyi, and nothing here turns it into Unicode; a person sees it."""

LEAST_PROBABILITY: Final = 0.95
"""Of a text that is called Zawgyi. The authors of the model advise 0.95 where texts of both kinds
come in: "perhaps" is for a person, so that it is rather said too often than too rarely."""

_BURMESE: Final = re.compile("[\u1000-\u109f]")
_DIGITS_AND_SIGNS: Final = re.compile("[\u1040-\u104f]+")


class _Detector(Protocol):
    def get_zawgyi_probability(self, string: str) -> float: ...


def is_zawgyi(text: str) -> bool:
    """Whether the Burmese in a text is probably Zawgyi; linear in its length."""
    if not _BURMESE.search(text):
        return False
    return _detector().get_zawgyi_probability(text) >= LEAST_PROBABILITY


@cache
def _detector() -> _Detector:
    from myanmartools import ZawgyiDetector

    with warnings.catch_warnings():  # it opens its model by a call that Python 3.11 advises against
        warnings.simplefilter("ignore", DeprecationWarning)
        made: _Detector = ZawgyiDetector()
    return made
