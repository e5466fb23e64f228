"""What a customer's choice on the page leads to, case by case; and what the reply says of the page and of the hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import content, policy
from integration.model import (
    AddTags,
    Answer,
    Booking,
    Charge,
    Choice,
    Desk,
    Field,
    History,
    Note,
    Plan,
    Release,
    Reply,
    Route,
    Rules,
    Rung,
    Schedule,
    SetFields,
    SetStatus,
    Status,
    Urgency,
    Who,
)
from integration.policy import marks, reply
from integration.policy.case import asks_for_person
from tests import strategies
from tests.policy.macros import MACROS
from tests.strategies import SELF_ID, SENIOR_GROUP, message, reading, ticket

A = TypeVar("A")
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # a Monday evening
SLOT = NOW + timedelta(hours=15)
BOOKING = Booking(ticket_id=42, slot=SLOT, language="de", changes=0)
DESK = Desk(self_id=SELF_ID, senior_group_id=SENIOR_GROUP)
OURS: dict[str, Any] = {"who": Who.BOT, "ours": True, "author_id": SELF_ID}
ANSWERED = (message(), message("This is an automatic reply.", id=1001, **OURS))
NOTED = (*ANSWERED, message("The customer asks for a person.", id=1002, **OURS | {"public": False}))
HOURS = Rules(business_hours="Mon-Fri 09:00-17:00", time_zone="Europe/Berlin")


def a_ticket(**changes: Any) -> Any:
    """A ticket that was answered by itself and waits for its customer."""
    plain: dict[str, Any] = {
        "status": Status.PENDING,
        "messages": ANSWERED,
        "tags": frozenset({"vip", marks.ANSWERED}),
        "fields": {Field.MARKER: "1000"},
    }
    return ticket(**{**plain, **changes})


def chosen(choice: Choice, *, booking: Booking | None = BOOKING, unread: Plan | None = None, **changes: Any) -> Plan:
    case = policy.WayOut(
        ticket=a_ticket(**changes),
        choice=choice,
        desk=DESK,
        rules=HOURS,
        chosen_at=NOW,
        booking=booking,
        was_unread=unread is not None,
        unread=unread,
    )
    return policy.way_out(case)


def has(plan: Plan, kind: type[A]) -> list[A]:
    return [action for action in plan.actions if isinstance(action, kind)]


def test_a_person() -> None:
    """Tag, note and an open ticket that keeps its group; nothing public, so that the wait stays as it is."""
    plan = chosen(Choice.PERSON)
    assert [type(action) for action in plan.actions] == [AddTags, SetStatus, Note]
    assert has(plan, AddTags)[0].tags == {marks.WANTS_PERSON}
    assert has(plan, SetStatus)[0].status is Status.OPEN
    assert "Monday, 2 March, 19:00 (Berlin time)" in has(plan, Note)[0].text


@pytest.mark.parametrize(
    "charged",
    [
        {"fields": {Field.CHARGE: marks.option(Field.CHARGE, Charge.CHARGED)}},
        {"fields": {Field.URGENCY: marks.option(Field.URGENCY, Urgency.CRITICAL)}},
        {"tags": frozenset({marks.PROTECTED})},
    ],
)
def test_charged_goes_to_senior_people(charged: dict[str, Any]) -> None:
    """What was charged, urgent or protected before goes to the senior group, unless a person holds it."""
    (route,) = has(chosen(Choice.PERSON, **charged), Route)
    assert route.group_id == SENIOR_GROUP
    assert not has(chosen(Choice.PERSON, assignee_id=12, **charged), Route)
    assert not has(chosen(Choice.PERSON, group_id=SENIOR_GROUP, **charged), Route)
    assert not has(chosen(Choice.SOLVED, **charged), SetStatus)


def test_a_time() -> None:
    """The ticket is a task due then; the note has the time for the desk, and as the customer read it."""
    plan = chosen(Choice.TIME)
    assert has(plan, Schedule)[0].due_at == SLOT
    assert has(plan, AddTags)[0].tags == {marks.WANTS_PERSON, marks.CALLBACK}
    text = has(plan, Note)[0].text
    assert "Tuesday, 3 March, 10:00 (Berlin time)" in text
    assert "Dienstag, 3. März, 10:00 Uhr (Ortszeit Berlin)" in text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"assignee_id": 12}, "a person has it in hand"),
        ({"fields": {Field.CHARGE: "attune_charge_charged"}}, "charged"),
        ({"tags": frozenset({marks.WANTS_PERSON})}, "handed to people"),
        ({"unread": Plan(actions=(AddTags(tags=frozenset(), because=""),), because="x")}, "had not been read"),
        ({"unread": Plan(actions=(), because="only observing")}, "had not been read"),
        ({"tags": frozenset({"attune_skip"})}, "attune_skip"),
        ({"messages": (*ANSWERED, message("And now it rattles?", id=1005))}, "has no answer yet"),
    ],
)
def test_solved_is_a_note_only(changes: dict[str, Any], reason: str) -> None:
    """Where people are needed or at work, the customer's word does not solve the ticket, and the note says why."""
    plan = chosen(Choice.SOLVED, **changes)
    assert not has(plan, SetStatus)
    assert reason in has(plan, Note)[0].text


