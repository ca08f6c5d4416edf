"""What a sender can say, and what we say back (section "What a sender can say" of docs/path.md).

``command_of`` a whole text; ``perhaps`` one that may be a message as well; ``without_code`` takes
the sender's handle off a message, ``code_alone`` is one under a picture or in a title, and a text
``mentions_code`` where one may have stayed; ``normal``, ``is_weak`` and ``is_a_word`` are about
codes, ``is_about`` about the topic of a READ; ``say`` is an answer.
"""

from relay.rules.words.answers import Answer, languages, say
from relay.rules.words.codes import is_weak, normal
from relay.rules.words.commands import (
    code_alone,
    command_of,
    is_a_word,
    mentions_code,
    perhaps,
    without_code,
)
from relay.rules.words.topics import is_about

__all__ = [
    "Answer",
    "code_alone",
    "command_of",
    "is_a_word",
    "is_about",
    "is_weak",
    "languages",
    "mentions_code",
    "normal",
    "perhaps",
    "say",
    "without_code",
]
