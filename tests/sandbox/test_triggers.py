"""Tables of conditions, actions and placeholders against hand-made changes, and the trigger cycle over a real state.
They know Zendesk's documented meaning of each condition, and never look inside the evaluator."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.changes import TicketChange
from sandbox.engine import Engine
from sandbox.events import events_of, pretty
from sandbox.settings import SandboxSettings
from sandbox.state import State
from sandbox.triggers import action_changes, context, definitions, in_order, matches, render, ticket_matches

CUSTOMER = {"id": 7, "name": "Ada Quill", "email": "ada@example.com", "role": "end-user"}
AGENT = {"id": 8, "name": "Sam Reed", "email": "sam@example.com", "role": "agent"}
ADMIN = {"id": 9, "name": "Root", "email": "root@example.com", "role": "admin"}
FIELDS = [
    {
        "id": 501, "type": "tagger", "title": "Charge",
        "custom_field_options": [
            {"id": 61, "name": "Calm", "value": "attune_calm"},
            {"id": 62, "name": "Charged", "value": "attune_charged"},
        ],
    },
    {"id": 502, "type": "checkbox", "title": "VIP"},
    {"id": 503, "type": "integer", "title": "Orders"},
    {
        "id": 504, "type": "multiselect", "title": "Topics",
        "custom_field_options": [{"id": 1, "name": "A", "value": "a"}],
    },
]  # fmt: skip
TICKET: dict[str, Any] = {
    "id": 42, "subject": "Where is my order?", "description": "It is late", "status": "open", "priority": "normal",
    "type": "question", "tags": ["vip", "late"], "group_id": 300, "assignee_id": 8, "requester_id": 7,
    "submitter_id": 7, "brand_id": 1, "via": {"channel": "email"}, "created_at": "2026-01-02T03:00:00Z",
    "updated_at": "2026-01-02T03:04:05Z",
    "custom_fields": [
        {"id": 501, "value": "attune_charged"}, {"id": 502, "value": True}, {"id": 503, "value": 3},
        {"id": 504, "value": ["a", "b"]},
    ],
    "satisfaction_rating": {"score": "bad"},
}  # fmt: skip
BEFORE: dict[str, Any] = {
    **TICKET, "status": "pending", "priority": None, "tags": ["vip"], "assignee_id": None,
    "custom_fields": [{"id": 501, "value": "attune_calm"}], "satisfaction_rating": {"score": "offered"},
}  # fmt: skip
COMMENT = {
    "id": 900,
    "body": "Still waiting, REALLY.",
    "public": True,
    "author_id": 7,
    "created_at": "2026-01-02T03:04:05Z",
}
CHANGE = TicketChange(before=BEFORE, after=TICKET, comment=COMMENT, actor=CUSTOMER, via_channel="email", audit_id=77)
CREATED = replace(CHANGE, before=None)
NOTE = replace(CHANGE, comment={**COMMENT, "public": False, "author_id": 8}, actor=AGENT, via_channel="api")
SILENT = replace(CHANGE, comment=None, actor=ADMIN, via_channel="web")


def one(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("field", "operator", "value", "change", "met"),
    [
        ("update_type", "is", "Create", CREATED, True),
        ("update_type", "is", "Change", CREATED, False),
        ("update_type", "is", "Change", CHANGE, True),
        ("comment_is_public", "is", "true", CHANGE, True),
        ("comment_is_public", "is", True, CHANGE, True),
        ("comment_is_public", "is", "true", NOTE, False),
        ("comment_is_public", "is", "false", NOTE, True),
        ("comment_is_public", "is", "not_relevant", NOTE, True),
        ("comment_is_public", "is", "not_relevant", SILENT, False),
        ("comment_is_public", "is", "false", SILENT, False),
        ("comment_is_public", "is", "requester_can_see_comment", NOTE, False),
        ("comment_is_public", "is", "requester_can_see_comment", CHANGE, True),
        ("current_tags", "includes", "vip other", CHANGE, True),
        ("current_tags", "includes", "other", CHANGE, False),
        ("current_tags", "not_includes", "other late", CHANGE, False),
        ("current_tags", "not_includes", "other", CHANGE, True),
        ("current_tags", "changed", None, CHANGE, True),
        ("status", "is", "open", CHANGE, True),
        ("status", "is_not", "open", CHANGE, False),
        ("status", "less_than", "solved", CHANGE, True),
        ("status", "less_than", "open", CHANGE, False),
        ("status", "greater_than", "new", CHANGE, True),
        ("status", "changed", None, CHANGE, True),
        ("status", "not_changed", None, CHANGE, False),
        ("status", "value", "open", CHANGE, True),
        ("status", "changed_to", "open", CHANGE, True),
        ("status", "value", "pending", CHANGE, False),
        ("status", "value_previous", "pending", CHANGE, True),
        ("status", "changed_from", "new", CHANGE, False),
        ("status", "not_value", "open", CHANGE, False),
        ("status", "not_value_previous", "new", CHANGE, True),
        ("status", "value", "open", CREATED, True),
        ("priority", "less_than", "high", CHANGE, True),
        ("priority", "greater_than", "normal", CHANGE, False),
        ("priority", "changed", None, CHANGE, True),
        ("priority", "is", "", replace(CHANGE, after=BEFORE), True),
        ("ticket_type", "is", "question", CHANGE, True),
        ("group_id", "is", "300", CHANGE, True),
        ("group_id", "is", 300, CHANGE, True),
        ("group_id", "is_not", "300", CHANGE, False),
        ("group_id", "is", "", CHANGE, False),
        ("assignee_id", "changed", None, CHANGE, True),
        ("assignee_id", "value", "8", CHANGE, True),
        ("assignee_id", "is", "current_user", NOTE, True),
        ("assignee_id", "is", "current_user", CHANGE, False),
        ("assignee_id", "is", "", replace(CHANGE, after=BEFORE), True),
        ("requester_id", "is", "current_user", CHANGE, True),
        ("requester_id", "is_not", "7", CHANGE, False),
        ("brand_id", "is", "1", CHANGE, True),
        ("role", "is", "end_user", CHANGE, True),
        ("role", "is", "agent", CHANGE, False),
        ("role", "is", "agent", NOTE, True),
        ("role", "is", "agent", SILENT, True),
        ("role", "is", "admin", NOTE, False),
        ("role", "is_not", "end_user", NOTE, True),
        ("role", "is", "8", NOTE, True),
        ("role", "is_not", "8", NOTE, False),
        ("role", "is", "all", SILENT, True),
        ("current_via_id", "is", "4", CHANGE, True),
        ("current_via_id", "is_not", "5", NOTE, False),
        ("current_via_id", "is_not", "5", CHANGE, True),
        ("via_id", "is", 4, NOTE, True),
        ("via_id", "is", "native_messaging", NOTE, False),
        ("custom_fields_501", "is", "attune_charged", CHANGE, True),
        ("custom_fields_501", "is", "62", CHANGE, True),
        ("custom_fields_501", "is_not", "attune_calm", CHANGE, True),
        ("custom_fields_501", "present", None, CHANGE, True),
        ("custom_fields_501", "not_present", None, CHANGE, False),
        ("custom_fields_501", "changed", None, CHANGE, True),
        ("custom_fields_501", "changed_to", "attune_charged", CHANGE, True),
        ("custom_fields_501", "value_previous", "attune_calm", CHANGE, True),
        ("custom_fields_502", "is", "true", CHANGE, True),
        ("custom_fields_502", "is", "false", replace(CHANGE, after=BEFORE), True),
        ("custom_fields_503", "greater_than", "2", CHANGE, True),
        ("custom_fields_503", "less_than", "20", CHANGE, True),
        ("custom_fields_503", "less_than", "20", replace(CHANGE, after=BEFORE), False),
        ("custom_fields_504", "includes", "b c", CHANGE, True),
        ("custom_fields_504", "not_includes", "a", CHANGE, False),
        ("custom_fields_999", "is_not", "x", CHANGE, False),
        ("satisfaction_score", "is", "bad", CHANGE, True),
        ("satisfaction_score", "less_than", "good", CHANGE, True),
        ("satisfaction_score", "changed_to", "bad", CHANGE, True),
        ("subject_includes_word", "includes", "refund order", CHANGE, True),
        ("subject_includes_word", "includes", "ord", CHANGE, False),
        ("subject_includes_word", "not_includes", "refund", CHANGE, True),
        ("subject_includes_word", "is", "is my ORDER", CHANGE, True),
        ("comment_includes_word", "includes", "really", CHANGE, True),
        ("comment_includes_word", "is_not", "gone", CHANGE, True),
        ("comment_includes_word", "not_includes", "gone", SILENT, False),
        ("moon_phase", "is", "full", CHANGE, False),
        ("moon_phase", "is_not", "full", CHANGE, False),
    ],
)  # fmt: skip
def test_condition(field: str, operator: str, value: Any, change: TicketChange, met: bool) -> None:
    """Each condition means what Zendesk's conditions reference says."""
    assert matches(one(field, operator, value), change, FIELDS) is met


