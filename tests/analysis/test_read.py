"""The reader as a whole: what it may never get wrong, and what it may never do.

It must not hold figures of quality; bench/reading.py measures those.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration import analysis, jsonl, policy
from integration.model import Charge, Intent, Signal, Urgency
from tests.analysis.tickets import read

MISREAD = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "cases" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
]
CHARGES, URGENCIES = list(Charge), list(Urgency)
# Seconds that the longest text may take; a worker's step is given 30, and this machine is not the slowest.
LONGEST = 5.0


@pytest.mark.parametrize("case", MISREAD, ids=lambda case: case["name"])
def test_is_not_misread(case: dict[str, Any]) -> None:
    """A ticket that is easily misread keeps to its row."""
    ticket, history = jsonl.ticket(case["ticket"])
    reading = analysis.read(ticket, history)
    reasons = policy.may_answer(ticket, reading, history)
    assert reasons or not case.get("never_for_a_bot")
    assert not reasons or not case.get("for_a_bot")
    assert CHARGES.index(reading.charge) >= CHARGES.index(Charge(case.get("charge_at_least", "calm")))
    assert CHARGES.index(reading.charge) <= CHARGES.index(Charge(case.get("charge_at_most", "charged")))
    assert URGENCIES.index(reading.urgency) >= URGENCIES.index(Urgency(case.get("urgency_at_least", "low")))
    assert reading.intent == case.get("intent", reading.intent)
    assert reading.sentiment in case.get("sentiment", [reading.sentiment])


anything = st.text(max_size=300) | st.text(alphabet="<>/!-=\"' \n&;#:.?@abpdivxOn\u200b\u202e\ud800😡é́", max_size=300)


@settings(max_examples=150, deadline=None)
@given(body=anything, subject=anything, earlier=st.lists(anything, max_size=3))
def test_reads_anything(body: str, subject: str, earlier: list[str]) -> None:
    """No text makes the reader fail; its evidence points into its text, and the same text reads the same."""
    thread = [{"author": "customer", "body": text} for text in earlier]
    reading = read(body, subject, thread=thread)
    for evidence in reading.evidence:
        assert reading.text[evidence.start : evidence.end] == evidence.quote
        assert 0 <= evidence.weight <= 1
    assert all(0 <= value <= 1 for value in reading.confidence.values())
    assert -1 <= reading.polarity <= 1
    assert 0 <= reading.charge_score <= 1
    reading.text.encode()  # no lone surrogate is left to break a write
    assert read(body, subject, thread=thread) == reading


@settings(max_examples=60, deadline=None)
@given(around=st.text(alphabet="abcdefgh ,", max_size=80))
def test_no_words_around_hide_a_cry(around: str) -> None:
    """Whatever stands before and after, a wish to die is seen."""
    reading = read(f"{around}. I want to kill myself. {around}")
    assert Signal.SELF_HARM in reading.signals
    assert (reading.charge, reading.urgency) == (Charge.CHARGED, Urgency.CRITICAL)


@pytest.mark.parametrize(
    "body",
    [
        "I am very angry and sad. " * 40_000,
        "a" * 1_000_000,
        "<div>" * 200_000,
        "<blockquote>" * 80_000 + "hi",
        "<a href=" * 120_000,
        "<!--" * 250_000,
        " " * 1_000_000,
        "\n" * 1_000_000,
        "-- \n" * 200_000,
        "> x\n" * 250_000,
        "On Mon, 5 May 2025 at 10:00, X\n" * 30_000,
        "From: x\nSent: y\n" * 60_000,
        "&amp;" * 200_000,
    ],
    ids=lambda body: body[:16],
)
def test_a_megabyte_takes_no_time(body: str) -> None:
    """A mail made to stall the worker is read within a set time, and never for sure."""
    began = time.perf_counter()
    reading = read(body)
    assert time.perf_counter() - began < LONGEST
    assert not reading.readable


@pytest.mark.parametrize(
    "body",
    ["a-" * 4_900, "word " * 90 + "退款" * 4_700, ". a" * 3_300, "😡" * 9_990, "I am furious, and sad. " * 430],
    ids=lambda body: body[:16],
)
def test_a_long_text_that_can_be_read_takes_no_time_either(body: str) -> None:
    """The longest text that is read at all, in the shapes that cost most."""
    began = time.perf_counter()
    read(body)
    assert time.perf_counter() - began < LONGEST


@pytest.mark.parametrize(
    "body",
    [
        "ki\u200dll mys\u200delf: I want to ki\u200dll mys\u200delf. Where is my order?",
        "I want to k\u0456ll mys\u0435lf. Where is my order?",
        "Where is my order?\n\nThis message is confidential. I want to kill myself tonight.",
        "Thanks for the shoes.\n> I want to kill myself\nWhere is my order?",
        "I want to kill myself. Please do not reply to this email",
    ],
)
def test_a_hidden_cry_is_heard(body: str) -> None:
    """Zero-width letters, look-alike letters, disclaimers, quotes and words of machines hide nothing."""
    reading = read(body)
    assert Signal.SELF_HARM in reading.signals
    assert (reading.charge, reading.urgency) == (Charge.CHARGED, Urgency.CRITICAL)


@pytest.mark.parametrize("body", ["", " \n ", "\u200b\u200b", "?!?!?!", "> only\n> quoted", "QUJD" * 60])
def test_what_cannot_be_read_says_so(body: str) -> None:
    """An empty or garbled message is a reading of its own, with a reason and no certainty."""
    reading = read(body)
    assert not reading.readable
    assert reading.why_unreadable
    assert max(reading.confidence[name] for name in ("charge", "urgency", "intent")) < 0.2


def test_a_ticket_without_a_customers_message_is_unreadable() -> None:
    """Where no customer wrote in public there is nothing to read."""
    ticket, history = jsonl.ticket({"body": "x"})
    empty = type(ticket)(**{**{name: getattr(ticket, name) for name in ticket.__slots__}, "messages": ()})
    assert not analysis.read(empty, history).readable


@pytest.mark.parametrize("body", ["Merhaba, kargom nerede kaldı acaba", "Где мой заказ?", "Hallo, wo ist mein Paket?"])
def test_another_language_is_never_sure(body: str) -> None:
    """In a language in which replies were not measured safe, nothing is sure enough to rest one on."""
    assert read(body).confidence["harmless"] <= 0.5


def test_a_machine_is_heard_by_its_address() -> None:
    """The sender's address alone is enough."""
    ticket, history = jsonl.ticket({"body": "Your report is ready"})
    requester = type(ticket.requester)(id=1, email="no-reply@example.com")
    from_machine = type(ticket)(**{**{n: getattr(ticket, n) for n in ticket.__slots__}, "requester": requester})
    assert Signal.MACHINE in analysis.read(from_machine, history).signals


