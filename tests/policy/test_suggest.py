"""Which macros are put before an agent: those that fit what was read, and only those the desk has."""

from __future__ import annotations

from typing import Any

import pytest

from integration.model import Charge, Desk, Emotion, Intent, Signal
from integration.policy import fitting
from tests.policy.macros import MACROS
from tests.strategies import SELF_ID, reading, sign

DESK = Desk(self_id=SELF_ID, macros=MACROS)
CHARGED: dict[str, Any] = {"charge": Charge.CHARGED}


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, "answer/order_status"),
        ({"intent": Intent.DAMAGED_OR_WRONG_ITEM}, "empathy/damaged/item"),
        ({"intent": Intent.DOUBLE_CHARGE, **CHARGED}, "empathy/billing/double"),
        ({"intent": Intent.OUTAGE, **CHARGED, "emotions": {Emotion.ANXIETY: 0.8}}, "empathy/outage/now"),
        ({"intent": Intent.BEREAVEMENT, "evidence": (sign(Signal.BEREAVEMENT, "…"),)}, "empathy/bereavement/first"),
        ({"intent": Intent.WANTS_HUMAN}, "empathy/person/taken"),
        ({"intent": Intent.FRAUD_OR_SECURITY}, "empathy/security/fraud"),
        ({"intent": Intent.SAFETY_OR_HEALTH, **CHARGED}, "empathy/safety/health"),
        ({"intent": Intent.PRAISE, "emotions": {Emotion.JOY: 0.9}}, "empathy/thanks/warm"),
        (
            {"intent": Intent.ORDER_STATUS, "charge": Charge.MILD, "emotions": {Emotion.DISAPPOINTMENT: 0.8}},
            "empathy/delay/first",
        ),
        (
            {"intent": Intent.COMPLAINT, **CHARGED, "evidence": (sign(Signal.BROKEN_PROMISE, "…"),)},
            "empathy/promise/broken",
        ),
        (
            {"intent": Intent.BILLING_QUESTION, **CHARGED, "evidence": (sign(Signal.MONEY_WORRY, "…"),)},
            "empathy/hardship/money",
        ),
        (
            {
                "intent": Intent.COMPLAINT,
                **CHARGED,
                "emotions": {Emotion.ANGER: 1},
                "evidence": (sign(Signal.SARCASM),),
            },
            "empathy/angry/right",
        ),
    ],
)
def test_the_macro_that_fits_best_comes_first(changes: dict[str, Any], first: str) -> None:
    """What was read decides, the narrower macro before the wider one."""
    assert fitting(reading(**changes), DESK)[0].macro.key == first


def test_a_charged_ticket_is_offered_no_routine_answer() -> None:
    """A canned answer would make it worse, in an agent's hand too."""
    found = fitting(reading(charge=Charge.CHARGED, emotions={Emotion.ANGER: 0.9}), DESK)
    assert found
    assert not [s for s in found if s.macro.key.startswith("answer/")]


def test_a_calm_routine_question_is_offered_no_sympathy() -> None:
    """Nobody who asks for opening hours is told that we are sorry."""
    assert [s.macro.key for s in fitting(reading(intent=Intent.OPENING_HOURS), DESK)] == ["answer/opening_hours"]


def test_only_macros_of_the_desk_are_offered() -> None:
    """What an admin removed is not suggested."""
    assert fitting(reading(), Desk(self_id=SELF_ID)) == ()


def test_at_most_three_and_each_says_why() -> None:
    """A list to be read at one glance."""
    wide = reading(intent=Intent.COMPLAINT, charge=Charge.CHARGED, emotions={Emotion.ANGER: 1.0})
    found = fitting(wide, DESK)
    assert len(found) == 3
    assert all(suggestion.because for suggestion in found)
