"""A database as the first version left it, brought up to date: what stood there is shown as far as it was kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from integration import store as store_package
from integration.model import Charge, EventKind, Field, Label, Requester, Source, TicketEvent
from integration.store import Store, migrate
from integration.store.engine import open_engine
from tests.dashboard.staging import House as Dashboard
from tests.strategies import message, ticket
from tests.test_sidebar_door import House as Sidebar

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BECAUSE = "a calm, routine request (order_status) with a complete answer"
# Word for word what the worker of the first version wrote about an answered ticket; a reading had no `characters`.
READING = {
    "sentiment": "neutral",
    "polarity": 0.018,
    "charge": "calm",
    "charge_score": 0.025,
    "emotions": {},
    "urgency": "normal",
    "intent": "order_status",
    "language": "en",
    "confidence": {"sentiment": 0.98, "charge": 0.95, "urgency": 0.938, "intent": 0.993, "harmless": 0.987},
    "evidence": [
        {"signal": "intent", "start": 10, "end": 31, "weight": 0.5, "reason": "Speaks for the request: order status"}
    ],
    "readable": True,
    "why_unreadable": "",
}
MACRO = {"key": "answer/order_status", "id": 7, "title": "Attune::Answers::Order status"}
VALUES = {
    "marker": "1000",
    "sentiment": "attune_sentiment_neutral",
    "charge": "attune_charge_calm",
    "urgency": "attune_urgency_normal",
}
PLAN = {
    "because": BECAUSE,
    "silence": [],
    "macros": [MACRO],
    "actions": [
        {"action": "SetFields", "values": VALUES, "because": "the reading of the newest customer message"},
        {"action": "AddTags", "tags": ["attune_answered"], "because": BECAUSE, "drop": []},
        {"action": "Reply", "macro": MACRO, "because": BECAUSE, "characters": 274},
    ],
}
STOOD = {"tags": [], "fields": {"charge": None, "marker": None}, "group_id": None, "status": "new", "priority": None}
APPLIED = {
    "audit_id": 9,
    "comment_id": 51,
    "before": STOOD,
    "after": {"updated_at": "2026-03-02T09:30:00Z", "tags": ["attune_answered", "attune_charge_calm"]},
    "dropped": [],
}
PUT_RIGHT = "corrected by a person: charge: attune_charge_calm → attune_charge_mild"
LABELS = ("sentiment", "charge", "urgency", "intent")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store whose database began as the first version made it, with an answered and corrected ticket in it."""
    config = Config()
    config.set_main_option("script_location", str(Path(store_package.__file__).parent / "migrations"))
    engine = open_engine(database_url)
    with engine.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "0001")
    with engine.begin() as db:
        old = sa.MetaData()
        old.reflect(db)
        outcome, correction = old.tables["outcome"], old.tables["correction"]
        db.execute(sa.insert(outcome).values(_row(outcome, "d-1", "customer_message")))
        db.execute(sa.insert(outcome).values(_row(outcome, "c-1", "correction")))
        was, is_now = "attune_charge_calm", "attune_charge_mild"
        said = {"delivery_id": "c-1", "field": "charge", "ticket_id": 42, "message_id": 1000, "was": was}
        db.execute(sa.insert(correction).values(**said, is_now=is_now, at=AT))
    engine.dispose()
    migrate(database_url)
    found = Store(database_url)
    yield found
    found.close()


def _row(outcome: sa.Table, delivery: str, kind: str) -> dict[str, Any]:
    """An outcome of either kind; JSON as this database took it then."""
    read = kind == "customer_message"
    plan = PLAN if read else {"because": PUT_RIGHT, "silence": [PUT_RIGHT], "macros": [], "actions": []}
    row = {
        **{"delivery_id": delivery, "ticket_id": 42, "kind": kind, "state": "done", "happened_at": AT, "at": AT},
        **{"message_id": 1000, "requester_id": 7, "because": plan["because"], "replied": read, "seconds": 3.0},
        **{name: READING[name] if read else None for name in LABELS},
        **{"reading": READING if read else sa.null(), "plan": plan, "applied": APPLIED if read else sa.null()},
        **{"notes": [], "stamp": "2026-03-02T09:30:00Z" if read else ""},
    }
    assert set(row) == {column.name for column in outcome.c}
    return row


def test_the_app_shows_an_old_ticket(store: Store) -> None:
    """Labels, the correction and our reply are there; the phrases are marked as far as the text still allows."""
    there = ticket(requester=Requester(id=7), messages=(message("Where is my order 40031?", id=1000),))
    sidebar = Sidebar(store, ticket=there)
    found = sidebar.call().get_json()
    assert (found["state"], found["ours"]["kind"]) == ("read", "sent")
    assert (found["reading"]["charge"]["value"], found["reading"]["charge"]["corrected_from"]) == ("mild", "calm")
    assert json.dumps(found["said"])
    (one,) = store.judgements.corrections(42)
    assert (one.label, one.is_now, one.by, one.source) == (Label.CHARGE, "mild", None, Source.FIELD)
    assert sidebar.correct("charge", "charged").status_code == 200
    assert len(sidebar.queued) == 1


def test_the_dashboard_shows_an_old_ticket(
    store: Store, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every room opens; the ticket's page tells its story, and the figures know no course of it yet."""
    dashboard = Dashboard(database_url, tmp_path)
    request.addfinalizer(dashboard.parts.close)
    assert dashboard.sign_in().status_code < 400
    assert "run `flask migrate`" in dashboard.text("/dashboard/")  # the queue's tables are not there yet
    dashboard.parts.migrate()
    told = dashboard.text("/dashboard/tickets/42")
    assert "answered" in told
    assert "charge from calm to mild" in told
    for room in ("", "figures", "autonomy", "events", "audit"):
        assert dashboard.client.get(f"/dashboard/{room}").status_code == 200, room
    assert "order" in dashboard.text("/dashboard/event?delivery=d-1")
    assert store.insight.course(42) is None


def test_an_old_ticket_goes_on(store: Store) -> None:
    """What stands in the fields is known, the write can be undone, forgotten, and the next event counts the course."""
    assert store.standing(42)[Field.CHARGE] == "attune_charge_mild"
    (write,) = store.archive.writes(ticket_id=42)
    assert write.said == "reply"
    assert store.archive.held(7).corrections == 1
    trail = store.insight.trail(42)
    assert [(one.kind, one.replied) for one in trail.moments if one.felt] == [(EventKind.CUSTOMER_MESSAGE, True)]
    assert [one.is_now for one in trail.corrected] == [Charge.MILD]
    event = TicketEvent(delivery_id="c-2", ticket_id=42, kind=EventKind.CORRECTION, happened_at=AT)
    store.correct(event, 1000, Field.CHARGE, "attune_charge_mild", "attune_charge_charged")
    assert [one.is_now for one in store.judgements.corrections(42)] == ["mild", "charged"]