@pytest.mark.parametrize(
    ("all_met", "any_met", "met"),
    [
        ([], [], True), ([True], [], True), ([True, False], [], False), ([True], [False, True], True),
        ([True], [False], False),
    ],
)  # fmt: skip
def test_all_and_any(all_met: list[bool], any_met: list[bool], met: bool) -> None:
    """Every `all` condition must hold, and one `any` condition where there are some."""

    def condition(holds: bool) -> dict[str, Any]:
        return {"field": "status", "operator": "is", "value": "open" if holds else "solved"}

    conditions = {"all": [condition(holds) for holds in all_met], "any": [condition(holds) for holds in any_met]}
    assert matches(conditions, CHANGE, FIELDS) is met


@pytest.mark.parametrize(
    ("field", "operator", "value", "met"),
    [
        ("status", "less_than", "solved", True),
        ("assignee_id", "is", "current_user", True),
        ("updated_at", "less_than", "2", True),
        ("updated_at", "greater_than", "2", False),
        ("updated_at", "is", "1", True),
        ("custom_fields_501", "is", "attune_charged", True),
        ("comment_is_public", "is", "not_relevant", False),
    ],
)
def test_view_condition(field: str, operator: str, value: str, met: bool) -> None:
    """A view judges a ticket at rest by the same conditions, and counts hours from the time it is given."""
    now = datetime(2026, 1, 2, 4, 30, tzinfo=UTC)
    assert ticket_matches(one(field, operator, value), TICKET, FIELDS, now, viewer_id=8) is met


