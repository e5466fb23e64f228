"""What is planned for one message: marks, reply, senior person, person, draft, or a short hint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from integration import policy
from integration.model import (
    AddTags,
    Agent,
    Answer,
    AskForReview,
    Charge,
    Desk,
    Emotion,
    Field,
    Intent,
    Note,
    Plan,
    Priority,
    Release,
    Reply,
    Requester,
    Route,
    Rules,
    Rung,
    SetFields,
    SetPriority,
    Signal,
    Status,
    Team,
    Urgency,
    Who,
)
from tests.policy.macros import MACROS
from tests.strategies import SELF_ID, SENIOR_GROUP, answered, message, reading, sign, ticket

A = TypeVar("A")
ORDER = next(m for m in MACROS if m.key == "answer/order_status")
TAGGING = Rules(default_rung=Rung.TAG, rungs={})
ANGRY: dict[str, Any] = {"charge": Charge.CHARGED, "intent": Intent.COMPLAINT, "emotions": {Emotion.ANGER: 0.9}}
NOTE: dict[str, Any] = {"who": Who.BOT, "ours": True, "public": False, "author_id": SELF_ID}


def decide(**changes: Any) -> Plan:
    return policy.decide(policy.Case(**answered(MACROS, **changes)))


def only(plan: Plan, kind: type[A]) -> A:
    (action,) = (action for action in plan.actions if isinstance(action, kind))
    return action


def has(plan: Plan, kind: type[object]) -> bool:
    return any(isinstance(action, kind) for action in plan.actions)


def tags(plan: Plan) -> frozenset[str]:
    return only(plan, AddTags).tags


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"ticket": ticket(messages=())}, "no customer message"),
        ({"ticket": ticket(fields={Field.MARKER: "1000"})}, "already done"),
        ({"ticket": ticket(messages=(message(), message("n", id=1001, **NOTE)))}, "already done"),
        ({"ticket": ticket(status=Status.SOLVED)}, "solved"),
        ({"ticket": ticket(status=Status.CLOSED)}, "closed"),
        ({"ticket": ticket(status=Status.DELETED)}, "deleted"),
        ({"ticket": ticket(tags=frozenset({"attune_skip"}))}, "attune_skip"),
        ({"rules": Rules(default_rung=Rung.OBSERVE, rungs={})}, "only observing"),
    ],
)
def test_nothing_is_touched_and_the_plan_says_why(changes: dict[str, Any], because: str) -> None:
    """Where nothing may be done, the plan is empty, and both the reason and the silence are recorded."""
    plan = decide(**changes)
    assert plan.actions == ()
    assert because in plan.because
    assert plan.silence


def test_a_routine_question_is_answered() -> None:
    """The reply is the rendered macro behind the fixed words, beside the marks, and nothing else."""
    plan = decide()
    reply = only(plan, Reply)
    assert [type(action) for action in plan.actions] == [SetFields, AddTags, Reply]
    assert reply.macro == ORDER
    assert reply.text.startswith("This is an automatic reply.")
    assert "“person”" in reply.text
    assert "one working day" in reply.text
    assert reply.text.endswith("you can see it here: https://example.com/track")
    assert tags(plan) == {"attune_intent_order_status", "attune_answered"}
    assert plan.silence == ()


def test_the_admins_words_stand_in_the_reply() -> None:
    """The word for a person and the honest time are the admin's; an unknown time is not promised."""
    rules: dict[str, Any] = {"default_rung": Rung.SEND, "rungs": {}}
    own = only(decide(rules=Rules(**rules, person_word="Mensch", human_reply_within="4 hours")), Reply)
    none = only(decide(rules=Rules(**rules, human_reply_within=" ")), Reply)
    assert "“Mensch”" in own.text
    assert "within 4 hours" in own.text
    assert "within" not in none.text


def test_the_fields_hold_the_reading_as_options() -> None:
    """Field values carry our prefix, and the marker names the message that was read."""
    values = only(decide(reading=reading(**ANGRY, urgency=Urgency.CRITICAL)), SetFields).values
    assert values == {
        Field.SENTIMENT: "attune_sentiment_neutral",
        Field.CHARGE: "attune_charge_charged",
        Field.URGENCY: "attune_urgency_critical",
        Field.MARKER: "1000",
    }


def test_an_unreadable_message_is_marked_but_not_labelled() -> None:
    """We abstain: no label, no intent, a person is asked to look."""
    plan = decide(reading=reading(readable=False, why_unreadable="no words"))
    assert only(plan, SetFields).values == {Field.MARKER: "1000"}
    assert tags(plan) == {"attune_unsure"}
    assert "no words" in only(plan, AskForReview).because


