"""All courses of a period together: speed, feeling and effort beside each other, for each group apart.

It must not rank people, nor give a value for what was counted from too few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from integration.insights.counting import share, share_of, spread
from integration.model import (
    Accuracy,
    Charge,
    Course,
    Day,
    Group,
    GroupFigures,
    HeldBack,
    Label,
    Load,
    Owed,
    Panel,
    Sentiment,
    Standing,
    Turn,
    Unit,
)

# Reasons for which replies were held back that are shown; our choice: what fits beside a chart.
MOST_REASONS = 12
_PLAIN = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
_PLAINER = {Sentiment.VERY_NEGATIVE: Sentiment.NEGATIVE, Sentiment.VERY_POSITIVE: Sentiment.POSITIVE}


def panel(
    courses: Iterable[Course],
    open_now: Iterable[Course] = (),
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    standing: Iterable[Standing] = (),
    names: Mapping[int, str] | None = None,
    carried: Mapping[int, int] | None = None,
    cap: int = 0,
) -> Panel:
    """The panel of the tickets that began in since ≤ t < until; load and promises are those of `open_now`.

    `cap` is how many charged tickets a person may have at once, `names` says what agents are called, `carried` how many
    each has by the desk's own word; without it, what stood on the tickets when Attune last saw them counts.
    """
    those = sorted((one for one in courses if since <= one.asked_at < until), key=lambda one: one.ticket_id)
    unsolved = [one for one in open_now if not one.solved]
    held = [one for one in those if one.held and not one.our_replies]
    return Panel(
        since=since,
        until=until,
        tickets=len(those),
        groups=tuple(_figures(group, [one for one in those if one.group is group]) for group in Group),
        held_back=_reasons(held),
        held_back_tickets=len(held),
        accuracy=tuple(_accuracy(label, those) for label in Label),
        standing=tuple(sorted(standing, key=lambda one: one.intent)),
        load=_load(_carried(unsolved) if carried is None else carried, names or {}, cap),
        owed=_owed(unsolved, now),
        days=_days(those, since, until),
        names=dict(names or {}),
    )


def _figures(group: Group, those: Sequence[Course]) -> GroupFigures:
    solved = [one for one in those if one.solved]
    seen_twice = [one for one in those if _has_turned(one)]
    ever_solved = [one for one in those if one.solved or one.reopens]
    answered = [one for one in those if one.our_replies]
    return GroupFigures(
        group=group,
        tickets=len(those),
        solved=len(solved),
        first_reply=spread(_seconds(one.asked_at, one.first_reply_at) for one in those if one.first_reply_at),
        first_person=spread(_seconds(one.asked_at, one.first_person_at) for one in those if one.first_person_at),
        resolution=spread(_seconds(one.asked_at, one.solved_at) for one in solved if one.solved_at),
        good_ratings=share_of(one.rating == "good" for one in those if one.rating),
        effort=spread((one.customer_messages for one in solved), Unit.MESSAGES),
        turns=_turns(seen_twice),
        better=share_of(_change(one) > 0 for one in seen_twice),
        worse=share_of(_change(one) < 0 for one in seen_twice),
        reopened=share_of(one.reopens > 0 for one in ever_solved),
        reopens=sum(one.reopens for one in those),
        ways_out=share_of(one.way_out for one in answered),
        wanted_person=share_of(one.wanted_person for one in those),
        had_to_repeat=share_of(
            one.asked_again > 0 for one in those if one.agent_messages and one.asked_again is not None
        ),
    )


def _seconds(start: datetime, end: datetime | None) -> float:
    """From one moment to the other; clocks that disagree by a second make no negative time."""
    return max(0.0, (end - start).total_seconds()) if end else 0.0


def _has_turned(one: Course) -> bool:
    """Whether its mood was read at two messages at least."""
    return one.first is not None and one.last is not None and one.first.message_id != one.last.message_id


def _change(one: Course) -> int:
    """By how many of the five words the last mood is better than the first."""
    order = list(Sentiment)
    if one.first is None or one.last is None:
        return 0
    return order.index(one.last.sentiment) - order.index(one.first.sentiment)


def _turns(those: Iterable[Course]) -> tuple[Turn, ...]:
    counted = Counter(
        (_plainer(one.first.sentiment), _plainer(one.last.sentiment)) for one in those if one.first and one.last
    )
    return tuple(Turn(start=start, end=end, n=counted[start, end]) for start in _PLAIN for end in _PLAIN)


def _plainer(sentiment: Sentiment) -> Sentiment:
    return _PLAINER.get(sentiment, sentiment)


def _reasons(held: Iterable[Course]) -> tuple[HeldBack, ...]:
    counted = Counter(reason for one in held for reason in set(one.held))
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(HeldBack(reason=reason, tickets=tickets) for reason, tickets in ordered[:MOST_REASONS])


def _accuracy(label: Label, those: Iterable[Course]) -> Accuracy:
    shown = [one for one in those if _shows(one, label)]
    touched = [one for one in shown if one.touched]
    stood = sum(label not in one.corrected for one in touched)
    return Accuracy(
        label=label,
        stood=share(stood, len(touched)),
        corrected=len(touched) - stood,
        said_so=sum(label in one.judged for one in touched),
        shown=len(shown),
    )


def _shows(one: Course, label: Label) -> bool:
    if label is Label.ANSWER:
        return bool(one.our_replies) or one.drafted
    return one.last is not None


def _carried(unsolved: Iterable[Course]) -> Mapping[int, int]:
    charged = [one for one in unsolved if one.last and one.last.charge is Charge.CHARGED]
    return Counter(one.assignee_id for one in charged if one.assignee_id is not None)


def _load(carried: Mapping[int, int], names: Mapping[int, str], cap: int) -> tuple[Load, ...]:
    """Charged tickets per agent; a named agent without any has 0. By name: this is care, not a league table."""
    called = {agent: names.get(agent, f"agent {agent}") for agent in {*carried, *names}}
    ordered = sorted(called.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    return tuple(Load(agent_id=agent, name=name, charged=carried.get(agent, 0), cap=cap) for agent, name in ordered)


def _owed(unsolved: Iterable[Course], now: datetime) -> tuple[Owed, ...]:
    owed = [
        Owed(
            ticket_id=one.ticket_id,
            promises=one.promises_open,
            due=one.next_due,
            overdue=one.next_due is not None and one.next_due < now,
            assignee_id=one.assignee_id,
        )
        for one in unsolved
        if one.promises_open
    ]
    return tuple(sorted(owed, key=lambda one: (one.due is None, one.due or now, one.ticket_id)))


def _days(those: Iterable[Course], since: datetime, until: datetime) -> tuple[Day, ...]:
    counted = Counter((one.asked_at.astimezone(UTC).date(), one.group) for one in those)
    return tuple(
        Day(day=day, tickets={group: counted[day, group] for group in Group}) for day in _calendar(since, until)
    )


def _calendar(since: datetime, until: datetime) -> list[date]:
    """Every day (UTC) with a moment in since ≤ t < until."""
    if since >= until:
        return []
    first = since.astimezone(UTC).date()
    last = (until.astimezone(UTC) - timedelta(microseconds=1)).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
