"""Chooses which of the customer's own words a note shows: what the newest message asks, and where a feeling shows.

It must not change a word: each quote is a masked piece of a message, cut at sentences or marked where it is cut.
"""

from __future__ import annotations

import re
from itertools import pairwise

from integration.model import Evidence, Reading, Signal, Ticket
from integration.policy.masking import masked, masked_lines
from integration.policy.spoken import around, clipped, own_words, plain, sentences

# Words shown of a newest message, whole up to the first number, else cut to the second; and of a quote, and of quotes.
WHOLE_WORDS = 32
OWN_WORDS = 24
QUOTE_WORDS = 9
MOST_QUOTES = 2

# A sentence of a long message that asks for something: more use to a person than how the message begins.
_ASKS = re.compile(
    r"\?[\s\"”')]*$|\b(?:please|(?:can|could|would)\s(?:you|someone|somebody)|i(?:['’]d|\swould)\s(?:rather|like)(?!\sto\s(?:say|thank|apologi))|i\s(?:want|need|wish|expect|demand)"
    r"|bitte|ich\s(?:möchte|brauche)|necesito|quiero|preciso|j['’]aimerais|ho\sbisogno|graag|ik\swil"
    r"|por\sfavor|quisiera|gostaria|s['’]il\svous\spla[iî]t|je\svoudrais|vorrei|per\sfavore)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“][^\"”]{1,200}[\"”]")  # what others said asks nothing
_FELT = frozenset({Signal.FEELING, Signal.LOUD, Signal.SARCASM, Signal.PROFANITY, Signal.CHURN})
# These tell what happened rather than how it feels: shown where nothing else is.
_FELT_TOO = frozenset({Signal.REPEAT_CONTACT, Signal.BROKEN_PROMISE})


def own(text: str) -> tuple[str, bool]:
    """A message in its own words, and whether that is all of it: whole, else what it asks for, else its beginning."""
    whole = own_words(text, WHOLE_WORDS)
    if whole == own_words(text, WHOLE_WORDS + 1):
        return whole, True
    said = sentences(masked_lines(plain(text)))
    asked = [number for number, one in enumerate(said) if _ASKS.search(_QUOTED.sub("", one))]
    joined = "".join(
        (" " if before + 1 == number else " … ") + said[number] for before, number in pairwise([-1, *asked])
    ).removeprefix(" … ")
    return (clipped(joined.strip(), OWN_WORDS) if asked else own_words(text, OWN_WORDS)), False


def felt(ticket: Ticket, reading: Reading) -> list[str]:
    """Where it shows, each from a sentence of its own; nothing where the whole message stands above already."""
    newest = ticket.newest
    if newest is None or own(newest.text)[1]:
        return []
    said = sentences(masked_lines(plain(newest.text)))
    for signals in (_FELT, _FELT_TOO):
        shows = heaviest([e for e in reading.evidence if e.signal in signals and e.quote.strip()])
        shown = [_place(masked(max(sentences(e.quote), key=len, default="")), said) for e in shows]
        if found := dict(one for one in reversed(shown) if one):
            return list(dict.fromkeys(found[place] for place, _ in filter(None, shown)))[:MOST_QUOTES]
    return []


def heaviest(evidence: list[Evidence]) -> list[Evidence]:
    """The pieces of evidence, the heaviest first."""
    return sorted(evidence, key=lambda e: (-e.weight, e.start))


def _place(piece: str, said: list[str]) -> tuple[int, str] | None:
    """The sentence in which a piece of evidence stands, by its number, and the words around it."""
    for number, sentence in enumerate(said):
        if piece and (start := sentence.find(piece)) >= 0:
            return number, around(sentence, start, QUOTE_WORDS).rstrip(" .,;:")
    return None
