"""What is done when a customer uses the page that leads to a person: one note, one tag, and the ticket for people.

It must not know who asked it, nor read anything: the choice is the customer's own, and is never overruled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integration import content
from integration.model import (
    Action,
    AddTags,
    Booking,
    Charge,
    Choice,
    Desk,
    History,
    Note,
    Plan,
    Reading,
    Release,
    Route,
    Rules,
    Schedule,
    SetStatus,
    Status,
    Ticket,
    Who,
)
from integration.policy import hours, marks, note
from integration.policy.case import OVER, URGENT
from integration.policy.suggest import fitting

_WAITING = frozenset({Status.PENDING, Status.HOLD, Status.SOLVED})
_TAGS = {
    Choice.PERSON: frozenset({marks.WANTS_PERSON}),
    Choice.TIME: frozenset({marks.WANTS_PERSON, marks.CALLBACK}),
    Choice.SOLVED: frozenset({marks.CONFIRMED}),
}
_BECAUSE = {
    Choice.PERSON: "the customer asks for a person on the linked page",
    Choice.TIME: "the customer booked a time with a person",
    Choice.SOLVED: "the customer says that it is solved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """Everything that a way out looks at."""

    ticket: Ticket
    choice: Choice
    desk: Desk
    rules: Rules
    chosen_at: datetime  # aware
    booking: Booking | None = None  # as it stands now
    was_unread: bool = False  # nobody had attended to their newest message
    unread: Plan | None = None  # what the reading of that message asks for, where it asks for anything
    story: str = ""  # for the person who takes over, where no note has told it yet


def way_out(case: WayOut) -> Plan:
    """The one update that a choice leads to, the unread message's marks included; empty where all of it stands."""
    quiet = (_BECAUSE[case.choice],)
    if stop := _stop(case):
        return Plan(actions=(), because=stop, silence=quiet)
    because = _BECAUSE[case.choice]
    drop = _over_with(case.ticket, case.choice)
    own = (AddTags(tags=_TAGS[case.choice], drop=drop, because=because), *_moves(case, because))
    return Plan(
        actions=_merged(case, own),
        because=because,
        silence=case.unread.silence if case.unread and case.unread.silence else quiet,
        macros=case.unread.macros if case.unread else (),
    )


def stands(ticket: Ticket, choice: Choice, booking: Booking | None) -> bool:
    """Whether the ticket shows this choice already, and nothing was said in public since our note of it."""
    if not _TAGS[choice] <= ticket.tags or _over_with(ticket, choice):
        return False
    if choice is Choice.TIME and (booking is None or ticket.type != "task" or ticket.due_at != booking.slot):
        return False
    if choice is not Choice.SOLVED and ticket.status in _WAITING:
        return False
    told = [place for place, m in enumerate(ticket.messages) if m.ours and not m.public]
    said = [place for place, m in enumerate(ticket.messages) if m.public and m.who is not Who.SYSTEM]
    return bool(told) and max(told) > max(said, default=-1)


def story_told(ticket: Ticket) -> bool:
    """Whether a note of ours tells the whole story, the customer's newest message included."""
    newest = ticket.newest
    return newest is None or any(m.ours and not m.public and note.tells(m.text) for m in ticket.after(newest))


def story(ticket: Ticket, reading: Reading, history: History, desk: Desk, rules: Rules) -> str:
    """What a person must know so that the customer need not explain anything again, as the page promises."""
    return note.full(ticket, reading, history, fitting(reading, desk, rules.pack), person=True)


# --- inside ----------------------------------------------------------------------------------------------------------


def _stop(case: WayOut) -> str:
    ticket = case.ticket
    stops = (
        (ticket.status in (Status.CLOSED, Status.DELETED), f"the ticket is {ticket.status}"),
        (case.choice is Choice.TIME and case.booking is None, "no time is booked any more"),
        (case.choice is Choice.SOLVED and ticket.status in OVER, f"the ticket is {ticket.status}"),
        (not case.unread and stands(ticket, case.choice, case.booking), "people know of it already"),
    )
    return next((reason for holds, reason in stops if holds), "")


