"""Weighs what the cues found against what the encoder judged, and says what the reading is and how sure.

It must not look for anything itself, and a finding may raise protection here but never lower it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from integration.analysis.encoder import Judged
from integration.analysis.finding import Finding
from integration.analysis.language import UNKNOWN
from integration.analysis.tables import ENGLISH
from integration.model import (
    GRAVE_SIGNALS,
    PROTECTIVE_SIGNALS,
    ROUTINE_INTENTS,
    Charge,
    Emotion,
    Intent,
    Sentiment,
    Signal,
    Urgency,
)

# All numbers below were chosen on the blocks of the corpus that the encoder was not trained on; the development set
# and the unseen set (bench/tickets) were looked at beside them.

# Doubt (0...1: probability that a person is needed) under which a hint, a phrase that means its signal only about half
# the time, is taken for a turn of speech. A sure phrase never is, nor a hint at death, harm or helplessness: that error
# would be the worst one.
HINT_OVERRULED = 0.3
# Signals whose sure phrases lift to their floor whatever the encoder thinks, since told calmly they are as urgent, and
# the weight from which they do. Lesser ones keep a bot away all the same, but how urgent it is the encoder knows
# better: where they moved a held-out label, they mostly moved it away from the truth.
SURE_FROM: Mapping[Signal, float] = {Signal.SELF_HARM: 0.0, Signal.SAFETY: 1.0, Signal.FRAUD: 0.95}
# Points that a protective finding adds to the logit of the doubt, times its weight.
GUARD = 2.0
# Probability that the encoder must leave to a level (or a worse one) for a finding to lift the reading to it. A date
# that is near is no danger in itself: it only tips the scales.
THINKABLE = 0.1
TIPPING: Mapping[Signal, float] = {Signal.DEADLINE: 0.3}
# Points added to the logits where a label is chosen. Feelings: the readers from whom the encoder learned named weaker
# ones than the lead, on 160 development tickets put before them unmarked 26 times, stronger ones twice. Urgency: rare
# levels are not as rare on every desk as in our corpus. The probabilities themselves, and what they allow, stay.
LEAN: Mapping[str, float] = {
    Sentiment.VERY_NEGATIVE: 0.8,
    Sentiment.NEGATIVE: 0.4,
    Sentiment.POSITIVE: 0.5,
    Sentiment.VERY_POSITIVE: 0.3,
    Charge.MILD: 0.2,
    Charge.CHARGED: 0.1,
    Urgency.HIGH: 0.35,
    Urgency.CRITICAL: 0.2,
}
# Probability that must lie on a level and those above it for it to be the reading.
MIDDLE = 0.5
# Points that a finding's weight adds to the logit of the intent it names.
NAMED = 1.0
# Points for machine mail where the sender's address or a subject that is not part of the text says so.
MACHINE_MAIL = 3.0
# How far the doubt moves the intents: those that need a person, and those that do not.
FROM_DOUBT = 0.5
# Probability (0...1) from which an emotion is named; a finding of one adds this share of its strength.
SHOWN, FROM_FINDINGS = 0.35, 0.15
# Confidence (0...1) at most that an answer does no harm: in a language that we did not measure, and in an unknown one.
OTHER_LANGUAGE, NO_LANGUAGE = 0.5, 0.3
# The same for a letter of which not all was read.
NOT_WHOLE = 0.3
# Share of the confidence that is kept in a language that the encoder met little, and in an unknown one.
LITTLE_MET, NOT_MET = 0.9, 0.6
# Language confidence under which English may be something else.
ENGLISH_ENOUGH = 0.6
# Whoever comes with one of these waits for a person: it is never said to have no hurry at all.
AWAITED = frozenset(
    {
        Intent.BEREAVEMENT,
        Intent.VULNERABLE_CUSTOMER,
        Intent.WANTS_HUMAN,
        Intent.DOUBLE_CHARGE,
        Intent.DAMAGED_OR_WRONG_ITEM,
        Intent.LEGAL_THREAT,
        Intent.CHURN_THREAT,
    }
)
L = TypeVar("L", bound=StrEnum)
_VALENCE = dict(zip(Sentiment, (-1.0, -0.5, 0.0, 0.5, 1.0), strict=True))
_HEAT = dict(zip(Charge, (0.0, 0.5, 1.0), strict=True))
# Machines feel nothing and are in no hurry; praise tells of a danger that is past, but may be meant ironically. What
# speaks of death or harm counts everywhere.
_UNFEELING = frozenset({Intent.AUTO_REPLY, Intent.SPAM})
_UNHURRIED = _UNFEELING | {Intent.PRAISE}


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


def heard(judged: Judged, findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those lesser protective hints that the encoder is sure are only turns of speech.

    It can only be sure of words that it read: what stands below a signature, or was said earlier, always counts.
    """
    doubt = judged.shares["person"]["needed"]
    return [
        f
        for f in findings
        if not (f.hint and _protective(f) and f.signal not in GRAVE_SIGNALS)
        or doubt >= HINT_OVERRULED
        or not judged.saw(f.start, f.end)
    ]


