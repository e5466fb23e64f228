"""The durable loop around the attendant: the queue, its tries, and what a worker does on a schedule.

It must not know HTTP, SQL, or what is done with a ticket: the attendant does.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from dbos import DBOS, DBOSClient, DBOSConfig

from integration import analysis
from integration.model import AttuneError, Choice, EventKind, TicketEvent
from integration.worker import retention
from integration.worker.attendant import TRIES, Attendant
from integration.worker.beside import Memory

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
# And under this one how many calls Zendesk's last answer left us.
BUDGET_SEEN = "budget seen"
# Deleted people are looked for this often: nobody waits for it, and the exports share ten calls a minute.
PEOPLE_EVERY = timedelta(hours=1)
PEOPLE_SEEN_AT = "people seen at"


class Watch(Protocol):
    """What the worker asks of the account as a whole."""

    def look(self) -> str: ...
    def changed(self, cursor: str, now: datetime) -> tuple[tuple[tuple[int, str], ...], str]: ...
    def budget(self, now: datetime) -> Mapping[str, str | int | None]: ...
    def left(self, cursor: str, now: datetime) -> tuple[tuple[int, ...], str]: ...


def run(
    attendant: Attendant,
    watch: Watch,
    queue_url: str,
    name: str,
    stop: threading.Event,
    catch_up_every_s: float = CATCH_UP_EVERY_S,
    archive: retention.Archive | None = None,
) -> None:
    """Work until `stop` is set: take events from the queue, and keep the house in order beside it.

    `name` is stable over restarts, so that a worker takes up what it left; what a dead worker left is taken over.
    With an `archive`, what is older than the rules allow is removed once a day.
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
        _keep_house(attendant, watch, name, stop, catch_up_every_s, archive)
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
        "choice": event.choice.value if event.choice else "",
    }


def event_from(values: Mapping[str, Any]) -> TicketEvent:
    """The event that `event_values` stored."""
    return TicketEvent(
        delivery_id=values["delivery_id"],
        ticket_id=values["ticket_id"],
        kind=EventKind(values["kind"]),
        happened_at=datetime.fromisoformat(values["happened_at"]),
        note=values["note"],
        choice=Choice(values["choice"]) if values.get("choice") else None,  # older events have none
    )


# --- on a schedule ---------------------------------------------------------------------------------------------------


def _keep_house(
    attendant: Attendant,
    watch: Watch,
    name: str,
    stop: threading.Event,
    catch_up_every_s: float,
    archive: retention.Archive | None,
) -> None:
    """Two rounds until `stop`: one looks at Zendesk and may have to wait for it, the other says that we are alive."""
    looking = threading.Thread(
        target=_look_around, args=(attendant, watch, stop, catch_up_every_s, archive), name="look-around"
    )
    looking.start()
    while not stop.is_set():
        now = attendant.clock()
        try:
            attendant.memory.beat(name, now, attendant.memory.get(ZENDESK_SEEN) or "")
            if budget := watch.budget(now):
                attendant.memory.set(BUDGET_SEEN, json.dumps(budget))
            take_over(attendant.memory, now)
        except Exception as trouble:  # housekeeping must not end the worker; the next round tries again
            log.warning("housekeeping: %s", type(trouble).__name__)
        stop.wait(BEAT_EVERY_S)
    looking.join()


def _look_around(
    attendant: Attendant, watch: Watch, stop: threading.Event, every_s: float, archive: retention.Archive | None
) -> None:
    """Look at the account, and for events that no webhook brought."""
    while not stop.is_set():
        try:
            attendant.memory.set(ZENDESK_SEEN, watch.look())
            catch_up(watch, attendant.memory, attendant.clock(), enqueue_here)
            follow_people(watch, attendant.memory, attendant.clock(), enqueue_here)
            if attendant.ladder:
                attendant.ladder.round()
        except Exception as trouble:  # the same
            log.warning("looking around: %s", type(trouble).__name__)
        try:  # here and not beside the heartbeat: a long tidying must not make the worker look dead
            if archive is not None:
                retention.tidy(archive, attendant.memory, cast(retention.Queue, DBOS), attendant.clock())
        except Exception as trouble:  # the same
            log.warning("tidying: %s", type(trouble).__name__)
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


def follow_people(watch: Watch, memory: Memory, now: datetime, enqueue: Callable[[TicketEvent], None]) -> int:
    """Once an hour, enqueue the people who were deleted in Zendesk: they go from our books too. Gives back how many."""
    before = memory.get(PEOPLE_SEEN_AT)
    if before is not None and now - datetime.fromisoformat(before) < PEOPLE_EVERY:
        return 0
    try:
        left, cursor = watch.left(memory.get("people cursor") or "", now)
    except AttuneError as failure:  # the same as in catching up
        log.warning("deleted people: %s", failure)
        return 0
    for user_id in left:
        delivery = f"person-gone-{user_id}"
        kind = EventKind.PERSON_GONE
        enqueue(TicketEvent(delivery_id=delivery, ticket_id=0, kind=kind, happened_at=now, note=str(user_id)))
    memory.set("people cursor", cursor)
    memory.set(PEOPLE_SEEN_AT, now.isoformat())
    return len(left)


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
