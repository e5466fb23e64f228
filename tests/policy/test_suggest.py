"""Which macros are put before an agent: those that fit what was read, and only those the desk has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from integration import content
from integration.model import Charge, Desk, Emotion, Intent, MacroRef, Reading, Signal
from integration.policy import fitting
from tests.policy.macros import MACROS
from tests.strategies import SELF_ID, reading, readings, sign

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
        ({"intent": Intent.COMPLAINT, **CHARGED, "emotions": {Emotion.ANGER: 0.8}}, "empathy/angry/right"),
        ({"intent": Intent.OUTAGE, **CHARGED, "emotions": {Emotion.DISAPPOINTMENT: 0.8}}, "empathy/outage/now"),
        ({"intent": Intent.LEGAL_THREAT, "evidence": (sign(Signal.LEGAL),)}, "empathy/angry/legal"),
        ({"intent": Intent.REFUND_STATUS, **CHARGED, "emotions": {Emotion.ANGER: 0.9}}, "empathy/billing/refund-late"),
        ({"intent": Intent.BUG_REPORT, **CHARGED, "emotions": {Emotion.FRUSTRATION: 0.9}}, "empathy/bug/work"),
        ({"intent": Intent.BUG_REPORT, **CHARGED, "emotions": {Emotion.SADNESS: 0.9}}, "empathy/outage/data"),
        (
            {"intent": Intent.COMPLAINT, **CHARGED, "emotions": {Emotion.CONFUSION: 0.9}},
            "empathy/mistake/misunderstanding",
        ),
        ({"intent": Intent.ACCOUNT_UPDATE, "evidence": (sign(Signal.MINOR),)}, "empathy/family/minor"),
        ({"intent": Intent.VULNERABLE_CUSTOMER, "evidence": (sign(Signal.VULNERABLE),)}, "empathy/hardship/illness"),
        ({"intent": Intent.BUG_REPORT, "evidence": (sign(Signal.VULNERABLE),)}, "empathy/access/barrier"),
        ({"intent": Intent.PASSWORD_RESET, "evidence": (sign(Signal.FRAUD),)}, "empathy/security/hacked"),
        ({"intent": Intent.CANCEL_HOW_TO, "evidence": (sign(Signal.BEREAVEMENT),)}, "empathy/bereavement/closing"),
        ({"intent": Intent.ORDER_STATUS, **CHARGED, "evidence": (sign(Signal.DEADLINE),)}, "empathy/occasion/at-stake"),
        (
            {"intent": Intent.OUTAGE, "evidence": (sign(Signal.VULNERABLE), sign(Signal.DEADLINE))},
            "empathy/need/essential",
        ),
        (
            {
                "intent": Intent.WANTS_HUMAN,
                **CHARGED,
                "evidence": (sign(Signal.WANTS_PERSON), sign(Signal.REPEAT_CONTACT)),
            },
            "empathy/person/bot-failed",
        ),
        ({"intent": Intent.PRAISE, "emotions": {Emotion.GRATITUDE: 0.3}}, "empathy/thanks/praise"),
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


def _desk(*languages: str) -> Desk:
    texts = (*content.answers(), *content.empathy(*languages))
    refs = tuple(MacroRef(key=text.key, id=place, title=text.title) for place, text in enumerate(texts, 1))
    return Desk(self_id=SELF_ID, macros=refs)


ANGRY: dict[str, Any] = {"intent": Intent.COMPLAINT, **CHARGED, "emotions": {Emotion.ANGER: 1.0}}


@pytest.mark.parametrize("language", ["de", "es", "fr", "pt"])
def test_the_readings_language_comes_first_where_it_is_installed(language: str) -> None:
    """The same macros in the same order, in the customer's language; the reason stays in English."""
    both = fitting(reading(**ANGRY, language=language), _desk("en", language))
    plain = fitting(reading(**ANGRY, language=language), _desk("en"))
    assert [s.macro.key for s in both] == [f"{s.macro.key}/{language}" for s in plain]
    assert [s.because for s in both] == [s.because for s in plain]
    assert all("::Empathy::" + content.languages()[language] in s.macro.title for s in both)


@pytest.mark.parametrize("language", ["en", "it", "und", "de"])
def test_without_that_language_it_is_english(language: str) -> None:
    """A language that is not written, not known or not installed leaves the agent with English."""
    found = fitting(reading(**ANGRY, language=language), _desk("en", "fr"))
    assert len(found) == 3
    assert {content.macro(s.macro.key).language for s in found} == {"en"}  # type: ignore[union-attr] # shipped, so never None


def test_one_macro_that_is_missing_in_a_language_is_offered_in_english() -> None:
    """An admin may delete single macros; the others keep the customer's language."""
    whole = _desk("en", "de")
    first = fitting(reading(**ANGRY, language="de"), whole)[0].macro
    poorer = Desk(self_id=SELF_ID, macros=tuple(macro for macro in whole.macros if macro != first))
    keys = [s.macro.key for s in fitting(reading(**ANGRY, language="de"), poorer)]
    assert keys[0] == first.key.removesuffix("/de")
    assert all(key.endswith("/de") for key in keys[1:])


def test_a_promise_is_called_broken_only_where_one_was_named() -> None:
    """What says that we did something wrong before needs a sign of it, not anger alone."""
    needy = {text.key for text in content.empathy() if text.fits.only_with_signal}
    assert "empathy/promise/broken" in needy
    assert not needy & {s.macro.key for s in fitting(reading(**ANGRY), DESK)}


@given(readings)
def test_what_only_a_person_can_know_is_never_suggested(read: Reading) -> None:
    """A macro without intents and signals waits in the menu for somebody who knows the story."""
    by_hand = {text.key for text in content.empathy() if not text.fits.intents and not text.fits.signals}
    assert by_hand
    assert not by_hand & {s.macro.key for s in fitting(read, DESK)}
