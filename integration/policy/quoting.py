"""Chooses which of the customer's own words a note shows: what the newest message asks, and where a feeling shows.

It must not change a word: each quote is a masked piece of a message, cut at sentences or marked where it is cut.
"""

from __future__ import annotations

import re
from itertools import pairwise

from integration.model import Evidence, Reading, Signal, Ticket
from integration.policy.earlier_words import courteous
from integration.policy.masking import masked, masked_lines
from integration.policy.spoken import around, clipped, own_words, plain, sentences

# Words shown of a newest message, whole up to the first number, else cut to the second, or to the third where
# there is room; and of a quote, and of quotes.
WHOLE_WORDS = 32
OWN_WORDS = 24
MORE_WORDS = 40
QUOTE_WORDS = 9
MOST_QUOTES = 2
# The sentence that tells of a death or a danger stands beside what they ask, in so many words more.
GRAVE_WORDS = 16

# A sentence of a long message that asks for something: more use to a person than how the message begins.
_ASKS = re.compile(
    r"\?[\s\"”')]*$|\b(?:please|(?:can|could|would)\s(?:you|someone|somebody)|i(?:['’]d|\swould)\s(?:rather|like)(?!\sto\s(?:say|thank|apologi))"
    r"|i\s(?:want|need|wish|expect|demand)(?!\sto\s(?:say|thank|apologi|set))"
    r"|bitte|ich\s(?:möchte|brauche)|necesito|quiero|preciso|j['’]aimerais|ho\sbisogno|graag|ik\swil"
    r"|por\sfavor|quisiera|gostaria|s['’]il\svous\spla[iî]t|je\svoudrais|vorrei|per\sfavore"
    r"|se\ssi\spotesse|sarebbe\spossibile|könnten\ssie|wäre\ses\smöglich|pourriez|serait-il\spossible|podrían|podriam)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“][^\"”]{1,200}[\"”]")  # what others said asks nothing
_FELT = frozenset({Signal.FEELING, Signal.LOUD, Signal.SARCASM, Signal.PROFANITY, Signal.CHURN})
# These tell what happened rather than how it feels: shown where nothing else is.
_FELT_TOO = frozenset({Signal.REPEAT_CONTACT, Signal.BROKEN_PROMISE})
# Without the sentence that shows one of these, what they ask cannot be understood.
_GRAVE = frozenset({Signal.BEREAVEMENT, Signal.SELF_HARM, Signal.SAFETY, Signal.FRAUD})
# Where nothing is asked, the note begins where the request or what is grave shows, else where a sum stands.
_MATTER = (_GRAVE | {Signal.INTENT}, frozenset({Signal.AMOUNT}))


def own(text: str, evidence: tuple[Evidence, ...] = ()) -> tuple[str, bool]:
    """A message in its own words, and whether that is all of it: whole, else what it asks for, else its matter.

    `evidence` shows where a death or a danger is told, which stands there too, and where the matter is.
    """
    whole = own_words(text, WHOLE_WORDS)
    if whole == own_words(text, WHOLE_WORDS + 1):
        return whole, True
    said = sentences(masked_lines(plain(text)))
    grave, asked = _shown_at(said, evidence, _GRAVE)[:1], _asking(said)
    if not asked:
        begins = next((min(found) for signals in _MATTER if (found := _shown_at(said, evidence, signals))), 0)
        return clipped(("… " if begins else "") + " ".join(said[begins:]), OWN_WORDS), False
    most = OWN_WORDS + sum(min(len(said[number].split()), GRAVE_WORDS) for number in grave)
    return clipped(_joined(said, sorted({*grave, *_fitting(said, [n for n in asked if n not in grave])})), most), False


def more_of(text: str, evidence: tuple[Evidence, ...] = ()) -> str:
    """A long message in more of its own words: a death or danger, what it asks for, then how it begins."""
    said = sentences(masked_lines(plain(text)))
    grave = _shown_at(said, evidence, _GRAVE)[:1]
    asked = [*grave, *(number for number in _asking(said) if number not in grave)]
    kept: list[int] = []
    for number in (*asked, *(n for n in range(len(said)) if n not in asked and not courteous(said[n]))):
        if sum(len(said[one].split()) for one in (*kept, number)) <= MORE_WORDS:
            kept.append(number)
    return _joined(said, sorted(kept))


def _asking(said: list[str]) -> list[int]:
    return [number for number, one in enumerate(said) if _ASKS.search(_QUOTED.sub("", one))]


def _fitting(said: list[str], asked: list[int]) -> list[int]:
    """All that is asked; where the first alone is too long and they put questions later, those."""
    if not asked or len(said[asked[0]].split()) <= OWN_WORDS:
        return asked
    return [number for number in asked[1:] if said[number].endswith("?")] or asked


def _shown_at(said: list[str], evidence: tuple[Evidence, ...], signals: frozenset[Signal]) -> list[int]:
    """The numbers of the sentences in which such evidence stands, the heaviest first."""
    pieces = (masked(e.quote).strip() for e in heaviest([e for e in evidence if e.signal in signals]))
    places = (_place(piece, said) for piece in pieces)
    return list(dict.fromkeys(place[0] for place in places if place))


def _joined(said: list[str], kept: list[int]) -> str:
    """Sentences by their numbers; a dot of three where one is left out."""
    pieces = ((" " if before + 1 == number else " … ") + said[number] for before, number in pairwise([-1, *kept]))
    return "".join(pieces).removeprefix(" … ").strip()


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