def test_a_fragment_is_read_with_what_came_before() -> None:
    """An order number that answers our question asks for what was asked before."""
    thread = [
        {"author": "customer", "body": "where is my order"},
        {"author": "bot", "body": "Please give me your order number."},
    ]
    assert read("40028817", thread=thread).intent is Intent.ORDER_STATUS


def test_an_earlier_death_still_protects() -> None:
    """What was told earlier in the conversation is not forgotten by the next message."""
    thread = [{"author": "customer", "body": "my husband died"}, {"author": "agent", "body": "I am so sorry."}]
    assert Signal.BEREAVEMENT in read("the account is 4471", thread=thread).signals


@pytest.mark.parametrize(
    ("below", "signal"),
    [
        ("I want to kill myself", Signal.SELF_HARM),
        ("My husband died last night, please let somebody call me", Signal.BEREAVEMENT),
    ],
)
def test_a_cry_below_the_signature_is_heard(below: str, signal: Signal) -> None:
    """What is cut away as a signature still protects, without a quote, since it does not stand in the text."""
    ticket, history = jsonl.ticket({"id": "x", "body": f"How do I return the shoes?\n\n-- \n{below}"})
    reading = analysis.read(ticket, history)
    assert signal in reading.signals
    assert all(one.quote == "" for one in reading.evidence if one.signal is signal)
    assert policy.may_answer(ticket, reading, history)


def test_a_footer_is_no_cry() -> None:
    """An ordinary signature keeps a routine question routine."""
    body = "Hi, where is my order 48213? Thanks\n\n-- \nKim Lee\nAcme Ltd, Fraud and Legal Department\n+44 20 7946 0000"
    ticket, history = jsonl.ticket({"id": "x", "body": body})
    assert policy.may_answer(ticket, analysis.read(ticket, history), history) == ()
