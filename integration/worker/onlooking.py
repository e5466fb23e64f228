"""What an agent is shown of a ticket and what they say of it: gathered for the sidebar, with the agent's own limits.

It must not wake the reader, write anything in Zendesk, or keep a word of a draft: what was read before is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from integration import analysis, policy
from integration.model import (
    Correction,
    Desk,
    EventKind,
    History,
    Label,
    NotAllowed,
    NotThere,
    NotUnderstood,
    Refused,
    Rules,
    Source,
    Staff,
    Status,
    StoredReading,
    Ticket,
    TicketEvent,
)
from integration.policy import corrected, sight
from integration.policy.briefing import brief
from integration.policy.case import asks_for_person
from integration.policy.cue import cue
from integration.policy.glance import Seen, answered, asked_since, empty, nothing, whole, worded
from integration.worker.beside import Clock, Judgements
from integration.worker.drafting import Talk, Talks, asked_again, talk_of

log = logging.getLogger("attune.sidebar")

Json = dict[str, Any]


class Zendesk(Protocol):
    """What is asked of Zendesk."""

    def load(self, ticket_id: int) -> Ticket: ...
    def recall(self, ticket: Ticket, now: datetime) -> History: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """Looks at tickets for agents; may be used from any thread."""

    zendesk: Zendesk
    staff: Callable[[int], Staff]  # raises NotAllowed where nobody is known
    judgements: Callable[[], Judgements]
    rules: Callable[[], Rules]
    desk: Callable[[], Desk]
    enqueue: Callable[[TicketEvent], None]
    clock: Clock
    talks: Talks

    def glance(self, agent_id: int, ticket_id: int) -> Json:
        """All that is shown of a ticket. At most six calls to Zendesk; raises NotAllowed, NotThere and TryLater."""
        staff, ticket = self._opened(agent_id, ticket_id)
        seen = self._seen(ticket)
        if nothing(seen) or seen.read is None:
            return empty(seen)
        history = self.zendesk.recall(ticket, self.clock())
        if sight.may_not_see_all(staff):  # the customer's other tickets may be among those that the desk hides
            history = replace(history, recent=())
        return self._told(seen, seen.read, history)

    def correct(self, agent_id: int, ticket_id: int, label: Label, value: str) -> Json:
        """Keep what an agent puts right, at once; the worker puts it into the field and counts it.

        The same word again changes nothing. Raises NotUnderstood for a word that the label does not have, NotAllowed,
        NotThere, TryLater, and Refused where there is nothing to put right.
        """
        if value not in corrected.CHOICES[label]:
            raise NotUnderstood(f"value: {label} is one of {', '.join(corrected.CHOICES[label])}")
        staff, ticket = self._opened(agent_id, ticket_id)
        if reason := sight.may_not_correct(staff):
            raise NotAllowed(reason)
        seen = self._seen(ticket)
        about = self._about(seen, label)
        was = "" if label is Label.ANSWER else str(getattr(about.reading, label))
        if value == was and not any(one.label is label for one in seen.said(about.message_id)):
            return _answer(label, was, was, self.clock())
        said = self.judgements().press(self._word(ticket, about, label, was, value, by=agent_id))
        if said.source is Source.SIDEBAR:
            self.enqueue(_event(said))
        log.info("ticket %d message %d: %s corrected by agent %d", ticket_id, about.message_id, label, agent_id)
        return _answer(label, said.was, said.is_now, said.at)

    def advise(self, agent_id: int, ticket_id: int, text: str, *, public: bool) -> Json:
        """What the wording of a draft could do better; nothing of it is kept. Raises NotAllowed, NotThere, TryLater."""
        talk = self._talk(agent_id, ticket_id)
        advice = talk.advise(text, public=public) if talk else ()
        log.info("ticket %d: %d pieces of advice on a draft", ticket_id, len(advice))
        return {"advice": [asdict(one) for one in advice]}

    def look_over(self, agent_id: int) -> None:
        """Return where an agent may look at what is about all tickets; raises NotAllowed."""
        if reason := sight.may_not_see_all(self.staff(agent_id)):
            raise NotAllowed(reason)

    # --- inside ---

    def _opened(self, agent_id: int, ticket_id: int) -> tuple[Staff, Ticket]:
        """The agent and the ticket, where the one may see the other. The agent is asked after first."""
        staff = self.staff(agent_id)
        if reason := sight.may_not_look(staff):
            raise NotAllowed(reason)
        try:
            ticket = self.zendesk.load(ticket_id)
        except Refused as gone:
            log.info("ticket %d is not to be seen: %s", ticket_id, gone)
            raise NotThere("there is no such ticket, or Attune may not see it") from None
        if ticket.status is Status.DELETED:
            raise NotThere("the ticket was deleted")
        if reason := sight.may_not_see(staff, ticket):
            raise NotAllowed(reason)
        return staff, ticket

    def _talk(self, agent_id: int, ticket_id: int) -> Talk | None:
        """The conversation, looked at anew every half minute; whether the agent may see it is asked each time."""
        if known := self.talks.known(ticket_id):
            talk, ticket = known
            if reason := sight.may_not_see(self.staff(agent_id), ticket):
                raise NotAllowed(reason)
            return talk
        _staff, ticket = self._opened(agent_id, ticket_id)
        now = self.clock()
        talk = talk_of(self._seen(ticket), self.zendesk.recall(ticket, now), now)
        self.talks.keep(talk, ticket)
        return talk

    def _seen(self, ticket: Ticket) -> Seen:
        judgements = self.judgements()
        return Seen(
            ticket=ticket,
            text=analysis.cleaned(ticket),
            reads=judgements.readings(ticket.id),
            corrections=judgements.corrections(ticket.id),
            rules=self.rules(),
        )

    def _told(self, seen: Seen, read: StoredReading, history: History) -> Json:
        kept = worded(read.reading, seen.text)
        reading = corrected.shown(kept, seen.said(read.message_id))
        waits = asked_since(seen, read)
        fitting = policy.fitting(reading, self.desk(), seen.rules.pack)
        if waits:  # a routine answer is what they turned down
            fitting = tuple(one for one in fitting if not one.macro.key.startswith("answer/"))
        briefing = brief(seen.ticket, reading, history, fitting, now=self.clock())
        asks = waits or asks_for_person(seen.ticket, reading, seen.rules)
        line = cue(seen.ticket, reading, briefing, asks_person=asks)
        again = asked_again(Talk(ticket=seen.ticket, reading=reading, briefing=briefing))
        return whole(seen, read, briefing, cue=line, asked_again=again)

    def _about(self, seen: Seen, label: Label) -> StoredReading:
        """The reading, or for the answer the answered message's reading, that a word is about."""
        if reason := nothing(seen):
            raise Refused(reason)
        about = answered(seen) if label is Label.ANSWER else seen.read
        if about is None:
            answer = "Attune has sent and drafted nothing here, so there is no answer to judge"
            raise Refused(
                answer if label is Label.ANSWER else "the newest message is not read yet: try again in a moment"
            )
        return about

    def _word(self, ticket: Ticket, about: StoredReading, label: Label, was: str, value: str, *, by: int) -> Correction:
        return Correction(
            delivery_id="",
            ticket_id=ticket.id,
            message_id=about.message_id,
            label=label,
            was=was,
            is_now=value,
            at=self.clock(),
            by=by,
            source=Source.SIDEBAR,
        )


def _event(said: Correction) -> TicketEvent:
    """Once in the queue however often it is pressed: the press is named by what it says, not by when."""
    return TicketEvent(
        delivery_id=said.delivery_id, ticket_id=said.ticket_id, kind=EventKind.CORRECTION, happened_at=said.at
    )


def _answer(label: Label, was: str, is_now: str, at: datetime) -> Json:
    return {
        "label": label.value,
        "was": was,
        "is_now": is_now,
        "at": at.isoformat(),
        "says": corrected.says(label, was, is_now),
    }