def test_solved() -> None:
    """A calm ticket that nobody holds is solved with a note."""
    assert has(chosen(Choice.SOLVED), SetStatus)[0].status is Status.SOLVED
    assert has(chosen(Choice.SOLVED, assignee_id=SELF_ID), SetStatus)


@pytest.mark.parametrize(
    ("choice", "changes", "because"),
    [
        (Choice.PERSON, {"status": Status.CLOSED}, "closed"),
        (Choice.PERSON, {"status": Status.DELETED}, "deleted"),
        (Choice.SOLVED, {"status": Status.SOLVED}, "solved"),
        (Choice.TIME, {"booking": None}, "no time is booked"),
        (
            Choice.PERSON,
            {"status": Status.OPEN, "messages": NOTED, "tags": frozenset({marks.WANTS_PERSON})},
            "know of it already",
        ),
        (
            Choice.TIME,
            {
                "status": Status.OPEN,
                "messages": NOTED,
                "tags": frozenset({marks.WANTS_PERSON, marks.CALLBACK}),
                "type": "task",
                "due_at": SLOT,
            },
            "know of it already",
        ),
    ],
)
def test_nothing_to_do(choice: Choice, changes: dict[str, Any], because: str) -> None:
    """Where it is too late, or all of it stands, nothing is written and the plan says why."""
    plan = chosen(choice, **changes)
    assert plan.actions == ()
    assert because in plan.because
    assert plan.silence


def test_asked_again_after_an_answer() -> None:
    """Who asks anew after more was said is heard anew: the note comes once for each time people should know."""
    later = (*NOTED, message("We are on it.", id=1003, who=Who.AGENT, author_id=12))
    tags = frozenset({marks.WANTS_PERSON})
    assert has(chosen(Choice.PERSON, status=Status.OPEN, messages=later, tags=tags), Note)
    assert has(chosen(Choice.PERSON, status=Status.SOLVED, messages=NOTED, tags=tags), SetStatus)


def test_a_ticket_in_our_own_name_is_let_go() -> None:
    """A ticket that stands in our name would wait where nobody looks."""
    assert has(chosen(Choice.PERSON, assignee_id=SELF_ID), Release)
    assert not has(chosen(Choice.PERSON, assignee_id=12), Release)
    case = strategies.answered(
        MACROS,
        ticket=a_ticket(
            assignee_id=SELF_ID,
            status=Status.OPEN,
            tags=frozenset({marks.CONFIRMED}),
            messages=(*ANSWERED, message("A new thing.", id=1005)),
        ),
        rules=Rules(default_rung=Rung.TAG, rungs={}),
    )
    plan = policy.decide(policy.Case(**case))
    assert has(plan, Release)
    assert marks.CONFIRMED in has(plan, AddTags)[0].drop


