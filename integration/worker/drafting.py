"""Helps with the wording of a draft, and counts how often a customer was asked for what they had given before.

It must not keep or log a word of a draft; the conversation beside it is remembered for half a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from integration import coaching
from integration.model import (
    Advice,
    AdviceKind,
    Briefing,
    Charge,
    History,
    Intent,
    Message,
    Reading,
    Sentiment,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import corrected
from integration.policy.briefing import brief
from integration.policy.glance import Seen, worded

# While somebody types, the conversation is asked for anew this often; our choice: a draft takes a few minutes.
FRESH_FOR = timedelta(seconds=30)
# Conversations remembered at once; our choice: more than are typed on in half a minute.
MOST_OPEN = 50
# A reading that says nothing of anybody's feelings.
_UNFELT = Reading(
    sentiment=Sentiment.NEUTRAL,
    polarity=0.0,
    charge=Charge.CALM,
    charge_score=0.0,
    emotions={},
    urgency=Urgency.NORMAL,
    intent=Intent.OTHER,
    language="",
    confidence={},
    evidence=(),
)
# Of an agent's earlier messages so many are looked at, the newest; our choice: further back nobody can mend it.
MOST_LOOKED_AT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation in which somebody drafts a reply."""

    ticket: Ticket
    reading: Reading
    briefing: Briefing

    def advise(self, draft: str, *, public: bool) -> tuple[Advice, ...]:
        """What the wording of this draft could do better."""
        return _advised(draft, self.ticket, self.reading, self.briefing, public=public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """The conversations in which somebody drafts a reply now; may be used from any thread."""

    clock: Callable[[], datetime]
    _open: dict[int, tuple[datetime, Talk | None, Ticket]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, ticket_id: int) -> tuple[Talk | None, Ticket] | None:
        """The conversation as it was looked at within the last half minute, or None."""
        with self._lock:
            at, talk, ticket = self._open.get(ticket_id, (None, None, None))
        if at is None or ticket is None or not timedelta(0) <= self.clock() - at < FRESH_FOR:
            return None
        return talk, ticket

    def keep(self, talk: Talk | None, ticket: Ticket) -> None:
        """Remember a conversation; `talk` is None where nothing of it was read."""
        with self._lock:
            if len(self._open) >= MOST_OPEN:
                self._open.clear()
            self._open[ticket.id] = (self.clock(), talk, ticket)


def talk_of(seen: Seen, history: History, now: datetime) -> Talk | None:
    """The conversation by its newest reading; None where nothing was read, or where the ticket is to be left alone."""
    if not seen.reads or seen.rules.skip_tag in seen.ticket.tags:
        return None
    read = seen.read or seen.reads[-1]
    kept = worded(read.reading, seen.text) if seen.read else read.reading
    reading = corrected.shown(kept, seen.said(read.message_id))
    return Talk(ticket=seen.ticket, reading=reading, briefing=brief(seen.ticket, reading, history, now=now))


def asked_again(talk: Talk) -> int:
    """How many of the agents' newest messages ask the customer for something that stood there before.

    What is no such question by all that is known today is none by what was known then, and costs no second look.
    """
    theirs = [m for m in talk.ticket.messages if _by_a_person(m)][-MOST_LOOKED_AT:]
    asking = [message for message in theirs if _asks(message, talk.ticket, talk.reading, talk.briefing)]
    return sum(_asked_then(message, talk) for message in asking)


def repeats(ticket: Ticket, language: str) -> int:
    """`asked_again` of a whole ticket, whatever anybody felt: only what was given counts, and the language."""
    reading = replace(_UNFELT, language=language)
    return asked_again(Talk(ticket=ticket, reading=reading, briefing=brief(ticket, reading, History())))


def _asked_then(message: Message, talk: Talk) -> bool:
    """Judged by what was known when it was written."""
    then = replace(talk.ticket, messages=talk.ticket.before(message))
    return _asks(message, then, talk.reading, brief(then, talk.reading, History()))


def _asks(message: Message, ticket: Ticket, reading: Reading, briefing: Briefing) -> bool:
    found = _advised(message.text, ticket, reading, briefing, public=True)
    return any(one.kind is AdviceKind.ASKS_AGAIN for one in found)


def _advised(draft: str, ticket: Ticket, reading: Reading, briefing: Briefing, *, public: bool) -> tuple[Advice, ...]:
    return coaching.advise(
        draft,
        public=public,
        charge=reading.charge,
        emotions=reading.emotions,
        briefing=briefing,
        language=reading.language,
        agent_messages=tuple(m for m in ticket.messages if m.public and m.who in (Who.AGENT, Who.BOT)),
        customer_messages=tuple(m for m in ticket.messages if m.public and m.who is Who.CUSTOMER),
    )


def _by_a_person(message: Message) -> bool:
    return message.who is Who.AGENT and message.public and not message.ours
