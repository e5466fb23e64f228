"""The small language in which the tables say what to look for.

It must not use the product's tables.
"""

from __future__ import annotations

import pytest

from integration.analysis.phrases import Phrases, fold, words

CLASSES = {"number": ["two", "three"], "kin": ["mum", "dad"]}


def found(phrase: str, text: str) -> str:
    """The first part of `text` that the phrase fits, or nothing."""
    split = words(text)
    for _, start, end in Phrases([(phrase, 0)], CLASSES).find(split):
        return text[split[start].start : split[end - 1].end]
    return ""


@pytest.mark.parametrize(
    ("phrase", "text", "part"),
    [
        ("refund", "My REFUND?", "REFUND"),
        ("refund*", "it was refunded", "refunded"),
        ("where|when is", "When is it", "When is"),
        ("dont know", "I don’t know", "don’t know"),
        ("cafe", "the Café", "Café"),
        ("so", "sooooo late", "sooooo"),
        ("call ?me back", "call back", "call back"),
        ("call ?me back", "call me back", "call me back"),
        ("talk _ person", "talk to a real person", "talk to a real person"),
        ("talk _ person", "talk to me. A person came", ""),
        ("talk _ person", "talk to a very nice old person", ""),
        ("talk __ person", "talk to a very nice old person", "talk to a very nice old person"),
        ("@number days", "3 days", "3 days"),
        ("@number days", "three days", "three days"),
        ("my @kin", "my mum", "my mum"),
        ("£ @number", "it cost £38.50", "£38.50"),
        ("refund", "prerefund", ""),
        ("gas smell", "gas\n\nsmell", ""),
    ],
)
def test_finds_what_the_phrase_says(phrase: str, text: str, part: str) -> None:
    """A phrase fits its words, with gaps and classes, within one sentence."""
    assert found(phrase, text) == part


@pytest.mark.parametrize("phrase", ["_ gas", "gas _", "ab*", "|gas"])
def test_refuses_a_careless_row(phrase: str) -> None:
    """A row that would match nearly everything is refused when the tables are loaded."""
    with pytest.raises(ValueError, match=r"word|short"):
        Phrases([(phrase, 0)], CLASSES)


def test_folds_words() -> None:
    """Case, accents, apostrophes and drawn-out letters do not count."""
    assert [fold(w) for w in ("DON'T", "Straße", "É", "helllllp", "𝐡𝐞𝐥𝐩")] == ["dont", "strasse", "e", "help", "help"]


def test_places_point_into_the_text() -> None:
    """Every word stands where it says it stands."""
    text = "Hi — it’s 3.50 € 😡, Zoë!"
    assert [text[w.start : w.end] for w in words(text)] == ["Hi", "it’s", "3.50", "€", "😡", "Zoë", "!"]