def test_order_of_triggers() -> None:
    """Triggers go by their category's position, then by their own, then by age."""
    triggers = [
        {"id": 1, "category_id": "20", "position": 1},
        {"id": 2, "category_id": "10", "position": 9},
        {"id": 4, "category_id": "10", "position": 2},
        {"id": 3, "category_id": "10", "position": 2},
    ]
    categories = [{"id": "10", "position": 1}, {"id": "20", "position": 2}]
    assert [one["id"] for one in in_order(triggers, categories)] == [3, 4, 2, 1]


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("status", "solved", {"status": "solved"}),
        ("status", "open", {}),
        ("priority", "high", {"priority": "high"}),
        ("group_id", "301", {"group_id": 301}),
        ("assignee_id", "current_user", {"assignee_id": 7}),
        ("assignee_id", "", {"assignee_id": None}),
        ("current_tags", "vip new", {"tags": ["vip", "late", "new"]}),
        ("set_tags", "only", {"tags": ["only"]}),
        ("remove_tags", "vip gone", {"tags": ["late"]}),
        ("remove_tags", "gone", {}),
        ("custom_fields_501", "attune_calm", {"custom_fields": [{"id": 501, "value": "attune_calm"}]}),
        ("custom_fields_501", "attune_charged", {}),
        ("comment_value", ["channel:all", "Look"], {"comment": {"body": "Look", "public": False}}),
        ("notification_user", ["7", "s", "b"], {}),
    ],
)
def test_action(field: str, value: Any, wanted: dict[str, Any]) -> None:
    """Each ticket action becomes the update that makes it true, and nothing when it is true already."""
    assert action_changes([{"field": field, "value": value}], CHANGE) == wanted


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ('{"id":"{{ticket.id}}"}', '{"id":"42"}'),
        ("{{ ticket.title }}", "Where is my order?"),
        ("{{ticket.status}}/{{ticket.priority}}/{{ticket.ticket_type}}", "Open/Normal/Question"),
        ("{{ticket.tags}}", "vip late"),
        ("{{ticket.via}}", "Mail"),
        ("{{ticket.requester.first_name}} {{ticket.requester.email}} {{ticket.requester.id}}", "Ada ada@example.com 7"),
        ("{{ticket.assignee.name}} in {{ticket.group.name}}", "Sam Reed in Seniors"),
        ("{{ticket.latest_comment.id}} {{ticket.latest_comment.is_public}}", "900 true"),
        ("{{ticket.latest_public_comment}}", "Still waiting, REALLY."),
        ("{{ticket.latest_comment.author.name}}", "Ada Quill"),
        ("{{ticket.ticket_field_501}}|{{ticket.ticket_field_option_title_501}}", "attune_charged|Charged"),
        ("{{ticket.updated_at_with_timestamp}}", "2026-01-02T03:04:05Z"),
        ("{{ticket.updated_at}}", "January 02, 2026"),
        ("{{current_user.id}} {{current_user.role}}", "7 end-user"),
        ("{{satisfaction.current_rating}}", "Bad"),
        ("[{{ticket.nothing}}{{nobody}}{{ticket.id.deeper}}]", "[]"),
        ("{{ticket.external_id | default: 'none'}}", "none"),
        ("{{ticket.id | default: 'none'}}", "42"),
        ("{{ticket.title | upcase | escape}}", "WHERE IS MY ORDER?"),
        ("{{ticket.external_id | default: '<b> | x' | escape}}", "&lt;b&gt; | x"),
        ("{{ticket.id | unheard_of: 3}}", "42"),
        ("{ticket.id} {{ticket.id", "{ticket.id} {{ticket.id"),
    ],
)
def test_placeholder(text: str, rendered: str) -> None:
    """Placeholders say what the change says; unknown ones say nothing, unknown filters do nothing."""
    said = context(CHANGE, {7: CUSTOMER, 8: AGENT}, {300: {"id": 300, "name": "Seniors"}}, fields=FIELDS)
    assert render(text, said) == rendered


