"""Knows what a plan's one ticket update must look like, and what its answer tells.

It must not send anything: a plan in, JSON out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import wire
from integration.model import (
    Action,
    AddTags,
    AskForReview,
    Desk,
    Field,
    MacroRef,
    Note,
    Plan,
    Priority,
    Release,
    Reply,
    Requester,
    Route,
    Schedule,
    SetFields,
    SetPriority,
    SetStatus,
    Status,
    Ticket,
)
from integration.wire.changes import markup

MACRO = MacroRef(key="answer/order_status", id=15, title="Attune::Answers::Order status")
DESK = Desk(self_id=900, fields={Field.SENTIMENT: 101, Field.CHARGE: 102, Field.MARKER: 104})
NO_FIELDS = Desk(self_id=900)
READING = SetFields(
    values={Field.SENTIMENT: "negative", Field.CHARGE: "mild", Field.URGENCY: "high", Field.MARKER: "7"}, because="read"
)
REPLY = Reply(macro=MACRO, text="It is on its way.", because="calm and routine")
NOTE = Note(text="Please look.", because="charged")


DUE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def ticket(**changes: Any) -> Ticket:
    given: dict[str, Any] = {
        "id": 42,
        "subject": "",
        "requester": Requester(id=11),
        "channel": "email",
        "status": Status.OPEN,
        "priority": Priority.NORMAL,
        "tags": frozenset({"vip", "attune_charge_calm"}),
        "group_id": 12,
        "assignee_id": None,
        "messages": (),
        "stamp": "2026-11-21T11:59:00Z",
        "created_at": datetime(2026, 11, 20, tzinfo=UTC),
        "fields": {Field.CHARGE: "attune_charge_calm", Field.MARKER: None},
    }
    return Ticket(**given | changes)


def plan(*actions: Action) -> Plan:
    return Plan(actions=actions, because="a test")


def written(*actions: Action, now: Ticket | None = None, desk: Desk = DESK) -> dict[str, Any]:
    body: dict[str, Any] = wire.update(plan(*actions), now or ticket(), desk).get("ticket", {})
    return body


def test_everything_goes_into_one_update():
    """A whole plan is one body: comment, fields, tags, group, priority, status, and the stamp as it was read."""
    actions = (
        READING,
        AddTags(tags=frozenset({"attune_answered"}), because=""),
        REPLY,
        Route(group_id=13, because=""),
        SetPriority(priority=Priority.HIGH, because=""),
    )
    assert written(*actions) == {
        "comment": {"html_body": "<p>It is on its way.</p>", "public": True},
        "custom_fields": [
            {"id": 101, "value": "attune_sentiment_negative"},
            {"id": 102, "value": "attune_charge_mild"},
            {"id": 104, "value": "7"},
        ],
        "tags": ["attune_answered", "attune_charge_mild", "attune_sentiment_negative", "attune_urgency_high", "vip"],
        "group_id": 13,
        "priority": "high",
        "status": "pending",
        "safe_update": True,
        "updated_stamp": "2026-11-21T11:59:00Z",
    }


@pytest.mark.parametrize(("action", "public"), [(REPLY, True), (NOTE, False)])
def test_visibility_is_always_said(action: Action, public: bool):
    """A reply says that it is public and a note that it is not; neither is left to what the ticket started with."""
    assert written(action)["comment"]["public"] is public


@pytest.mark.parametrize(
    ("action", "now", "sent"),
    [
        (SetStatus(status=Status.SOLVED, because=""), {}, {"status": "solved"}),
        (SetStatus(status=Status.OPEN, because=""), {}, {}),
        (Schedule(due_at=DUE, because=""), {}, {"type": "task", "due_at": "2026-11-23T09:00:00Z"}),
        (Schedule(due_at=DUE, because=""), {"type": "task", "due_at": DUE}, {}),
        (Release(because=""), {"assignee_id": 900}, {"assignee_id": None}),
        (Release(because=""), {}, {}),
    ],
)
def test_the_ways_out(action: Action, now: dict[str, Any], sent: dict[str, Any]):
    """Status, task and assignee are named where they change, and nothing is sent where they stand already."""
    body = written(action, now=ticket(**now))
    assert {name: value for name, value in body.items() if name not in ("safe_update", "updated_stamp")} == sent


def test_a_named_person_is_not_released():
    """A plan that takes the ticket off our name and gives it to a person gives it to the person."""
    body = written(Route(group_id=13, assignee_id=9, because=""), Release(because=""), now=ticket(assignee_id=900))
    assert (body["group_id"], body["assignee_id"]) == (13, 9)


def test_the_link_of_a_reply_is_a_link():
    """The address in the text, and no other, is a link; what stands in it is escaped."""
    link = "https://attune.example/person/1.2.3.en.x"
    reply = Reply(macro=MACRO, text=f"Open: {link}\n\nSee https://shop.example & {link}", because="", link=link)
    assert written(reply)["comment"]["html_body"] == (
        f'<p>Open: <a href="{link}">{link}</a></p><p>See https://shop.example &amp; {link}</p>'
    )


def test_a_notes_lines_begin_in_bold() -> None:
    """An agent finds the line they need at a glance; what stands inside a line, and a reply, stay as they are."""
    text = (
        "Internal note.\nWants: a refund.\nAlready told us, do not ask again: order 5512.\n\nDear Ada,\nfrom here: see"
    )
    note = Note(text=text, because="a")
    assert written(note)["comment"]["html_body"] == (
        "<p>Internal note.<br><strong>Wants:</strong> a refund.<br>"
        "<strong>Already told us, do not ask again:</strong> order 5512.</p><p>Dear Ada,<br>from here: see</p>"
    )
    reply = Reply(macro=MACRO, text="Wants: a refund.", because="a")
    assert written(reply)["comment"]["html_body"] == "<p>Wants: a refund.</p>"


def test_note_leaves_the_status():
    """Only a reply makes a ticket pending."""
    assert "status" not in written(NOTE)


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("new", "pending"),
        ("open", "pending"),
        ("hold", "pending"),
        ("solved", "pending"),
        ("pending", None),
        ("closed", None),
    ],
)
def test_reply_makes_the_ticket_pending(status: str, after: str | None):
    """A reply leaves every ticket pending that can be; none is ever solved or closed by us."""
    assert written(REPLY, now=ticket(status=Status(status))).get("status") == after


def test_two_comments_are_refused():
    """One update holds one comment, and a plan with two is a fault of ours."""
    with pytest.raises(ValueError, match="one comment"):
        written(REPLY, NOTE)


def test_missing_fields_still_show_as_tags():
    """Where install's fields are gone, agents still see the options as tags, and nothing is sent for the fields."""
    body = written(READING, desk=NO_FIELDS)
    assert "custom_fields" not in body
    assert body["tags"] == ["attune_charge_mild", "attune_sentiment_negative", "attune_urgency_high", "vip"]


