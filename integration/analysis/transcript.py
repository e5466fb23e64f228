"""Writes a conversation down as the encoder reads it: plain words, the newest message first, what led to it after.

It must not know the encoder's vocabulary, nor any label. Training and product both read through it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from integration.analysis.clean import clean
from integration.model import Message, Ticket, Who

# Earlier public messages that are written down; what lies farther back is the note's matter, not the mood's.
_EARLIER = 4
# Characters of an earlier message: its beginning says what it was about.
_EARLIER_LENGTH = 600
# Words in capitals (three letters and more) from which a message is noted as shouted; the vocabulary has no capitals.
_SHOUTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text in plain words; `places[i]` is what its character i was written for: the start and end in the text."""

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What the encoder is given."""

    newest: Written
    earlier: str  # the newest of them first, each after the name of its author; empty where there are none


def transcript(ticket: Ticket, text: str) -> Transcript:
    """The conversation of `ticket`, of which `text` is the cleaned newest message with its subject."""
    newest = ticket.newest
    before = ticket.before(newest) if newest else ()
    return Transcript(newest=write(text), earlier=_earlier(before))


# A handle, a link, a number that only a machine reads (an order, a case), or any sign outside the plain planes.
_SPECIAL = re.compile(
    r"(?P<link>https?://\S+|www\.\S+)|(?P<handle>(?<!\w)@\w+)|"
    r"(?P<number>(?<![\w-])(?=(?:(?:[^\W\d]|-){0,40}\d){4})[\w-]{6,40}(?![\w-]))|(?P<sign>[\u2190-\u2bff\u3030\U0001f000-\U0001faff])"
)
_WRITTEN = {"link": "link", "handle": "@user", "number": "number"}
# Signs that only modify the one before: skin tones.
_MODIFIERS = range(0x1F3FB, 0x1F400)


def write(text: str) -> Written:
    """`text` with emoji by their names, and handles, links and long numbers by what they are."""
    written: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for found in _SPECIAL.finditer(text):
        _copy(text, end, found.start(), written, places)
        word = _word(found)
        written.append(word)
        places.extend([found.span()] * len(word))
        end = found.end()
    _copy(text, end, len(text), written, places)
    if _shouted(text):
        written.append(" (shouting)")
        places.extend([(len(text), len(text))] * len(" (shouting)"))
    return Written(text="".join(written), places=tuple(places))


def _copy(text: str, start: int, end: int, written: list[str], places: list[tuple[int, int]]) -> None:
    written.append(text[start:end])
    places.extend((place, place + 1) for place in range(start, end))


def _word(found: re.Match[str]) -> str:
    if found.lastgroup != "sign":
        return _WRITTEN[found.lastgroup or ""]
    sign = found.group()
    if ord(sign) in _MODIFIERS:
        return ""
    name = unicodedata.name(sign, "").lower()
    return f" {name} " if name else " "


def _shouted(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]{3,}", text) if word.isupper()]
    return len(words) >= _SHOUTED


_NAMES = {Who.CUSTOMER: "customer", Who.AGENT: "agent"}


def _earlier(before: Sequence[Message]) -> str:
    said = [m for m in before if m.public][-_EARLIER:]
    lines = [f"{_NAMES.get(m.who, 'bot')}: {write(clean('', m.text).text[:_EARLIER_LENGTH]).text}" for m in said]
    return " ".join(reversed(lines))