def test_an_unsure_reading_asks_for_a_person_to_look() -> None:
    """Under the floor the labels stand, marked as unsure."""
    plan = decide(reading=reading(confidence={"intent": 0.3, "charge": 0.9, "urgency": 0.9}))
    assert "attune_unsure" in tags(plan)
    assert has(plan, AskForReview)


def test_stale_tags_of_ours_go_and_others_stay() -> None:
    """An earlier intent, draft or doubt no longer holds; protection, and what is not ours, stays."""
    old = frozenset({"attune_intent_how_to", "attune_unsure", "attune_drafted", "attune_protected", "vip"})
    assert only(decide(ticket=ticket(tags=old)), AddTags).drop == {
        "attune_intent_how_to",
        "attune_unsure",
        "attune_drafted",
    }


@pytest.mark.parametrize(
    ("changes", "priority"),
    [
        ({"charge": Charge.CHARGED}, Priority.HIGH),
        ({"urgency": Urgency.HIGH}, Priority.HIGH),
        ({"urgency": Urgency.CRITICAL}, Priority.URGENT),
        ({"charge": Charge.CHARGED, "urgency": Urgency.CRITICAL}, Priority.URGENT),
        ({"intent": Intent.BEREAVEMENT}, Priority.HIGH),
        ({"intent": Intent.LEGAL_THREAT}, Priority.HIGH),
        *(
            ({"evidence": (sign(signal, "…"),)}, Priority.HIGH)
            for signal in (Signal.SELF_HARM, Signal.FRAUD, Signal.MINOR, Signal.MONEY_WORRY, Signal.CHURN)
        ),
    ],
)
def test_what_is_charged_urgent_or_protected_goes_to_a_senior_person(
    changes: dict[str, Any], priority: Priority
) -> None:
    """Group, priority, tag and the whole story, in one plan."""
    plan = decide(reading=reading(**changes))
    assert only(plan, Route).group_id == SENIOR_GROUP
    assert only(plan, SetPriority).priority is priority
    assert "attune_senior" in tags(plan)
    assert only(plan, Note).text.startswith("Internal note by Attune")
    assert not has(plan, Reply)


def test_protection_is_tagged() -> None:
    """A protective signal or intent leaves its tag; charge alone does not."""
    assert "attune_protected" in tags(decide(reading=reading(evidence=(sign(Signal.FRAUD, "…"),))))
    assert "attune_protected" in tags(decide(reading=reading(intent=Intent.BEREAVEMENT)))
    assert "attune_protected" not in tags(decide(reading=reading(**ANGRY)))


@pytest.mark.parametrize(
    ("stands", "urgency", "raised"),
    [
        (None, Urgency.HIGH, Priority.HIGH),
        (Priority.LOW, Urgency.HIGH, Priority.HIGH),
        (Priority.HIGH, Urgency.HIGH, None),
        (Priority.URGENT, Urgency.HIGH, None),
        (Priority.HIGH, Urgency.CRITICAL, Priority.URGENT),
        (Priority.URGENT, Urgency.CRITICAL, None),
    ],
)
def test_priority_only_rises(stands: Priority | None, urgency: Urgency, raised: Priority | None) -> None:
    """What a person or rule set higher is left alone."""
    plan = decide(ticket=ticket(priority=stands), reading=reading(urgency=urgency))
    assert [a.priority for a in plan.actions if isinstance(a, SetPriority)] == ([raised] if raised else [])


def test_a_ticket_that_a_person_holds_is_not_pulled_away() -> None:
    """Group and person stay; the priority rises and the note is written."""
    plan = decide(ticket=ticket(assignee_id=12), reading=reading(**ANGRY))
    assert not has(plan, Route)
    assert has(plan, SetPriority)
    assert has(plan, Note)
    assert "attune_senior" not in tags(plan)


def test_a_ticket_in_the_senior_group_stays_there() -> None:
    """No second hand-over, but the tag says where it is."""
    plan = decide(ticket=ticket(group_id=SENIOR_GROUP), reading=reading(**ANGRY))
    assert not has(plan, Route)
    assert "attune_senior" in tags(plan)


def test_without_a_senior_group_a_person_is_asked_to_look() -> None:
    """A missing group is said aloud and does not stop the rest."""
    desk = Desk(self_id=SELF_ID, fields=dict.fromkeys(Field, 1), macros=MACROS)
    plan = decide(desk=desk, reading=reading(**ANGRY))
    assert "no senior group" in only(plan, AskForReview).because
    assert has(plan, SetPriority)
    assert has(plan, Note)