@pytest.mark.parametrize("text", ["{{" * 8000, "{{ " * 8000, "{{a {{" * 4000, "{{" + " " * 16_000, "{{" + "-" * 16_000])
def test_open_braces_take_no_time(text: str) -> None:
    """A text full of placeholders that never end stays as it is, at once."""
    began = time.perf_counter()
    assert render(text, {}) == text
    assert time.perf_counter() - began < 1


def test_latest_public_comment_skips_notes() -> None:
    """With the whole conversation at hand, the latest comment and the latest public comment may differ."""
    note = {"id": 901, "body": "note", "public": False, "author_id": 8}
    said = context(CHANGE, {}, {}, comments=[COMMENT, note])
    assert render("{{ticket.latest_comment.id}} {{ticket.latest_public_comment.id}}", said) == "901 900"


def test_text_of_a_customer_is_not_read_as_a_placeholder() -> None:
    """What a customer writes is filled in once and never filled in again."""
    change = replace(CHANGE, comment={**COMMENT, "body": "{{ticket.requester.email}}"})
    said = context(change, {7: CUSTOMER}, {})
    assert render("{{ticket.latest_comment}}", said) == "{{ticket.requester.email}}"


def test_definitions_name_only_what_is_understood() -> None:
    """Every condition and operator that is offered is one the evaluator decides both ways or by the change."""
    offered = definitions(FIELDS, [{"id": 300, "name": "Seniors"}], [{"id": "01H", "name": "Attune"}], [AGENT], [])
    assert set(offered) == {"actions", "conditions_all", "conditions_any"}
    for condition in offered["conditions_all"]:
        value = condition["values"][-1]["value"] if condition["values"] else "1"
        tried = [
            matches(one(condition["subject"], operator["value"], value), change, FIELDS)
            for operator in condition["operators"]
            for change in (CHANGE, CREATED, NOTE, SILENT, replace(CHANGE, after={**BEFORE, "subject": "1"}))
        ]
        assert any(tried), condition["subject"]
    webhooks = next(one for one in offered["actions"] if one["subject"] == "notification_webhook")
    assert webhooks["values"] == [{"value": "01H", "title": "Attune", "enabled": True}]
    assert "custom_fields_501" in {one["subject"] for one in offered["actions"]}