def charged(judged: Judged) -> float:
    """How much (0...1) speaks for a charged reading."""
    return judged.shares["charge"][Charge.CHARGED]


def score(
    judged: Judged,
    findings: Sequence[Finding],
    word_polarity: float,
    language: str,
    sure: float,
) -> Scores:
    """The judgement, from the encoder's, the findings, TextBlob's polarity (-1...1) and the language.

    `sure` is how sure the language is (0...1). The confidence in `harmless` is the probability that an answer in set
    words harms nobody: that no person is needed, nothing burns and no strong feeling waits for a person.
    """
    shares = judged.shares
    doubt = _doubt(shares["person"]["needed"], findings)
    intent, of_intent = _intent(shares["intent"], findings, doubt)
    lifting = [f for f in findings if intent not in _UNFEELING or f.signal in GRAVE_SIGNALS]
    charge, of_charge = _level(shares["charge"], [(f.charge, f) for f in lifting if f.charge], Charge)
    urgency, of_urgency = _urgency(shares["urgency"], findings, intent)
    sentiment, of_sentiment = _likeliest(shares["sentiment"], Sentiment)
    emotions, of_emotions = _emotions(shares["emotions"], findings)
    kept = _kept(language, sure)
    confidence = {
        "sentiment": of_sentiment * kept,
        "charge": of_charge * kept,
        "emotions": of_emotions * kept,
        "urgency": of_urgency * kept,
        "intent": of_intent * kept,
        "harmless": _harmless(judged, doubt, _ceiling(language, sure)),
        "language": sure,
    }
    return Scores(
        sentiment=sentiment,
        polarity=round(_polarity(shares["sentiment"], word_polarity), 3),
        charge=charge,
        charge_score=round(max(_mean(shares["charge"], _HEAT), 0.5 * _HEAT[charge]), 3),
        emotions=emotions,
        urgency=urgency,
        intent=intent,
        confidence={name: round(max(0.0, min(1.0, value)), 3) for name, value in confidence.items()},
    )


def _harmless(judged: Judged, doubt: float, ceiling: float) -> float:
    charge, urgency = judged.shares["charge"], judged.shares["urgency"]
    return min(
        ceiling if judged.whole else NOT_WHOLE,
        1.0 - doubt,
        1.0 - charge[Charge.CHARGED],
        1.0 - urgency[Urgency.HIGH] - urgency[Urgency.CRITICAL],
    )


def _protective(finding: Finding) -> bool:
    return finding.signal in PROTECTIVE_SIGNALS and finding.signal is not Signal.MACHINE


def _doubt(judged: float, findings: Sequence[Finding]) -> float:
    """Probability that a person is needed: the encoder's, raised by the weightiest protective finding."""
    weight = max((f.weight for f in findings if _protective(f)), default=0.0)
    judged = min(1.0 - 1e-6, max(1e-6, judged))
    return 1.0 / (1.0 + math.exp(-(math.log(judged / (1.0 - judged)) + GUARD * weight)))


def _intent(shares: Mapping[str, float], findings: Sequence[Finding], doubt: float) -> tuple[Intent, float]:
    """The encoder's judgement, moved by the findings that name an intent and by whether a person is needed."""
    doubt = min(0.95, max(0.05, doubt))
    logits = {Intent(name): math.log(max(share, 1e-6)) for name, share in shares.items()}
    for name in logits:
        logits[name] += FROM_DOUBT * math.log(1.0 - doubt if name in ROUTINE_INTENTS else doubt)
    for name in {f.intent for f in findings if f.intent is not None}:
        logits[name] += NAMED * max(f.weight for f in findings if f.intent is name)
    if any(f.signal is Signal.MACHINE and f.start == f.end for f in findings):
        logits[Intent.AUTO_REPLY] += MACHINE_MAIL
    highest = max(logits.values())
    powers = {name: math.exp(logit - highest) for name, logit in logits.items()}
    best = max(powers, key=lambda name: powers[name])
    return best, powers[best] / sum(powers.values())


