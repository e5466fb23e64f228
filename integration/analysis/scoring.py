"""Weighs what the readers found against what was learned, and says what the reading is and how sure.

It goes with `learned`. It must not look for anything itself, and it may never go under a floor that a finding sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from integration.analysis.finding import Finding
from integration.analysis.language import UNKNOWN
from integration.analysis.tables import ENGLISH
from integration.model import ROUTINE_INTENTS, Charge, Emotion, Intent, Sentiment, Signal, Urgency

# All thresholds below were chosen on seven files of the corpus that the table had not learned from.

# Heat (0...1) of the findings from which a message is no longer calm, whatever was learned: half of those are not.
HEATED = 0.8
# Probability (0...1) of harm under which a date is only a date ("open tomorrow?"): nine in ten of those on our corpus.
DATED = 0.1
# Probability (0...1) from which an emotion is named; a finding of one adds this share of its strength.
SHOWN, FROM_FINDINGS = 0.4, 0.35
# Points that a finding's weight adds to the logit of the intent it names.
NAMED = 3.0
# The learned intents are too modest: sharpened so, and moved so far by the doubt, 0.6 means right in six of ten.
SHARPEN, FROM_DOUBT = 1.4, 0.5
# Probability that a person is needed which is still tolerated, and the confidence it then becomes: the floor that the
# rules ship with. A certainty of no doubt at all is not claimed.
TOLERATED, FLOOR, SURE = 0.25, 0.6, 0.95
# Probability that coming back a third time adds: an answer of ours did not help.
AGAIN = 0.1
# Confidence (0...1) at most in a language that we did not measure, and in an unknown one.
OTHER_LANGUAGE, NO_LANGUAGE = 0.5, 0.3
# Language confidence under which English may be something else.
ENGLISH_ENOUGH = 0.6
L = TypeVar("L", bound=StrEnum)
_CHARGES, _URGENCIES = list(Charge), list(Urgency)
_VALENCE = dict(zip(Sentiment, (-1.0, -0.5, 0.0, 0.5, 1.0), strict=True))
_HEAT = dict(zip(Charge, (0.0, 0.5, 1.0), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The judgement; the names are those of `Reading`."""

    sentiment: Sentiment
    polarity: float
    charge: Charge
    charge_score: float
    emotions: Mapping[Emotion, float]
    urgency: Urgency
    intent: Intent
    confidence: Mapping[str, float]


def score(
    learned: Mapping[str, Mapping[str, float]],
    findings: Sequence[Finding],
    word_polarity: float,
    language: str,
    sure: float,
) -> Scores:
    """The judgement, from the learned probabilities, the findings, TextBlob's polarity (-1...1) and the language.

    `sure` is how sure the language is (0...1).
    """
    intent, of_intent = _intent(learned["intent"], findings, learned["person"]["needed"])
    charge, of_charge = _charge(learned["charge"], findings, intent)
    urgency, of_urgency = _urgency(learned["urgency"], findings, intent)
    sentiment, of_sentiment = _best(learned["sentiment"], Sentiment)
    emotions = _emotions(learned["emotions"], findings)
    again = any(f.signal is Signal.REPEAT_CONTACT and f.charge is not None for f in findings)
    safe = _certainty(min(1.0, learned["person"]["needed"] + AGAIN * again))
    if intent in ROUTINE_INTENTS and charge is not Charge.CHARGED:
        # A bot might answer, so what must be sure is that no harm is done: between calm and mild, low and normal,
        # nothing hangs. Everywhere else a confidence is the plain probability of its label.
        of_charge = min(1.0 - learned["charge"][Charge.CHARGED], safe)
        of_urgency = safe if urgency in {Urgency.LOW, Urgency.NORMAL} else of_urgency
        of_intent = min(of_intent, SURE)
    ceiling = _ceiling(language, sure)
    judged = {"sentiment": of_sentiment, "charge": of_charge, "urgency": of_urgency, "intent": of_intent}
    judged["emotions"] = min(of_charge, of_sentiment)
    confidence = {name: round(min(ceiling, value), 3) for name, value in judged.items()}
    return Scores(
        sentiment=sentiment,
        polarity=round(_polarity(learned["sentiment"], word_polarity), 3),
        charge=charge,
        charge_score=round(max(_mean(learned["charge"], _HEAT), 0.5 * _HEAT[charge]), 3),
        emotions=emotions,
        urgency=urgency,
        intent=intent,
        confidence={**confidence, "language": round(sure, 3)},
    )


