"""Knows what an undo's one ticket update must look like, what is left out where a desk refuses, and what was not kept.

It must not send anything: an undoing in, JSON out."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integration import wire
from integration.model import Undoing
from tests.wire.test_changes import DESK, ticket

WHOLE = Undoing(
    ticket_id=42,
    values={"status": "new", "priority": None, "group_id": 7, "assignee_id": None, "fields.charge": None},
    tags=frozenset({"vip", "blue"}),
)


def test_everything_goes_back_in_one_safe_update():
    """Values, our fields by their ids, and the whole list of tags, with the version that was looked at."""
    assert wire.restoring(WHOLE, ticket(), DESK) == {
        "ticket": {
            "status": "new",
            "priority": None,
            "group_id": 7,
            "assignee_id": None,
            "custom_fields": [{"id": 102, "value": None}],
            "tags": ["blue", "vip"],
            "safe_update": True,
            "updated_stamp": "2026-11-21T11:59:00Z",
        }
    }


def test_what_does_not_change_is_not_named():
    """An update that only takes a tag off names nothing else."""
    body = wire.restoring(Undoing(ticket_id=42, tags=frozenset()), ticket(stamp=""), DESK)
    assert body == {"ticket": {"tags": []}}


def test_a_desk_that_refuses_is_asked_for_less():
    """First without the priority that cannot be none, then open for new, and at last for the tags alone."""
    lesser = [one["ticket"] for one in wire.restoring_less(wire.restoring(WHOLE, ticket(), DESK))]
    assert "priority" not in lesser[0]
    assert lesser[0]["status"] == "new"
    assert (lesser[1]["status"], lesser[1]["priority"]) == ("open", None)
    assert set(lesser[-1]) == {"tags", "safe_update", "updated_stamp"}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["new", "open"]),
            "priority": st.sampled_from([None, "low"]),
            "group_id": st.sampled_from([None, 7]),
            "type": st.none(),
            "due_at": st.none(),
            "fields.charge": st.sampled_from([None, "attune_charge_calm"]),
        },
    ),
    st.none() | st.frozensets(st.sampled_from(["a", "b"])),
)
def test_less_is_always_less(values: dict[str, Any], tags: frozenset[str] | None):
    """Nothing is tried twice, nothing empty is tried, and what is tried holds the stamp and no new name."""
    body = wire.restoring(Undoing(ticket_id=42, values=values, tags=tags), ticket(), DESK)["ticket"]
    seen = [body]
    for one in (lesser["ticket"] for lesser in wire.restoring_less({"ticket": body})):
        assert one not in seen
        assert set(one) <= set(body)
        assert {"safe_update", "updated_stamp"} < set(one)
        seen.append(one)


def test_what_zendesk_did_not_set_back_is_named():
    """Each value, field and tag list that the answer shows otherwise; an answer as wished names none."""
    stands = {"status": "open", "priority": "high", "group_id": 7, "assignee_id": None, "tags": ["blue"]}
    fields = [{"id": 102, "value": "attune_charge_calm"}]
    answer = {"ticket": {**stands, "custom_fields": fields, "updated_at": "2026-11-21T12:00:00Z"}}
    assert wire.not_restored(WHOLE, answer, DESK) == ("status", "priority", "fields.charge", "tags")
    assert wire.version(answer) == "2026-11-21T12:00:00Z"
    fine = {**stands, "status": "new", "priority": None, "tags": ["vip", "blue"], "custom_fields": []}
    assert wire.not_restored(WHOLE, {"ticket": fine}, DESK) == ()


def test_a_due_time_is_compared_as_a_time():
    """Zendesk writes the same moment another way."""
    due = Undoing(ticket_id=42, values={"type": "task", "due_at": "2026-11-23T09:00:00+00:00"})
    row = {"type": "task", "due_at": "2026-11-23T09:00:00Z"}
    assert wire.not_restored(due, {"ticket": row}, DESK) == ()
    assert wire.not_restored(due, {"ticket": row | {"due_at": "2026-11-23T10:00:00Z"}}, DESK) == ("due_at",)
