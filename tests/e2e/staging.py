"""What the rougher tests do beside writing as a customer: act as an admin, hold deliveries back, count our writes.

It must not know what a test expects.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from integration import assembly
from integration.model import EventKind, TicketEvent
from tests.e2e.conftest import Stage

CALM = "Hi, where is my order 48213? The tracking page has not moved since Tuesday. Thanks, Ada"
CHARGED = (
    "This is the THIRD time I am writing about order 5512. You promised a refund on Friday and nothing happened. "
    "I am absolutely furious and done with your excuses!"
)
ADMIN = "ada@sandbox.example"


def admin(stage: Stage, method: str, path: str, **body: Any) -> dict[str, Any]:
    """Do something in the desk as a person who is an admin; gives the answer's JSON."""
    (ada,) = stage.served.desk.state.find("user", email=ADMIN)
    token = stage.control("POST", "tokens", user_id=ada["id"])["access_token"]
    answer = requests.request(
        method,
        f"{stage.desk}/api/v2/{path}",
        json=body or None,
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    return dict(answer.json()) if answer.content.strip() else {}


@contextmanager
def weather(stage: Stage, **faults: Any) -> Iterator[None]:
    """Troubles of the sandbox's, for a while."""
    stage.control("PUT", "faults", **faults)
    try:
        yield
    finally:
        stage.control("PUT", "faults")


def unheard(stage: Stage, body: str = CALM, **more: Any) -> int:
    """A ticket of which no webhook tells: what happens to it before `tell` happens before Attune looks."""
    with weather(stage, delivery_drop_rate=1.0):
        return stage.write(body, **more)


def tell(stage: Stage, ticket_id: int, kind: EventKind = EventKind.CUSTOMER_MESSAGE) -> str:
    """Deliver an event by hand; gives its delivery id."""
    delivery = f"by-hand-{uuid.uuid4()}"
    event = TicketEvent(delivery_id=delivery, ticket_id=ticket_id, kind=kind, happened_at=datetime.now(UTC))
    stage.parts.enqueue(event)
    return delivery


def audits(stage: Stage, ticket_id: int) -> list[dict[str, Any]]:
    """What Attune wrote on a ticket, as the desk's own log has it; deleted and closed tickets as well."""
    me = stage.parts.desk().self_id
    return [one for one in stage.served.desk.state.find("audit", ticket_id=ticket_id) if one["author_id"] == me]


def acted(stage: Stage, ticket_id: int) -> list[Any]:
    """The finished outcomes of a ticket that say that something was written."""
    return [one for one in stage.outcomes(ticket_id) if one["applied"] is not None]


def because(stage: Stage, ticket_id: int) -> str:
    """Why the ticket's last outcome is as it is."""
    return str(stage.outcomes(ticket_id)[-1]["because"])


def reinstalled(stage: Stage) -> None:
    """What an admin does whom the doctor sends to `flask install`."""
    facts = str(Path(assembly.ROOT) / "sandbox" / "facts.toml")
    code, said = stage.flask("install", "--yes", "--facts", facts, "--senior-member", stage.senior_email)
    assert code == 0, said


def thing(stage: Stage, key: str) -> str:
    """The id of something that install made."""
    return next(row.zendesk_id for row in stage.parts.store.rows() if row.key == key)
