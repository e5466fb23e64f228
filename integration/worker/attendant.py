"""What happens to one event from the queue to its outcome: the product, read aloud in `handle`.

It must not know the queue, HTTP, SQL or Zendesk's field names: it calls the parts that the assembly hands it, in order.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from integration import analysis, policy
from integration.model import (
    Applied,
    AttuneError,
    Choice,
    Correction,
    Desk,
    EventKind,
    Field,
    History,
    Outcome,
    Plan,
    Reading,
    Reply,
    Rules,
    Ticket,
    TicketEvent,
    TryLater,
)
from integration.policy import corrected
from integration.policy.ladder import SPEAKING
from integration.worker.answering import Answering
from integration.worker.beside import Clock, Judgements, Memory, Zendesk
from integration.worker.correcting import counted
from integration.worker.courses import Courses
from integration.worker.ladder import Ladder
from integration.worker.removal import REMOVALS, Removals, blacked_out

log = logging.getLogger("attune.worker")

# Tries before we record that we gave up: with the longest wait between them about one day.
TRIES = 300
# How the reasons of failed outcomes begin; `flask replay --failed` finds them by it.
NOT_POSSIBLE, FAULT, GAVE_UP = "not possible: ", "a fault of Attune's own: ", "gave up after "
# What failed in a way that has no name gets this long before the next try.
UNNAMED_WAIT = timedelta(seconds=60)


def _nothing_undone(_ticket_id: int) -> Set[int]:
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendant:
    """Attends to events one by one: the product, read aloud in `handle`."""

    zendesk: Zendesk
    memory: Memory
    desk: Callable[[], Desk]  # as install left it; asked anew for each ticket
    clock: Clock
    answering: Answering | None = None  # with look-ups and Help Center; by default what stands in the macros alone
    decide: Callable[[policy.Case], Plan] = policy.decide  # with the team at hand, where there is a roster
    link: Callable[[Ticket, str], str] = lambda _ticket, _language: ""  # where its customer reaches a person
    undone: Callable[[int], Set[int]] = _nothing_undone  # the messages of a ticket for which our writes were undone
    removals: Removals | None = None  # follows what is taken out of Zendesk
    ladder: Ladder | None = None  # None where nothing is taken back by itself
    courses: Courses | None = None  # writes down how tickets go, for the figures
    judgements: Judgements | None = None  # what people put right; None where nobody can

    def handle(self, event: TicketEvent) -> Outcome:
        """Load, recall, read, decide, apply; the caller records.

        Raises TryLater where Zendesk or the database cannot be had now, Refused where it will never work.
        """
        if event.kind is EventKind.WAY_OUT:
            return self._way_out(event)
        if event.kind is not EventKind.CUSTOMER_MESSAGE:
            return self._take_note(event)
        ticket = self.zendesk.load(event.ticket_id)
        if self.removals and blacked_out(ticket):
            self.removals.redacted(ticket.id)
        if self._written_before(event, ticket) or policy.done(ticket) or self._undone(ticket):
            return self._nothing(event, "this message was already attended to", ticket)
        _history, reading, plan = self.consider(ticket)
        if falls := self.ladder.heard(ticket, reading) if self.ladder else ():
            _history, reading, plan = self.consider(ticket)  # less may be done now than a moment ago
        decided = replace(self._nothing(event, plan.because, ticket), plan=plan, reading=reading, notes=falls)
        return self._apply(decided, ticket) if plan.actions else decided

    def consider(self, ticket: Ticket) -> tuple[History, Reading, Plan]:
        """Recall, read and decide, touching nothing: the dry run of `flask explain` and the heart of `handle`."""
        if self.memory.wished(ticket.id):  # on our page, which has promised silence before the ticket shows it
            ticket = replace(ticket, tags=ticket.tags | {policy.WANTS_PERSON})
        history = self._recall(ticket)
        rules, desk = self.memory.rules(), self.desk()
        reading, *earlier = (self._read(seen, history, rules) for seen in (ticket, *policy.unread(ticket)))
        answering = self.answering or Answering(zendesk=self.zendesk)
        thanks = None if earlier else answering.only_thanks(ticket, reading, rules)
        reading = thanks or reading
        answer = answering.answer(ticket, reading, history, rules, desk)
        case = policy.Case(
            ticket=ticket,
            reading=reading,
            history=history,
            answer=answer,
            desk=desk,
            rules=rules,
            now=self.clock(),
            replies_last_hour=self.memory.replies_since(self.clock() - timedelta(hours=1)),
            only_thanks=thanks is not None,
            link=self.link(ticket, reading.language) if answer else "",
            undone=bool(self.undone(ticket.id)),
            earlier=tuple(earlier),
        )
        return history, reading, self.decide(case)

    def attend(self, event: TicketEvent) -> TryLater | None:
        """Handle and record one event; gives back why and when to try again, or None when it has its outcome."""
        try:
            if not self.memory.finished(event.delivery_id):
                self._record(self._outcome(event))
        except TryLater as later:
            return later
        except Exception as bug:  # an outcome that cannot be written down is not an outcome: the event stays
            _log_bug(event, bug)
            return TryLater(f"{FAULT}{type(bug).__name__}", UNNAMED_WAIT)
        return None

    def give_up(self, event: TicketEvent, reason: str) -> None:
        """Record that every try failed; the event keeps its place in the list of outcomes."""
        self._record(self._nothing(event, f"{GAVE_UP}{TRIES} tries: {reason}"))

    def _outcome(self, event: TicketEvent) -> Outcome:
        """What came of the event, failures included; only what may work later is raised."""
        try:
            return self.handle(event)
        except TryLater:
            raise
        except AttuneError as failure:
            return self._nothing(event, f"{NOT_POSSIBLE}{failure}")
        except Exception as bug:  # the top of the loop: one poisoned ticket must not stop the others
            _log_bug(event, bug)
            return self._nothing(event, f"{FAULT}{type(bug).__name__}; see the log")

    def _written_before(self, event: TicketEvent, ticket: Ticket) -> bool:
        """Whether this event's own write is seen on the ticket: then what was intended becomes its outcome.

        Also where the customer has written again since; but not where only another event's write is seen.
        """
        message_id = self.memory.intended_message(event.delivery_id)
        if message_id is None or not policy.attended(ticket, message_id):
            return False
        if not self.memory.confirm(event.delivery_id, self.clock()):
            return False
        log.info("ticket %d delivery %s confirmed after a lost answer or a restart", ticket.id, event.delivery_id)
        return True

    def _undone(self, ticket: Ticket) -> bool:
        """Whether what we wrote about the newest message was undone: then it is not written again."""
        return ticket.newest is not None and ticket.newest.id in self.undone(ticket.id)

    def _recall(self, ticket: Ticket) -> History:
        history = self.zendesk.recall(ticket, self.clock())
        read_then = self.memory.sentiments([past.id for past in history.recent])
        return replace(
            history,
            recent=tuple(replace(p, sentiment=read_then.get(p.id, p.sentiment)) for p in history.recent),
            corrections=self._corrections(ticket.id),
        )

    def _corrections(self, ticket_id: int) -> tuple[Correction, ...]:
        return self.judgements.corrections(ticket_id) if self.judgements else ()

    def _read(self, ticket: Ticket, history: History, rules: Rules) -> Reading:
        """As read, raised by the line of business, and by what people said of this ticket before."""
        read = analysis.guard(analysis.read(ticket, history), ticket, rules.pack)
        return corrected.lifted(read, history.corrections)

    def _apply(self, decided: Outcome, ticket: Ticket) -> Outcome:
        self._still_sending(decided)
        intended = replace(decided, applied=Applied(audit_id=None, comment_id=None, before=_stands(ticket), after={}))
        self.memory.intend(intended)
        applied = self.zendesk.apply(decided.plan, ticket)
        left_out = tuple(f"Zendesk left out {key}: run `flask doctor`" for key in applied.dropped)
        return replace(
            decided, applied=applied, notes=(*decided.notes, *decided.plan.notes, *left_out), at=self.clock()
        )

    def _way_out(self, event: TicketEvent) -> Outcome:
        """What a customer chose on our page, with a message of theirs that nobody had read yet, in one update."""
        if event.choice is None:
            return self._nothing(event, "nothing was chosen")
        ticket = self.zendesk.load(event.ticket_id)
        falls = self.ladder.left(ticket.id) if self.ladder and event.choice is not Choice.SOLVED else ()
        history, reading, unread = None, None, None
        if ticket.newest and not policy.done(ticket):
            # Read as a ticket whose customer has asked for a person: no bot may answer between the two.
            asked = replace(ticket, tags=ticket.tags | {policy.WANTS_PERSON})
            history, reading, unread = self.consider(asked)
            falls += self.ladder.heard(ticket, reading) if self.ladder else ()
        chosen = policy.WayOut(
            ticket=ticket,
            choice=event.choice,
            desk=self.desk(),
            rules=self.memory.rules(),
            chosen_at=event.happened_at,
            booking=self.memory.booking(ticket.id),
            was_unread=reading is not None,
            unread=unread if unread and unread.actions else None,
        )
        plan = policy.way_out(chosen)
        if plan.actions and event.choice is not Choice.SOLVED:
            plan = policy.way_out(replace(chosen, story=self._story(ticket, reading, history)))
        decided = replace(self._nothing(event, plan.because, ticket), plan=plan, notes=falls)
        # Without a reading it speaks of no message, so that no other write is taken for this one's.
        decided = replace(decided, reading=reading, message_id=decided.message_id if reading else None)
        if plan.actions:
            return self._apply(decided, ticket)
        self.memory.confirm(event.delivery_id, self.clock())
        return decided

    def _story(self, ticket: Ticket, reading: Reading | None, history: History | None) -> str:
        """The story for the person who takes over, read now where it was not read already; empty where it is told."""
        if policy.story_told(ticket):
            return ""
        rules = self.memory.rules()
        history = history or self._recall(ticket)
        reading = reading or self._read(ticket, history, rules)
        return policy.story(ticket, reading, history, self.desk(), rules)

    def _still_sending(self, decided: Outcome) -> None:
        """Ask once more, right before sending: whoever stops it must not see one more reply. Raises TryLater."""
        if decided.reading is None or not any(isinstance(action, Reply) for action in decided.plan.actions):
            return
        rules = self.memory.rules()
        if not (rules.sending and rules.rung(decided.reading.intent) in SPEAKING):
            raise TryLater("sending was stopped meanwhile", timedelta(0))
        if self.memory.wished(decided.event.ticket_id):
            raise TryLater("the customer asked for a person meanwhile", timedelta(0))
        if corrected.for_people(self._corrections(decided.event.ticket_id)):
            raise TryLater("a person put the reading right meanwhile", timedelta(0))

    def _take_note(self, event: TicketEvent) -> Outcome:
        """Corrections, solved and rated tickets change nothing on the ticket; they are written down."""
        if event.kind is EventKind.UNKNOWN:
            return self._nothing(event, f"nothing to do for {event.note or 'an unknown kind of event'}")
        if event.kind in REMOVALS:
            return self._nothing(event, self.removals.follow(event) if self.removals else "nothing to remove")
        ticket = self.zendesk.load(event.ticket_id)
        if event.kind is EventKind.CLOSED:
            return self._nothing(event, f"the ticket is {ticket.status}", ticket)
        if event.kind is EventKind.RATED:
            falls = self.ladder.rated(ticket) if self.ladder else ()
            said = f"the customer rated the contact {ticket.satisfaction or 'not yet'}"
            return replace(self._nothing(event, said, ticket), notes=falls)
        return self._correction(event, ticket)

    def _correction(self, event: TicketEvent, ticket: Ticket) -> Outcome:
        if pressed := self.judgements.pressed(event.delivery_id) if self.judgements else ():
            return self._pressed(event, ticket, pressed)
        stands, about = self.memory.standing(ticket.id), self._last_read(ticket)
        said: list[str] = []
        falls: list[str] = []
        for field in (Field.SENTIMENT, Field.CHARGE, Field.URGENCY):
            was, is_now = stands.get(field, ""), ticket.fields.get(field) or ""
            if was and is_now != was:
                self.memory.correct(event, about, field, was, is_now)
                said.append(corrected.in_words(field, was, is_now))
                falls += self.ladder.corrected(ticket, about, field, is_now) if self.ladder else ()
        because = "corrected by a person: " + ", ".join(said) if said else "no correction"
        return replace(self._nothing(event, because, ticket), notes=tuple(falls))

    def _pressed(self, event: TicketEvent, ticket: Ticket, pressed: tuple[Correction, ...]) -> Outcome:
        """Carry out what was corrected in the sidebar: count it, and put it into the field."""
        falls = counted(pressed, ticket, self.ladder, self.judgements)
        plan = corrected.carried_out(
            pressed,
            ticket,
            self.memory.rules().skip_tag,
            said=self._corrections(ticket.id),
            about=self._last_read(ticket),
            stands=self.memory.standing(ticket.id),
        )
        # It speaks of no message, so that no other write is taken for this one's.
        decided = replace(self._nothing(event, plan.because, ticket), plan=plan, notes=falls, message_id=None)
        if plan.actions:
            return self._apply(decided, ticket)
        self.memory.confirm(event.delivery_id, self.clock())
        return decided

    def _last_read(self, ticket: Ticket) -> int | None:
        """The message whose reading stands in our fields: the newest that was read, which a later one may follow."""
        reads = self.judgements.readings(ticket.id) if self.judgements else ()
        newest = ticket.newest.id if ticket.newest else None
        return reads[-1].message_id if reads else newest

    def _nothing(self, event: TicketEvent, because: str, ticket: Ticket | None = None) -> Outcome:
        newest = ticket.newest if ticket else None
        return Outcome(
            event=event,
            plan=Plan(actions=(), because=because, silence=(because,)),
            at=self.clock(),
            message_id=newest.id if newest else None,
            requester_id=ticket.requester.id if ticket else None,
            ticket=ticket,
        )

    def _record(self, outcome: Outcome) -> None:
        """Write the outcome down; one that was confirmed stands already and stays as it is."""
        if self.courses:  # first: should we die in between, the event comes again and the course is counted anew
            self.courses.follow(outcome)
        self.memory.record(outcome)
        log.info(
            "ticket %d delivery %s kind %s actions %d seconds %.2f",
            outcome.event.ticket_id,
            outcome.event.delivery_id,
            outcome.event.kind,
            len(outcome.plan.actions),
            (outcome.at - outcome.event.happened_at).total_seconds(),
        )


def _log_bug(event: TicketEvent, bug: Exception) -> None:
    """Where it happened, without the error's own text: that may hold a customer's words."""
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(bug.__traceback__)))
    log.error("ticket %d delivery %s: %s at %s", event.ticket_id, event.delivery_id, type(bug).__name__, places)


def _stands(ticket: Ticket) -> dict[str, object]:
    """What stands on the ticket before we touch it: the journal's side of the undo."""
    return {
        "tags": sorted(ticket.tags),
        "fields": {field.value: value for field, value in ticket.fields.items()},
        "group_id": ticket.group_id,
        "assignee_id": ticket.assignee_id,
        "priority": ticket.priority.value if ticket.priority else None,
        "status": ticket.status.value,
        "type": ticket.type or None,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
    }
