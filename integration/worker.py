"""Durable steps: what happens to one event from the queue to its outcome, and what the worker does on a schedule.

It must not know HTTP, SQL or Zendesk's field names: it calls the parts that the assembly hands it, in order.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from dbos import DBOS, DBOSClient, DBOSConfig

from integration import analysis, policy
from integration.model import (
    Answer,
    Applied,
    AttuneError,
    Desk,
    EventKind,
    Field,
    History,
    MacroRef,
    Outcome,
    Plan,
    Reading,
    Refused,
    Rules,
    Sentiment,
    Ticket,
    TicketEvent,
    TryLater,
)

log = logging.getLogger("attune.worker")

QUEUE = "tickets"
WORKFLOW = "handle"
APPLICATION = "attune"
# Raised only when a stored workflow can no longer run, so that a deploy strands nothing.
APPLICATION_VERSION = "1"
# How many tickets one worker attends at once; the work is waiting for Zendesk, not computing.
TICKETS_AT_ONCE = 8
# How often the worker looks for new events, in seconds; an idle look costs one small query.
LOOK_EVERY_S = 0.2
# A wait between two tries grows from what Zendesk asked for up to this, in seconds.
LONGEST_WAIT_S = 300.0
# Tries before we record that we gave up: with the longest wait between them about one day.
TRIES = 300
# So many waiting events mean that one worker is not enough, or that Zendesk's budget is: minutes of waiting.
TOO_MANY_WAITING = 200
# On leaving, tickets in hand get this long to be finished, in seconds; the rest is taken up by the next worker.
FINISH_WITHIN_S = 20
# A worker says this often that it is alive, in seconds, and is held for dead after six missed times.
BEAT_EVERY_S = 5.0
DEAD_AFTER = timedelta(seconds=30)
# How often missed events are looked for and Zendesk is looked at, in seconds: one call each, of 200 a minute and more.
CATCH_UP_EVERY_S = 60.0
# Under this name the store keeps what the last look at Zendesk said; empty is well.
ZENDESK_SEEN = "zendesk seen"
# What failed in a way that has no name gets this long before the next try.
UNNAMED_WAIT = timedelta(seconds=60)


class Zendesk(Protocol):
    """What the worker asks about one ticket."""

    def load(self, ticket_id: int) -> Ticket: ...
    def recall(self, ticket: Ticket, now: datetime) -> History: ...
    def prepare(self, ticket: Ticket, macro: MacroRef) -> Answer: ...
    def apply(self, plan: Plan, ticket: Ticket) -> Applied: ...


class Watch(Protocol):
    """What the worker asks of the account as a whole."""

    def look(self) -> str: ...
    def changed(self, cursor: str, now: datetime) -> tuple[tuple[tuple[int, str], ...], str]: ...


class Memory(Protocol):
    """What the worker asks of the store."""

    def rules(self) -> Rules: ...
    def sentiments(self, ticket_ids: list[int]) -> Mapping[int, Sentiment]: ...
    def replies_since(self, since: datetime) -> int: ...
    def intend(self, intended: Outcome) -> None: ...
    def record(self, done: Outcome) -> None: ...
    def confirm(self, delivery_id: str, now: datetime) -> bool: ...
    def finished(self, delivery_id: str) -> bool: ...
    def last_written(self, ticket_id: int) -> Mapping[str, str]: ...
    def last_stamp(self, ticket_id: int) -> str: ...
    def correct(self, event: TicketEvent, message_id: int | None, field: Field, was: str, is_now: str) -> None: ...
    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...
    def beat(self, name: str, now: datetime, zendesk: str) -> None: ...
    def alive(self, since: datetime) -> Mapping[str, str]: ...
    def bury(self, before: datetime) -> None: ...


Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendant:
    """Attends to events one by one: the product, read aloud in `handle`."""

    zendesk: Zendesk
    memory: Memory
    desk: Callable[[], Desk]  # as install left it; asked anew for each ticket
    clock: Clock

    def handle(self, event: TicketEvent) -> Outcome:
        """Load, recall, read, decide, apply; the caller records.

        Raises TryLater where Zendesk or the database cannot be had now, Refused where it will never work.
        """
        if event.kind is not EventKind.CUSTOMER_MESSAGE:
            return self._take_note(event)
        ticket = self.zendesk.load(event.ticket_id)
        if policy.done(ticket):
            return self._done_before(event, ticket)
        _history, reading, plan = self.consider(ticket)
        decided = replace(self._nothing(event, plan.because, ticket), plan=plan, reading=reading)
        return self._apply(decided, ticket) if plan.actions else decided

    def consider(self, ticket: Ticket) -> tuple[History, Reading, Plan]:
        """Recall, read and decide, touching nothing: the dry run of `flask explain` and the heart of `handle`."""
        history = self._recall(ticket)
        reading = analysis.read(ticket, history)
        rules, desk = self.memory.rules(), self.desk()
        answer = self._prepare(policy.answer_key(ticket, reading, history, rules), ticket, desk)
        plan = policy.decide(
            ticket=ticket,
            reading=reading,
            history=history,
            answer=answer,
            desk=desk,
            rules=rules,
            now=self.clock(),
            replies_last_hour=self.memory.replies_since(self.clock() - timedelta(hours=1)),
        )
        return history, reading, plan

    def attend(self, event: TicketEvent) -> TryLater | None:
        """Handle and record one event; gives back why and when to try again, or None when it has its outcome."""
        try:
            if not self.memory.finished(event.delivery_id):
                self._record(self._outcome(event))
        except TryLater as later:
            return later
        except Exception as bug:  # an outcome that cannot be written down is not an outcome: the event stays
            _log_bug(event, bug)
            return TryLater(f"a fault of Attune's own: {type(bug).__name__}", UNNAMED_WAIT)
        return None

    def give_up(self, event: TicketEvent, reason: str) -> None:
        """Record that every try failed; the event keeps its place in the list of outcomes."""
        self._record(self._nothing(event, f"gave up after {TRIES} tries: {reason}"))

    def _outcome(self, event: TicketEvent) -> Outcome:
        """What came of the event, failures included; only what may work later is raised."""
        try:
            return self.handle(event)
        except TryLater:
            raise
        except AttuneError as failure:
            return self._nothing(event, f"not possible: {failure}")
        except Exception as bug:  # the top of the loop: one poisoned ticket must not stop the others
            _log_bug(event, bug)
            return self._nothing(event, f"a fault of Attune's own: {type(bug).__name__}; see the log")

    def _done_before(self, event: TicketEvent, ticket: Ticket) -> Outcome:
        """The write is seen on the ticket: where it is this event's own, what was intended becomes its outcome."""
        if self.memory.confirm(event.delivery_id, self.clock()):
            log.info("ticket %d delivery %s confirmed after a lost answer or a restart", ticket.id, event.delivery_id)
        return self._nothing(event, "this message was already attended to", ticket)

    def _recall(self, ticket: Ticket) -> History:
        history = self.zendesk.recall(ticket, self.clock())
        read_then = self.memory.sentiments([past.id for past in history.recent])
        return replace(
            history, recent=tuple(replace(p, sentiment=read_then.get(p.id, p.sentiment)) for p in history.recent)
        )

    def _prepare(self, key: str | None, ticket: Ticket, desk: Desk) -> Answer | None:
        macro = next((macro for macro in desk.macros if macro.key == key), None)
        try:
            return self.zendesk.prepare(ticket, macro) if macro else None
        except Refused:  # an admin deleted the macro: there is no answer, and a person will give one
            return None

    def _apply(self, decided: Outcome, ticket: Ticket) -> Outcome:
        intended = replace(decided, applied=Applied(audit_id=None, comment_id=None, before=_stands(ticket), after={}))
        self.memory.intend(intended)
        applied = self.zendesk.apply(decided.plan, ticket)
        notes = tuple(f"Zendesk left out {key}: run `flask doctor`" for key in applied.dropped)
        return replace(decided, applied=applied, notes=notes, at=self.clock())

    def _take_note(self, event: TicketEvent) -> Outcome:
        """Corrections, solved and rated tickets change nothing on the ticket; they are written down."""
        if event.kind is EventKind.UNKNOWN:
            return self._nothing(event, f"nothing to do for {event.note or 'an unknown kind of event'}")
        ticket = self.zendesk.load(event.ticket_id)
        if event.kind is EventKind.CLOSED:
            return self._nothing(event, f"the ticket is {ticket.status}", ticket)
        if event.kind is EventKind.RATED:
            return self._nothing(event, f"the customer rated the contact {ticket.satisfaction or 'not yet'}", ticket)
        return self._correction(event, ticket)

    def _correction(self, event: TicketEvent, ticket: Ticket) -> Outcome:
        written = self.memory.last_written(ticket.id)
        said = []
        for field in (Field.SENTIMENT, Field.CHARGE, Field.URGENCY):
            was, is_now = written.get(field, ""), ticket.fields.get(field) or ""
            if was and is_now != was:
                self.memory.correct(event, ticket.newest.id if ticket.newest else None, field, was, is_now)
                said.append(f"{field}: {was} → {is_now or 'empty'}")
        return self._nothing(event, "corrected by a person: " + ", ".join(said) if said else "no correction", ticket)

    def _nothing(self, event: TicketEvent, because: str, ticket: Ticket | None = None) -> Outcome:
        newest = ticket.newest if ticket else None
        return Outcome(
            event=event,
            plan=Plan(actions=(), because=because, silence=(because,)),
            at=self.clock(),
            message_id=newest.id if newest else None,
            requester_id=ticket.requester.id if ticket else None,
        )

    def _record(self, outcome: Outcome) -> None:
        """Write the outcome down; one that was confirmed stands already and stays as it is."""
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
        "priority": ticket.priority.value if ticket.priority else None,
        "status": ticket.status.value,
    }