def test_a_person_now_after_a_booked_time() -> None:
    """Who booked a time and then asks for a person now is heard: a note, and no tag of waiting for a time."""
    tags = frozenset({marks.WANTS_PERSON, marks.CALLBACK})
    plan = chosen(Choice.PERSON, status=Status.OPEN, messages=NOTED, tags=tags, type="task", due_at=SLOT)
    assert has(plan, Note)
    assert has(plan, AddTags)[0].drop == {marks.CALLBACK}
    assert not has(plan, Schedule)


def test_an_unread_thank_you_does_not_solve_what_a_person_is_wanted_for() -> None:
    """The status is the customer's choice, whatever the unread message alone would lead to."""
    thanks = Plan(actions=(SetStatus(status=Status.SOLVED, because=""),), because="a thank-you")
    for choice in Choice:
        assert all(action.status is Status.OPEN for action in has(chosen(choice, unread=thanks), SetStatus))


def test_a_person_named_for_the_unread_message_is_not_released() -> None:
    """A ticket in our name that the unread message gives to a person goes to them, and not to nobody."""
    theirs = Plan(actions=(Route(group_id=SENIOR_GROUP, assignee_id=9, because=""),), because="charged")
    plan = chosen(Choice.PERSON, assignee_id=SELF_ID, unread=theirs)
    assert has(plan, Route)[0].assignee_id == 9
    assert not has(plan, Release)


def test_the_unread_message_goes_along_in_one_update() -> None:
    """Marks, route and note of a message that nobody had read join ours: one comment and one group."""
    theirs = (
        SetFields(values={Field.MARKER: "1000"}, because=""),
        AddTags(tags=frozenset({marks.SENIOR}), drop=frozenset({marks.CONFIRMED}), because=""),
        Route(group_id=SENIOR_GROUP, because=""),
        Note(text="Wants: money back.", because=""),
    )
    plan = chosen(
        Choice.PERSON,
        unread=Plan(actions=theirs, because="charged", silence=("charged",)),
        fields={Field.CHARGE: "attune_charge_charged"},
    )
    (note,) = has(plan, Note)
    assert "asks for a person" in note.text
    assert "Wants: money back." in note.text
    assert len(has(plan, Route)) == 1
    assert has(plan, SetFields)
    assert plan.silence == ("charged",)


@given(strategies.tickets, st.sampled_from(Choice), st.none() | st.just(BOOKING), strategies.rules)
def test_whatever_is_chosen_nothing_public_is_said(
    of: Any, choice: Choice, booking: Booking | None, rules: Rules
) -> None:
    """No choice makes us speak in public, solve what people hold, or leave less protection than stood there."""
    case = policy.WayOut(ticket=of, choice=choice, desk=DESK, rules=rules, chosen_at=NOW, booking=booking)
    plan = policy.way_out(case)
    assert not has(plan, Reply)
    assert all(action.drop <= {marks.CALLBACK} for action in has(plan, AddTags))
    assert len(has(plan, Note)) == bool(plan.actions)
    guarded = of.tags & set(marks.GUARDING) or of.assignee_id not in (None, SELF_ID)
    if guarded:
        assert all(action.status is not Status.SOLVED for action in has(plan, SetStatus))
    if choice is not Choice.SOLVED and plan.actions:
        assert marks.WANTS_PERSON in has(plan, AddTags)[0].tags
    assert plan.silence


@given(st.sampled_from(Choice), strategies.rules)
def test_once_it_stands_it_is_not_done_again(choice: Choice, rules: Rules) -> None:
    """Applied to the ticket, the same choice finds nothing left to do: a lost answer or a second event is harmless."""
    before = a_ticket(tags=frozenset({marks.ANSWERED, marks.CALLBACK}))
    case = policy.WayOut(ticket=before, choice=choice, desk=DESK, rules=rules, chosen_at=NOW, booking=BOOKING)
    plan = policy.way_out(case)
    after = before
    for action in plan.actions:
        if isinstance(action, AddTags):
            after = replace(after, tags=(after.tags - action.drop) | action.tags)
        if isinstance(action, SetStatus):
            after = replace(after, status=action.status)
        if isinstance(action, Schedule):
            after = replace(after, type="task", due_at=action.due_at)
        if isinstance(action, Note):
            note = message(action.text, id=1002, **OURS | {"public": False})
            after = replace(after, messages=(*after.messages, note))
    assert policy.way_out(replace(case, ticket=after)).actions == ()


