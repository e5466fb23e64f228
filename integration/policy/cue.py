"""The one line that an agent reads first: what to say or do before anything else.

It must not read a ticket anew: reading and briefing in, a sentence of ours out.
"""

from __future__ import annotations

from integration import content
from integration.model import (
    Briefing,
    Charge,
    Emotion,
    Intent,
    Kept,
    Message,
    Reading,
    Sentiment,
    Signal,
    Ticket,
    Who,
)
from integration.policy import briefing as telling
from integration.policy.case import URGENT, perhaps_person

# From this message on it is said how many there were; the second one alone is how conversations go. Our choice.
MANY = 3
_SECONDS_A_DAY = 86_400
_BAD = frozenset({Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE})
_GOOD = frozenset({Sentiment.POSITIVE, Sentiment.VERY_POSITIVE})
_SAID_OF_FEELING = frozenset(
    {Emotion.ANGER, Emotion.FRUSTRATION, Emotion.DISAPPOINTMENT, Emotion.ANXIETY, Emotion.SADNESS}
)


def cue(ticket: Ticket, reading: Reading, briefing: Briefing, *, asks_person: bool) -> str:
    """One sentence, the gravest thing first; empty where the message could not be read."""
    phrases = content.phrases()["cue"]
    if grave := telling.grave(reading):
        return str(phrases["safety_perhaps" if telling.in_doubt(reading) else grave])
    if asks_person and not perhaps_person(reading):
        return str(phrases["person"])
    if not reading.readable:
        return ""
    if any(one.kept is Kept.NO for one in briefing.promises):
        return str(phrases["promise"])
    written = [m for m in ticket.messages if m.who is Who.CUSTOMER and m.public]
    if _again(reading, len(written)):
        late = reading.intent in telling.LATE
        count = telling.ordinal(len(written)).capitalize()
        return str(phrases["contact_late" if late else "contact"].format(count=count, span=_span(written)))
    return str(phrases["person_perhaps"]) if asks_person else _by_feeling(reading)


def _again(reading: Reading, messages: int) -> bool:
    """Whether they come back about the same, and it shows."""
    return messages >= MANY and (reading.sentiment in _BAD or Signal.REPEAT_CONTACT in reading.signals)


def _span(written: list[Message]) -> str:
    """“ in 4 days” from the customer's first message to their newest, in whole days."""
    phrases = content.phrases()["cue"]
    days = round((written[-1].at - written[0].at).total_seconds() / _SECONDS_A_DAY)
    return str(phrases["within_days"].format(days=days) if days > 1 else phrases["within_day"])


def _by_feeling(reading: Reading) -> str:
    phrases = content.phrases()["cue"]
    feelings = sorted(reading.emotions, key=lambda one: (-reading.emotions[one], one))
    strongest = next((one for one in feelings if one in _SAID_OF_FEELING), None)
    feeling = phrases[strongest] if strongest else phrases["feeling_none"]
    if reading.charge is Charge.CHARGED:
        return str(phrases["charged"].format(feeling=feeling))
    if reading.urgency in URGENT:
        return str(phrases["urgent"])
    if reading.charge is Charge.MILD and strongest:
        return str(phrases["mild"].format(feeling=feeling))
    if reading.charge is Charge.MILD and reading.sentiment in _BAD:
        return str(phrases["mild"].format(feeling=phrases["feeling_some"]))
    if feelings and feelings[0] is Emotion.CONFUSION:
        return str(phrases["confusion"])
    content_with_it = reading.sentiment in _GOOD or reading.intent in (Intent.THANKS, Intent.PRAISE)
    return str(phrases["glad" if content_with_it else "calm"])
