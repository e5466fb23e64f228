"""Reading + ticket + history + rules + now in, Plan out: what is done with one customer message, and why.

It must not touch the world, and it must not know Zendesk's field names.
"""

from __future__ import annotations

from dataclasses import dataclass

from integration.model import (
    Action,
    AddTags,
    Answer,
    AskForReview,
    Charge,
    Field,
    Intent,
    Note,
    Plan,
    Priority,
    Reading,
    Release,
    Reply,
    Route,
    Rung,
    SetFields,
    SetPriority,
    SetStatus,
    Signal,
    Status,
    Suggestion,
    Urgency,
    Who,
)
from integration.policy import marks, note, reply, routing
from integration.policy.case import OVER, URGENT, Case, asks_for_person, by_machine, done, protective, unsure
from integration.policy.silence import draftable, silence
from integration.policy.suggest import fitting

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
class _Way:
    """One way to go on with a ticket: what is done beside the marks, and why."""

    because: str
    actions: tuple[Action, ...] = ()
    tags: frozenset[str] = frozenset()
    review: str = ""  # why a person should look, where something beside the reading asks for it
    notes: tuple[str, ...] = ()  # for the admin


def decide(case: Case) -> Plan:
    """What should be done with the customer's newest message.

    The plan is empty where nothing may be touched or all is done; it always says why, and, unless it holds a reply,
    names every reason why none is sent.
    """
    quiet = silence(case)
    if stop := _stop(case):
        return Plan(actions=(), because=stop, silence=quiet or (stop,))
    suggestions = fitting(case.reading, case.desk, case.rules.pack)
    way = _way(case, quiet, suggestions)
    actions = (*_marked(case, way), *way.actions, *_review(case, way), *_released(case, way))
    if _changes_nothing(case, actions):
        return Plan(actions=(), because="already done: nothing would change", silence=quiet)
    macros = () if by_machine(case.ticket, case.reading) else tuple(s.macro for s in suggestions)
    return Plan(actions=actions, because=way.because, silence=quiet, macros=macros, notes=way.notes)


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


