"""Says in which language a text is written, from its small words and its script, and how sure that is.

It must not translate. A trained detector was refused for now: seven languages are told apart well enough by the words
that every sentence needs, and an honest "und" costs only a person's look.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from integration.analysis import tables
from integration.analysis.phrases import Word

UNKNOWN = "und"  # ISO 639-2's own word for "undetermined"
# Share of a text that the small words of its language make up: half of running English, a third of a chat.
_USUAL_SHARE = 0.33
# Words: under this many, the share says less than it seems to.
_FEW_WORDS = 4

_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
_LETTERS = {"ß": "de", "ñ": "es", "¿": "es", "¡": "es", "ã": "pt", "õ": "pt", "œ": "fr", "ĳ": "nl"}
_FOREIGN_LETTERS = frozenset("ąćęłńśźżčďěňřšťůžőűğışșțăđħľĺŕąčėįšųūžāēģīķļņøåæþðə")


@dataclass(frozen=True, slots=True)
class Language:
    """A language (ISO 639-1, or "und") and how sure it is (0...1)."""

    code: str
    confidence: float


def detect(text: str, words: Sequence[Word]) -> Language:
    """The language of `text`, whose words are `words`."""
    script = _by_script(text)
    if script:
        return script
    spoken = [word.text for word in words if word.text.isalpha()]
    if not spoken:
        return Language(UNKNOWN, 0.0)
    counts = {code: sum(word in listed for word in spoken) for code, listed in tables.stop_words().items()}
    for letter, code in _LETTERS.items():
        counts[code] += 2 * (letter in text.lower())
    (best, hits), (_, next_hits) = Counter(counts).most_common(2)
    if not hits:
        return Language(UNKNOWN, 0.0)
    share = min(1.0, hits / len(spoken) / _USUAL_SHARE)
    lead = (hits - next_hits) / hits
    strange = sum(letter in _FOREIGN_LETTERS for letter in text.lower()) / len(spoken)
    certain = min(1.0, share * (0.4 + 0.6 * min(1.0, 1.5 * lead)) * (0.8 if len(spoken) < _FEW_WORDS else 1.0))
    if hits == 1 and len(spoken) > _FEW_WORDS:
        certain *= 0.5  # one small word in a sentence of strange ones is chance
    certain = max(0.0, certain - min(0.6, strange))
    return Language(best if certain >= _FLOOR else UNKNOWN, round(certain, 2))


# Under this certainty the honest answer is "und"; chosen on the corpus: no Malay or Turkish text passes for English.
_FLOOR = 0.35


def _by_script(text: str) -> Language | None:
    """The language of a text that is mostly not in Latin letters."""
    letters = [c for c in text[:2000] if c.isalpha()]
    other = Counter(_script(c) for c in letters if c > "\u02ff")
    if not other or sum(other.values()) * 2 < len(letters):
        return None
    name, _ = other.most_common(1)[0]
    if name == "CYRILLIC" and any(c in "іїєґ" for c in text.lower()):
        return Language("uk", 0.8)
    if name == "CJK" and ("HIRAGANA" in other or "KATAKANA" in other):
        name = "HIRAGANA"
    return Language(_SCRIPTS[name], 0.7) if name in _SCRIPTS else Language(UNKNOWN, 0.0)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0]
