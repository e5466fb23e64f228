"""Which outcomes were failures, and how an event is taken up again: under a new name that holds the old one.

It must not know the queue or SQL: events in, events out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from integration.model import TicketEvent
from integration.worker.attendant import FAULT, GAVE_UP, NOT_POSSIBLE

# How the reason of a failed outcome begins.
FAILURES = (NOT_POSSIBLE, FAULT, GAVE_UP)
# What Zendesk says of a ticket that is not there: trying again would say the same.
GONE = "Zendesk answered 404"
# Characters of a delivery's id that the tables hold.
LONGEST_DELIVERY = 200
_REPLAYED = re.compile(r"replay-(\d+)-(.+)", re.DOTALL)


def original(delivery_id: str) -> str:
    """The delivery that an event came with at first."""
    found = _REPLAYED.fullmatch(delivery_id)
    return original(found.group(2)) if found else delivery_id


def again(event: TicketEvent, known: Collection[str]) -> TicketEvent:
    """The event once more: `replay-2-OLD` after `replay-1-OLD`. `known` are the deliveries that have an outcome.

    Asked twice before the first replay has its outcome, it gives the same name, and the queue takes it once.
    """
    first = original(event.delivery_id)
    tries = [int(found.group(1)) for one in known if (found := _REPLAYED.fullmatch(one)) and found.group(2) == first]
    return replace(event, delivery_id=f"replay-{max(tries, default=0) + 1}-{first}"[:LONGEST_DELIVERY])


def is_failure(because: str) -> bool:
    """Whether an outcome's reason says that it failed."""
    return because.startswith(FAILURES)
