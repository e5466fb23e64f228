"""The worker: takes events from the queue, attends to each, and keeps the house in order beside it.

It must not know HTTP, SQL or Zendesk's field names.
"""

from integration.worker.answering import Answering
from integration.worker.attendant import TRIES, Attendant
from integration.worker.courses import Courses
from integration.worker.drafting import Talks
from integration.worker.ladder import Ladder
from integration.worker.loop import (
    BUDGET_SEEN,
    CATCH_UP_EVERY_S,
    DEAD_AFTER,
    QUEUE,
    TOO_MANY_WAITING,
    catch_up,
    client,
    enqueue_options,
    event_from,
    event_values,
    follow_people,
    migrate,
    run,
)
from integration.worker.onlooking import Onlooker
from integration.worker.removal import Removals
from integration.worker.replay import FAILURES, GONE, again, is_failure, original
from integration.worker.retention import QUEUE_KEPT, TIDIED, remove
from integration.worker.roster import Roster
from integration.worker.undoing import Undoer, Undone, by_ticket

__all__ = [
    "BUDGET_SEEN",
    "CATCH_UP_EVERY_S",
    "DEAD_AFTER",
    "FAILURES",
    "GONE",
    "QUEUE",
    "QUEUE_KEPT",
    "TIDIED",
    "TOO_MANY_WAITING",
    "TRIES",
    "Answering",
    "Attendant",
    "Courses",
    "Ladder",
    "Onlooker",
    "Removals",
    "Roster",
    "Talks",
    "Undoer",
    "Undone",
    "again",
    "by_ticket",
    "catch_up",
    "client",
    "enqueue_options",
    "event_from",
    "event_values",
    "follow_people",
    "is_failure",
    "migrate",
    "original",
    "remove",
    "run",
]
