"""Faults that people found when they judged the notes of twenty threads: each is one row or test here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration.model import Charge, Emotion, History, Intent, MacroRef, Sentiment, Signal, Suggestion, Urgency, Who
from integration.policy import note, quoting
from integration.policy.briefing import brief
from tests.strategies import BEGAN, message, reading, sign, ticket

HURT = {"charge": Charge.CHARGED, "sentiment": Sentiment.VERY_NEGATIVE}
PLAIN = "We sat at the table and it was dark outside by then. " * 4


def offered(*keys: str) -> tuple[Suggestion, ...]:
    """Macros of these keys, as a reading would suggest them."""
    refs = (MacroRef(key=key, id=place, title=key) for place, key in enumerate(keys, start=1))
    return tuple(Suggestion(macro=ref, because="…") for ref in refs)


@pytest.mark.parametrize(
    ("text", "signal", "quote", "shown"),
    [
        (
            f"Gerald died on the 2nd. {PLAIN}Could you seat me by the window?",
            Signal.BEREAVEMENT,
            "died",
            "Gerald died on the 2nd. … Could you seat me by the window?",
        ),
        (
            f"{PLAIN}I have moved my number. The other company comes Tuesday.",
            Signal.INTENT,
            "moved my number",
            "… I have moved my number. The other company comes Tuesday.",
        ),
        (
            f"{PLAIN}You take £1,306 on Monday and I have £540.",
            Signal.AMOUNT,
            "£1,306",
            "… You take £1,306 on Monday and I have £540.",
        ),
        (
            "I'd rather understand it first since I drove a bus for thirty years and at the end of every day the "
            f"till had to be right. {PLAIN}Which of the letters counts?",
            Signal.INTENT,
            "nowhere in it",
            "Which of the letters counts?",
        ),
        (f"{PLAIN}Se si potesse fare 40 al mese.", Signal.FEELING, "", "Se si potesse fare 40 al mese."),
    ],
)
def test_what_matters_of_a_long_message_is_what_is_quoted(text: str, signal: Signal, quote: str, shown: str) -> None:
    """The death, the question, the leaving, the sum: not how the letter happens to begin."""
    assert quoting.own(text, (sign(signal, quote),)) == (shown, False)


def test_a_later_message_is_not_shown_as_the_beginning() -> None:
    """Where the first message stands among the promises, the second is not how it began."""
    talk = (
        message("I was told the consultant would ring me on Monday."),
        message("He will call you.", id=1001, who=Who.AGENT),
        message("It's Thursday.", id=1002),
        message("He will call you by ten.", id=1003, who=Who.AGENT),
        message("Nobody called.", id=1004),
    )
    said = note.full(ticket(messages=talk), reading(**HURT), History(), (), person=False)
    assert "customer says: “I was told the consultant" in said
    assert "Began with" not in said


def test_thanks_get_no_macro_for_a_danger_that_is_over() -> None:
    """Where the note says to thank them, it names no macro that asks whether they are hurt."""
    over = sign(Signal.SAFETY, "", "Earlier in this conversation: illness", weight=0.5)
    read = reading(
        intent=Intent.THANKS,
        sentiment=Sentiment.POSITIVE,
        charge=Charge.MILD,
        urgency=Urgency.LOW,
        emotions={Emotion.GRATITUDE: 0.8},
        evidence=(over,),
    )
    made = brief(ticket(), read, History(), offered("empathy/safety/health", "empathy/thanks/kind"))
    assert made.opening.startswith("“Thank you for telling us.”")
    assert [one.macro.key for one in made.macros] == ["empathy/thanks/kind"]


@pytest.mark.parametrize(
    ("reason", "answered", "opening", "kept"),
    [
        ("Earlier in this conversation: somebody has died", True, "what went wrong after", ["empathy/mistake/ours"]),
        ("Earlier in this conversation: somebody has died", False, "one line of sorrow", None),
        ("Somebody has died", True, "one line of sorrow", None),
    ],
)
def test_a_death_that_we_were_told_of_is_not_news(
    reason: str, answered: bool, opening: str, kept: list[str] | None
) -> None:
    """Who was hurt by us after telling us is not thanked for telling us; what we did is the matter."""
    keys = ["empathy/bereavement/first", "empathy/bereavement/closing", "empathy/bug/work", "empathy/mistake/ours"]
    talk = [message("Our son Eoin has died."), message("A letter to him came today.", id=1002)]
    if answered:
        talk.insert(1, message("We are sorry. You get no more letters.", id=1001, who=Who.AGENT))
    read = reading(intent=Intent.BEREAVEMENT, evidence=(sign(Signal.BEREAVEMENT, "", reason),), **HURT)
    made = brief(ticket(messages=tuple(talk)), read, History(), offered(*keys))
    assert made.opening.startswith(opening)
    assert [one.macro.key for one in made.macros] == (kept or keys)


@pytest.mark.parametrize(
    ("second", "mood", "said_so"),
    [
        ("Dial 2.", Sentiment.NEGATIVE, True),
        ("dial  2.", Sentiment.NEUTRAL, True),
        ("Dial 3.", Sentiment.NEGATIVE, False),
        ("Dial 2.", Sentiment.POSITIVE, False),
    ],
)
def test_the_same_answer_twice_is_said_first(second: str, mood: Sentiment, said_so: bool) -> None:
    """Whoever got one answer twice hears that we saw it, and gets no third ready-made one."""
    talk = (
        message("cant get voicemail off"),
        message("Dial 2.", id=1001, who=Who.BOT),
        message("still there", id=1002),
        message(second, id=1003, who=Who.BOT),
        message("sorted?? no", id=1004),
    )
    read = reading(intent=Intent.HOW_TO, sentiment=mood, charge=Charge.MILD)
    made = brief(ticket(messages=talk), read, History(), offered("answer/how_to"))
    assert made.opening.startswith("“We sent you the same answer twice") is said_so
    assert bool(made.macros) is not said_so


@pytest.mark.parametrize(("dates", "kept"), [(["Tuesday"], False), (["Tuesday", "Friday"], True)])
def test_late_again_needs_two_dates_that_passed(dates: list[str], kept: bool) -> None:
    """“That is two dates missed by us” is offered only where two were missed."""
    talk = [message("Where is my parcel")]
    for place, date in enumerate(dates):
        talk.append(message(f"It will be with you by {date}.", id=1001 + 2 * place, who=Who.AGENT))
        talk.append(message("Nothing came.", id=1002 + 2 * place, at=BEGAN + timedelta(days=7 * (place + 1))))
    read = reading(intent=Intent.COMPLAINT, **HURT)
    made = brief(ticket(messages=tuple(talk)), read, History(), offered("empathy/delay/again"))
    assert bool(made.macros) is kept
