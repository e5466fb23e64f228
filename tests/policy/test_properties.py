"""What must hold for every ticket and every reading, however odd: the silence contract as properties."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration import policy
from integration.model import (
    PROTECTIVE_SIGNALS,
    ROUTINE_INTENTS,
    AddTags,
    Charge,
    Field,
    History,
    Intent,
    Message,
    Note,
    Plan,
    Priority,
    Reading,
    Reply,
    Rules,
    Rung,
    SetFields,
    SetPriority,
    Signal,
    Status,
    Ticket,
    Urgency,
    Who,
)
from integration.policy.note import count
from tests import strategies as make
from tests.policy.macros import MACROS

CARD = re.compile(r"(?:\d[ \-.]?){13,19}")
PRIORITIES = list(Priority)
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# Any decision at all.
cases = st.fixed_dictionaries(
    {
        "ticket": make.tickets,
        "reading": make.readings,
        "history": make.histories,
        "answer": make.answers(MACROS),
        "desk": make.desks(MACROS),
        "rules": make.rules,
        "now": st.just(make.NOW),
        "replies_last_hour": st.sampled_from([0, 1, 60, 1000]),
    }
)


# A message that waits for an answer, read in any way, on a desk where Attune may act.
waiting = st.fixed_dictionaries(
    {
        "ticket": make.waiting,
        "reading": make.readings,
        "history": make.histories,
        "answer": make.answers(MACROS),
        "desk": st.just(make.answered(MACROS)["desk"]),
        "rules": st.sampled_from([Rules(), Rules(default_rung=Rung.SEND, rungs={})]),
        "now": st.just(make.NOW),
        "replies_last_hour": st.just(0),
    }
)

_PARTS = [
    *(("ticket", name, values) for name, values in make.TICKET_PARTS.items()),
    *(("reading", name, values) for name, values in make.READING_PARTS.items()),
    ("case", "answer", make.answers(MACROS)),
    ("case", "desk", make.desks(MACROS)),
    ("case", "rules", make.rules),
]


@st.composite
def nearly_answered(draw: st.DrawFn, most: int = 2) -> dict[str, Any]:
    """The case that is answered, with a part or two of it as it might be otherwise: replies are common, and so is
    the single reason against one.
    """
    case = make.answered(MACROS)
    for noun, name, values in draw(st.lists(st.sampled_from(_PARTS), max_size=most)):
        if noun == "case":
            case[name] = draw(values)
        else:
            case[noun] = replace(case[noun], **{name: draw(values)})
    return case


def forbidden(ticket: Ticket, reading: Reading, rules: Rules) -> bool:
    """The contract said once more, in other words than the code's."""
    newest = ticket.newest
    sure = reading.confidence.get("harmless", 0.0) >= rules.confidence_floor
    return (
        newest is None
        or reading.charge is Charge.CHARGED
        or reading.urgency in (Urgency.HIGH, Urgency.CRITICAL)
        or bool(reading.signals & PROTECTIVE_SIGNALS)
        or reading.intent not in ROUTINE_INTENTS
        or reading.intent is Intent.THANKS
        or not reading.readable
        or not sure
        or any(m.who is Who.AGENT for m in ticket.messages)
        or any(m.ours for m in ticket.after(newest))
        or ticket.assignee_id not in (None, make.SELF_ID)
        or ticket.from_messaging
        or ticket.channel not in ("email", "web", "mobile", "api")
        or ticket.has_ccs
        or ticket.shared
        or "spam.example" in ticket.requester.name
        or len(ticket.requester.name) > 60
        or make.NOW - newest.at > timedelta(hours=rules.oldest_answered_hours)
        or ticket.status in (Status.SOLVED, Status.CLOSED, Status.DELETED)
        or "attune_skip" in ticket.tags
        or not rules.sending
        or rules.rung(reading.intent) in (Rung.OBSERVE, Rung.TAG, Rung.DRAFT)
        or sum(m.ours and m.public for m in ticket.messages) >= rules.replies_per_ticket
    )


# What a person may say of a reading or an answer that leaves no room for a bot.
FOR_PEOPLE = {"charged", "high", "critical", "very_negative", "should_not", "complaint", "churn_threat", "wants_human"}
FOR_PEOPLE |= {"damaged_or_wrong_item", "double_charge", "outage", "bug_report"}
FOR_PEOPLE |= {"fraud_or_security", "safety_or_health", "bereavement", "vulnerable_customer", "legal_threat"}


def replies(plan: Plan) -> list[Reply]:
    return [action for action in plan.actions if isinstance(action, Reply)]


@settings(many, max_examples=1000)
@given(nearly_answered())
def test_no_reply_where_the_contract_forbids_it(case: dict[str, Any]) -> None:
    """Charged, urgent, protected, unsure, held by a person, wrong channel, incomplete: never a reply."""
    plan = policy.decide(policy.Case(**case))
    if replies(plan):
        assert not forbidden(case["ticket"], case["reading"], case["rules"])
        assert case["answer"].text
        assert not case["answer"].missing
        assert Field.MARKER in case["desk"].fields
        assert case["replies_last_hour"] < case["rules"].replies_per_hour


@many
@given(nearly_answered())
def test_a_plan_replies_once_or_says_why_not(case: dict[str, Any]) -> None:
    """Silence is empty exactly when a reply is sent, at most one comment is written, and every plan says why."""
    plan = policy.decide(policy.Case(**case))
    assert len(replies(plan)) == (0 if plan.silence else 1)
    assert sum(isinstance(action, Reply | Note) for action in plan.actions) <= 1
    assert plan.because
    assert all(action.because for action in plan.actions)