def test_reading_again_swaps_the_options():
    """The option that held before goes, whichever it was; a foreign tag that only looks alike stays."""
    tags = frozenset({"attune_charge_calm", "attune_charge_charged", "attune_charge_of_foreign_make", "b", "a"})
    body = written(SetFields(values={Field.CHARGE: "mild"}, because=""), now=ticket(tags=tags))
    assert body["tags"] == ["a", "attune_charge_mild", "attune_charge_of_foreign_make", "b"]


def test_tags_are_dropped_and_added():
    """Dropped tags go, added ones come, and the list is in order."""
    action = AddTags(tags=frozenset({"new"}), drop=frozenset({"vip"}), because="")
    assert written(action)["tags"] == ["attune_charge_calm", "new"]


def test_review_is_asked_for_by_tag():
    """Asking for a person's look puts our review tag on the ticket."""
    assert wire.REVIEW_TAG in written(AskForReview(because="not sure"))["tags"]


def test_nothing_to_change_is_nothing_to_send():
    """A plan whose every wish already holds gives no body at all, not even a stamp."""
    same = (
        AddTags(tags=frozenset({"vip"}), because=""),
        Route(group_id=12, because=""),
        SetPriority(priority=Priority.LOW, because=""),
    )
    assert wire.update(plan(*same), ticket(), DESK) == {}
    assert wire.update(plan(), ticket(), DESK) == {}


@pytest.mark.parametrize(
    ("now", "wanted", "sent"),
    [
        (None, "low", "low"),
        ("low", "urgent", "urgent"),
        ("high", "high", None),
        ("urgent", "high", None),
    ],
)
def test_priority_is_only_raised(now: str | None, wanted: str, sent: str | None):
    """A priority that a person set higher stays."""
    action = SetPriority(priority=Priority(wanted), because="")
    assert written(action, now=ticket(priority=Priority(now) if now else None)).get("priority") == sent


