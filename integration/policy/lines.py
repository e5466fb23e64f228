"""Makes the lines of a note fit: what helps least goes first, and no fact is said twice.

It must not know what a line is about: each says itself how early it goes and what then takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from integration.policy.masking import hidden_numbers

# A note is read before answering, so it must fit one glance: the brief's limit, in words.
WORDS = 150
# A person reads about four words a second but scans lines with labels faster: so many are read in 15 to 20 seconds.
# Beyond them goes what only embellishes; facts, promises and needs stay. Our choice.
EASY_WORDS, EMBELLISHES = 100, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a note, how early it goes when the note is too long (0 never goes), and what then takes its place."""

    text: str = ""
    goes: int = 0
    shorter: Line | None = None
    quotes: bool = False  # whether it shows the customer's own words
    beside: Callable[[str], str] | None = None  # its text, given the customer's words that stand in the note


def fitted(lines: tuple[Line, ...]) -> str:
    """The lines as one text of at most WORDS words, fewer where little is lost: what helps least goes first."""
    kept = [line for line in lines if line.text or line.beside]
    while (words := count(text := _written(kept))) > EASY_WORDS:
        least = max(kept, key=lambda line: line.goes)
        if words <= WORDS and least.goes < EMBELLISHES:
            break
        if least.goes == 0:
            return hidden_numbers(_cut(text))
        kept = [line.shorter or line if line is least else line for line in kept if line is not least or line.shorter]
    return hidden_numbers(text).strip()


def count(text: str) -> int:
    """Words, counted the stricter way: by spaces, or by runs of letters and digits."""
    return max(len(text.split()), len(re.findall(r"\w+", text)))


def _written(lines: list[Line]) -> str:
    quoted = "\n".join(line.text for line in lines if line.quotes)
    texts = (line.beside(quoted) if line.beside else line.text for line in lines)
    return "\n".join(text for text in texts if text)


def _cut(text: str) -> str:
    """The beginning of a text that no dropping makes short enough: reasons or titles of an absurd length."""
    words = text.split()
    while count(" ".join(words)) > WORDS:
        words.pop()
    return " ".join(words)
