"""What an agent sees at one glance: states, marks in the masked text, the trend, the first line, our answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.model import (
    Charge,
    Correction,
    Emotion,
    Evidence,
    Field,
    History,
    Intent,
    Kept,
    Label,
    Message,
    Promise,
    Reading,
    Rules,
    Sentiment,
    Signal,
    Source,
    Status,
    StoredReading,
    Urgency,
    Who,
)
from integration.policy import marks
from integration.policy.briefing import brief
from integration.policy.cue import cue
from integration.policy.glance import (
    Seen,
    answered,
    empty,
    nothing,
    ours,
    trend,
    verdict,
    waits_for_person,
    whole,
    worded,
)
from integration.policy.masking import covered, masked_lines
from tests import strategies as make
from tests.strategies import BEGAN, message, reading, sign, ticket


def read(message_id: int = 1000, hours: int = 0, **more: Any) -> StoredReading:
    """A kept reading; what is no part of it goes into the reading."""
    own = {
        name: more.pop(name) for name in ("replied", "drafted", "comment_id", "silence", "characters") if name in more
    }
    kept = reading(**{"text": "", **more})
    return StoredReading(
        delivery_id=f"d{message_id}", message_id=message_id, at=BEGAN + timedelta(hours=hours), reading=kept, **own
    )


def seen(*reads: StoredReading, text: str = "Where is my order 40031?", corrections: Any = (), **changes: Any) -> Seen:
    """A ticket as it is looked at."""
    return Seen(ticket=ticket(**changes), text=text, reads=reads, corrections=tuple(corrections), rules=Rules())


def told(look: Seen, history: History | None = None) -> dict[str, Any]:
    """The whole glance."""
    assert look.read is not None
    kept = worded(look.read.reading, look.text)
    briefing = brief(look.ticket, kept, history or History())
    return whole(look, look.read, briefing, cue="First.", asked_again=0)


def said(label: str, is_now: str, message_id: int = 1000) -> Correction:
    """What a person said in the sidebar."""
    return Correction(
        delivery_id="sidebar-1",
        ticket_id=42,
        message_id=message_id,
        label=Label(label),
        was="",
        is_now=is_now,
        at=BEGAN,
        source=Source.SIDEBAR,
    )


AGENT = message("I look into it.", id=1001, who=Who.AGENT, author_id=12)
NOTE = replace(AGENT, public=False)


@pytest.mark.parametrize(
    ("look", "state", "why"),
    [
        (seen(read()), "read", ""),
        (seen(), "waiting", ""),
        (seen(read(message_id=999)), "waiting", ""),
        (seen(messages=()), "nothing", "has not written in public"),
        (seen(read(), tags=frozenset({"attune_skip"})), "nothing", "the tag attune_skip"),
        (seen(status=Status.CLOSED), "nothing", "it is over"),
        (seen(status=Status.SOLVED), "nothing", "it is over"),
        (seen(read(), status=Status.CLOSED), "read", ""),
        (seen(messages=(message(), AGENT)), "nothing", "A person has answered"),
        (seen(messages=(message(), NOTE)), "waiting", ""),
        (seen(fields={Field.MARKER: "1000"}), "nothing", "A person has answered"),
    ],
)
def test_states(look: Seen, state: str, why: str) -> None:
    """It says whether it was read, waits, or has nothing to say, and then why."""
    assert why in nothing(look)
    assert bool(nothing(look)) is bool(why)
    shown = told(look) if state == "read" else empty(look)
    assert shown["state"] == state
    assert (shown["reading"] is None) is (state != "read")


def test_every_state_has_the_same_parts() -> None:
    """The app finds every key in every state."""
    assert told(seen(read())).keys() == empty(seen()).keys()


# --- marks -----------------------------------------------------------------------------------------------------------


def at(start: int, end: int, weight: float = 0.5, signal: Signal = Signal.FEELING) -> Evidence:
    """Kept evidence: a place and no words."""
    return Evidence(signal=signal, quote="", start=start, end=end, weight=weight, reason=f"reason {start}")


def test_marks_stand_where_the_words_stand() -> None:
    """Around a hidden card number and password the marks still hold the words that counted."""
    text = "My card 4111 1111 1111 1111 was charged twice,\n\n  I am furious. My password is: hunter22 thanks"
    furious, twice = text.index("furious"), text.index("twice")
    look = seen(read(evidence=(at(furious, furious + 7), at(twice, twice + 5))), text=text, subject="")
    shown = told(look)["said"]
    assert [shown["text"][one["start"] : one["end"]] for one in shown["marks"]] == ["twice", "furious"]
    assert "4111 1111 1111" not in shown["text"]
    assert "hunter22" not in shown["text"]


def test_marks_never_overlap_and_the_heavier_wins() -> None:
    """Of two reasons for the same words the weightier one is marked."""
    look = seen(read(evidence=(at(0, 10, 0.3), at(5, 15, 0.9), at(15, 20, 0.1))))
    marks = told(look)["said"]["marks"]
    assert [(one["start"], one["end"], one["weight"]) for one in marks] == [(5, 15, 0.9), (15, 20, 0.1)]


def test_the_subject_is_shown_only_where_it_counted() -> None:
    """The agent sees the subject above the conversation; here it stands only where a reason points into it."""
    text = "My order\n\nWhere is it?"
    without = told(seen(read(evidence=(at(10, 15),)), text=text))["said"]
    assert without["text"] == "Where is it?"
    assert without["text"][without["marks"][0]["start"] : without["marks"][0]["end"]] == "Where"
    beside = told(seen(read(evidence=(at(3, 8), at(10, 15))), text=text))["said"]
    assert beside["text"] == "My order\nWhere is it?"
    assert [beside["text"][one["start"] : one["end"]] for one in beside["marks"]] == ["order", "Where"]


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (5, 5), (5, 2), (0, 999), (998, 999)])
def test_places_that_cannot_be(start: int, end: int) -> None:
    """Offsets that do not fit the text mark nothing."""
    assert told(seen(read(evidence=(at(start, end),))))["said"]["marks"] == []


def test_a_text_that_was_changed_is_not_marked() -> None:
    """Where the text is not as long as the one that was read, no phrase is claimed; the reasons stay."""
    look = seen(read(evidence=(at(0, 5),), characters=7))
    shown = told(look)
    assert shown["said"]["marks"] == []
    assert shown["because"] == ["reason 0"]


@settings(deadline=None)  # a loaded machine is no fault
@given(make.texts, st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=5))
def test_marks_fit_any_text(text: str, places: list[tuple[int, int]]) -> None:
    """Whatever was written and hidden: in order, inside the text, never overlapping, never empty."""
    look = seen(read(evidence=tuple(at(*place) for place in places)), text=text, subject="")
    shown = told(look)["said"]
    edges = [edge for one in shown["marks"] for edge in (one["start"], one["end"])]
    assert edges == sorted(edges)
    assert all(one["start"] < one["end"] <= len(shown["text"]) for one in shown["marks"])


@settings(deadline=None)  # a loaded machine is no fault
@given(make.texts)
def test_masking_with_a_way_back_is_the_same_masking(text: str) -> None:
    """What is shown is hidden exactly as in a note, and what is not hidden is found at its place."""
    safe = covered(text)
    assert safe.text == masked_lines(text)
    assert len(safe.origins) == len(safe.text)
    assert list(safe.origins) == sorted(safe.origins)


# --- labels, trend, our answer ---------------------------------------------------------------------------------------


def test_labels_with_doubt_and_with_a_persons_word() -> None:
    """A label under the floor is not sure; one that a person said is, and names what was read."""
    confidence = {"sentiment": 0.9, "charge": 0.64, "urgency": 0.65, "intent": 0.2}
    emotions = {Emotion.SADNESS: 0.2, Emotion.ANGER: 0.8}
    look = seen(read(confidence=confidence, emotions=emotions), corrections=[said("charge", "charged")])
    shown = told(look)["reading"]
    assert shown["sentiment"] == {"value": "neutral", "confidence": 0.9, "sure": True, "corrected_from": None}
    assert shown["charge"]["value"] == "charged"
    assert (shown["charge"]["corrected_from"], shown["charge"]["sure"]) == ("calm", True)
    assert shown["charge"]["score"] == 0.1
    assert (shown["urgency"]["sure"], shown["intent"]["sure"]) == (True, False)
    assert [one["name"] for one in shown["emotions"]] == ["anger", "sadness"]
    assert told(look)["because"][0] == "A person said: charge is charged, not calm."


@pytest.mark.parametrize(
    ("moods", "direction"),
    [
        ([], "unknown"),
        ([("calm", 0.0)], "unknown"),
        ([("calm", 0.0), ("mild", 0.4)], "heating"),
        ([("calm", 0.0), ("calm", -0.2)], "heating"),
        ([("calm", 0.0), ("calm", -0.19)], "steady"),
        ([("charged", -0.5), ("calm", -0.9)], "cooling"),
        ([("calm", 0.0), ("calm", 0.5)], "cooling"),
        ([("charged", 0.0), ("calm", 0.0), ("mild", 0.0)], "heating"),
    ],
)
def test_trend(moods: list[tuple[str, float]], direction: str) -> None:
    """The newest message against the one before; how charged it is goes before how it sounds."""
    reads = [
        read(1000 + place, place, charge=Charge(charge), polarity=polarity)
        for place, (charge, polarity) in enumerate(moods)
    ]
    found = trend(seen(*reads))
    assert found["direction"] == direction
    assert [one["charge"] for one in found["points"]] == [charge for charge, _ in moods]


def test_the_trend_shows_what_people_said() -> None:
    """A corrected message counts as a person said it is, at the time at which it was written."""
    point = trend(seen(read(hours=3), corrections=[said("charge", "charged")]))["points"][0]
    assert (point["charge"], point["at"]) == ("charged", BEGAN.isoformat())


def test_our_answer_and_what_was_said_of_it() -> None:
    """The newest answer is shown with its text, its verdict, and why the newest message got none."""
    reply = Message(id=1001, who=Who.BOT, text="See 4111 1111 1111 1111", at=BEGAN, public=True, ours=True)
    second = message("And?", id=1002)
    look = seen(
        read(replied=True, comment_id=1001),
        read(1002, 1, silence=("already answered",)),
        messages=(message(), reply, second),
        corrections=[said("answer", "should_not"), said("answer", "was_fine", 1002)],
    )
    shown = ours(look)
    assert (shown["kind"], shown["intent"], shown["why_not"]) == ("sent", "order_status", ["already answered"])
    assert shown["text"] == "See ••••1111"
    assert verdict(look) == "should_not"
    found = answered(look)
    assert found is not None
    assert found.message_id == 1000
    assert ours(seen(read(drafted=True)))["kind"] == "drafted"
    assert ours(seen(read(silence=("charged",)))) | {"at": None} == {
        "kind": "none",
        "at": None,
        "text": "",
        "intent": "",
        "why_not": ["charged"],
    }


# --- the first line --------------------------------------------------------------------------------------------------


def lines(count: int, days: float = 0.0) -> tuple[Message, ...]:
    """So many messages of the customer, over so many days."""
    step = timedelta(days=days / max(1, count - 1))
    return tuple(message("Where is it?", id=1000 + place, at=BEGAN + place * step) for place in range(count))


HURRY: dict[str, Any] = {"urgency": Urgency.CRITICAL, "confidence": {"urgency": 0.9}}
DOUBT: dict[str, Any] = {"confidence": {"urgency": 0.5}}
BAD: dict[str, Any] = {"sentiment": Sentiment.NEGATIVE, "charge": Charge.MILD, "emotions": {Emotion.ANGER: 0.6}}


@pytest.mark.parametrize(
    ("changes", "messages", "asks", "begins"),
    [
        ({}, lines(1), False, "Calm"),
        (
            {"evidence": (sign(Signal.SELF_HARM),), "charge": Charge.CHARGED},
            lines(1),
            True,
            "Somebody may be in danger",
        ),
        ({"intent": Intent.BEREAVEMENT}, lines(1), False, "Somebody has died"),
        ({"evidence": (sign(Signal.FRAUD),)}, lines(1), False, "Stop the loss first"),
        ({"intent": Intent.SAFETY_OR_HEALTH}, lines(1), False, "Make sure that everybody is safe"),
        ({"evidence": (sign(Signal.SAFETY),)} | HURRY, lines(1), False, "Make sure that everybody is safe"),
        ({"evidence": (sign(Signal.SAFETY),), "charge": Charge.CHARGED}, lines(1), False, "Make sure that everybody"),
        ({"evidence": (sign(Signal.SAFETY),)}, lines(1), False, "Perhaps somebody's health or safety"),
        ({"intent": Intent.BEREAVEMENT, "evidence": (sign(Signal.SAFETY),)} | HURRY, lines(1), False, "Make sure"),
        (
            {"intent": Intent.BEREAVEMENT, "evidence": (sign(Signal.SAFETY),)} | HURRY | DOUBT,
            lines(1),
            False,
            "Somebody has",
        ),
        ({}, lines(1), True, "They asked for a person"),
        (BAD, lines(3, 6), False, "Third message in 6 days: name the delay first."),
        (BAD | {"intent": Intent.BUG_REPORT}, lines(4), False, "Fourth message within a day: show that you have read"),
        (BAD, lines(2), False, "Anger: one sentence"),
        ({"charge": Charge.CHARGED, "emotions": {Emotion.ANXIETY: 0.9}}, lines(1), False, "Worry: name what happened"),
        ({"charge": Charge.CHARGED}, lines(1), False, "Strong feelings: name"),
        ({"charge": Charge.MILD, "sentiment": Sentiment.NEGATIVE}, lines(1), False, "Not quite calm: one sentence"),
        ({"urgency": Urgency.CRITICAL}, lines(1), False, "Waiting does harm"),
        ({"emotions": {Emotion.CONFUSION: 0.9}}, lines(1), False, "They are not sure"),
        ({"sentiment": Sentiment.VERY_POSITIVE}, lines(5), False, "They are content"),
        ({"readable": False}, lines(1), False, ""),
    ],
)
def test_what_to_do_first(changes: dict[str, Any], messages: tuple[Message, ...], asks: bool, begins: str) -> None:
    """One line, the gravest need first; nothing is said of a message that could not be read."""
    its: Reading = reading(**changes)
    whose = ticket(messages=messages)
    line = cue(whose, its, brief(whose, its, History()), asks_person=asks)
    assert line.startswith(begins)
    assert bool(line) is bool(begins)


def test_a_broken_promise_goes_before_the_count() -> None:
    """What was promised and not kept is named before anything but danger and a wish for a person."""
    broken = Promise(who=Who.AGENT, text="by Friday", message_id=1, at=BEGAN, due=None, kept=Kept.NO, why="")
    whose, its = ticket(messages=lines(4)), reading(**BAD)
    briefing = replace(brief(whose, its, History()), promises=(broken,))
    assert cue(whose, its, briefing, asks_person=False).startswith("A promise was not kept")


def test_a_word_of_health_is_no_safety_question_to_the_customer() -> None:
    """An inhaler that is sent back is named as what it is; the agent is told to look."""
    its = reading(intent=Intent.RETURN_HOW_TO, evidence=(sign(Signal.SAFETY, "inhaler"),))
    assert brief(ticket(messages=lines(1)), its, History()).opening.startswith("“You wrote on")


@pytest.mark.parametrize(
    ("word", "begins", "opening"),
    [
        ((), "Attune has answered this", False),
        ((("answer", "was_fine"),), "Attune has answered this", False),
        ((("answer", "should_not"),), "Calm", True),
        ((("charge", "charged"),), "Calm", True),
    ],
)
def test_what_attune_answered_needs_no_beginning(word: tuple[tuple[str, str], ...], begins: str, opening: bool) -> None:
    """Nobody is told to answer what is answered, until a person finds fault with the answer or with the reading."""
    its = read(replied=True, comment_id=1001)
    look = seen(its, corrections=[said(*one) for one in word])
    briefing = brief(look.ticket, its.reading, History())
    shown = whole(look, its, briefing, cue="Calm: answer the question plainly.", asked_again=0)
    assert shown["cue"].startswith(begins)
    assert bool(shown["opening"]) is opening


def test_who_waits_for_a_person_is_not_answered_yet() -> None:
    """A press on our page leaves the newest message answered by us, and a customer who waits for somebody."""
    its, tags = read(replied=True, comment_id=1001), frozenset({marks.WANTS_PERSON})
    look = seen(its)
    look = replace(look, ticket=replace(look.ticket, tags=tags))
    briefing = brief(look.ticket, its.reading, History())
    assert waits_for_person(look.ticket)
    assert whole(look, its, briefing, cue="They asked", asked_again=0)["cue"] == "They asked"
    person = message("Bea here", id=1002, who=Who.AGENT)
    assert not waits_for_person(replace(look.ticket, messages=(*look.ticket.messages, person)))


@pytest.mark.parametrize(
    ("reason", "promise", "begins"),
    [
        ("Asks for a person", Kept.NO, "They asked for a person"),
        ("Perhaps: asks for a person", Kept.NO, "A promise was not kept"),
        ("Perhaps: asks for a person", Kept.OPEN, "Perhaps they want a person"),
    ],
)
def test_a_guessed_wish_is_said_as_a_guess(reason: str, promise: Kept, begins: str) -> None:
    """“Nobody called me back” may mean a wish for a person; what they certainly wrote goes before it."""
    made = Promise(who=Who.AGENT, text="by Friday", message_id=1, at=BEGAN, due=None, kept=promise, why="")
    whose, its = ticket(messages=lines(1)), reading(evidence=(sign(Signal.WANTS_PERSON, "Nobody called", reason),))
    briefing = replace(brief(whose, its, History()), promises=(made,))
    assert cue(whose, its, briefing, asks_person=True).startswith(begins)
