"""Which macros fit a reading, and why: the two or three that an agent should see first.

It must not know the ticket's text; it compares a reading with what each shipped macro says it fits.
"""

from __future__ import annotations

from collections.abc import Mapping

from integration import content
from integration.content import MacroText
from integration.model import ROUTINE_INTENTS, Charge, Desk, Intent, MacroRef, Reading, Suggestion

# Macros shown to an agent. Our choice: a list that is read at one glance.
MOST = 3
# What a matching intent or signal counts, in points; an emotion counts its strength (0…1).
POINTS = 2.0
# What a macro counts more in a line of business that names it: less than a matching intent, more than a feeling.
FAVOUR = 1.0
# These say nothing about what happened, so a macro needs a feeling or a signal in common as well.
_WIDE = ROUTINE_INTENTS | {Intent.COMPLAINT, Intent.OTHER, Intent.FEATURE_REQUEST, Intent.SALES_LEAD}


def fitting(reading: Reading, desk: Desk, pack: str = "") -> tuple[Suggestion, ...]:
    """The macros that fit best, best first; only those that install made and that still stand in the desk.

    Each in the reading's language where the desk has it so, else in English. Among those that fit, the ones that the
    line of business names go before others.
    """
    favoured = content.pack(pack).macros if pack else ()
    here = {macro.key: macro for macro in desk.macros}
    ranked = sorted(
        (
            (-_favoured(_points(text, reading), text, favoured), place, text)
            for place, text in enumerate((*content.answers(), *content.empathy()))
        ),
        key=lambda entry: entry[:2],
    )
    fit = ((text, _nearest(text, reading.language, here)) for points, _, text in ranked if points < 0)
    return tuple(Suggestion(macro=macro, because=text.because) for text, macro in fit if macro is not None)[:MOST]


def _nearest(text: MacroText, language: str, here: Mapping[str, MacroRef]) -> MacroRef | None:
    return here.get(content.in_language(text.key, language)) or here.get(text.key)


def _favoured(points: float, text: MacroText, favoured: tuple[str, ...]) -> float:
    """What fits counts a little more in the line of business that it was chosen for; what does not fit, nothing."""
    return points + FAVOUR if points > 0 and text.key in favoured else points


def _points(text: MacroText, reading: Reading) -> float:
    """How well a macro fits; 0 where it does not. Among equals, the one with the narrower purpose wins."""
    fits = text.fits
    if reading.charge not in fits.charges or not reading.readable:
        return 0.0
    intent = POINTS if reading.intent in fits.intents else 0.0
    signals = POINTS * len(fits.signals & reading.signals)
    feelings = sum(strength for emotion, strength in reading.emotions.items() if emotion in fits.emotions)
    if text.key.startswith("answer/"):
        return intent + POINTS if intent and reading.charge is Charge.CALM else intent
    if not (intent or signals) or (reading.intent in _WIDE and not (signals or feelings)):
        return 0.0
    if fits.only_with_signal and not signals:
        return 0.0
    return intent + signals + feelings + 1 / (1 + len(fits.intents))