def _way(case: Case, quiet: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> _Way:
    """Machine, reply, senior person, person, nothing to do, draft, people: the first that fits."""
    if by_machine(case.ticket, case.reading):
        return _Way(because="a machine wrote it, or it is spam: marked, and left alone")
    if not quiet and case.answer is not None:
        return _answered(case, case.answer)
    if reasons := for_senior(case):
        return _to_senior(case, reasons, suggestions)
    if _asks(case):
        return _to_person(case, suggestions)
    if case.reading.intent is Intent.THANKS:
        return _thanked(case)
    if case.answer is not None and case.answer.text.strip() and draftable(case):
        return _drafted(case, case.answer, suggestions)
    return _left_to_people(case, suggestions)


# --- the courses -----------------------------------------------------------------------------------------------------


def _answered(case: Case, answer: Answer) -> _Way:
    because = f"a calm, routine request ({case.reading.intent.replace('_', ' ')}) with a complete answer"
    text = reply.text(answer, case.reading.language, case.rules, case.link, case.now)
    return _Way(
        because=because,
        actions=(Reply(macro=answer.macro, text=text, because=because, link=case.link),),
        tags=frozenset({marks.ANSWERED}),
    )


def _to_senior(case: Case, reasons: tuple[str, ...], suggestions: tuple[Suggestion, ...]) -> _Way:
    because = "for a senior person: " + ", ".join(reasons)
    to = routing.hand_over(case)
    there = to.group_id is not None and (not _held(case) or _in_senior_group(case))
    review = (
        "" if to.group_id is not None or _held(case) else "no senior group is known: run `flask install`, or name one"
    )
    readings = (case.reading, *case.earlier)
    protected = any(protective(one) or one.intent in PROTECTED_INTENTS for one in readings)
    tags = {
        marks.SENIOR: there,
        marks.PROTECTED: protected,
        marks.WANTS_PERSON: _asks(case),
        marks.NOBODY_FREE: bool(to.nobody),
    }
    return _Way(
        because=because,
        actions=(*_raised(case, because), *_route(case, to, because), *_told(case, because, suggestions)),
        tags=frozenset(tag for tag, holds in tags.items() if holds),
        review=review,
        notes=(to.nobody,) if to.nobody else (),
    )


def _to_person(case: Case, suggestions: tuple[Suggestion, ...]) -> _Way:
    """A calm wish for a person goes to people, not to the few senior ones: the ticket keeps its group and its place."""
    because = "the customer asks for a person"
    return _Way(because=because, actions=_told(case, because, suggestions), tags=frozenset({marks.WANTS_PERSON}))


def _thanked(case: Case) -> _Way:
    if not case.only_thanks or unsure(case.reading):
        return _Way(because="a thank-you needs no answer: marked only")
    because = "a thank-you reopened a solved ticket: set back to solved"
    return _Way(because=because, actions=(SetStatus(status=Status.SOLVED, because=because),))


def _drafted(case: Case, answer: Answer, suggestions: tuple[Suggestion, ...]) -> _Way:
    because = f"a routine request ({case.reading.intent}): the answer is drafted for a person to send"
    tags = frozenset({marks.DRAFTED})
    if marks.DRAFTED in case.ticket.tags and marks.intent_tag(case.reading.intent) in case.ticket.tags:
        return _Way(because="the same draft stands on the ticket already", tags=tags)
    text = note.draft(answer, case.ticket, case.reading, suggestions)
    return _Way(because=because, actions=(Note(text=text, because=because),), tags=tags)


def _left_to_people(case: Case, suggestions: tuple[Suggestion, ...]) -> _Way:
    """A short note, once per ticket, where it helps; an agent who has already written needs no hint."""
    because = "left to people"
    in_hand = any(m.ours or m.who is Who.AGENT for m in case.ticket.messages)
    text = "" if in_hand else note.short(case.ticket, case.reading, suggestions)
    actions = (Note(text=text, because="a macro fits, or a feeling should be met"),) if text else ()
    return _Way(because=because, actions=actions)


# --- what the courses are made of ------------------------------------------------------------------------------------


def for_senior(case: Case) -> tuple[str, ...]:
    """Why a senior person should have it: for the newest message or one before it that nobody attended to, or a VIP."""
    felt = next(filter(None, map(_felt, (case.reading, *case.earlier))), ())
    return (*felt, "a high-value customer") if routing.vip_for_people(case) else felt


def _felt(reading: Reading) -> tuple[str, ...]:
    reasons = (
        (reading.charge is Charge.CHARGED, "charged"),
        (reading.urgency in URGENT, f"urgency {reading.urgency}"),
        (bool(protective(reading)) or reading.intent in PROTECTED_INTENTS, "protected"),
    )
    return tuple(reason for holds, reason in reasons if holds)


def _route(case: Case, to: routing.HandOver, because: str) -> tuple[Action, ...]:
    """The hand-over, where it changes anything; a ticket that a person holds is not pulled away."""
    if to.group_id is None or _held(case) or (to.group_id == case.ticket.group_id and to.assignee_id is None):
        return ()
    return (Route(group_id=to.group_id, assignee_id=to.assignee_id, because=f"{because}; {to.because}"),)


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
    if not any(m.ours and not m.public and note.tells(m.text) for m in case.ticket.messages):
        return True
    charge, urgency = marks.earlier_charge(case.ticket), marks.earlier_urgency(case.ticket)
    reading = case.reading
    return (
        (charge is not None and _CHARGES.index(reading.charge) > _CHARGES.index(charge))
        or (urgency is not None and _URGENCIES.index(reading.urgency) > _URGENCIES.index(urgency))
        or (bool(protective(reading)) and marks.PROTECTED not in case.ticket.tags)
        or (_asks(case) and marks.WANTS_PERSON not in case.ticket.tags)
    )


def _marked(case: Case, way: _Way) -> tuple[Action, ...]:
    newest = case.ticket.newest
    if newest is None:
        return ()
    tags = set(way.tags)
    if case.reading.readable:
        tags.add(marks.intent_tag(case.reading.intent))
    if unsure(case.reading):
        tags.add(marks.UNSURE)
    if routing.vip(case) and not by_machine(case.ticket, case.reading):
        tags.add(marks.VIP)
    holding = frozenset(tags)
    return (
        SetFields(values=marks.values(case.reading, newest), because="the reading of the newest customer message"),
        AddTags(tags=holding, drop=marks.stale(case.ticket, holding), because=way.because),
    )


def _review(case: Case, way: _Way) -> tuple[Action, ...]:
    if by_machine(case.ticket, case.reading):
        return ()
    doubt = "the reading is not sure enough" if unsure(case.reading) else ""
    if not case.reading.readable:
        doubt = f"the message could not be read: {case.reading.why_unreadable or 'no reason given'}"
    because = "; ".join(reason for reason in (doubt, way.review) if reason)
    return (AskForReview(because=because),) if because else ()


def _released(case: Case, way: _Way) -> tuple[Action, ...]:
    """What we solved stands in our name, since Zendesk names whoever solves; once it is not ours to answer, it is
    people's."""
    ours = case.desk.self_id and case.ticket.assignee_id == case.desk.self_id
    if not ours or any(_keeps_a_name(action) for action in way.actions):
        return ()
    return (Release(because="it stands in Attune's own name: people look where nobody is named"),)


def _keeps_a_name(action: Action) -> bool:
    """Whether somebody stays named: we answer or solve it, or a person is named instead."""
    return isinstance(action, Reply | SetStatus) or (isinstance(action, Route) and action.assignee_id is not None)


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
    unheard = any(Signal.WANTS_PERSON in one.signals for one in case.earlier)
    return unheard or asks_for_person(case.ticket, case.reading, case.rules)


def _held(case: Case) -> bool:
    return case.ticket.assignee_id not in (None, case.desk.self_id)


def _in_senior_group(case: Case) -> bool:
    return case.ticket.group_id is not None and case.ticket.group_id == case.desk.senior_group_id
