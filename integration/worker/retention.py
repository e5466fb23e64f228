"""What is kept for how long, and what goes once a day: our own rows, and the queue's finished events.

It must not know SQL, Zendesk, or what is in an outcome.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from integration.model import Rules

log = logging.getLogger("attune.worker")

# How often the house is tidied; a day more or less changes nothing in a time that is counted in days.
EVERY = timedelta(days=1)
# A finished event is only of use while its sender may repeat it: minutes. A week leaves time to look into a fault, and
# our own outcome, which is kept much longer, knows the delivery as well.
QUEUE_KEPT = timedelta(days=7)
# Events removed in one round, so that a first tidying of a large queue does not hold up everything else; the next
# round, a minute later, goes on. Our choice.
PORTION, PORTIONS = 500, 20
# Under this name the store keeps when it was last done.
TIDIED = "tidied"
FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Archive(Protocol):
    """What tidying asks of the store's archive."""

    def prune(self, before: datetime, now: datetime) -> int: ...


class Memory(Protocol):
    """What tidying asks of the store."""

    def rules(self) -> Rules: ...
    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...


class Queue(Protocol):
    """What is asked of the queue, from inside a worker or from a command."""

    @property
    def list_workflows(self) -> Callable[..., Sequence[Any]]: ...
    @property
    def delete_workflows(self) -> Callable[..., None]: ...


def tidy(archive: Archive, memory: Memory, queue: Queue, now: datetime) -> bool:
    """Once a day, remove what is older than the rules allow; gives back whether anything was due."""
    last = memory.get(TIDIED)
    if last and now - datetime.fromisoformat(last) < EVERY:
        return False
    kept = timedelta(days=memory.rules().keep_days)
    rows = archive.prune(now - kept, now)
    events, all_of_them = clear(queue, now - min(kept, QUEUE_KEPT))
    log.info("tidied: %d rows and %d finished events went", rows, events)
    if all_of_them:
        memory.set(TIDIED, now.isoformat())
    return True


def clear(queue: Queue, before: datetime) -> tuple[int, bool]:
    """Remove the finished events that came before then; gives back how many, and whether those were all."""
    went = 0
    for _ in range(PORTIONS):
        some = queue.list_workflows(
            status=list(FINISHED), end_time=before.isoformat(), limit=PORTION, load_input=False, load_output=False
        )
        if not some:
            return went, True
        queue.delete_workflows([one.workflow_id for one in some])
        went += len(some)
    return went, False


def remove(queue: Queue, deliveries: Iterable[str]) -> tuple[int, int]:
    """Remove these events where they are finished; gives back how many went, and how many are still in hand."""
    ids, went, waiting = list(deliveries), 0, 0
    for start in range(0, len(ids), PORTION):
        some = queue.list_workflows(workflow_ids=ids[start : start + PORTION], load_input=False, load_output=False)
        finished = [one.workflow_id for one in some if one.status in FINISHED]
        if finished:
            queue.delete_workflows(finished)
        went, waiting = went + len(finished), waiting + len(some) - len(finished)
    return went, waiting
