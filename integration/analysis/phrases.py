"""Cuts a text into words with their places, and finds phrases of a small bounded pattern language among them.

It must not know what any phrase means. Regular expressions were refused for the tables: one careless repeat in a row
that anybody may add would let a single mail stall the worker, and rows are to be read by people who do not program.

The language, word by word:  `refund`  exactly this word · `refund*`  any word that begins so · `where|when`  either ·
`?please`  may be left out · `_`  up to three words of any kind · `__`  up to eight · `@number`  a class of words.
Case, accents, apostrophes and drawn-out letters do not count ("Dooon’t" is `dont`). A phrase stays within one sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

_WORD = re.compile(
    r"[0-9]+(?:[.,:][0-9]+)+|[^\W_]+(?:['’`´][^\W_]+)*|[£$€₹₦¥?!%&]|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_BREAK = re.compile(r"(?<![.!?…])[.!?…]+(?:\s|$|[\"'”’)\]])|\n\s*\n")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_GAPS = {"_": 3, "__": 8}  # words of any kind: a short aside, half a clause
_SHORTEST_PREFIX = 3  # letters: a shorter one would stand for half the dictionary


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as it is compared, where it stands (characters), and in which sentence."""

    text: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One place of a phrase: the words that fit, or a gap of up to `gap` words."""

    words: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    digits: bool = False
    gap: int = 0

    def fits(self, word: str) -> bool:
        """Whether a word may stand here."""
        return word in self.words or (self.digits and word[0].isdigit()) or word.startswith(self.prefixes)


class Phrases(Generic[T]):
    """A set of phrases, each with what it stands for, found together in one pass over the words."""

    def __init__(self, rows: Iterable[tuple[str, T]], classes: Mapping[str, Sequence[str]]) -> None:
        self._by_word: dict[str, list[tuple[tuple[_Part, ...], T]]] = {}
        self._by_prefix: dict[str, list[tuple[tuple[_Part, ...], T]]] = {}
        self._by_digit: list[tuple[tuple[_Part, ...], T]] = []
        for phrase, meaning in rows:
            for parts in _compiled(phrase, classes):
                self._file(parts, meaning)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def find(self, words: Sequence[Word]) -> Iterator[tuple[T, int, int]]:
        """Each meaning found, with the positions of its first word and of the one after its last."""
        for position, word in enumerate(words):
            for parts, meaning in self._beginning(word.text):
                end = _match(parts, 1, words, position + 1, word.sentence)
                if end:
                    yield meaning, position, end

    def _file(self, parts: tuple[_Part, ...], meaning: T) -> None:
        first = parts[0]
        for word in first.words:
            self._by_word.setdefault(word, []).append((parts, meaning))
        for prefix in first.prefixes:
            self._by_prefix.setdefault(prefix, []).append((parts, meaning))
        if first.digits:
            self._by_digit.append((parts, meaning))

    def _beginning(self, word: str) -> Iterator[tuple[tuple[_Part, ...], T]]:
        yield from self._by_word.get(word, ())
        for length in self._prefix_lengths:
            yield from self._by_prefix.get(word[:length], ()) if len(word) >= length else ()
        if word[0].isdigit():
            yield from self._by_digit


def words(text: str) -> tuple[Word, ...]:
    """The words of `text` in order, ready to be compared."""
    breaks = [match.start() for match in _BREAK.finditer(text)]
    found: list[Word] = []
    sentence = 0
    for match in _WORD.finditer(text):
        while sentence < len(breaks) and breaks[sentence] < match.start():
            sentence += 1
        folded = fold(match[0])
        if folded:
            found.append(Word(folded, match.start(), match.end(), sentence))
    return tuple(found)


@lru_cache(maxsize=20_000)  # words: the vocabulary of a busy desk; each entry is a few dozen bytes
def fold(word: str) -> str:
    """`word` as it is compared: small letters, no accents, no apostrophes, no drawn-out letters."""
    word = word.casefold()
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).casefold()
    return _DRAWN_OUT.sub(r"\1", re.sub("['’`´]", "", word))


def _match(parts: tuple[_Part, ...], index: int, words: Sequence[Word], position: int, sentence: int) -> int:
    """The position after the match of `parts[index:]` at `position`, or 0; bounded, as gaps are few and short."""
    if index == len(parts):
        return position
    part = parts[index]
    if part.gap:
        for skip in range(part.gap + 1):
            end = _match(parts, index + 1, words, position + skip, sentence)
            if end:
                return end
        return 0
    if position >= len(words) or words[position].sentence != sentence or not part.fits(words[position].text):
        return 0
    return _match(parts, index + 1, words, position + 1, sentence)


def _compiled(phrase: str, classes: Mapping[str, Sequence[str]]) -> list[tuple[_Part, ...]]:
    """The phrase as parts; one that may leave words out becomes several."""
    variants: list[tuple[_Part, ...]] = [()]
    for piece in phrase.split():
        optional = piece.startswith("?") and len(piece) > 1
        part = _part(piece.removeprefix("?") if optional else piece, classes)
        longer = [(*variant, part) for variant in variants]
        variants = longer + variants if optional else longer
    good = [variant for variant in variants if variant and not variant[0].gap and not variant[-1].gap]
    if not good:
        raise ValueError(f"a phrase must begin and end with a word: {phrase!r}")
    return good


def _part(piece: str, classes: Mapping[str, Sequence[str]]) -> _Part:
    if piece in _GAPS:
        return _Part(gap=_GAPS[piece])
    plain: set[str] = set()
    prefixes: list[str] = []
    digits = False
    for option in piece.split("|"):
        if option.startswith("@"):
            plain.update(fold(word) for word in classes[option[1:]])
            digits = digits or option == "@number"
        elif option.endswith("*"):
            prefixes.append(fold(option[:-1]))
        else:
            plain.add(fold(option))
    if any(len(prefix) < _SHORTEST_PREFIX for prefix in prefixes) or "" in plain:
        raise ValueError(f"too short to search for: {piece!r}")
    return _Part(frozenset(plain), tuple(prefixes), digits)