def test_a_calm_wish_for_a_person_goes_to_people() -> None:
    """It is tagged and told, and keeps its group and priority: the senior group is for what is charged or dangerous."""
    asked = reading(intent=Intent.WANTS_HUMAN, evidence=(sign(Signal.WANTS_PERSON, "a human please"),))
    plan = decide(reading=asked)
    assert "attune_wants_person" in tags(plan)
    assert "The customer asks for a person." in only(plan, Note).text
    assert not has(plan, Route)
    assert not has(plan, SetPriority)


def test_an_angry_wish_for_a_person_goes_to_a_senior_one() -> None:
    """Charge decides, and the wish is told and tagged as well."""
    plan = decide(reading=reading(**ANGRY, evidence=(sign(Signal.WANTS_PERSON, "a human"),)))
    assert has(plan, Route)
    assert {"attune_wants_person", "attune_senior"} <= tags(plan)
    assert "The customer asks for a person." in only(plan, Note).text


@pytest.mark.parametrize("intent", [Intent.AUTO_REPLY, Intent.SPAM])
@pytest.mark.parametrize("urgency", list(Urgency))
def test_machines_and_spam_are_marked_and_left_alone(intent: Intent, urgency: Urgency) -> None:
    """No note, no group, no priority, no reply, whatever the words claim."""
    plan = decide(reading=reading(intent=intent, urgency=urgency, charge=Charge.CHARGED))
    assert [type(action) for action in plan.actions] == [SetFields, AddTags]
    assert plan.macros == ()


def test_a_person_in_need_is_not_taken_for_a_machine() -> None:
    """One machine signal in an angry message must not make it vanish."""
    assert has(decide(reading=reading(**ANGRY, evidence=(sign(Signal.MACHINE, "out of office"),))), Route)
    noreply = ticket(requester=Requester(id=7, email="noreply@example.com"))
    assert [type(a) for a in decide(ticket=noreply).actions] == [SetFields, AddTags]


def test_thanks_are_marked_only() -> None:
    """No reply and no note: nothing is left to say."""
    thanks = reading(intent=Intent.THANKS, emotions={Emotion.GRATITUDE: 0.9})
    assert [type(action) for action in decide(reading=thanks).actions] == [SetFields, AddTags]


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": Rules()},
        {"rules": Rules(default_rung=Rung.SHARE, rungs={}, share_percent=0)},
        {"ticket": ticket(channel="chat")},
        {"ticket": ticket(has_ccs=True)},
        {"replies_last_hour": 60},
    ],
)
def test_an_answer_that_may_not_be_sent_is_drafted(changes: dict[str, Any]) -> None:
    """The draft is plainly marked as one and holds the answer; the silence says why it was not sent."""
    plan = decide(**changes)
    text = only(plan, Note).text
    assert text.startswith("Draft answer by Attune, not sent.")
    assert "https://example.com/track" in text
    assert "attune_drafted" in tags(plan)
    assert plan.silence


def test_a_draft_names_the_facts_it_lacks() -> None:
    """A person fills in what nobody told us."""
    plan = decide(answer=Answer(macro=ORDER, text="see [[tracking_page]]", missing=("tracking_page",)))
    assert "Fill in first: tracking_page." in only(plan, Note).text


def test_the_same_draft_is_not_written_twice() -> None:
    """A second message on the same question finds the draft already there."""
    talk = (message(), message("draft", id=1001, **NOTE), message("hello?", id=1002))
    seen = frozenset({"attune_drafted", "attune_intent_order_status"})
    plan = decide(rules=Rules(), ticket=ticket(messages=talk, tags=seen))
    assert [type(action) for action in plan.actions] == [SetFields, AddTags]
    assert "attune_drafted" not in only(plan, AddTags).drop


def test_on_the_rung_tag_only_a_short_hint_is_left() -> None:
    """A macro that fits is named in one line."""
    plan = decide(rules=TAGGING, answer=None)
    note = only(plan, Note).text
    assert len(note.splitlines()) == 2
    assert "Answers::Order status" in note
    assert plan.macros == (ORDER,)


def test_a_mild_feeling_is_named_in_at_most_three_lines() -> None:
    """Feeling, known facts, macros: no more."""
    damaged = reading(intent=Intent.DAMAGED_OR_WRONG_ITEM, charge=Charge.MILD, emotions={Emotion.DISAPPOINTMENT: 0.7})
    note = only(decide(reading=damaged), Note).text
    assert len(note.splitlines()) <= 4
    assert "disappointment" in note
    assert "order 40031" in note
    assert "Damaged item" in note


def test_no_note_where_there_is_nothing_to_say() -> None:
    """A calm message that no macro fits gets its marks, and silence."""
    plan = decide(reading=reading(intent=Intent.OTHER), answer=None)
    assert [type(action) for action in plan.actions] == [SetFields, AddTags]