def _over_with(ticket: Ticket, choice: Choice) -> frozenset[str]:
    """Who asks for a person now no longer waits for the booked time alone; the booking and the due time stay."""
    return ticket.tags & {marks.CALLBACK} if choice is Choice.PERSON else frozenset()


def _moves(case: WayOut, because: str) -> tuple[Action, ...]:
    if case.choice is Choice.SOLVED:
        return () if _kept_open(case) else (SetStatus(status=Status.SOLVED, because=because),)
    moves: list[Action] = []
    if case.ticket.status in _WAITING:
        moves.append(SetStatus(status=Status.OPEN, because=because))
    if case.choice is Choice.TIME and case.booking:
        moves.append(Schedule(due_at=case.booking.slot, because=because))
    return (*moves, *_to_people(case, because))


def _to_people(case: WayOut, because: str) -> tuple[Action, ...]:
    """The group it has, or the senior one where it is charged; a person who holds it keeps it."""
    ticket, senior = case.ticket, case.desk.senior_group_id
    if ticket.assignee_id not in (None, case.desk.self_id):
        return ()
    release = (Release(because="people look where nobody is named yet"),) if ticket.assignee_id is not None else ()
    if _heated(ticket) and senior is not None and ticket.group_id != senior:
        return (*release, Route(group_id=senior, because=f"{because}, and was charged or urgent before"))
    return release


def _kept_open(case: WayOut) -> str:
    """Why a ticket is not solved at its customer's word alone, or nothing."""
    ticket = case.ticket
    reasons = (
        (case.was_unread, "a message of theirs had not been read yet"),
        (_unanswered(ticket), "their last message has no answer yet"),
        (case.rules.skip_tag in ticket.tags, f"the ticket has the tag {case.rules.skip_tag}"),
        (ticket.assignee_id not in (None, case.desk.self_id), "a person has it in hand"),
        (_heated(ticket), "it was charged, urgent or in need of protection"),
        (any(tag in ticket.tags for tag in marks.GUARDING), "it was handed to people before"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _unanswered(ticket: Ticket) -> bool:
    """Whether the link was of an older answer than their newest message would need."""
    newest = ticket.newest
    if newest is None:
        return False
    return not any(m.public and (m.ours or m.who is Who.AGENT) for m in ticket.after(newest))


def _heated(ticket: Ticket) -> bool:
    charged = marks.earlier_charge(ticket) is Charge.CHARGED or marks.earlier_urgency(ticket) in URGENT
    return charged or bool(ticket.tags & {marks.PROTECTED, marks.SENIOR})


def _merged(case: WayOut, own: tuple[Action, ...]) -> tuple[Action, ...]:
    """One update holds one comment, one group and one status: ours and those of the unread message become one.

    The status is the customer's choice: an unread thank-you must not solve what they want a person for.
    """
    theirs = case.unread.actions if case.unread else ()
    told = [action.text for action in theirs if isinstance(action, Note)] or [case.story]
    text = "\n\n".join(part for part in (_note(case), *told) if part)
    routes = [action for action in theirs if isinstance(action, Route)]
    named = any(route.assignee_id is not None for route in routes)
    kept = tuple(action for action in theirs if not isinstance(action, Note | SetStatus))
    mine = tuple(
        action
        for action in own
        if not (routes and isinstance(action, Route)) and not (named and isinstance(action, Release))
    )
    return (*kept, *mine, Note(text=text, because=_BECAUSE[case.choice]))


def _note(case: WayOut) -> str:
    notes, zone = content.way_out_notes(), hours.zone_or_utc(case.rules)
    when = content.moment(case.chosen_at, zone)
    if case.choice is Choice.TIME and case.booking:
        read = content.moment(case.booking.slot, zone, case.booking.language)
        said = notes["time"].format(slot=content.moment(case.booking.slot, zone), read=read)
    else:
        said = notes[case.choice].format(when=when)
    if case.choice is not Choice.SOLVED:
        return f"{said} {notes['wait']}"
    reason = _kept_open(case)
    return f"{said} {notes['kept_open'].format(reason=reason)}" if reason else said