# --- the durable loop around it --------------------------------------------------------------------------------------


def run(
    attendant: Attendant,
    watch: Watch,
    queue_url: str,
    name: str,
    stop: threading.Event,
    catch_up_every_s: float = CATCH_UP_EVERY_S,
) -> None:
    """Work until `stop` is set: take events from the queue, and keep the house in order beside it.

    `name` is stable over restarts, so that a worker takes up what it left; what a dead worker left is taken over.
    """
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": queue_url,
        "application_version": APPLICATION_VERSION,
        "executor_id": name,
        "log_level": "WARNING",
        "use_listen_notify": False,
    }
    if why := analysis.fault():
        log.error("no ticket can be read, so that all go to people: %s", why)
    analysis.load()
    DBOS(config=config)
    _define_workflow(attendant)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE,
        worker_concurrency=TICKETS_AT_ONCE,
        partition_concurrency=1,
        polling_interval_sec=LOOK_EVERY_S,
        on_conflict="always_update",
    )
    log.info("worker %s is ready", name)
    try:
        _keep_house(attendant, watch, name, stop, catch_up_every_s)
    finally:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=FINISH_WITHIN_S)


def migrate(queue_url: str) -> None:
    """Bring the queue's tables up to date."""
    DBOS.migrate(queue_url)


