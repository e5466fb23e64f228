"""Reading + ticket + history + rules + now in, Plan out: what is done with one customer message, and why.

It must not touch the world, and it must not know Zendesk's field names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integration.model import (
    Action,
    AddTags,
    Answer,
    AskForReview,
    Charge,
    Desk,
    Field,
    History,
    Intent,
    Note,
    Plan,
    Priority,
    Reading,
    Reply,
    Route,
    Rules,
    Rung,
    SetFields,
    SetPriority,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import marks, note, reply
from integration.policy.case import OVER, URGENT, Case, asks_for_person, by_machine, done, protective, unsure
from integration.policy.silence import draftable, silence
from integration.policy.suggest import Suggestion, fitting

# Requests that belong to a senior person in whatever words they come.
PROTECTED_INTENTS = frozenset(
    {
        Intent.FRAUD_OR_SECURITY,
        Intent.SAFETY_OR_HEALTH,
        Intent.BEREAVEMENT,
        Intent.VULNERABLE_CUSTOMER,
        Intent.LEGAL_THREAT,
    }
)
_CHARGES, _URGENCIES, _PRIORITIES = list(Charge), list(Urgency), list(Priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """One way to go on with a ticket: what is done beside the marks, and why."""

    because: str
    actions: tuple[Action, ...] = ()
    tags: frozenset[str] = frozenset()
    review: str = ""  # why a person should look, where something beside the reading asks for it


def decide(
    *,
    ticket: Ticket,
    reading: Reading,
    history: History,
    answer: Answer | None,
    desk: Desk,
    rules: Rules,
    now: datetime,
    replies_last_hour: int,
) -> Plan:
    """What should be done with the customer's newest message; `now` is aware, UTC.

    The plan is empty where nothing may be touched or all is done; it always says why, and, unless it holds a reply,
    names every reason why none is sent.
    """
    case = Case(
        ticket=ticket,
        reading=reading,
        history=history,
        answer=answer,
        desk=desk,
        rules=rules,
        now=now,
        replies_last_hour=replies_last_hour,
    )
    quiet = silence(
        ticket=ticket,
        reading=reading,
        history=history,
        answer=answer,
        desk=desk,
        rules=rules,
        now=now,
        replies_last_hour=replies_last_hour,
    )
    if stop := _stop(case):
        return Plan(actions=(), because=stop, silence=quiet or (stop,))
    suggestions = fitting(reading, desk)
    course = _course(case, quiet, suggestions)
    actions = (*_marked(case, course), *course.actions, *_review(case, course))
    if _changes_nothing(case, actions):
        return Plan(actions=(), because="already done: nothing would change", silence=quiet)
    macros = () if by_machine(ticket, reading) else tuple(s.macro for s in suggestions)
    return Plan(actions=actions, because=course.because, silence=quiet, macros=macros)


def _stop(case: Case) -> str:
    """Why nothing is touched at all, or nothing."""
    ticket = case.ticket
    rung = case.rules.rung(case.reading.intent)
    stops = (
        (ticket.newest is None, "no customer message"),
        (done(ticket), "already done"),
        (ticket.status in OVER, f"the ticket is {ticket.status}"),
        (case.rules.skip_tag in ticket.tags, f"the ticket has the tag {case.rules.skip_tag}"),
        (rung is Rung.OBSERVE, f"only observing: the rung of {case.reading.intent} is observe"),
    )
    return next((reason for holds, reason in stops if holds), "")


def _course(case: Case, quiet: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> _Course:
    """Machine, reply, senior person, person, nothing to do, draft, people: the first that fits."""
    if by_machine(case.ticket, case.reading):
        return _Course(because="a machine wrote it, or it is spam: marked, and left alone")
    if not quiet and case.answer is not None:
        return _answered(case, case.answer)
    if reasons := _for_senior(case.reading):
        return _to_senior(case, reasons, suggestions)
    if asks_for_person(case.ticket, case.reading, case.rules):
        return _to_person(case, suggestions)
    if case.reading.intent is Intent.THANKS:
        return _Course(because="a thank-you needs no answer: marked only")
    if case.answer is not None and case.answer.text.strip() and draftable(case):
        return _drafted(case, case.answer, suggestions)
    return _left_to_people(case, suggestions)


# --- the courses -----------------------------------------------------------------------------------------------------


def _answered(case: Case, answer: Answer) -> _Course:
    because = f"a calm, routine request ({case.reading.intent}) with a complete answer"
    text = reply.text(answer, case.reading.language, case.rules)
    return _Course(
        because=because,
        actions=(Reply(macro=answer.macro, text=text, because=because),),
        tags=frozenset({marks.ANSWERED}),
    )


def _to_senior(case: Case, reasons: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> _Course:
    because = "for a senior person: " + ", ".join(reasons)
    route, review = _route(case, because)
    there = bool(route) or (case.desk.senior_group_id is not None and _in_senior_group(case))
    protected = bool(protective(case.reading)) or case.reading.intent in PROTECTED_INTENTS
    tags = {marks.SENIOR: there, marks.PROTECTED: protected, marks.WANTS_PERSON: _asks(case)}
    return _Course(
        because=because,
        actions=(*_raised(case, because), *route, *_told(case, because, suggestions)),
        tags=frozenset(tag for tag, holds in tags.items() if holds),
        review=review,
    )


def _to_person(case: Case, suggestions: tuple[Suggestion, ...]) -> _Course:
    """A calm wish for a person goes to people, not to the few senior ones: the ticket keeps its group and its place."""
    because = "the customer asks for a person"
    return _Course(because=because, actions=_told(case, because, suggestions), tags=frozenset({marks.WANTS_PERSON}))


def _drafted(case: Case, answer: Answer, suggestions: tuple[Suggestion, ...]) -> _Course:
    because = f"a routine request ({case.reading.intent}): the answer is drafted for a person to send"
    tags = frozenset({marks.DRAFTED})
    if marks.DRAFTED in case.ticket.tags and marks.intent_tag(case.reading.intent) in case.ticket.tags:
        return _Course(because="the same draft stands on the ticket already", tags=tags)
    text = note.draft(answer, case.ticket, case.reading, suggestions)
    return _Course(because=because, actions=(Note(text=text, because=because),), tags=tags)


def _left_to_people(case: Case, suggestions: tuple[Suggestion, ...]) -> _Course:
    """A short note, once per ticket, where it helps; an agent who has already written needs no hint."""
    because = "left to people"
    in_hand = any(m.ours or m.who is Who.AGENT for m in case.ticket.messages)
    text = "" if in_hand else note.short(case.ticket, case.reading, suggestions)
    actions = (Note(text=text, because="a macro fits, or a feeling should be met"),) if text else ()
    return _Course(because=because, actions=actions)


# --- what the courses are made of ------------------------------------------------------------------------------------


def _for_senior(reading: Reading) -> tuple[str, ...]:
    reasons = (
        (reading.charge is Charge.CHARGED, "charged"),
        (reading.urgency in URGENT, f"urgency {reading.urgency}"),
        (bool(protective(reading)) or reading.intent in PROTECTED_INTENTS, "protected"),
    )
    return tuple(reason for holds, reason in reasons if holds)


def _route(case: Case, because: str) -> tuple[tuple[Action, ...], str]:
    """The hand-over to the senior group, or why there is none; a ticket that a person holds is not pulled away."""
    senior = case.desk.senior_group_id
    if senior is None:
        return (), "no senior group is known: run `flask install`, or name one"
    if _in_senior_group(case):
        return (), ""
    if case.ticket.assignee_id not in (None, case.desk.self_id):
        return (), ""
    return (Route(group_id=senior, because=because),), ""


def _raised(case: Case, because: str) -> tuple[Action, ...]:
    wanted = Priority.URGENT if case.reading.urgency is Urgency.CRITICAL else Priority.HIGH
    stands = case.ticket.priority
    if stands is not None and _PRIORITIES.index(stands) >= _PRIORITIES.index(wanted):
        return ()
    return (SetPriority(priority=wanted, because=because),)


def _told(case: Case, because: str, suggestions: tuple[Suggestion, ...]) -> tuple[Action, ...]:
    if not _new_to_the_agent(case):
        return ()
    text = note.full(case.ticket, case.reading, case.history, suggestions, person=_asks(case))
    return (Note(text=text, because=because),)


def _new_to_the_agent(case: Case) -> bool:
    """Whether a note says more than our earlier ones: a feeling or a danger rose, protection or a person is needed."""
    if not any(m.ours and not m.public for m in case.ticket.messages):
        return True
    charge, urgency = marks.earlier_charge(case.ticket), marks.earlier_urgency(case.ticket)
    reading = case.reading
    return (
        (charge is not None and _CHARGES.index(reading.charge) > _CHARGES.index(charge))
        or (urgency is not None and _URGENCIES.index(reading.urgency) > _URGENCIES.index(urgency))
        or (bool(protective(reading)) and marks.PROTECTED not in case.ticket.tags)
        or (_asks(case) and marks.WANTS_PERSON not in case.ticket.tags)
    )


def _marked(case: Case, course: _Course) -> tuple[Action, ...]:
    newest = case.ticket.newest
    if newest is None:
        return ()
    tags = set(course.tags)
    if case.reading.readable:
        tags.add(marks.intent_tag(case.reading.intent))
    if unsure(case.reading):
        tags.add(marks.UNSURE)
    holding = frozenset(tags)
    return (
        SetFields(values=marks.values(case.reading, newest), because="the reading of the newest customer message"),
        AddTags(tags=holding, drop=marks.stale(case.ticket, holding), because=course.because),
    )


def _review(case: Case, course: _Course) -> tuple[Action, ...]:
    if by_machine(case.ticket, case.reading):
        return ()
    doubt = "the reading is not sure enough" if unsure(case.reading) else ""
    if not case.reading.readable:
        doubt = f"the message could not be read: {case.reading.why_unreadable or 'no reason given'}"
    because = "; ".join(reason for reason in (doubt, course.review) if reason)
    return (AskForReview(because=because),) if because else ()


def _changes_nothing(case: Case, actions: tuple[Action, ...]) -> bool:
    """Without a marker field nothing on the ticket says that we were here: do not write the same marks for ever."""
    if Field.MARKER in case.desk.fields:
        return False
    return all(_stands_already(case, action) for action in actions)


def _stands_already(case: Case, action: Action) -> bool:
    if isinstance(action, SetFields):
        known = {field: value for field, value in action.values.items() if field in case.desk.fields}
        return all(case.ticket.fields.get(field) == value for field, value in known.items())
    if isinstance(action, AddTags):
        return action.tags <= case.ticket.tags and not action.drop & case.ticket.tags
    return isinstance(action, AskForReview)


def _asks(case: Case) -> bool:
    return asks_for_person(case.ticket, case.reading, case.rules)


def _in_senior_group(case: Case) -> bool:
    return case.ticket.group_id == case.desk.senior_group_id
