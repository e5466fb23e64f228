"""How one ticket went, from its conversation as it is now and from what was written down of it: always counted anew.

It must not keep anything between two looks: doubled, late and disordered events lead to the same course.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from integration.model import (
    Charge,
    Choice,
    Correction,
    Course,
    EventKind,
    Felt,
    Group,
    Intent,
    Kept,
    Label,
    Message,
    Moment,
    Promise,
    Sentiment,
    Status,
    Ticket,
    Trail,
    Verdict,
    Who,
)

OVER = frozenset({Status.SOLVED, Status.CLOSED})
# What a customer may write on a solved ticket without coming back with a matter.
NO_RETURN = frozenset({Intent.THANKS, Intent.PRAISE, Intent.AUTO_REPLY, Intent.SPAM})
# Where a person corrects the sentiment, the number that goes with it: the middle of each of five equal parts of −1…1.
POLARITY = dict(zip(Sentiment, (-0.8, -0.4, 0.0, 0.4, 0.8), strict=True))


def course(
    ticket: Ticket, trail: Trail, promises: Iterable[Promise] = (), *, now: datetime, asked_again: int | None = None
) -> Course:
    """The course of a ticket as it stands `now`; `promises` are those that the conversation shows.

    `asked_again` says how often an agent asked for what was given, where somebody counts it.
    """
    moments = sorted(trail.moments, key=lambda one: (one.at, one.delivery_id))
    felt, labels = _felt(moments, trail.corrected), _labels(trail.corrected)
    asked_at, said = _asked(ticket)
    persons = [m for m in said if m.who is Who.AGENT and not m.ours]
    sent = [one.at for one in moments if one.replied]
    ours = [m.at for m in said if m.ours]
    read = [one for one in moments if one.felt]
    owed = [one for one in promises if one.kept is Kept.OPEN]
    solved_at, reopens = _solved(ticket, moments)
    return Course(
        ticket_id=ticket.id,
        requester_id=ticket.requester.id,
        channel=ticket.channel,
        language=read[-1].language if read else "",
        intent=read[-1].intent if read else None,
        created_at=ticket.created_at,
        asked_at=asked_at,
        seen_at=now,
        first_reply_at=min([m.at for m in said] + sent, default=None),
        first_person_at=min((m.at for m in persons), default=None),
        solved_at=solved_at,
        solved=ticket.status in OVER,
        reopens=max(reopens, trail.reopens),
        customer_messages=sum(m.who is Who.CUSTOMER and m.public for m in ticket.messages),
        agent_messages=len(persons),
        our_replies=max(len(sent), len(ours)),
        asked_again=asked_again,
        wanted_person=any(one.wants_person or _left(one) for one in moments),
        way_out=bool(sent or ours) and (trail.came_back or any(_left(one) for one in moments)),
        rating=ticket.satisfaction if ticket.satisfaction in ("good", "bad") else "",
        first=felt[0] if felt else None,
        last=felt[-1] if felt else None,
        worst=max((one.charge for one in felt), key=list(Charge).index, default=None),
        group=_group(moments, felt, answered=bool(sent or ours)),
        assignee_id=ticket.assignee_id,
        touched=bool(trail.corrected) or _touched(ticket, read),
        drafted=any(one.drafted for one in moments),
        held=() if not read or read[-1].replied else read[-1].silence,
        corrected=frozenset(label for label, changed in labels.items() if changed),
        judged=frozenset(labels),
        promises_open=len(owed),
        next_due=min((one.due for one in owed if one.due), default=None),
    )


# --- inside ----------------------------------------------------------------------------------------------------------


def _left(one: Moment) -> bool:
    """Whether the customer took the way to a person on our page."""
    return one.kind is EventKind.WAY_OUT and one.choice in (Choice.PERSON, Choice.TIME)


def _asked(ticket: Ticket) -> tuple[datetime, list[Message]]:
    """When the customer first asked, and what the desk said in public after that."""
    first = next((m for m in ticket.messages if m.who is Who.CUSTOMER and m.public), None)
    after = ticket.after(first) if first else ticket.messages
    said = [m for m in after if m.public and (m.ours or m.who in (Who.AGENT, Who.BOT))]
    return (first.at if first else ticket.created_at), said


def _touched(ticket: Ticket, read: Sequence[Moment]) -> bool:
    """Whether a person wrote while the labels stood there: who wrote before the first reading cannot have seen any."""
    since = read[0].at if read else ticket.created_at
    return any(m.who is Who.AGENT and not m.ours and m.at >= since for m in ticket.messages)


def _felt(moments: Iterable[Moment], corrected: tuple[Correction, ...]) -> list[Felt]:
    """The mood of each message that was read, oldest first, corrections laid over it; the newest reading counts."""
    by_message = {one.felt.message_id: one.felt for one in moments if one.felt}
    for correction in corrected:
        known = by_message.get(correction.message_id)
        if known is not None:
            by_message[correction.message_id] = _as_corrected(known, correction)
    return sorted(by_message.values(), key=lambda one: (one.message_id or 0, one.at))


def _as_corrected(known: Felt, correction: Correction) -> Felt:
    word = correction.is_now
    if correction.label is Label.CHARGE and word in set(Charge):
        return replace(known, charge=Charge(word))
    if correction.label is Label.SENTIMENT and word in set(Sentiment):
        return replace(known, sentiment=Sentiment(word), polarity=POLARITY[Sentiment(word)])
    return known


def _labels(corrected: tuple[Correction, ...]) -> dict[Label, bool]:
    """The labels that a person spoke about, and whether any message's last word differs from what was read."""
    first: dict[tuple[Label, int | None], str] = {}
    last: dict[tuple[Label, int | None], str] = {}
    for one in corrected:
        first.setdefault((one.label, one.message_id), one.was)
        last[one.label, one.message_id] = one.is_now
    found: dict[Label, bool] = {}
    for (label, message_id), now in last.items():
        wrong = now == Verdict.SHOULD_NOT if label is Label.ANSWER else now != first[label, message_id]
        found[label] = found.get(label, False) or wrong
    return found


def _group(moments: Iterable[Moment], felt: Iterable[Felt], *, answered: bool) -> Group:
    if answered:
        return Group.ANSWERED
    routed = any(one.routed for one in moments) or any(one.charge is Charge.CHARGED for one in felt)
    return Group.ROUTED if routed else Group.OTHER


def _solved(ticket: Ticket, moments: Iterable[Moment]) -> tuple[datetime | None, int]:
    """When it was solved for the last time, where it is, and how often it came back: at least so often.

    A message on a solved ticket is a return, unless it merely thanks; so is a ticket that is open though it was solved.
    """
    about = {one.message_id: one.intent for one in moments if one.felt}
    seen = [(when, True) for when in _solves(moments)]
    seen += [
        (m.at, False)
        for m in ticket.messages
        if m.who is Who.CUSTOMER and m.public and about.get(m.id) not in NO_RETURN
    ]
    solved_at: datetime | None = None
    reopens = 0
    for when, is_solve in sorted(seen):  # in one and the same second, the message was first
        if is_solve and not (solved_at and ticket.status is Status.CLOSED):  # closing, days later, is no second solving
            solved_at = when
        elif not is_solve and solved_at is not None:
            solved_at, reopens = None, reopens + 1
    if ticket.status in OVER:
        return solved_at, reopens
    return None, reopens + (solved_at is not None)


def _solves(moments: Iterable[Moment]) -> list[datetime]:
    """When the ticket was solved: as the desk told us, and by ourselves."""
    told = [one.happened_at for one in moments if one.kind is EventKind.CLOSED]
    return told + [one.at for one in moments if one.solved]