def test_definitions_are_as_the_openapi_has_them() -> None:
    """Each definition has the members of the published schema; `any` conditions have no values there."""
    offered = definitions(FIELDS, [])
    members = {"group", "nullable", "repeatable", "subject", "title", "type"}
    assert all(set(one) == members | {"values"} for one in offered["actions"])
    assert all(set(one) == members | {"operators", "values"} for one in offered["conditions_all"])
    assert all(set(one) == members | {"operators"} for one in offered["conditions_any"])


def test_events_of_a_change() -> None:
    """One change tells each of its parts as an event, ids as text, words in capitals, in the order it happened."""
    told = events_of(CHANGE, {7: CUSTOMER}, 123, 1_767_323_045_123_456_789)
    assert [one["type"].removeprefix("zen:event-type:ticket.") for one in told] == [
        "comment_added", "status_changed", "priority_changed", "agent_assignment_changed", "tags_changed",
        *["custom_field_changed"] * 4,
    ]  # fmt: skip
    comment, status, *_ = told
    assert comment["event"]["comment"] == {
        "id": "900", "body": "Still waiting, REALLY.", "is_public": True,
        "author": {"id": "7", "name": "Ada Quill", "is_staff": False},
    }  # fmt: skip
    assert (status["event"]["current"], status["event"]["previous"]) == ("OPEN", "PENDING")
    assert (comment["detail"]["id"], comment["detail"]["status"], comment["subject"]) == ("42", "OPEN", "zen:ticket:42")
    assert comment["time"] == "2026-01-02T03:04:05.123456789Z"
    assert comment["detail"]["via"] == {"channel": "mail"}
    assert len({one["id"] for one in told}) == len(told)


def test_event_is_written_with_three_spaces() -> None:
    """The text is pretty-printed with three spaces and a final line break: re-serialising breaks the signature."""
    text = pretty(events_of(CREATED, {}, 123, 0)[0])
    assert text.startswith('{\n   "type": "zen:event-type:ticket.created",\n   "account_id": 123,')
    assert text.endswith("}\n")