def client(queue_url: str) -> DBOSClient:
    """What the web process enqueues with; an unreachable queue is an error at once, not a wait."""
    return DBOSClient(system_database_url=queue_url, application_name=APPLICATION, retry_connection_errors=False)


def _define_workflow(attendant: Attendant) -> None:
    @DBOS.step(name="attend")
    def attend(event: dict[str, Any]) -> dict[str, Any] | None:
        later = attendant.attend(event_from(event))
        return {"reason": str(later), "after": later.after.total_seconds()} if later else None

    @DBOS.step(name="give up")
    def give_up(event: dict[str, Any], reason: str) -> None:
        attendant.give_up(event_from(event), reason)

    @DBOS.workflow(name=WORKFLOW)
    def handle(event: dict[str, Any]) -> None:
        reason = ""
        for attempt in range(TRIES):
            later = attend(event)
            if later is None:
                return
            reason = later["reason"]
            DBOS.sleep(min(LONGEST_WAIT_S, max(later["after"], min(2.0 ** (attempt - 3), LONGEST_WAIT_S))))
        give_up(event, reason)


def event_values(event: TicketEvent) -> dict[str, Any]:
    """An event as the queue stores it: plain text, so that any later version can read it."""
    return {
        "delivery_id": event.delivery_id,
        "ticket_id": event.ticket_id,
        "kind": event.kind.value,
        "happened_at": event.happened_at.isoformat(),
        "note": event.note,
    }


