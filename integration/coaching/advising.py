"""Asks every finder what it sees in a draft and keeps the few pieces of advice that matter most.

It must not find anything itself, nor say more than three things at once: more is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from integration.coaching import acknowledging, asking, promising, wording
from integration.coaching.draft import written
from integration.coaching.lists import lists
from integration.coaching.talk import known
from integration.model import Advice, AdviceKind, Briefing, Charge, Emotion, Message

# Pieces of advice on one draft. The rule of the sidebar: one glance, no scrolling.
MOST = 3
# Words that a draft needs before anything is said: earlier than that, the agent has only begun. Our choice.
FEWEST_WORDS = 6
# Characters read of a draft: three times the longest agent's mail in our samples. What comes after is not looked at.
READ_CHARACTERS = 12_000

_FINDERS = (
    asking.asked_again,
    wording.blame,
    wording.tone,
    acknowledging.not_acknowledged,
    wording.second_apology,
    wording.empty_sympathy,
    promising.no_date,
    wording.jargon,
)
_WEIGHT = {kind: place for place, kind in enumerate(AdviceKind)}


def advise(
    draft: str,
    *,
    public: bool,
    charge: Charge,
    emotions: Mapping[Emotion, float],
    briefing: Briefing,
    language: str,
    agent_messages: tuple[Message, ...],
    customer_messages: tuple[Message, ...] = (),
) -> tuple[Advice, ...]:
    """At most three pieces of advice on a draft, the weightiest first; none for an internal note or a mere beginning.

    `language` is that of the conversation (ISO 639-1, “und” where unknown); `agent_messages` and `customer_messages`
    are what was written before, oldest first. Without the customer's messages it knows their words from the briefing
    alone, and then says less. Offsets point into `draft`; advice on something missing has none. Never raises.
    """
    if not public:
        return ()
    read = written(draft[:READ_CHARACTERS])
    if read.words < FEWEST_WORDS:
        return ()
    talk = known(charge, emotions, briefing, agent_messages, customer_messages)
    phrases = lists(language)
    found = chain.from_iterable(finder(read, talk, phrases) for finder in _FINDERS)
    return tuple(_kept(sorted(found, key=lambda one: (_WEIGHT[one.kind], one.start, one.end))))[:MOST]


def _kept(found: Iterable[Advice]) -> list[Advice]:
    """Without what points at words that weightier advice points at, and without the same remedy twice."""
    kept: list[Advice] = []
    empty = False
    for one in found:
        if one.quote and any(one.start < other.end and other.start < one.end for other in kept):
            continue
        if one.kind is not AdviceKind.ASKS_AGAIN and any(one.kind is other.kind for other in kept):
            continue
        kept.append(one)
        empty = empty or one.kind is AdviceKind.EMPTY_SYMPATHY
    # Empty sympathy and a missing beginning ask for the same thing; the one that can be pointed at stays.
    return [one for one in kept if not (empty and one.kind is AdviceKind.NOT_ACKNOWLEDGED)]