def _intent(learned: Mapping[str, float], findings: Sequence[Finding], doubt: float) -> tuple[Intent, float]:
    """What was learned, moved by the findings that name an intent: an address of a machine is surer than any word.

    Where a person is hardly needed, the kinds that need one are less probable, and the other way round.
    """
    doubt = min(SURE, max(1.0 - SURE, doubt))
    logits = {Intent(name): SHARPEN * math.log(max(share, 1e-6)) for name, share in learned.items()}
    for name in logits:
        logits[name] += FROM_DOUBT * math.log(1.0 - doubt if name in ROUTINE_INTENTS else doubt)
    for name in {f.intent for f in findings if f.intent is not None}:
        logits[name] += NAMED * max(f.weight for f in findings if f.intent is name)
    if any(f.signal is Signal.MACHINE for f in findings):
        logits[Intent.AUTO_REPLY] += NAMED
    highest = max(logits.values())
    powers = {name: math.exp(logit - highest) for name, logit in logits.items()}
    best = max(powers, key=lambda name: powers[name])
    return best, powers[best] / sum(powers.values())


def _charge(learned: Mapping[str, float], findings: Sequence[Finding], intent: Intent) -> tuple[Charge, float]:
    charge, sure = _best(learned, Charge)
    if intent in {Intent.AUTO_REPLY, Intent.SPAM}:
        return charge, sure
    floors = [f.charge for f in findings if f.charge is not None]
    if _heat(findings) >= HEATED:
        floors.append(Charge.MILD)
    raised = max([charge, *floors], key=_CHARGES.index)
    return raised, sure if raised is charge else max(FLOOR, learned[raised])


def _heat(findings: Sequence[Finding]) -> float:
    """Independent reasons add up without passing 1."""
    cool = 1.0
    for finding in findings:
        cool *= 1.0 - min(0.95, finding.heat)
    return 1.0 - cool


def _urgency(learned: Mapping[str, float], findings: Sequence[Finding], intent: Intent) -> tuple[Urgency, float]:
    urgency, sure = _best(learned, Urgency)
    if intent in {Intent.AUTO_REPLY, Intent.SPAM}:
        return urgency, sure
    harmful = learned[Urgency.HIGH] + learned[Urgency.CRITICAL] >= DATED
    floors = [f.urgency for f in findings if f.urgency is not None and (harmful or f.signal is not Signal.DEADLINE)]
    raised = max([urgency, *floors], key=_URGENCIES.index)
    return raised, sure if raised is urgency else max(FLOOR, learned[raised])


def _emotions(learned: Mapping[str, float], findings: Sequence[Finding]) -> dict[Emotion, float]:
    """The learned probability of each, raised a little by what was found; only those that show."""
    strengths: dict[Emotion, float] = {}
    for emotion in Emotion:
        absent = 1.0 - learned[emotion]
        found = max((f.emotions.get(emotion, 0.0) for f in findings), default=0.0)
        strength = 1.0 - absent * (1.0 - FROM_FINDINGS * found)
        if strength >= SHOWN:
            strengths[emotion] = round(strength, 3)
    return strengths


def _certainty(doubt: float) -> float:
    """Doubt (0...1) as confidence that waiting and a canned answer do no harm; `TOLERATED` becomes `FLOOR`."""
    if doubt <= TOLERATED:
        return SURE - (SURE - FLOOR) * doubt / TOLERATED
    return FLOOR * (1.0 - doubt) / (1.0 - TOLERATED)


def _ceiling(language: str, sure: float) -> float:
    if language == ENGLISH:
        return 1.0 if sure >= ENGLISH_ENOUGH else OTHER_LANGUAGE
    return NO_LANGUAGE if language == UNKNOWN else OTHER_LANGUAGE


def _polarity(learned: Mapping[str, float], word_polarity: float) -> float:
    """The learned feeling, moved a little by TextBlob's words (-1...1)."""
    return max(-1.0, min(1.0, 0.8 * _mean(learned, _VALENCE) + 0.2 * word_polarity))


def _mean(shares: Mapping[str, float], scale: Mapping[L, float]) -> float:
    return sum(shares[label] * value for label, value in scale.items())


def _best(shares: Mapping[str, float], labels: type[L]) -> tuple[L, float]:
    label = max(shares, key=lambda name: shares[name])
    return labels(label), shares[label]
