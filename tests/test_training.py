"""Checks what the reader is trained on: every ticket whole, its labels known, its shares sums, nothing measured on it.

It must not train anything, nor need what training needs.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest

from integration.analysis.encoder import COLUMNS, FREE, GROUPS
from training import examples

HOME = Path(__file__).parent.parent
MEASURED = HOME / "bench" / "tickets"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    """Every ticket as it stands in the corpus."""
    files = sorted((HOME / "training" / "corpus").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def third() -> list[dict[str, object]]:
    """Every label of the third reader."""
    text = (HOME / "training" / "third-labels.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_every_ticket_has_a_third_readers_word(rows: list[dict[str, object]], third: list[dict[str, object]]) -> None:
    """One line of labels for each ticket, and none for tickets that are not there."""
    assert Counter(str(row["id"]) for row in rows) == Counter(str(label["id"]) for label in third)


def test_labels_are_known_ones(rows: list[dict[str, object]], third: list[dict[str, object]]) -> None:
    """A slip of the pen in a label would be a column that nobody learns."""
    for row in [*rows, *third]:
        for group in ("sentiment", "charge", "urgency", "intent"):
            assert row[group] in GROUPS[group], row["id"]
        assert set(row["emotions"]) <= set(GROUPS["emotions"]), row["id"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("other", "expected"),
    [({}, {"low": 1.0}), ({"urgency": "normal"}, {"low": examples.LIKELIER, "normal": 1 - examples.LIKELIER})],
    ids=["one choice", "two choices"],
)
def test_a_second_choice_has_the_smaller_share(other: dict[str, str], expected: dict[str, float]) -> None:
    """Where a reader could not choose, both labels are learned."""
    row = {"sentiment": "neutral", "charge": "calm", "urgency": "low", "intent": "how_to", "emotions": ["joy"]}
    shares = examples.labels({**row, "bot_may_answer": True, "or": other})
    found = {label: share for (group, label), share in zip(COLUMNS, shares, strict=True) if group == "urgency"}
    assert {label: share for label, share in found.items() if share} == pytest.approx(expected)


def test_the_third_readers_word_weighs_most() -> None:
    """Three readers, three urgencies: the shares say whom we believe, and sum to one."""
    row = {
        "id": 1, "subject": "", "body": "When is it open?", "thread": [], "history": {}, "channel": "web",
        "sentiment": "neutral", "charge": "calm", "intent": "opening_hours", "emotions": [], "bot_may_answer": True,
    }  # fmt: skip
    first, second, settled = ({**row, "urgency": urgency} for urgency in ("normal", "high", "low"))
    targets = examples.example(first, second, settled).targets
    shares = {label: share for (group, label), share in zip(COLUMNS, targets, strict=True) if group == "urgency"}
    assert shares["low"] > shares["high"] > shares["normal"] > shares["critical"] == 0


def test_shares_of_a_group_sum_to_one() -> None:
    """Of every ticket, whoever labelled it; some are held out, for calibration."""
    tickets = examples.corpus()
    starts = [0, *itertools.accumulate(len(labels) for labels in GROUPS.values())]
    for ticket in tickets:
        for group, (start, end) in zip(GROUPS, itertools.pairwise(starts), strict=True):
            if group not in FREE:
                assert sum(ticket.targets[start:end]) == pytest.approx(1.0), ticket.id
    assert 0.05 < sum(ticket.held for ticket in tickets) / len(tickets) < 0.2


def test_nothing_is_measured_on_what_was_learned(rows: list[dict[str, object]]) -> None:
    """No ticket of the measuring sets stands in the corpus word for word."""
    learned = {_bare(row) for row in rows}
    for name in ("unseen", "fresh", "languages"):
        for line in (MEASURED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            body = _bare(json.loads(line))
            assert len(body) < _TELLING or body not in learned, name


# Characters from which the same words are no chance ("where is my order").
_TELLING = 30


def _bare(row: dict[str, object]) -> str:
    return " ".join(str(row.get("body", "")).lower().split())
