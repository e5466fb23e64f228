"""The words that a judgement rests on, found for a judge whose every word is known.

It must not need the trained encoder.
"""

from __future__ import annotations

from integration.analysis import telling
from integration.analysis.encoder import COLUMNS, GROUPS, Judged, Word
from integration.analysis.telling import Span, without
from integration.model import Charge, Emotion, Intent, Signal

HOT = {"furious": 3.0, "disgrace": 2.0, "late": 0.4}


def judge(text: str) -> Judged:
    """Charged by the sum of its hot words; each word's part is its heat."""
    words, place = [], 0
    heat = 0.0
    for word in text.split(" "):
        of = HOT.get(word.strip(".,!"), 0.0)
        parts = [0.0] * len(COLUMNS)
        parts[COLUMNS.index(("charge", "charged"))] = of
        parts[COLUMNS.index(("intent", "order_status"))] = 1.0 if word == "order" else 0.0
        if word:
            words.append(Word(place, place + len(word), parts))
        place += len(word) + 1
        heat += of
    charged = min(0.98, heat / 4)
    shares = {group: dict.fromkeys(labels, 1 / len(labels)) for group, labels in GROUPS.items()}
    shares["charge"] = {"calm": 1 - charged, "mild": 0.0, "charged": charged}
    return Judged(shares=shares, words=tuple(words))


def quotes(text: str) -> list[str]:
    found = telling.for_charge(text, judge(text), Charge.CHARGED, Emotion.ANGER, judge)
    assert all(f.signal is Signal.FEELING and "anger" in f.reason for f in found)
    return [text[f.start : f.end] for f in found]


def test_quotes_the_words_without_which_the_feeling_falls() -> None:
    """The hot words and no more of the letter."""
    assert quotes("Hello there. I am furious about my order. Kind regards") == ["furious"]
    assert quotes("It is a disgrace. The order was late. I am furious!") == ["disgrace", "late", "furious"]


def test_takes_out_more_until_the_feeling_is_gone() -> None:
    """Where the hottest quarter is not enough, what is left is read again and more is quoted."""
    hot = "I am furious about my new kettle here"
    text = "\n".join([hot] * 8)
    assert len(quotes(text)) == 8
    assert (
        judge(without(text, [Span(s, s + 7) for s in range(len(text)) if text.startswith("furious", s)])).shares[
            "charge"
        ]["charged"]
        == 0.0
    )


def test_what_is_quoted_beside_need_not_be_quoted_again() -> None:
    """A cue's own phrase is out of the text already when the rest is read."""
    text = "It is a disgrace you know all that. The order was late."
    disgrace = Span(8, 16)
    asked: list[str] = []

    def again(rest: str) -> Judged:
        asked.append(rest)
        return judge(rest)

    telling.for_charge(text, judge(text), Charge.CHARGED, None, again, [disgrace])
    assert asked
    assert not any("disgrace" in rest for rest in asked)


def test_words_that_tell_an_agent_nothing_are_not_quoted() -> None:
    """Neighbours are one quote, an emoji may stand alone, a lone little word may not."""
    text = "I\nsaid nothing at today.\n🎉"
    heat = {Span(0, 1): 1.0, Span(7, 14): 2.0, Span(18, 23): 1.0, Span(25, 26): 1.0}
    runs = telling._joined(text, heat)
    assert [text[span.start : span.end] for span in runs] == ["nothing at today", "🎉"]


def test_a_calm_message_is_not_quoted() -> None:
    """Where there is no feeling there are no words of it."""
    text = "Where is my order?"
    assert telling.for_charge(text, judge(text), Charge.CALM, None, judge) == []


def test_quotes_the_words_of_the_request() -> None:
    """One short run of words."""
    text = "Where is my order please"
    (found,) = telling.for_intent(text, judge(text), Intent.ORDER_STATUS)
    assert (text[found.start : found.end], found.signal) == ("order", Signal.INTENT)


def test_takes_spans_out() -> None:
    """In any order, also where they overlap."""
    text = "one two three four"
    assert without(text, [Span(8, 13), Span(0, 3)]).split() == ["two", "four"]
    assert without(text, [Span(4, 13), Span(8, 18)]).split() == ["one"]
