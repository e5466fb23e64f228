"""Cuts a transcript into the pieces of words that the encoder knows, with the place of each in the newest message.

It must not know what the encoder makes of them. Training and product cut alike, so both do it here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from integration.analysis.transcript import Transcript, Written

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Pieces that are read of the newest message at once, and of what led to it.
NEWEST, EARLIER = 200, 72
# Of a longer letter, the pieces that are read at its beginning; the others are read at its end.
_BEGINNING = 133
# Parts of a letter's middle that are read: with both ends about 700 words. What is longer no bot answers.
_MOST_PARTS = 5
# Pieces that two readings of a letter's middle have in common, so that no sentence is cut in both.
_SHARED = 40


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is read, and where each piece of the newest message stands in the cleaned text; None for the others."""

    ids: Sequence[int]
    spans: Sequence[tuple[int, int] | None]
    last: bool = True  # whether all of the message stands in this part and those before it


class Cutter:
    """Cuts with one tokenizer, whose special pieces `marks` names: first and last."""

    def __init__(self, tokenizer: Tokenizer, marks: Mapping[str, int]) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._first, self._last = marks["first"], marks["last"]

    def cut(self, transcript: Transcript) -> list[Pieces]:
        """The pieces of `transcript`: the newest message, then what led to it.

        A letter that is too long to be read at once comes as its beginning and end, and then its middle in parts, as
        many as are read.
        """
        ids, spans = self._newest(transcript.newest)
        earlier = self._earlier(transcript.earlier)
        if len(ids) <= NEWEST:
            return [self._whole(ids, spans, earlier)]
        end = len(ids) - (NEWEST - _BEGINNING)
        parts = [self._whole([*ids[:_BEGINNING], *ids[end:]], [*spans[:_BEGINNING], *spans[end:]], earlier)]
        starts = range(_BEGINNING - _SHARED, end, NEWEST - _SHARED)
        for start in starts[:_MOST_PARTS]:
            parts.append(self._whole(ids[start : start + NEWEST], spans[start : start + NEWEST], earlier))
        parts[-1] = replace(parts[-1], last=len(starts) <= _MOST_PARTS)
        return parts

    def _whole(self, ids: Sequence[int], spans: Sequence[tuple[int, int] | None], earlier: Sequence[int]) -> Pieces:
        whole = [self._first, *ids, self._last, *earlier]
        return Pieces(whole, [None, *spans, *[None] * (1 + len(earlier))])

    def _newest(self, written: Written) -> tuple[list[int], list[tuple[int, int] | None]]:
        encoded = self._tokenizer.encode(written.text, add_special_tokens=False)
        places = written.places
        spans = [(places[start][0], places[max(start, end - 1)][1]) for start, end in encoded.offsets]
        return encoded.ids, [span if span[0] < span[1] else None for span in spans]

    def _earlier(self, text: str) -> list[int]:
        if not text:
            return []
        return [*self._tokenizer.encode(text, add_special_tokens=False).ids[:EARLIER], self._last]
