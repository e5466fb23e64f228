"""What was already said in a conversation, as plain texts for a note: facts, tries and promises, few and short.

It must not find anything itself: `facts`, `tries` and `promises` do, and nothing is added to what they found.
"""

from __future__ import annotations

from integration.model import Fact, Promise, Said, Ticket, Try, Who
from integration.policy import facts as facts_given
from integration.policy import promises, tries
from integration.policy.spoken import clipped, day, own_words

__all__ = ["Fact", "clipped", "day", "facts", "line", "own_words", "promised", "tried"]

# How many sentences a note has room for, and their length. Our choice: a note is read in a few seconds.
MOST_SENTENCES = 2
SENTENCE_WORDS = 16


def facts(ticket: Ticket) -> tuple[Fact, ...]:
    """What the customer has already told us, in the order of the kinds."""
    return facts_given.given(ticket)


def promised(ticket: Ticket) -> tuple[str, ...]:
    """The newest sentences in which an agent or a bot promised something, each with its date."""
    made = (one for one in promises.made(ticket) if one.who is not Who.CUSTOMER)
    return tuple(line(one) for one in made)[:MOST_SENTENCES]


def tried(ticket: Ticket) -> tuple[str, ...]:
    """The newest sentences that tell of a remedy, promises left out, each with its date."""
    return tuple(line(one) for one in tries.made(ticket))[:MOST_SENTENCES]


def line(said: Promise | Said | Try) -> str:
    """One sentence with its date and its writer."""
    return f"{day(said)}, {said.who}: “{clipped(said.text, SENTENCE_WORDS)}”"
