"""Says whether a message is a thank-you and nothing else, so that a solved ticket need not stand open for it.

It must not solve anything: it answers yes only where every word was understood, and doubt leaves the ticket open.
"""

from __future__ import annotations

import re

from integration import content
from integration.content import ENGLISH
from integration.model import (
    PROTECTIVE_SIGNALS,
    ROUTINE_INTENTS,
    Charge,
    Emotion,
    Intent,
    Reading,
    Rules,
    Rung,
    Sentiment,
    Signal,
    Status,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import marks
from integration.policy.case import asks_for_person, machine_sign, own_message

# How sure (0…1) it must be that the message, read without its thread, is thanks. On tests/cases/thanks.jsonl true ones
# lie at 0.78 and above, those with a sting at 0.60 and below, but for one that its “if” gives away.
SURE = 0.75
# A pure thank-you is short; what is longer holds something else. Our choice; the longest of our 40 examples has 24.
MOST_WORDS = 30


def _any_of(name: str) -> str:
    return r"\b(?:" + "|".join(content.asking()["thanks"][name]) + r")\b"


_STING = re.compile(rf"\?|{_any_of('sting')}", re.IGNORECASE)
_ALL_WELL = re.compile(_any_of("all_well"), re.IGNORECASE)
_THANKS = re.compile(rf"{_any_of('words')}|🙏|❤|👍", re.IGNORECASE)
_FELT_BADLY = frozenset({Emotion.ANGER, Emotion.FRUSTRATION, Emotion.DISAPPOINTMENT, Emotion.ANXIETY, Emotion.SADNESS})
# Signals that a thank-you may carry: “came today” names a day, and its urgency is looked at.
_HARMLESS = frozenset({Signal.FEELING, Signal.INTENT, Signal.LOUD, Signal.DEADLINE})
# A ticket with one of these is people's to close.
_FOR_PEOPLE = frozenset({marks.PROTECTED, marks.WANTS_PERSON, marks.CALLBACK})
# From this strength (0…1) a bad feeling is one; below it is the reader's doubt.
_FELT = 0.3


def worth_a_look(ticket: Ticket, reading: Reading, rules: Rules) -> bool:
    """Whether the ticket might be set back to solved, if this message is thanks alone and all that reopened it.

    Only where the admin lets Attune act by itself on a thank-you, and where no person is at work on the ticket.
    """
    newest = ticket.newest
    if newest is None or ticket.status is not Status.OPEN or ticket.assignee_id is None:
        return False
    allowed = rules.sending and rules.rung(Intent.THANKS) is Rung.SEND and rules.skip_tag not in ticket.tags
    kept_open = ticket.tags & _FOR_PEOPLE or ticket.shared or ticket.from_messaging
    in_hand = any(m.who is not Who.SYSTEM for m in ticket.after(newest))
    person = machine_sign(ticket, reading) or asks_for_person(ticket, reading, rules)
    return allowed and not (kept_open or in_hand or person) and _only_thanks(own_message(ticket, reading))


def pure(reading: Reading, alone: Reading, rules: Rules) -> bool:
    """Whether the newest message thanks and carries nothing else: calm, sure, no sting.

    `alone` is the message read without subject and thread: in a thread, “Thanks!” is read as what the thread is about.
    """
    sure = reading.confidence.get("harmless", 0.0) >= rules.confidence_floor
    thanks = alone.intent is Intent.THANKS and alone.confidence.get("intent", 0.0) >= SURE
    return sure and thanks and reading.intent in ROUTINE_INTENTS and _quiet(reading) and _quiet(alone)


def _quiet(reading: Reading) -> bool:
    return (
        reading.readable
        and reading.language == ENGLISH
        and reading.charge is Charge.CALM
        and reading.sentiment not in (Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE)
        and reading.urgency in (Urgency.LOW, Urgency.NORMAL)
        and not reading.signals & PROTECTIVE_SIGNALS
        and reading.signals <= _HARMLESS
        and not any(reading.emotions.get(emotion, 0.0) >= _FELT for emotion in _FELT_BADLY)
    )


def _only_thanks(text: str) -> bool:
    text = text.replace("'", "’")
    words = text.split()
    if not words or len(words) > MOST_WORDS or not _THANKS.search(text):
        return False
    return not _STING.search(_ALL_WELL.sub(" ", text))
