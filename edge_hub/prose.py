"""Sentences that the hub wrote down in English, recognised again: a screen shows them in its reader's language.

The journal, the ledgers of jobs and mails and a device's last error hold prose: a fact as it was found, for logs and
people who look for it years later, by drivers that know nothing of languages. The English locale file has the hub's own
sentences as templates, those of problems and those under `said.`; a stored one is matched with them, and its values
fill another language's. What matches none is somebody else's.
"""

import re
from collections.abc import Mapping
from string import Formatter

PREFIXES = ("said.", "problem.", "detail.", "simulator.")
LETTERS_MIN = 6
"""Of its own, in a template that is looked for: one that is all values would claim every sentence."""
SENTENCE_CHARACTERS_MAX = 500
"""A longer one is nobody's template."""
URL = "url"
"""The placeholder of a device's address, which nothing else looks like."""
_URL = r"[a-z]+://[^\s]+?"


class Prose:
    """The templates of one locale file."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        ours = [(key, text) for key, text in texts.items() if key.startswith(PREFIXES) and _telling(text)]
        ours.sort(key=lambda one: -_letters(one[1]))  # the one that says most is meant
        self._templates = tuple((key, _pattern(text)) for key, text in ours)

    def recognised(self, sentence: str) -> tuple[str, dict[str, str]] | None:
        """The key of the template that `sentence` was made from, and its values; None: not the hub's."""
        if len(sentence) > SENTENCE_CHARACTERS_MAX:
            return None
        for key, pattern in self._templates:
            if (match := pattern.fullmatch(sentence)) is not None:
                return key, match.groupdict()
        return None


def _telling(text: str) -> bool:
    return _letters(text) >= LETTERS_MIN or f"{{{URL}}}" in text


def _letters(text: str) -> int:
    return sum(letter.isalpha() for literal, *_ in Formatter().parse(text) for letter in literal)


def _pattern(text: str) -> re.Pattern[str]:
    parts, seen = [], set[str]()
    for literal, name, _, conversion in Formatter().parse(text):
        parts.append(re.escape(literal))
        if name is not None:
            quote = "['\"]" if conversion == "r" else ""
            kind = _URL if name == URL else ".+?"
            value = f"(?P={name})" if name in seen else f"(?P<{name}>{kind})"
            parts.append(f"{quote}{value}{quote}")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
