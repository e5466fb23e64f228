"""Word-level evidence by TextBlob's English word list: which words are good or bad, negation minded.

It must not be asked about other languages, and it needs no download: the list ships inside the package.
"""

from __future__ import annotations

from collections.abc import Sequence

from integration.analysis import tables
from integration.analysis.finding import Finding
from integration.analysis.phrases import Word, fold
from integration.model import Signal

# Polarity under which a word is too faint to be shown; TextBlob gives "new" 0.14 and "other" -0.13.
_FAINT = 0.3
# How many words are shown: more would hide the reasons that count.
_MOST_SHOWN = 6


def feelings(text: str, words: Sequence[Word]) -> tuple[float, list[Finding]]:
    """The mean polarity of `text` (-1...1), and its most telling words as findings."""
    # TextBlob brings in nltk (a fifth of a second), which commands that read nothing should not wait for.
    from textblob import TextBlob

    flat = tables.classes()["flat"]
    assessed = TextBlob(_in_small_letters(text)).sentiment_assessments
    places: dict[str, list[Word]] = {}
    for word in words:
        places.setdefault(word.text, []).append(word)
    found: dict[int, Finding] = {}
    for chunk, polarity, _, _ in assessed.assessments:
        last = fold(chunk[-1])
        if abs(polarity) < _FAINT or last in flat or not places.get(last):
            continue
        word = places[last].pop(0)
        found[word.start] = Finding(
            signal=Signal.FEELING,
            weight=round(min(1.0, abs(polarity)) * 0.5, 3),
            reason=f"A {'good' if polarity > 0 else 'bad'} word ({polarity:+.1f} in TextBlob's list)",
            start=word.start,
            end=word.end,
            polarity=polarity * 0.4,
        )
    strongest = sorted(found.values(), key=lambda finding: (-finding.weight, finding.start))[:_MOST_SHOWN]
    return float(assessed.polarity), sorted(strongest, key=lambda finding: finding.start)


def _in_small_letters(text: str) -> str:
    """TextBlob reads "HAPPY" and "Happy" differently from "happy" in places; what is loud is heard elsewhere."""
    return text.lower().replace("’", "'")