# --- the reply -------------------------------------------------------------------------------------------------------

ANSWER = Answer(macro=MACROS[0], text="Hello Mary, see here.")
LINK = "https://attune.example/person/42.1000.1.en.x"


def test_the_link_stands_in_the_first_paragraph() -> None:
    """The page is named before the answer, at the end of a line; with times only where there are any."""
    plain = reply.text(ANSWER, "en", Rules(), LINK, NOW)
    first, answer = plain.split("\n\n", 1)
    assert first.splitlines()[0].endswith(LINK)
    assert answer == ANSWER.text
    assert "book a time" not in first
    assert "book a time" in reply.text(ANSWER, "en", replace(HOURS, callbacks_per_slot=1), LINK, NOW)
    assert "book a time" not in reply.text(ANSWER, "en", Rules(callbacks_per_slot=1), LINK, NOW)
    assert "page" not in reply.text(ANSWER, "en", HOURS, "", NOW)


def test_outside_hours_it_says_when_people_are_back() -> None:
    """In the evening the reply names the next opening; by day, and without known hours, only the admin's own words."""
    back = "People are back on Tuesday, 3 March, 09:00 (Berlin time)."
    within = "When people are here, they usually answer within one working day."
    assert back in reply.text(ANSWER, "en", HOURS, LINK, NOW)
    for rules, at in ((HOURS, NOW - timedelta(hours=6)), (Rules(), NOW)):
        said = reply.text(ANSWER, "en", rules, LINK, at)
        assert "are back" not in said
        assert within in said


def test_the_same_answer_under_another_link_is_the_same_answer() -> None:
    """A bot that answers the same twice is heard although link and times in its first paragraph differ."""
    texts = [reply.text(ANSWER, "en", HOURS, f"{LINK}{n}", NOW - timedelta(hours=6 * n)) for n in range(2)]
    assert texts[0] != texts[1]
    said = [message(), *(message(text, id=1001 + n, **OURS) for n, text in enumerate(texts)), message(id=1009)]
    reasons = policy.may_answer(ticket(messages=tuple(said)), reading(), History())
    assert "a bot has given the same answer twice" in reasons


# --- the plain way ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("human please", "Human!", "this didn't help", "This didn’t help at all.", "you are a bot", "You're a robot!"),
        *("bot!!", "Not helpful.", "Wrong answer", "useless", "please call me back", "Is this automated?"),
        "Thanks, but this did not help, since I asked about the invoice for March and not about my order.",
        *("Das hat nicht geholfen.", "du bist ein Bot", "Mensch bitte", "esto no me ayuda", "eres un robot"),
        *("ça ne m'aide pas", "c'est un robot ?", "isso não ajudou", "você é um robô"),
    ],
)
def test_a_person_is_asked_for_in_any_wording_after_our_answer(text: str) -> None:
    """What turns our automatic answer down, or names us a machine, is a wish for a person."""
    assert asks_for_person(a_ticket(messages=(*ANSWERED, message(text, id=1005))), reading(text=text), Rules())


@pytest.mark.parametrize("text", ["Great, that helped, thank you!", "And where is order 48214?", "Perfect."])
def test_not_every_message_asks_for_a_person(text: str) -> None:
    """A calm follow-up is not taken for one."""
    assert not asks_for_person(a_ticket(messages=(*ANSWERED, message(text, id=1005))), reading(text=text), Rules())


# --- the texts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    """Every text stands in every language, with the same places to fill."""
    english, other = content.way_out(), content.way_out(language)
    assert english.keys() == other.keys()
    assert (len(other["days"]), len(other["months"])) == (7, 12)
    for name, text in english.items():
        if isinstance(text, str):
            assert _places(text) == _places(other[name]), name


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
