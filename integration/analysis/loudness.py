"""Hears how loudly a message is written: capitals, marks, emoji.

It must not decide whether the loud feeling is a good one; loud is not angry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from integration.analysis.finding import Finding
from integration.analysis.phrases import Word
from integration.model import Emotion, Signal

# Letters: shorter words in capitals are mostly abbreviations (PDF, VAT, IBAN).
_SHOUTED = 4
_MARKS = re.compile(r"[!?]{2,}|(?:![^!]{0,80}){2}!")
_EMOJI = {
    "😡🤬😠👿💢": ("An angry emoji", -0.7, Emotion.ANGER),
    "😤🙄😑😒🤦🙃": ("An annoyed emoji", -0.4, Emotion.FRUSTRATION),
    "😭😢💔😞😔🥺": ("A sad emoji", -0.3, Emotion.SADNESS),
    "😨😰😱😟😧": ("A worried emoji", -0.4, Emotion.ANXIETY),
    "😍🥰🎉🥳💕🤩💖🙌👏": ("A delighted emoji", 0.5, Emotion.JOY),
    "🙏❤💛💙😊👍": ("A friendly emoji", 0.2, Emotion.GRATITUDE),
}


def hear(text: str, words: Sequence[Word]) -> list[Finding]:
    """What is loud in `text`, whose words are `words`."""
    return [*_capitals(text, words), *_marks(text), *_emoji(text)]


def _capitals(text: str, words: Sequence[Word]) -> list[Finding]:
    shouted = [w for w in words if w.end - w.start >= _SHOUTED and text[w.start : w.end].isupper()]
    lettered = [w for w in words if w.end - w.start >= _SHOUTED and w.text.isalpha()]
    if not shouted or (len(shouted) < 2 and len(lettered) > 1):
        return []
    share = len(shouted) / max(1, len(lettered))
    first = shouted[0]
    strength = min(1.0, 0.2 + share)
    return [
        Finding(
            signal=Signal.LOUD,
            weight=strength,
            reason="Words in capitals",
            start=first.start,
            end=first.end,
        )
    ]


def _marks(text: str) -> list[Finding]:
    match = _MARKS.search(text)
    if match is None:
        return []
    return [Finding(signal=Signal.LOUD, weight=0.3, reason="Repeated marks", start=match.start(), end=match.end())]


def _emoji(text: str) -> list[Finding]:
    found = []
    for listed, (reason, polarity, emotion) in _EMOJI.items():
        position = next((i for i, c in enumerate(text) if c in listed), None)
        if position is not None:
            found.append(
                Finding(
                    signal=Signal.FEELING,
                    weight=0.4,
                    reason=reason,
                    start=position,
                    end=position + 1,
                    polarity=polarity,
                    emotions={emotion: 0.5},
                )
            )
    return found
