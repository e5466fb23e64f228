"""Reads from the conversation so far and the requester's history how often they had to come back, and how we did.

It must not read the newest words; what it finds are facts of the history, so they carry no quote.
"""

from __future__ import annotations

from collections.abc import Sequence

from integration.analysis.finding import Finding
from integration.analysis.phrases import Word
from integration.model import Charge, Emotion, History, Message, Signal, Who

# Customer messages on one unsolved problem from which a reading is at least mild: LABELS.md, "the third message".
THIRD_MESSAGE = 3
# Days a ticket has been open from which the wait is a reason: on our corpus nine in ten of those are not calm.
LONG_OPEN = 11
# Tickets in 90 days from which somebody comes back unusually often: the top tenth of our corpus.
MANY_TICKETS = 4


def look_back(before: Sequence[Message], history: History, *, settled: bool, same: bool) -> list[Finding]:
    """What the messages `before` the newest one and the history say.

    `settled` where the newest words close the matter, `same` where they are about what the customer wrote before.
    """
    found: list[Finding] = []
    turns = customer_turns(before) + 1
    if turns >= THIRD_MESSAGE and not settled and same:
        found.append(_repeat(f"Message {turns} of the customer on this ticket", 0.85, charge=Charge.MILD))
    if history.reopens:
        found.append(_repeat(f"The ticket was reopened ({history.reopens}×)", 0.5))
    if history.bad_ratings:
        found.append(_repeat(f"The customer rated us badly before ({history.bad_ratings}×)", 0.4))
    if (history.days_open or 0) >= LONG_OPEN and not settled:
        found.append(_repeat(f"Open for {history.days_open} days", 0.6))
    if (history.tickets_90d or 0) >= MANY_TICKETS:
        found.append(_repeat(f"{history.tickets_90d} tickets in 90 days", 0.35))
    return found


def customer_turns(messages: Sequence[Message]) -> int:
    """How often the customer spoke in `messages`; lines sent in a row without an answer between them are one turn."""
    speakers = [m.who for m in messages if m.public and m.who is not Who.SYSTEM]
    return sum(
        who is Who.CUSTOMER and (i == 0 or speakers[i - 1] is not Who.CUSTOMER) for i, who in enumerate(speakers)
    )


def same_matter(newest: Sequence[Word], earlier: Sequence[Sequence[Word]]) -> bool:
    """Whether the newest words are about what was written before: they share a carrying word, or are few."""
    carrying = {word.text for word in newest if len(word.text) >= _CARRYING}
    said = {word.text for words in earlier for word in words}
    return len(newest) <= _FRAGMENT or bool(carrying & said)


# Letters of a word that carries a matter: shorter ones are mostly "the" and "with".
_CARRYING = 5
# Words of a message that is a fragment of the conversation before it.
_FRAGMENT = 6


def answered(messages: Sequence[Message]) -> Message | None:
    """The newest public answer of an agent or bot in `messages`."""
    return next((m for m in reversed(messages) if m.public and m.who in {Who.AGENT, Who.BOT}), None)


def _repeat(reason: str, weight: float, charge: Charge | None = None) -> Finding:
    return Finding(
        signal=Signal.REPEAT_CONTACT,
        weight=weight,
        reason=reason,
        polarity=-0.3 * weight,
        emotions={Emotion.FRUSTRATION: 0.5} if charge else {},
        charge=charge,
    )