def event_from(values: Mapping[str, Any]) -> TicketEvent:
    """The event that `event_values` stored."""
    return TicketEvent(
        delivery_id=values["delivery_id"],
        ticket_id=values["ticket_id"],
        kind=EventKind(values["kind"]),
        happened_at=datetime.fromisoformat(values["happened_at"]),
        note=values["note"],
    )


# --- on a schedule ---------------------------------------------------------------------------------------------------


def _keep_house(attendant: Attendant, watch: Watch, name: str, stop: threading.Event, catch_up_every_s: float) -> None:
    """Two rounds until `stop`: one looks at Zendesk and may have to wait for it, the other says that we are alive."""
    looking = threading.Thread(target=_look_around, args=(attendant, watch, stop, catch_up_every_s), name="look-around")
    looking.start()
    while not stop.is_set():
        now = attendant.clock()
        try:
            attendant.memory.beat(name, now, attendant.memory.get(ZENDESK_SEEN) or "")
            take_over(attendant.memory, now)
        except Exception as trouble:  # housekeeping must not end the worker; the next round tries again
            log.warning("housekeeping: %s", type(trouble).__name__)
        stop.wait(BEAT_EVERY_S)
    looking.join()


def _look_around(attendant: Attendant, watch: Watch, stop: threading.Event, every_s: float) -> None:
    """Look at the account, and for events that no webhook brought."""
    while not stop.is_set():
        try:
            attendant.memory.set(ZENDESK_SEEN, watch.look())
            catch_up(watch, attendant.memory, attendant.clock(), enqueue_here)
        except Exception as trouble:  # the same
            log.warning("looking around: %s", type(trouble).__name__)
        stop.wait(every_s)


def take_over(memory: Memory, now: datetime) -> int:
    """Resume what dead workers left: such an event would block its ticket for ever. Gives back how many."""
    alive = memory.alive(now - DEAD_AFTER)
    left = [
        workflow.workflow_id
        for workflow in DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
        if workflow.executor_id not in alive
    ]
    for workflow_id in left:
        log.warning("taking over %s from a worker that is gone", workflow_id)
        DBOS.resume_workflow(workflow_id)
    memory.bury(now - timedelta(days=1))
    return len(left)


def catch_up(watch: Watch, memory: Memory, now: datetime, enqueue: Callable[[TicketEvent], None]) -> int:
    """Enqueue the tickets that changed since the last look and that we have not seen so; gives back how many.

    The incremental export never returns its newest minute, so a missed event is caught one to two minutes late.
    """
    try:
        changed, cursor = watch.changed(memory.get("export cursor") or "", now)
    except AttuneError as failure:  # without an admin's right there is no catching up; a spent budget comes back
        log.warning("catch-up: %s", failure)
        return 0
    missed = [(ticket_id, stamp) for ticket_id, stamp in changed if memory.last_stamp(ticket_id) != stamp]
    for ticket_id, stamp in missed:
        enqueue(
            TicketEvent(
                delivery_id=f"catch-up-{ticket_id}-{stamp}",
                ticket_id=ticket_id,
                kind=EventKind.CUSTOMER_MESSAGE,
                happened_at=datetime.fromisoformat(stamp).astimezone(UTC),
            )
        )
    memory.set("export cursor", cursor)
    return len(missed)


def enqueue_here(event: TicketEvent) -> None:
    """Enqueue from inside a worker."""
    DBOS.enqueue_workflow_with_options(enqueue_options(event), event_values(event))


def enqueue_options(event: TicketEvent) -> Any:
    """How an event stands in the queue: once per delivery, one at a time per ticket."""
    return {
        "queue_name": QUEUE,
        "workflow_name": WORKFLOW,
        "workflow_id": event.delivery_id,
        "queue_partition_key": str(event.ticket_id),
        "app_version": APPLICATION_VERSION,
        "application_name": APPLICATION,
    }