@many
@given(make.histories, st.integers(min_value=0, max_value=59))
def test_the_answered_case_is_really_answered(history: History, replies_last_hour: int) -> None:
    """The other way round: a calm routine question is answered, whatever the count of earlier tickets.

    Only where a person said that the ticket is for people it is not, and then never.

    Without this, a policy that is always silent would pass every other property.
    """
    plain = make.answered(MACROS, history=history, replies_last_hour=replies_last_hour)
    for_people = any(one.is_now in FOR_PEOPLE for one in history.corrections)
    assert bool(replies(policy.decide(policy.Case(**plain)))) is not for_people


@many
@given(nearly_answered())
def test_every_reply_says_what_it_is_and_how_to_reach_a_person(case: dict[str, Any]) -> None:
    """Within the first 300 characters: automatic, and the way to a person."""
    for reply in replies(policy.decide(policy.Case(**case))):
        assert "automatic" in reply.text[:300]
        assert "To reach a person" in reply.text[:300]
        assert reply.text.endswith(case["answer"].text.strip())


@many
@given(waiting)
def test_priority_never_falls(case: dict[str, Any]) -> None:
    """A raise is a raise."""
    for action in policy.decide(policy.Case(**case)).actions:
        if isinstance(action, SetPriority) and case["ticket"].priority:
            assert PRIORITIES.index(action.priority) > PRIORITIES.index(case["ticket"].priority)


@many
@given(waiting)
def test_every_note_is_short_and_holds_no_card_number(case: dict[str, Any]) -> None:
    """At most 150 words, no 13 to 19 digits in a row, no placeholder that the desk would run."""
    for action in policy.decide(policy.Case(**case)).actions:
        if isinstance(action, Note):
            assert 0 < count(action.text) <= policy.WORDS
            assert not CARD.search(action.text)
            assert "{%" not in action.text
            if not action.text.startswith("Draft answer"):  # a draft holds what the desk itself rendered
                assert "{{" not in action.text


@many
@given(waiting)
def test_who_is_in_need_is_never_left_without_a_person(case: dict[str, Any]) -> None:
    """Charged or dangerous, written by a person, on a live ticket: the priority stands at high or more afterwards."""
    ticket, reading = case["ticket"], case["reading"]
    needs = reading.charge is Charge.CHARGED or reading.urgency in (Urgency.HIGH, Urgency.CRITICAL)
    human = reading.intent not in (Intent.AUTO_REPLY, Intent.SPAM)
    plan = policy.decide(policy.Case(**case))
    if needs and human and any(isinstance(action, SetFields) for action in plan.actions):
        raised = [action.priority for action in plan.actions if isinstance(action, SetPriority)]
        assert (*raised, ticket.priority)[0] in (Priority.HIGH, Priority.URGENT)


@many
@given(st.one_of(waiting, nearly_answered(), cases), st.booleans())
def test_deciding_again_after_the_write_does_nothing(case: dict[str, Any], lost_comment: bool) -> None:
    """Repeating is harmless: the marker alone is enough, and so is our comment where the marker was lost."""
    plan = policy.decide(policy.Case(**case))
    again = policy.decide(policy.Case(**{**case, "ticket": written(case["ticket"], plan, comment=not lost_comment)}))
    if plan.actions:
        assert again.actions == ()
    assert not replies(again) or not replies(plan)


@many
@given(st.one_of(nearly_answered(), cases))
def test_what_may_not_be_answered_is_never_rendered(case: dict[str, Any]) -> None:
    """No answer is asked for where neither a reply nor a draft can come of it, and one is where a reply is sent."""
    key = policy.answer_key(case["ticket"], case["reading"], case["history"], case["rules"])
    plan = policy.decide(policy.Case(**case))
    if replies(plan):
        assert key == case["answer"].macro.key
    if policy.may_answer(case["ticket"], case["reading"], case["history"], floor=case["rules"].confidence_floor):
        assert key is None


@many
@given(make.tickets, make.readings, make.histories, st.sampled_from(sorted(PROTECTIVE_SIGNALS)))
def test_protection_only_adds_reasons(ticket: Ticket, reading: Reading, history: History, signal: Signal) -> None:
    """One more protective signal never opens what was closed."""
    more = replace(reading, evidence=(*reading.evidence, make.sign(signal, "…")))
    assert policy.may_answer(ticket, more, history)
    assert len(policy.may_answer(ticket, more, history)) >= len(policy.may_answer(ticket, reading, history))


def written(ticket: Ticket, plan: Plan, comment: bool) -> Ticket:
    """The ticket after the plan was applied."""
    fields, tags, priority, messages = dict(ticket.fields), ticket.tags, ticket.priority, ticket.messages
    for action in plan.actions:
        if isinstance(action, SetFields):
            fields |= action.values
        elif isinstance(action, AddTags):
            tags = (tags - action.drop) | action.tags
        elif isinstance(action, SetPriority):
            priority = action.priority
        elif isinstance(action, Reply | Note) and comment:
            ours = Message(
                id=9999, who=Who.BOT, text=action.text, at=make.NOW, public=isinstance(action, Reply), ours=True
            )
            messages = (*messages, ours)
    return replace(ticket, fields=fields, tags=tags, priority=priority, messages=messages)
