"""The packs: what each holds back, which words it hears, and that none of them ever makes a bot speak."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration import analysis, content, policy
from integration.analysis.guard import _must_protect
from integration.model import (
    ROUTINE_INTENTS,
    Charge,
    History,
    Intent,
    Message,
    Reply,
    Requester,
    Rules,
    Rung,
    Status,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import ladder
from integration.policy.suggest import fitting
from integration.store import rows
from tests import strategies as make
from tests.policy.macros import MACROS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def written(*texts: str) -> Ticket:
    """An e-mail ticket with these messages of one customer."""
    messages = tuple(
        Message(id=place, who=Who.CUSTOMER, text=text, at=NOW, public=True) for place, text in enumerate(texts, 1)
    )
    return Ticket(
        id=42,
        subject="",
        requester=Requester(id=7, name="Mary", email="mary@example.com"),
        channel="email",
        status=Status.NEW,
        priority=None,
        tags=frozenset(),
        group_id=None,
        assignee_id=None,
        messages=messages,
        stamp="",
        created_at=NOW,
    )


def kept_from_a_bot(pack: str, *texts: str) -> tuple[str, ...]:
    """Why a bot must not answer the newest of these messages under a pack that sends as far as it may."""
    said = written(*texts)
    reading = analysis.guard(analysis.read(said, History()), said, pack)
    rung = rows.rules({"pack": pack, "default_rung": "send", "rungs": {}}).rung(reading.intent)
    held = () if rung in policy.ladder.SPEAKING else (f"the rung of {reading.intent} is {rung}",)
    return (*policy.may_answer(said, reading, History()), *held)


@pytest.mark.parametrize(
    ("pack", "text"),
    [
        ("fintech", "My card is blocked and I am standing at the hospital desk. What can I do?"),
        ("fintech", "Hello, where is my money? The transfer of Monday has vanished from my account."),
        ("fintech", "How do I postpone the next instalment? I lost my job in May."),
        ("fintech", "I do not recognise this payment of 80 euros, how can I see more about it?"),
        ("fintech", "Could you tell me how to get a payment holiday?"),
        ("fintech", "The machine kept my card. How do I get a new one?"),
        ("fintech", "Please change the address for my new card to my neighbour's."),
        ("fintech", "What is this charge of 4.99 on my bill?"),
        ("ecommerce", "You say the parcel never arrived back. How do I return it now?"),
        ("ecommerce", "My refund was refused, can you tell me what to do?"),
        ("ecommerce", "Where is my order? The tracking says delivered but nothing is here."),
        ("ecommerce", "The shoes are not as described, how do I send them back?"),
        ("ecommerce", "How do I open a dispute with you?"),
        ("saas", "How do I export all our data? We are looking at alternatives."),
        ("saas", "How do I cancel my plan?"),
        ("saas", "Hi, our project board is gone, how can I restore it from a backup?"),
        ("saas", "How long will the dashboard be down? The whole team is waiting."),
        ("saas", "How can I reduce the number of seats before the renewal?"),
    ],
)
def test_what_a_line_of_business_keeps_for_people(pack: str, text: str) -> None:
    """Blocked cards, disputed returns, signs of leaving: a person, whatever else the message asks."""
    assert kept_from_a_bot(pack, text)


@pytest.mark.parametrize(
    ("pack", "text"),
    [
        ("fintech", "Hello, could you send me a copy of my invoice for March? Thanks, Mary"),
        ("fintech", "Hi, what are your opening hours on Saturday?"),
        ("ecommerce", "Hi, where is my order 48213? The tracking page has not moved since Tuesday. Thanks, Ada"),
        ("ecommerce", "Hello, do you have the blue kettle in stock again? Thanks"),
        ("saas", "Hello, how do I add a colleague to my workspace? Thanks"),
        ("saas", "Hi, could you send me the invoice for March? Thanks"),
    ],
)
def test_what_a_line_of_business_may_answer(pack: str, text: str) -> None:
    """The look-ups that a pack leaves to a bot are still answered."""
    assert kept_from_a_bot(pack, text) == ()


def test_an_earlier_message_counts() -> None:
    """A card that was blocked two messages ago is not forgotten."""
    assert kept_from_a_bot("fintech", "My card is blocked.", "What are your opening hours on Saturday? Thanks")


@pytest.mark.parametrize("pack", content.PACKS)
def test_a_pack_says_something_of_every_routine_request(pack: str) -> None:
    """Nothing is left to chance: each has a ceiling, and what is not routine is never automated."""
    found = content.pack(pack)
    assert found.ceilings.keys() >= ROUTINE_INTENTS
    assert {found.ceilings[intent] for intent in found.ceilings.keys() - ROUTINE_INTENTS} == {Rung.TAG}
    assert {text.key for text in content.macros()} >= set(found.macros)


@pytest.mark.parametrize("pack", content.PACKS)
def test_every_cue_of_a_pack_keeps_a_bot_silent(pack: str) -> None:
    """By its signal or by its request; it is never a hint, takes nothing back, and calls nobody a machine."""
    for row in content.pack(pack).cues:
        _must_protect(row)
        assert row["weight"] > ladder.SURE
        for word in (word for phrase in row["phrases"] for word in phrase.split()):
            assert word.strip("?|*") or word in {"_", "__"}


@pytest.mark.parametrize(
    "change",
    [
        {"signal": "machine"},
        {"signal": "feeling"},
        {"signal": "intent", "intent": "order_status"},
        {"intent": "order_status"},
        {"hints": ["blocked"]},
        {"unless": ["road blocked"]},
    ],
)
def test_a_cue_that_does_not_protect_is_refused(change: dict[str, Any]) -> None:
    """A pack may only add reasons for silence: whoever writes another cue is told so."""
    row = {"signal": "fraud", "weight": 0.9, "reason": "Fears for money", "phrases": ["scam"]}
    _must_protect(row)
    with pytest.raises(ValueError, match="must keep a bot silent"):
        _must_protect({**row, **change})


SAMPLES = [
    "My card is blocked", "where is my money", "I cannot pay the rent", "the return was refused", "I want to complain",
    "export all our data", "all our records are gone", "production is down", "debt", "dispute", "outage", "downgrade",
]  # fmt: skip
_texts = st.lists(st.sampled_from([*SAMPLES, "Where is my order?", "thanks", "ok.", "How do I…"]), max_size=4)


@many
@given(make.tickets, make.readings, st.sampled_from(content.PACKS), _texts.map(" ".join))
def test_a_pack_only_raises_a_reading(ticket: Ticket, reading: Any, pack: str, text: str) -> None:
    """Charge and urgency never fall, no evidence goes, and a reason for silence never goes away."""
    reading = replace(reading, text=text)
    raised = analysis.guard(reading, ticket, pack)
    assert list(Charge).index(raised.charge) >= list(Charge).index(reading.charge)
    assert list(Urgency).index(raised.urgency) >= list(Urgency).index(reading.urgency)
    assert raised.evidence[: len(reading.evidence)] == reading.evidence
    if policy.may_answer(ticket, reading, History()):
        assert policy.may_answer(ticket, raised, History())
    if raised is not reading:
        assert policy.may_answer(ticket, raised, History())


@many
@given(
    st.fixed_dictionaries(
        {
            "ticket": make.waiting,
            "reading": make.readings,
            "history": make.histories,
            "answer": make.answers(MACROS),
            "desk": make.desks(MACROS),
            "rules": make.rules,
            "now": st.just(make.NOW),
            "replies_last_hour": st.sampled_from([0, 60]),
        }
    )
    | st.builds(
        lambda text, rules: make.answered(MACROS, reading=make.reading(text=text), rules=rules),
        _texts.map(" ".join),
        make.rules | st.just(Rules(default_rung=Rung.SEND, rungs={})),
    ),
    st.sampled_from(content.PACKS),
)
def test_no_pack_makes_a_bot_speak_where_it_was_silent(case: dict[str, Any], pack: str) -> None:
    """The same message, ticket and rules, once with the pack: a reply then, only where there was one without."""
    without = policy.decide(policy.Case(**case))
    rules = replace(case["rules"], pack=pack, ceilings=content.pack(pack).ceilings)
    reading = analysis.guard(case["reading"], case["ticket"], pack)
    with_pack = policy.decide(policy.Case(**{**case, "rules": rules, "reading": reading}))

    def speaks(plan: Any) -> bool:
        return any(isinstance(action, Reply) for action in plan.actions)

    assert speaks(without) or not speaks(with_pack)


@given(st.sampled_from(Intent), st.sampled_from(Rung), st.sampled_from(content.PACKS))
def test_a_ceiling_wins_over_a_rung_set_by_hand(intent: Intent, rung: Rung, pack: str) -> None:
    """The rung that holds is never above either of them."""
    rules = rows.rules({"pack": pack, "rungs": {intent.value: rung.value}})
    order = list(Rung)
    holds = order.index(rules.rung(intent))
    assert holds <= order.index(rung)
    assert holds <= order.index(rules.ceilings.get(intent, Rung.SEND))


def test_the_packs_macros_go_first_among_those_that_fit() -> None:
    """A macro that the line of business names is ahead of its equals; what does not fit stays away."""
    desk = make.answered(MACROS)["desk"]
    said = make.reading(intent=Intent.DOUBLE_CHARGE, charge=Charge.CHARGED, emotions={})
    plain = [one.macro.key for one in fitting(said, desk)]
    favoured = [one.macro.key for one in fitting(said, desk, "fintech")]
    assert favoured[0] in content.pack("fintech").macros
    assert set(favoured) - set(content.pack("fintech").macros) <= set(plain)


@pytest.mark.parametrize("wrong", [{"pack": "bakery"}, {"ceilings": {"how_to": "send"}}])
def test_only_packs_that_there_are(wrong: dict[str, Any]) -> None:
    """An unknown pack is refused by name, and ceilings are the pack's alone."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rows.rules(wrong)
