"""What the finders need to know of the conversation that a draft belongs to.

It must not read the draft, nor keep more of the customer's words than it was handed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integration import content
from integration.coaching.draft import written
from integration.coaching.lists import excuses
from integration.model import Briefing, Charge, Emotion, Intent, Message, Who

# Strength (0…1) from which sadness or fear makes cheerfulness wrong, whatever the charge. Our choice: clearly there.
TENDER_FROM = 0.5
# Messages read of each side, newest first, and characters of one: enough for what a draft answers.
MOST_MESSAGES, MOST_CHARACTERS = 20, 4000
# Letters that a word needs to name something; shorter ones are mostly grammar.
TELLING_LETTERS = 4

_TENDER = (Emotion.SADNESS, Emotion.ANXIETY)
_HARD = (Intent.SAFETY_OR_HEALTH, Intent.VULNERABLE_CUSTOMER)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The conversation, as far as wording depends on it."""

    briefing: Briefing
    charge: Charge
    grave: bool  # a death, a danger, a hard situation
    tender: bool  # grave, sad or afraid
    theirs: tuple[str, ...]  # what the customer wrote, newest first
    words: frozenset[str]  # that name something, as the customer and the briefing say it, case-folded
    ours: tuple[str, ...]  # what agents wrote in public, newest first

    @property
    def upset(self) -> bool:
        """Whether a strong feeling is there that a reply must meet."""
        return self.charge is Charge.CHARGED


def known(
    charge: Charge,
    emotions: Mapping[Emotion, float],
    briefing: Briefing,
    agent_messages: tuple[Message, ...],
    customer_messages: tuple[Message, ...],
) -> Talk:
    """What wording depends on."""
    grave = _grave(charge, briefing)
    theirs = _texts(customer_messages)
    return Talk(
        briefing=briefing,
        charge=charge,
        grave=grave,
        tender=grave or any(emotions.get(emotion, 0.0) >= TENDER_FROM for emotion in _TENDER),
        theirs=theirs,
        words=frozenset().union(*(telling(text) for text in (*theirs, *_told(briefing)))),
        ours=_texts(tuple(one for one in agent_messages if one.who is Who.AGENT)),
    )


def telling(text: str) -> frozenset[str]:
    """The words of a text that name something, case-folded: no grammar, no letter-writing."""
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(
        word
        for word in words
        if len(word) >= TELLING_LETTERS and not word.isdigit() and not excuses().general.match(word)
    )


def _grave(charge: Charge, briefing: Briefing) -> bool:
    """A death always; danger and hardship where they are felt: a calm question about a warm socket is none."""
    wants = content.phrases()["wants"]
    felt = charge is not Charge.CALM and briefing.wants in {wants[intent] for intent in _HARD}
    return felt or briefing.wants == wants[Intent.BEREAVEMENT]


def _texts(messages: tuple[Message, ...]) -> tuple[str, ...]:
    public = [one for one in messages if one.public][-MOST_MESSAGES:]
    return tuple(written(one.text[:MOST_CHARACTERS]).text for one in reversed(public))


def _told(briefing: Briefing) -> tuple[str, ...]:
    """Everything in the briefing that somebody said."""
    facts, tried, promised = briefing.facts, briefing.tried, briefing.promises
    texts = (*(one.text for one in facts), *(one.text for one in tried), *(one.text for one in promised))
    return (*texts, briefing.feels.words, *(one.subject for one in briefing.earlier))