class Desk:
    """A state with triggers, and an engine whose updates are applied to the ticket and whose sends are kept."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.engine = Engine(state, SandboxSettings())
        self.engine.update_ticket = self.update
        self.updates: list[dict[str, Any]] = []
        state.put("user", CUSTOMER)
        state.put("user", AGENT)
        state.put("webhook", {"id": "W1", "status": "active", "subscriptions": ["conditional_ticket_events"]})

    def update(self, ticket_id: int, wanted: dict[str, Any], trigger: Any) -> dict[str, Any]:
        assert ticket_id == 42
        self.updates.append({"by": trigger["id"], **wanted})
        after = {**self.after, **{key: value for key, value in wanted.items() if key != "comment"}}
        change = replace(CHANGE, before=self.after, after=after, comment=None, via_channel="rule")
        self.after = after
        self.engine.ticket_changed(change)
        return after

    def change(self, change: TicketChange = CHANGE) -> list[str]:
        self.after = dict(change.after)
        self.engine.ticket_changed(change)
        return [one["_body"] for one in self.state.list("invocation")]

    def trigger(self, number: int, conditions: list[Any], *actions: Any, **more: Any) -> None:
        self.state.put(
            "trigger",
            {
                "id": number, "title": str(number), "position": number, "active": True,
                "conditions": {"all": [{"field": f, "operator": o, "value": v} for f, o, v in conditions]},
                "actions": [{"field": field, "value": value} for field, value in actions], **more,
            },
        )  # fmt: skip


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk in memory; nothing is delivered, since its courier is not started."""
    state = State(":memory:")
    yield Desk(state)
    state.close()


def test_trigger_changes_the_ticket_and_notifies(desk: Desk) -> None:
    """A trigger applies its ticket actions in one update, and its webhook text sees the changed ticket."""
    desk.trigger(
        1, [("status", "is", "open")], ("priority", "high"), ("current_tags", "seen"),
        ("notification_webhook", ["W1", "{{ticket.id}} {{ticket.priority}} {{ticket.latest_comment.id}}"]),
    )  # fmt: skip
    desk.state.put("comment", {**COMMENT, "ticket_id": 42})
    assert desk.change() == ["42 High 900"]
    assert desk.updates == [{"by": 1, "priority": "high", "tags": ["vip", "late", "seen"]}]


def test_changed_ticket_is_looked_at_again_from_the_top(desk: Desk) -> None:
    """A trigger above one that changed the ticket gets its chance, with the update's own author still in force."""
    desk.trigger(1, [("priority", "is", "high"), ("role", "is", "end_user")], ("group_id", "301"))
    desk.trigger(2, [("status", "is", "open")], ("priority", "high"))
    desk.change()
    assert [one["by"] for one in desk.updates] == [2, 1]


def test_each_trigger_fires_once_in_a_cycle(desk: Desk) -> None:
    """Two triggers that undo each other's work end after one turn each."""
    desk.trigger(1, [("status", "is", "open")], ("status", "pending"))
    desk.trigger(2, [("status", "is", "pending")], ("status", "open"))
    desk.change()
    assert [(one["by"], one["status"]) for one in desk.updates] == [(1, "pending"), (2, "open")]


def test_inactive_triggers_and_unknown_webhooks_do_nothing(desk: Desk) -> None:
    """A trigger that is off, or that names a webhook which is gone, sends nothing and stops nothing."""
    desk.trigger(1, [], ("notification_webhook", ["W1", "off"]), active=False)
    desk.trigger(2, [], ("notification_webhook", ["W9", "gone"]))
    desk.trigger(3, [], ("notification_webhook", ["W1", "sent"]))
    assert desk.change() == ["sent"]


def test_event_webhooks_hear_what_triggers_did(desk: Desk) -> None:
    """A subscribed webhook is told of the change and of what a trigger made of it, and of nothing else."""
    event = "zen:event-type:ticket.priority_changed"
    desk.state.put("webhook", {"id": "W2", "status": "active", "subscriptions": [event]})
    desk.trigger(1, [("status", "is", "open")], ("priority", "high"))
    bodies = desk.change()
    assert [re.findall(r'"current": "(\w*)"', body) for body in bodies] == [["NORMAL"], ["HIGH"]]
    assert {one["event_type"] for one in desk.state.list("invocation")} == {event}
