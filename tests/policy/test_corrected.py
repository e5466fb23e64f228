"""What follows from a person's corrections: protection only rises, and a bot that was put right stays silent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from integration.model import (
    Charge,
    Correction,
    Field,
    History,
    Label,
    Reading,
    Rules,
    Rung,
    Sentiment,
    SetFields,
    Status,
    Urgency,
)
from integration.policy import Case, corrected, silence
from integration.policy.silence import draftable
from tests import strategies as make
from tests.policy.macros import MACROS
from tests.strategies import BEGAN, reading, ticket

SKIP = Rules().skip_tag


def said(label: str, is_now: str, was: str = "", **more: Any) -> Correction:
    """One correction."""
    plain = {"delivery_id": "d", "ticket_id": 42, "message_id": 1000, "at": BEGAN}
    return Correction(**{**plain, "label": Label(label), "was": was, "is_now": is_now, **more})


@pytest.mark.parametrize(
    ("label", "value", "people"),
    [
        ("charge", "charged", True),
        ("charge", "mild", False),
        ("charge", "calm", False),
        ("urgency", "high", True),
        ("urgency", "critical", True),
        ("urgency", "normal", False),
        ("sentiment", "very_negative", True),
        ("sentiment", "negative", False),
        ("intent", "bereavement", True),
        ("intent", "complaint", True),
        ("intent", "double_charge", True),
        ("intent", "damaged_or_wrong_item", True),
        ("intent", "order_status", False),
        ("intent", "praise", False),
        ("answer", "should_not", True),
        ("answer", "was_fine", False),
        ("charge", "", False),
        ("charge", "attune_charge_charged", False),
    ],
)
def test_which_words_hand_a_ticket_to_people(label: str, value: str, people: bool) -> None:
    """A person who says that it is charged, urgent, grave or wrongly answered means that people answer from now on."""
    assert corrected.for_people([said(label, value)]) is people
    history = History(corrections=(said(label, value),))
    case = Case(**make.answered(MACROS, history=history))
    assert (corrected.SILENT in silence(case)) is people


def test_taking_a_word_back_brings_no_bot_back() -> None:
    """Charged, then calm: the last word is shown and lifts nothing, and still no machine speaks here."""
    both = (said("charge", "charged"), said("charge", "calm", "charged"))
    assert corrected.for_people(both)
    assert corrected.lifted(reading(), both).charge is Charge.CALM
    assert corrected.shown(reading(charge=Charge.MILD), both).charge is Charge.CALM


@settings(deadline=None)  # a loaded machine is no fault
@given(make.readings, make.corrections)
def test_nothing_is_ever_lowered(read: Reading, people: tuple[Correction, ...]) -> None:
    """Whatever people said, the reading that decides is at least as grave as the one that was read."""
    now = corrected.lifted(read, people)
    assert list(Charge).index(now.charge) >= list(Charge).index(read.charge)
    assert list(Urgency).index(now.urgency) >= list(Urgency).index(read.urgency)
    assert list(Sentiment).index(now.sentiment) <= list(Sentiment).index(read.sentiment)
    assert (now.intent, now.evidence, now.confidence) == (read.intent, read.evidence, read.confidence)


@settings(deadline=None)  # a loaded machine is no fault
@given(make.readings, make.corrections)
def test_the_last_word_is_shown(read: Reading, people: tuple[Correction, ...]) -> None:
    """What an agent said last of each label stands there, whichever way it goes."""
    now, last = corrected.shown(read, people), corrected.newest(people)
    for label in (Label.SENTIMENT, Label.CHARGE, Label.URGENCY, Label.INTENT):
        word = last[label].is_now if label in last else ""
        assert str(getattr(now, label)) == (word or str(getattr(read, label)))


@pytest.mark.parametrize(
    ("corrections", "changes", "values"),
    [
        ([said("charge", "charged")], {}, {Field.CHARGE: "attune_charge_charged"}),
        ([said("charge", "charged")], {"fields": {Field.CHARGE: "attune_charge_charged"}}, None),
        ([said("intent", "refund_status")], {}, None),
        ([said("answer", "should_not")], {}, None),
        ([said("urgency", "high")], {"status": Status.CLOSED}, None),
        ([said("urgency", "high")], {"status": Status.SOLVED}, {Field.URGENCY: "attune_urgency_high"}),
        ([said("urgency", "high")], {"tags": frozenset({SKIP})}, None),
        ([said("charge", "attune_nonsense")], {}, None),
    ],
)
def test_what_goes_into_the_field(
    corrections: list[Correction], changes: dict[str, Any], values: dict[Field, str] | None
) -> None:
    """Only what has a field, holds something else there, and may still be changed is written."""
    plan = corrected.carried_out(corrections, ticket(**changes), SKIP, said=corrections, about=1000, stands={})
    assert [one.values for one in plan.actions if isinstance(one, SetFields)] == ([values] if values else [])
    assert plan.silence
    assert "corrected by a person in the app" in plan.because


CALM, MILD, CHARGED = (f"attune_charge_{word}" for word in ("calm", "mild", "charged"))


@pytest.mark.parametrize(
    ("later", "about", "stood", "found", "written"),
    [
        ((), 1000, CALM, CALM, True),
        ((said("charge", "charged", delivery_id="e"),), 1000, CALM, CALM, False),  # somebody said something since
        ((said("charge", "charged", delivery_id="e", message_id=9),), 1000, CALM, CALM, True),  # of another message
        ((said("urgency", "high", delivery_id="e"),), 1000, CALM, CALM, True),
        ((), 1001, CALM, CALM, False),  # a newer message was read meanwhile, and its labels stand there
        ((), 1000, CALM, CHARGED, False),  # changed by hand, to more: nobody has told us of it yet
        ((), 1000, CHARGED, CHARGED, True),  # a person may say that it is less
        ((), 1000, CALM, "", True),
    ],
)
def test_a_press_that_came_too_late_is_left(
    later: tuple[Correction, ...], about: int, stood: str, found: str, written: bool
) -> None:
    """The field shows the newest reading and the last word on it, whatever order the events come in."""
    one = said("charge", "mild", was="calm")
    there = ticket(fields={Field.CHARGE: found or None})
    plan = corrected.carried_out([one], there, SKIP, said=(one, *later), about=about, stands={Field.CHARGE: stood})
    assert [one.values for one in plan.actions if isinstance(one, SetFields)] == [{Field.CHARGE: MILD}] * written
    assert ("something later stands there" in plan.because) is not written


@pytest.mark.parametrize(
    ("label", "was", "is_now", "words"),
    [
        ("charge", "calm", "charged", "No automatic reply"),
        ("charge", "calm", "mild", "not be read as less than mild"),
        ("charge", "charged", "calm", "takes no protection away"),
        ("sentiment", "neutral", "negative", "not be read as less than negative"),
        ("sentiment", "negative", "positive", "takes no protection away"),
        ("urgency", "normal", "critical", "No automatic reply"),
        ("intent", "order_status", "refund_status", "accuracy"),
        ("intent", "order_status", "bereavement", "No automatic reply"),
        ("answer", "", "should_not", "counts against"),
        ("answer", "", "was_fine", "was fine"),
        ("answer", "should_not", "was_fine", "after all"),
        ("urgency", "high", "high", "nothing changes"),
    ],
)
def test_what_the_agent_is_told(label: str, was: str, is_now: str, words: str) -> None:
    """One sentence says that it is stored, and what follows from it."""
    assert words in corrected.says(Label(label), was, is_now)


def test_a_draft_is_kept_away_too() -> None:
    """Where people said that it is theirs, not even a draft is thinkable."""
    history = History(corrections=(said("urgency", "high"),))
    case = Case(**make.answered(MACROS, history=history, rules=Rules(default_rung=Rung.DRAFT, rungs={})))
    assert not draftable(case)
