"""Which phrases are found to mean what, by the table in tests/cases.

It must not test how findings are weighed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from integration.analysis import cues, tables
from integration.analysis.language import detect
from integration.analysis.phrases import words
from integration.model import PROTECTIVE_SIGNALS, Signal

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "phrases.toml").read_text(encoding="utf-8"))


def signals(text: str) -> set[Signal]:
    """Every signal found in `text`."""
    split = words(text)
    return {finding.signal for finding in cues.find(split, detect(text, split).code)}


@pytest.mark.parametrize(("text", "signal"), CASES["found"])
def test_finds(text: str, signal: str) -> None:
    """The phrase is found to say what it says."""
    assert Signal(signal) in signals(text)


@pytest.mark.parametrize(("text", "signal"), CASES["absent"])
def test_does_not_find(text: str, signal: str) -> None:
    """A phrase that only looks like it is left alone."""
    assert Signal(signal) not in signals(text)


def test_every_protective_kind_has_a_reader() -> None:
    """No kind that keeps a bot silent depends on the learned table alone; machine mail has a reader of its own."""
    read = {row.cue.signal for rows in tables.cues().phrases._by_word.values() for _, row in rows}
    assert PROTECTIVE_SIGNALS - {Signal.MACHINE} <= read


def test_a_cue_never_lowers() -> None:
    """No cue has a way to say that something is less urgent or less charged than it is."""
    for rows in tables.cues().phrases._by_word.values():
        assert all(0 < row.cue.weight <= 1 for _, row in rows)


def test_says_a_cue_only_a_few_times() -> None:
    """A wall of one word adds no more than a few findings."""
    assert len(cues.find(words("human " * 500), "en")) <= 10


def test_what_was_said_earlier_protects_without_a_quote() -> None:
    """A death told in an earlier message is a fact of the conversation."""
    (finding,) = cues.earlier([words("my mum died")], "en")
    assert (finding.signal, finding.start, finding.end) == (Signal.BEREAVEMENT, 0, 0)
    assert finding.reason == "Earlier in this conversation: somebody has died"