def test_an_agent_at_work_gets_no_hints() -> None:
    """Whoever has written already needs no suggestion."""
    talk = (message(), message("I am on it", id=1001, who=Who.AGENT), message("fine", id=1002))
    assert not has(decide(rules=TAGGING, ticket=ticket(messages=talk)), Note)


CHARGED_BEFORE = {Field.CHARGE: "attune_charge_charged", Field.URGENCY: "attune_urgency_normal"}
MILD_BEFORE = {Field.CHARGE: "attune_charge_mild", Field.URGENCY: "attune_urgency_normal"}


@pytest.mark.parametrize(
    ("fields", "seen", "changes", "told"),
    [
        (CHARGED_BEFORE, {"attune_senior"}, ANGRY, False),
        (MILD_BEFORE, set(), ANGRY, True),
        (CHARGED_BEFORE, {"attune_senior"}, {**ANGRY, "urgency": Urgency.HIGH}, True),
        (CHARGED_BEFORE, {"attune_senior"}, {**ANGRY, "evidence": (sign(Signal.FRAUD, "…"),)}, True),
        (CHARGED_BEFORE, {"attune_protected"}, {**ANGRY, "evidence": (sign(Signal.FRAUD, "…"),)}, False),
        (CHARGED_BEFORE, set(), {**ANGRY, "evidence": (sign(Signal.WANTS_PERSON, "…"),)}, True),
        (CHARGED_BEFORE, {"attune_wants_person"}, {**ANGRY, "evidence": (sign(Signal.WANTS_PERSON, "…"),)}, False),
    ],
)
def test_a_second_note_comes_only_with_something_new(
    fields: dict[Field, str], seen: set[str], changes: dict[str, Any], told: bool
) -> None:
    """A later message updates the fields; a note follows when feeling or danger rose, or a new need shows."""
    story = "Internal note by Attune; the customer does not see it.\nWants: to know where an order is."
    talk = (message(), message(story, id=1001, **NOTE), message("again me", id=1002))
    plan = decide(ticket=ticket(messages=talk, fields=fields, tags=frozenset(seen)), reading=reading(**changes))
    assert has(plan, SetFields)
    assert has(plan, Note) is told


@pytest.mark.parametrize("said", ["Draft answer by Attune, not sent.", "The customer says that this is solved."])
def test_only_a_note_with_the_story_tells_it(said: str) -> None:
    """A draft or a word on something else has told the next person nothing: the story still comes."""
    talk = (message(), message(said, id=1001, **NOTE), message("again me", id=1002))
    calm = {Field.CHARGE: "attune_charge_charged", Field.URGENCY: "attune_urgency_normal"}
    plan = decide(ticket=ticket(messages=talk, fields=calm), reading=reading(charge=Charge.CHARGED))
    assert "Wants:" in only(plan, Note).text


def test_what_was_answered_stays_known() -> None:
    """After thanks or another question, the intent that we answered is still told by its tag, for the silence."""
    answered = frozenset({"attune_answered", "attune_intent_order_status", "attune_drafted"})
    assert only(decide(ticket=ticket(tags=answered)), AddTags).drop == {"attune_drafted"}


@pytest.mark.parametrize("more", [frozenset(), frozenset({"attune_confirmed"})])
def test_a_ticket_in_our_own_name_goes_back_to_people(more: frozenset[str]) -> None:
    """Whatever we solved stands in our name; a message that we do not answer takes it off, one that we do does not."""
    ours = ticket(assignee_id=SELF_ID, tags=frozenset({"attune_answered"}) | more)
    assert has(decide(ticket=ours, answer=None), Release)
    assert not has(decide(ticket=replace(ours, tags=more)), Release)


def test_a_person_who_is_named_is_not_released_again() -> None:
    """A charged message on a ticket in our name goes to the person that the team names, and stays theirs."""
    agents = (Agent(id=9, name="Ann", groups=frozenset({SENIOR_GROUP})),)
    team = Team(agents=agents, groups={"Senior": SENIOR_GROUP}, omnichannel=False)
    plan = decide(
        ticket=ticket(assignee_id=SELF_ID),
        reading=reading(charge=Charge.CHARGED),
        rules=Rules(assign=True),
        team=team,
    )
    assert only(plan, Route).assignee_id == 9
    assert not has(plan, Release)


def test_a_desk_without_a_marker_is_not_written_to_for_ever() -> None:
    """Where nothing marks that we were here, the same marks are not written again and again."""
    desk = Desk(self_id=SELF_ID, macros=())
    first = decide(desk=desk, rules=TAGGING)
    assert first.actions
    assert decide(desk=desk, rules=TAGGING, ticket=ticket(tags=tags(first))).actions == ()