def test_ticket_without_a_stamp_is_written_without_protection():
    """`safe_update` is left out, since any value of it switches the protection on."""
    body = written(NOTE, now=ticket(stamp=""))
    assert "safe_update" not in body
    assert "updated_stamp" not in body


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "<p>a<br>b</p>"),
        ("a\r\nb", "<p>a<br>b</p>"),
        ("a\n\nb\n \nc", "<p>a</p><p>b</p><p>c</p>"),
        ("  \n", ""),
        ("1 < 2 & <script>alert('x')</script>", "<p>1 &lt; 2 &amp; &lt;script&gt;alert('x')&lt;/script&gt;</p>"),
        ("{{ticket.requester.email}}", "<p>&#123;&#123;ticket.requester.email}}</p>"),
        ("{% if x %}", "<p>&#123;% if x %}</p>"),
    ],
)
def test_our_text_stays_text(text: str, html: str):
    """Markup and placeholders in what we write are shown, not obeyed; lines and paragraphs stay apart."""
    assert markup(text) == html


@given(st.text())
def test_no_words_become_markup(text: str):
    """Of any text, only our own paragraph and line tags are markup, and no placeholder opens."""
    bare = markup(text).replace("<p>", "").replace("</p>", "").replace("<br>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert "{{" not in bare
    assert "{%" not in bare


tag_sets = st.frozensets(
    st.sampled_from(["vip", "a", "b", "attune_charge_calm", "attune_charge_mild", "attune_review"])
)


@given(tags=tag_sets, add=tag_sets, drop=tag_sets)
def test_foreign_tags_are_never_lost(tags: frozenset[str], add: frozenset[str], drop: frozenset[str]):
    """What nobody asked to drop and no option of ours replaces stands in the list that is sent."""
    actions = (AddTags(tags=add, drop=drop, because=""), SetFields(values={Field.CHARGE: "charged"}, because=""))
    body = written(*actions, now=ticket(tags=tags))
    kept = (tags - drop) | add
    options = {"attune_charge_calm", "attune_charge_mild"}
    assert set(body["tags"]) == (kept - options) | {"attune_charge_charged"}
    assert body["tags"] == sorted(body["tags"])


ANSWER = {
    "ticket": {
        "id": 42,
        "updated_at": "2026-11-21T12:00:00Z",
        "tags": ["attune_charge_mild", "vip"],
        "status": "pending",
        "priority": "normal",
        "group_id": 12,
        "custom_fields": [{"id": 102, "value": "attune_charge_mild"}, {"id": 104, "value": "7"}],
    },
    "audit": {
        "id": "22",
        "events": [{"type": "Change", "id": 1}, {"type": "Comment", "id": 23, "public": True}],
    },
}


def applied(answer: dict[str, Any], warning: str = "") -> Any:
    actions = (SetFields(values={Field.CHARGE: "mild", Field.MARKER: "7"}, because=""), REPLY)
    return wire.applied(wire.update(plan(*actions), ticket(), DESK), ticket(), DESK, answer, warning)


def test_what_was_written_can_be_undone():
    """The earlier value of everything touched is kept, and nothing else; after it stands what the answer says."""
    done = applied(ANSWER)
    assert (done.audit_id, done.comment_id, done.dropped) == (22, 23, ())
    assert done.before == {
        "tags": ["attune_charge_calm", "vip"],
        "fields": {"charge": "attune_charge_calm", "marker": None},
        "status": "open",
    }
    assert done.after == {
        "tags": ["attune_charge_mild", "vip"],
        "fields": {"charge": "attune_charge_mild", "marker": "7"},
        "status": "pending",
        "updated_at": "2026-11-21T12:00:00Z",
    }


def test_field_that_did_not_stick_is_named():
    """A field that the answer shows empty, or not at all, was dropped without a word; we say it."""
    answer = {"ticket": ANSWER["ticket"] | {"custom_fields": [{"id": 102, "value": None}]}, "audit": ANSWER["audit"]}
    assert applied(answer).dropped == ("custom_fields.charge", "custom_fields.marker")


def test_answer_without_fields_proves_nothing():
    """Where the answer shows no fields at all, none is held for dropped, and ids that are not told are None."""
    done = applied({"ticket": {"id": 42}})
    assert (done.dropped, done.audit_id, done.comment_id) == ((), None, None)


@pytest.mark.parametrize(
    ("warning", "dropped"),
    [
        (
            'Removed restricted keys ["ticket_metric", "foo"] from parameters according to allowlist',
            ("ticket_metric", "foo"),
        ),
        ("Removed restricted keys [:additional_tags] from parameters", ("additional_tags",)),
        ("something else", ("something else",)),
        ("  ", ()),
    ],
)
def test_warned_keys_are_named(warning: str, dropped: tuple[str, ...]):
    """The keys that Zendesk says it left out are named, however it says so."""
    assert applied(ANSWER, warning).dropped == dropped


def test_what_an_admin_took_away_is_left_out_step_by_step():
    """First the options go, then the group, then both; comment, tags, marker, priority and stamp always stay."""
    raised = SetPriority(priority=Priority.HIGH, because="charged")
    body = wire.update(plan(READING, NOTE, Route(group_id=77, because="charged"), raised), ticket(), DESK)
    whole, lesser = body["ticket"], [one["ticket"] for one in wire.lesser(body, DESK)]
    assert ["group_id" in one for one in lesser] == [True, False, False]
    assert [len(one["custom_fields"]) for one in lesser] == [1, 3, 1]
    for one in lesser:
        assert {"id": 104, "value": "7"} in one["custom_fields"]
        assert {name: one[name] for name in one if name not in {"custom_fields", "group_id"}} == {
            name: whole[name] for name in whole if name not in {"custom_fields", "group_id"}
        }


def test_an_update_without_options_or_group_has_nothing_to_leave_out():
    """Where nothing of the kind is named, a refusal is final."""
    body = wire.update(plan(AddTags(tags=frozenset({"x"}), because=""), NOTE), ticket(), NO_FIELDS)
    assert wire.lesser(body, NO_FIELDS) == ()


def test_solving_that_was_refused_is_told():
    """Where a ticket may not be solved the rest is written, and the status is named as left out."""
    body = wire.update(plan(NOTE, SetStatus(status=Status.SOLVED, because="")), ticket(), DESK)
    (sent,) = wire.lesser(body, DESK)
    assert wire.applied(sent, ticket(), DESK, {"ticket": {"status": "open"}}, wanted=body).dropped == ("status",)


@pytest.mark.parametrize(("status", "along"), [(Status.SOLVED, {"assignee_id", "group_id"}), (Status.PENDING, set())])
def test_solving_may_give_the_ticket_to_somebody(status: Status, along: set[str]):
    """What solving moves along is in the journal, before and after; another status moves nothing along."""
    now = ticket(group_id=None)
    row = {"ticket": {"status": status, "assignee_id": 900, "group_id": 4}}
    done = wire.applied(wire.update(plan(SetStatus(status=status, because="")), now, DESK), now, DESK, row)
    assert set(done.before) == set(done.after) - {"updated_at"} == {"status", *along}
    if along:
        assert (done.before["assignee_id"], done.after["assignee_id"]) == (None, 900)


def test_a_group_that_was_refused_is_told():
    """What the whole update named and the written one lacked is named as left out."""
    body = wire.update(plan(NOTE, Route(group_id=77, because="charged")), ticket(), DESK)
    (sent,) = wire.lesser(body, DESK)
    assert wire.applied(sent, ticket(), DESK, {"ticket": {"group_id": 12}}, wanted=body).dropped == ("group_id",)


def test_a_person_goes_with_the_group_or_not_at_all():
    """Named together, also where the group stands already; refused, the person goes first and the group keeps."""
    body = wire.update(plan(NOTE, Route(group_id=12, assignee_id=5, because="")), ticket(), DESK)
    assert (body["ticket"]["group_id"], body["ticket"]["assignee_id"]) == (12, 5)
    lesser = [one["ticket"] for one in wire.lesser(body, DESK)]
    assert [("group_id" in one, "assignee_id" in one) for one in lesser] == [(True, False), (False, False)]
    done = wire.applied({"ticket": lesser[0]}, ticket(), DESK, {"ticket": {"group_id": 12}}, wanted=body)
    assert done.dropped == ("assignee_id",)


def test_every_lesser_update_names_no_person_without_the_group():
    """Whatever else is left out, a person alone, who would bring a group of their own, is never written."""
    body = wire.update(plan(READING, NOTE, Route(group_id=77, assignee_id=5, because="")), ticket(), DESK)
    lesser = [one["ticket"] for one in wire.lesser(body, DESK)]
    assert len(lesser) == 5
    assert [one for one in lesser if "assignee_id" in one and "group_id" not in one] == []
