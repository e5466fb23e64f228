"""Forty thank-yous: which of them may close a ticket again, and what keeps every ticket open in doubt."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration import analysis, policy
from integration.model import (
    AddTags,
    Charge,
    Field,
    History,
    Intent,
    Message,
    Note,
    Reading,
    Reply,
    Requester,
    Rules,
    Rung,
    Sentiment,
    SetFields,
    SetStatus,
    Signal,
    Status,
    Ticket,
    Who,
)
from integration.policy import thanks
from tests.policy.macros import MACROS
from tests.strategies import BEGAN, answered, message, reading, sign, ticket

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "cases" / "thanks.jsonl").read_text(encoding="utf-8").splitlines()
]
SENDING = Rules(default_rung=Rung.SEND, rungs={})


def reopened(text: str, **changes: Any) -> Ticket:
    """A ticket that an agent answered and solved, with the customer's next message."""
    answer = Message(
        id=1001,
        who=Who.AGENT,
        text="Open the lid, pull the blue clip, and the filter comes out.",
        at=BEGAN + timedelta(hours=1),
        public=True,
        author_id=12,
    )
    talk = (message("How do I change the filter?"), answer, message(text, id=1002, at=BEGAN + timedelta(hours=2)))
    given = {"subject": "Filter", "status": Status.OPEN, "assignee_id": 12, "messages": talk}
    return ticket(**{**given, **changes})


def is_pure(text: str) -> bool:
    whole = reopened(text)
    alone = ticket(subject="", messages=(message(text),))
    read = analysis.read(whole, History())
    return thanks.worth_a_look(whole, read, SENDING) and thanks.pure(read, analysis.read(alone, History()), SENDING)


@pytest.mark.parametrize("case", [case for case in CASES if not case["pure"]], ids=lambda case: case["text"][:40])
def test_thanks_with_anything_else_leaves_the_ticket_open(case: dict[str, Any]) -> None:
    """A question, a sting, a doubt, a wish or grief beside the thanks: never closed."""
    assert not is_pure(case["text"])


def test_most_pure_thanks_are_known_as_such() -> None:
    """Of the twenty pure ones among the forty at least fifteen are; the others stay open, which costs one click."""
    pure = [case["text"] for case in CASES if case["pure"]]
    assert (len(CASES), len(pure)) == (40, 20)
    assert sum(map(is_pure, pure)) >= 15


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, Rules()),
        ({}, Rules(default_rung=Rung.SEND, rungs={Intent.THANKS: Rung.SHARE})),
        ({}, Rules(default_rung=Rung.SEND, rungs={}, sending=False)),
        ({"status": Status.PENDING}, SENDING),
        ({"status": Status.NEW}, SENDING),
        ({"status": Status.SOLVED}, SENDING),
        ({"assignee_id": None}, SENDING),
        ({"tags": frozenset({"attune_skip"})}, SENDING),
        ({"tags": frozenset({"attune_protected"})}, SENDING),
        ({"tags": frozenset({"attune_wants_person"})}, SENDING),
        ({"tags": frozenset({"attune_callback"})}, SENDING),
        ({"shared": True}, SENDING),
        ({"from_messaging": True}, SENDING),
        ({"messages": ()}, SENDING),
        ({"requester": Requester(id=7, email="no-reply@shop.example")}, SENDING),
        ({"messages": (message("Thanks!"), message("Looking into it", id=1003, who=Who.AGENT, public=False))}, SENDING),
    ],
)
def test_a_ticket_that_is_anybodys_matter_is_not_looked_at(changes: dict[str, Any], rules: Rules) -> None:
    """Not allowed by the admin, not open, nobody's, protected, or somebody has written since: left as it is."""
    assert thanks.worth_a_look(reopened("Thanks!"), reading(text="Filter\n\nThanks!"), SENDING)
    assert not thanks.worth_a_look(reopened("Thanks!", **changes), reading(text="Filter\n\nThanks!"), rules)


@pytest.mark.parametrize(
    "changes",
    [
        {"charge": Charge.MILD},
        {"sentiment": Sentiment.NEGATIVE},
        {"evidence": (sign(Signal.CHURN, "…"),)},
        {"evidence": (sign(Signal.SARCASM, "…"),)},
        {"intent": Intent.COMPLAINT},
        {"language": "de"},
        {"readable": False},
        {"confidence": {"intent": 0.9, "harmless": 0.5}},
    ],
)
def test_one_doubt_on_either_reading_is_enough(changes: dict[str, Any]) -> None:
    """The message in its thread and the message alone must both be calm, sure and unprotected."""
    alone = reading(intent=Intent.THANKS)
    assert thanks.pure(reading(), alone, SENDING)
    assert not thanks.pure(reading(**changes), alone, SENDING)
    if "confidence" not in changes:
        assert not thanks.pure(reading(), reading(**{"intent": Intent.THANKS, **changes}), SENDING)


def decided(read: Reading, only_thanks: bool) -> Any:
    case = answered(MACROS, ticket=reopened("Thanks!"), reading=read, answer=None)
    return policy.decide(policy.Case(**case, only_thanks=only_thanks))


def test_a_pure_thank_you_is_tagged_and_set_back_without_a_word() -> None:
    """Marks and the status in one plan, no reply and no note; without the ticket's story it is marked only."""
    plan = decided(reading(intent=Intent.THANKS), only_thanks=True)
    assert {type(action) for action in plan.actions} == {SetFields, AddTags, SetStatus}
    assert any("attune_intent_thanks" in a.tags for a in plan.actions if isinstance(a, AddTags))
    assert plan.silence
    plan = decided(reading(intent=Intent.THANKS), only_thanks=False)
    assert not any(isinstance(action, SetStatus | Reply | Note) for action in plan.actions)


def test_who_should_be_looked_at_is_never_solved() -> None:
    """A charged or unsure reading goes its own way, whatever the ticket's story."""
    for read in (
        reading(intent=Intent.THANKS, charge=Charge.CHARGED),
        reading(intent=Intent.THANKS, evidence=(sign(Signal.WANTS_PERSON, "…"),)),
        reading(intent=Intent.THANKS, confidence={"intent": 0.9, "harmless": 0.9, "charge": 0.2, "urgency": 0.9}),
    ):
        assert not any(isinstance(action, SetStatus) for action in decided(read, only_thanks=True).actions)
    assert Field.MARKER in answered(MACROS)["desk"].fields