def _level(shares: Mapping[str, float], floors: Sequence[tuple[L, Finding]], levels: type[L]) -> tuple[L, float]:
    """The level in the middle of what is probable, lifted as far towards the floors as the encoder holds thinkable.

    The middle, since levels are ordered: between calm and charged, mild is the smaller error.
    """
    ordered = list(levels)
    above, leaning = _above(shares, ordered), _above(_leaning(shares), ordered)
    middle = max([0, *(place for place in range(len(ordered)) if leaning[place] >= MIDDLE)])
    lifted = [_thinkable(ordered.index(floor), above, finding) for floor, finding in floors]
    place = max([middle, *lifted])
    return ordered[place], shares[ordered[place]] if place == middle else above[place]


def _urgency(shares: Mapping[str, float], findings: Sequence[Finding], intent: Intent) -> tuple[Urgency, float]:
    hurrying = [f for f in findings if intent not in _UNHURRIED or f.signal in GRAVE_SIGNALS]
    urgency, sure = _level(shares, [(f.urgency, f) for f in hurrying if f.urgency], Urgency)
    if intent in AWAITED and urgency is Urgency.LOW:
        return Urgency.NORMAL, 1.0 - shares[Urgency.LOW]
    return urgency, sure


def _above(shares: Mapping[str, float], ordered: Sequence[str]) -> list[float]:
    return [sum(shares[worse] for worse in ordered[place:]) for place in range(len(ordered))]


def _leaning(shares: Mapping[str, float]) -> dict[str, float]:
    powers = {label: share * math.exp(LEAN.get(label, 0.0)) for label, share in shares.items()}
    total = sum(powers.values())
    return {label: power / total for label, power in powers.items()}


def _thinkable(floor: int, above: Sequence[float], finding: Finding) -> int:
    """How far a finding lifts: to its floor, or to the highest level below it that is thinkable."""
    if finding.weight >= SURE_FROM.get(finding.signal, math.inf) and not finding.hint:
        return floor
    thinkable = TIPPING.get(finding.signal, THINKABLE)
    return max([0, *(place for place in range(floor + 1) if above[place] >= thinkable)])


def _emotions(shares: Mapping[str, float], findings: Sequence[Finding]) -> tuple[dict[Emotion, float], float]:
    """The emotions that show with their strengths, and the probability that the least sure of the eight is right."""
    strengths: dict[Emotion, float] = {}
    sure = 1.0
    for emotion in Emotion:
        found = max((f.emotions.get(emotion, 0.0) for f in findings), default=0.0)
        strength = 1.0 - (1.0 - shares[emotion]) * (1.0 - FROM_FINDINGS * found)
        sure = min(sure, max(strength, 1.0 - strength))
        if strength >= SHOWN:
            strengths[emotion] = round(strength, 3)
    return strengths, sure


def _ceiling(language: str, sure: float) -> float:
    if language == ENGLISH:
        return 1.0 if sure >= ENGLISH_ENOUGH else OTHER_LANGUAGE
    return NO_LANGUAGE if language == UNKNOWN else OTHER_LANGUAGE


def _kept(language: str, sure: float) -> float:
    if language == ENGLISH and sure >= ENGLISH_ENOUGH:
        return 1.0
    return NOT_MET if language == UNKNOWN else LITTLE_MET


def _polarity(shares: Mapping[str, float], word_polarity: float) -> float:
    """The feeling judged, moved a little by TextBlob's words (-1...1)."""
    return max(-1.0, min(1.0, 0.9 * _mean(shares, _VALENCE) + 0.1 * word_polarity))


def _mean(shares: Mapping[str, float], scale: Mapping[L, float]) -> float:
    return sum(shares[label] * value for label, value in scale.items())


def _likeliest(shares: Mapping[str, float], labels: type[L]) -> tuple[L, float]:
    leaning = _leaning(shares)
    label = max(leaning, key=lambda name: leaning[name])
    return labels(label), shares[label]
