"""What follows from a person's corrections: they may only raise protection, and a bot that was put right stays silent.

It must not know where a correction was made or is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from integration import content
from integration.model import (
    Charge,
    Correction,
    Field,
    Intent,
    Label,
    Plan,
    Reading,
    Sentiment,
    SetFields,
    Source,
    Status,
    Ticket,
    Urgency,
    Verdict,
)
from integration.policy import marks

SILENT = "a person corrected how this ticket was read"
# A person who says so says that people have to answer, on this ticket, from now on.
_FOR_PEOPLE: Mapping[Label, frozenset[str]] = {
    Label.SENTIMENT: frozenset({Sentiment.VERY_NEGATIVE}),
    Label.CHARGE: frozenset({Charge.CHARGED}),
    Label.URGENCY: frozenset({Urgency.HIGH, Urgency.CRITICAL}),
    Label.INTENT: frozenset(
        {
            Intent.FRAUD_OR_SECURITY,
            Intent.SAFETY_OR_HEALTH,
            Intent.BEREAVEMENT,
            Intent.VULNERABLE_CUSTOMER,
            Intent.LEGAL_THREAT,
            Intent.CHURN_THREAT,
            Intent.COMPLAINT,
            Intent.DAMAGED_OR_WRONG_ITEM,
            Intent.DOUBLE_CHARGE,
            Intent.OUTAGE,
            Intent.BUG_REPORT,
            Intent.WANTS_HUMAN,
        }
    ),
    Label.ANSWER: frozenset({Verdict.SHOULD_NOT}),
}
# From what asks least of us to what asks most.
_RISING: Mapping[Label, Sequence[StrEnum]] = {
    Label.SENTIMENT: list(reversed(Sentiment)),
    Label.CHARGE: list(Charge),
    Label.URGENCY: list(Urgency),
}
# Where a correction was made, as people say it.
WHERE: Mapping[Source, str] = {Source.FIELD: "in the ticket's field", Source.SIDEBAR: "in the app"}
FIELDS: Mapping[Label, Field] = {
    Label.SENTIMENT: Field.SENTIMENT,
    Label.CHARGE: Field.CHARGE,
    Label.URGENCY: Field.URGENCY,
}


def for_people(corrections: Iterable[Correction]) -> bool:
    """Whether people have said that this ticket is theirs; taking the word back does not hand it to a bot again."""
    return any(one.is_now in _FOR_PEOPLE[one.label] for one in corrections)


def lifted(reading: Reading, corrections: Iterable[Correction]) -> Reading:
    """The reading, no label of it below a person's last word on this ticket; nothing is ever lowered."""
    last = newest(corrections)
    return replace(
        reading,
        sentiment=Sentiment(_graver(Label.SENTIMENT, reading.sentiment, last)),
        charge=Charge(_graver(Label.CHARGE, reading.charge, last)),
        urgency=Urgency(_graver(Label.URGENCY, reading.urgency, last)),
    )


def shown(reading: Reading, corrections: Iterable[Correction]) -> Reading:
    """The reading of one message with a person's last word on each of its labels in place, whichever way it goes."""
    last = {label: one.is_now for label, one in newest(corrections).items() if one.is_now}
    return replace(
        reading,
        sentiment=Sentiment(last.get(Label.SENTIMENT, reading.sentiment)),
        charge=Charge(last.get(Label.CHARGE, reading.charge)),
        urgency=Urgency(last.get(Label.URGENCY, reading.urgency)),
        intent=Intent(last.get(Label.INTENT, reading.intent)),
    )


def newest(corrections: Iterable[Correction]) -> dict[Label, Correction]:
    """The last word on each label; they come oldest first. Words that are none of ours are passed over."""
    return {one.label: one for one in corrections if one.is_now in CHOICES[one.label] or not one.is_now}


# What may be said of each label.
CHOICES: Mapping[Label, tuple[str, ...]] = {
    Label.SENTIMENT: tuple(Sentiment),
    Label.CHARGE: tuple(Charge),
    Label.URGENCY: tuple(Urgency),
    Label.INTENT: tuple(Intent),
    Label.ANSWER: tuple(Verdict),
}


def carried_out(
    pressed: Iterable[Correction],
    ticket: Ticket,
    skip_tag: str,
    *,
    said: Iterable[Correction],
    about: int | None,
    stands: Mapping[str, str],
) -> Plan:
    """What one press changes on the ticket: the field, where it holds something else.

    `said` is all that people said of the ticket, `about` the message whose reading the fields show, `stands` what is
    known to stand in them. A press that came too late changes nothing: the last word on a label is what counts.
    """
    pressed = tuple(pressed)
    last = newest(one for one in said if one.message_id == about)
    wanted = [one for one in pressed if _has_field(one) and ticket.fields.get(FIELDS[one.label]) != _option(one)]
    timely = [one for one in wanted if last.get(one.label) == one and not _by_hand(one, ticket, stands)]
    because = "corrected by a person in the app: " + ", ".join(
        in_words(one.label, one.was, one.is_now) for one in pressed
    )
    if len(timely) < len(wanted):
        because += "; the field is left, since something later stands there"
    missing = {FIELDS[one.label]: _option(one) for one in timely}
    fixed = ticket.status in (Status.CLOSED, Status.DELETED) or skip_tag in ticket.tags
    actions = (SetFields(values=missing, because=because),) if missing and not fixed else ()
    return Plan(actions=actions, because=because, silence=(because,))


def in_words(label: Label | Field, was: str, is_now: str) -> str:
    """A correction as agents and admins read it, whether its words are ours or the options of a field."""
    before, after = (plain(label, word) or "nothing" for word in (was, is_now))
    return f"{label}: {before} → {after}"


def plain(label: Label | Field, word: str) -> str:
    """A label's own word, where the option of its field may be given."""
    return word.removeprefix(f"attune_{label}_")


def says(label: Label, was: str, is_now: str) -> str:
    """What an agent is told of a correction of theirs: that it is stored, and what follows from it."""
    phrases = content.phrases()["corrected"]
    if was == is_now:
        return str(phrases["same"])
    stays = is_now in _FOR_PEOPLE[label]
    if label is Label.ANSWER:
        return str(phrases["should_not" if stays else "fine_after" if was else "was_fine"])
    if label is Label.INTENT:
        return str(phrases["people" if stays else "intent"])
    rising = [str(word) for word in _RISING[label]]
    risen = is_now in rising and (was not in rising or rising.index(is_now) > rising.index(was))
    said = "people_field" if stays else "up" if risen else "down"
    return str(phrases[said].format(value=is_now.replace("_", " ")))


def _has_field(one: Correction) -> bool:
    return one.label in FIELDS and one.is_now in CHOICES[one.label]


def _option(one: Correction) -> str:
    return marks.option(FIELDS[one.label], one.is_now)


def _by_hand(one: Correction, ticket: Ticket, stands: Mapping[str, str]) -> bool:
    """Whether somebody changed the field by hand, to no less than the press says, and we have yet to hear of it."""
    field, rising = FIELDS[one.label], [str(word) for word in _RISING[one.label]]
    found = ticket.fields.get(field) or ""
    word = plain(field, found)
    unheard = found != stands.get(field, "")
    return unheard and word in rising and rising.index(word) > rising.index(one.is_now)


def _graver(label: Label, read: StrEnum, last: Mapping[Label, Correction]) -> str:
    word, rising = last[label].is_now if label in last else "", _RISING[label]
    return max(read, _RISING[label][[str(w) for w in rising].index(word)], key=rising.index) if word else read
