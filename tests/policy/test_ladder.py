"""When an intent falls, stays, or has earned a climb; and what a customer's next words say of a reply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.model import Echo, Evidence, Figures, Intent, Message, Rules, Rung, Signal, Who, Worded, interval
from integration.policy import ladder, marks
from integration.store import rows
from tests import strategies as make
from tests.strategies import BEGAN, SELF_ID, message, reading, sign, ticket

SENT = Worded(delivery_id="d-1", message_id=1000, intent=Intent.ORDER_STATUS, sent=True)
DEFAULT = Rules()


@pytest.mark.parametrize(
    ("figures", "falls"),
    [
        (Figures(), ""),
        (Figures(sent=19, ways_out=19), ""),  # fewer than are judged
        (Figures(sent=20, ways_out=7), ""),  # 35 %, but perhaps only 18 %
        (Figures(sent=20, ways_out=8), "asked for a person or asked again: 8 of 20 (40%, surely above 22%)"),
        (Figures(sent=1000, ways_out=200), ""),  # at the bound
        (Figures(sent=1000, ways_out=260), "260 of 1000"),
        (Figures(sent=40, reopens=6), ""),
        (Figures(sent=40, reopens=12), "reopened: 12 of 40"),
        (Figures(sent=40, corrections=4), ""),
        (Figures(sent=40, corrections=9), "corrected by a person: 9 of 40"),
        (Figures(sent=40, rated_bad=4), ""),  # all four are bad, and four are too few
        (Figures(sent=40, rated_bad=1, rated_good=4), ""),
        (Figures(sent=40, rated_bad=4, rated_good=1), "bad ratings: 4 of 5"),
        (Figures(sent=1, grave=("the customer was in danger after an automatic answer",)), "in danger"),
    ],
)
@pytest.mark.parametrize("rung", [Rung.SHARE, Rung.SEND])
def test_an_intent_falls_when_its_figures_are_surely_bad(figures: Figures, falls: str, rung: Rung) -> None:
    """To drafts, with the numbers in the reason; one unlucky ticket is not enough, one grave one is."""
    found = ladder.judge(rung, figures, DEFAULT)
    if not falls:
        assert found is None
    else:
        assert found is not None
        assert found.to is Rung.DRAFT
        assert falls in found.because


@pytest.mark.parametrize("rung", [Rung.OBSERVE, Rung.TAG, Rung.DRAFT])
def test_where_nothing_is_sent_nothing_falls(rung: Rung) -> None:
    """Drafts harm nobody: the worst figures leave them where they are."""
    assert ladder.judge(rung, Figures(sent=100, ways_out=100, grave=("danger",)), DEFAULT) is None


counts = st.integers(min_value=0, max_value=500)


@given(counts, counts)
def test_the_interval_holds_the_share(one: int, other: int) -> None:
    """It lies within 0…1 around the share that was seen."""
    count, of = sorted((one, other))
    low, high = interval(count, of)
    assert 0.0 <= low <= high <= 1.0
    if of:
        assert low <= count / of <= high


@given(counts, counts, st.integers(min_value=1, max_value=20))
def test_more_of_the_bad_never_lifts_the_interval_down(one: int, other: int, more: int) -> None:
    """One more way out of the same number of replies never makes an intent look better."""
    count, of = sorted((one, other))
    worse = min(of, count + more)
    assert interval(count, of)[0] <= interval(worse, of)[0] + 1e-12


figures = st.integers(0, 200).flatmap(
    lambda sent: st.builds(
        Figures,
        sent=st.just(sent),
        drafted=st.integers(0, 200),
        ways_out=st.integers(0, sent),
        reopens=st.integers(0, sent),
        corrections=st.integers(0, sent),
        rated_good=st.integers(0, sent),
        rated_bad=st.integers(0, sent),
        grave=st.sampled_from([(), ("danger",)]),
    )
)


@given(st.sampled_from(Rung), figures, make.rules, st.sampled_from(Intent))
def test_the_ladder_only_goes_down_by_itself(rung: Rung, found: Figures, rules: Rules, intent: Intent) -> None:
    """Whatever the figures: never up, and what is not surely good is not called earned."""
    fall = ladder.judge(rung, found, rules)
    if fall is not None:
        assert list(Rung).index(fall.to) < list(Rung).index(rung)
        assert fall.because
    standing = replace(rules, rungs={intent: rung})
    suggested = ladder.climb(intent, found, standing)
    assert not (suggested.earned and fall is not None)
    assert suggested.because


@pytest.mark.parametrize(
    ("rung", "found", "earned", "because"),
    [
        (Rung.TAG, Figures(), False, "yours to decide"),
        (Rung.DRAFT, Figures(drafted=49), False, "1 more drafts"),
        (Rung.DRAFT, Figures(drafted=50), True, "earned"),
        (Rung.DRAFT, Figures(drafted=50, drafts_corrected=5), False, "fewer corrections"),
        (Rung.SHARE, Figures(sent=10), False, "40 more replies"),
        (Rung.SHARE, Figures(sent=60, ways_out=3, rated_good=5), True, "earned"),
        (Rung.SHARE, Figures(sent=60, ways_out=12), False, "asked for a person or asked again: up to 32%"),
        (Rung.SHARE, Figures(sent=60, rated_bad=2, rated_good=3), False, "2 of 5 are bad"),
        (Rung.SHARE, Figures(sent=60, grave=("danger",)), False, "not after this: danger"),
        (Rung.SEND, Figures(sent=60), False, "at the top"),
    ],
)
def test_a_climb_is_suggested_when_it_is_earned(rung: Rung, found: Figures, earned: bool, because: str) -> None:
    """Enough drafts or replies with good figures; else it says what is lacking."""
    suggested = ladder.climb(Intent.ORDER_STATUS, found, replace(DEFAULT, rungs={Intent.ORDER_STATUS: rung}))
    assert (suggested.earned, because in suggested.because) == (earned, True), suggested


def test_no_climb_under_a_ceiling() -> None:
    """What the pack does not allow is not suggested, however good the figures."""
    rules = rows.rules({"pack": "fintech", "rungs": {"account_update": "send"}})
    assert rules.rung(Intent.ACCOUNT_UPDATE) is Rung.DRAFT
    suggested = ladder.climb(Intent.ACCOUNT_UPDATE, Figures(drafted=500), rules)
    assert (suggested.to, suggested.earned) == (None, False)
    assert "as high as the pack fintech allows" in suggested.because


# --- what comes back -------------------------------------------------------------------------------------------------


def ours(number: int = 1001) -> Message:
    """Our reply."""
    return Message(id=number, who=Who.BOT, text="See here", at=BEGAN, public=True, author_id=SELF_ID, ours=True)


def agents(number: int = 1002) -> Message:
    """A person's answer."""
    return Message(id=number, who=Who.AGENT, text="I look into it", at=BEGAN, public=True, author_id=12)


CALM: dict[str, Any] = {"intent": Intent.INVOICE_COPY, "text": "And one thing more about my bill of May please"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {Echo.WAY_OUT: "asked the same again"}),
        (CALM, {}),
        ({**CALM, "intent": Intent.THANKS}, {}),
        ({**CALM, "evidence": (sign(Signal.WANTS_PERSON, "a human"),)}, {Echo.WAY_OUT: "asked for a person"}),
        ({**CALM, "evidence": (sign(Signal.REPEAT_CONTACT, "again"),)}, {Echo.WAY_OUT: "said that it did not help"}),
        ({**CALM, "evidence": (sign(Signal.SAFETY, "gas"),)}, {Echo.GRAVE: "the customer was in danger"}),
        ({**CALM, "evidence": (sign(Signal.SELF_HARM, "…"),)}, {Echo.GRAVE: "the customer spoke of harming"}),
        ({**CALM, "evidence": (sign(Signal.BEREAVEMENT, "…"),)}, {Echo.GRAVE: "the customer spoke of a death"}),
        ({**CALM, "evidence": (sign(Signal.SAFETY, "knife", weight=0.5),)}, {}),  # a hint only
    ],
)
def test_what_the_customer_writes_after_our_reply(changes: dict[str, Any], found: dict[Echo, str]) -> None:
    """Asking for a person, asking again, not helped, and what is grave; another question is none of these."""
    said = reading(**changes)
    after = ticket(messages=(message(), ours(), message(said.text, id=1003)))
    back = ladder.after_reply(after, said, SENT, DEFAULT)
    assert back.keys() == found.keys()
    assert all(back[what].startswith(word) for what, word in found.items())


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Thanks!", False),
        ("Danke, hat geklappt", False),
        ("Perfect, thank you so much", False),
        ("Thanks, but where is it?", True),
        ("Where is order 40031", True),
        ("Thanks for nothing new, I looked at that page every day and it has not moved one bit since", True),
    ],
)
def test_a_thank_you_is_not_held_against_an_answer(text: str, counts: bool) -> None:
    """However it was read; a question beside the thanks is one."""
    said = reading(text=f"My order\n\n{text}")
    after = ticket(messages=(message(), ours(), message(text, id=1003)))
    assert (Echo.WAY_OUT in ladder.after_reply(after, said, SENT, DEFAULT)) is counts


def test_the_word_for_a_person_counts() -> None:
    """The plain word that our reply names is a way out."""
    after = ticket(messages=(message(), ours(), message("person", id=1003)))
    assert Echo.WAY_OUT in ladder.after_reply(after, reading(text="person", intent=Intent.OTHER), SENT, DEFAULT)


@pytest.mark.parametrize(
    "messages",
    [
        (message(),),  # the very message that we answered
        (message(), ours(), agents(), message("…", id=1003)),  # a person spoke in between
        (message(), message("…", id=1003)),  # our reply is not to be seen
    ],
)
def test_what_is_not_said_of_our_reply_does_not_count(messages: tuple[Message, ...]) -> None:
    """Only words that follow ours directly are said of them."""
    assert ladder.after_reply(ticket(messages=messages), reading(), SENT, DEFAULT) == {}


@pytest.mark.parametrize(
    ("option", "grave"),
    [
        ("attune_charge_charged", True),
        ("attune_urgency_critical", True),
        ("attune_urgency_high", False),
        ("attune_charge_mild", False),
        ("", False),
    ],
)
def test_a_correction_to_charged_or_critical_is_grave(option: str, grave: bool) -> None:
    """The bot spoke where it had to be silent; lesser corrections count among many."""
    assert bool(ladder.grave_correction(option)) is grave


def test_the_store_knows_a_draft_by_the_policys_tag() -> None:
    """The store may not ask the policy, so both must write the same word."""
    assert rows.DRAFTED_TAG == marks.DRAFTED


@given(make.tickets, make.readings)
def test_anything_may_come_back(any_ticket: Any, any_reading: Any) -> None:
    """No ticket and no reading makes the ladder stumble, and its words are our own."""
    known = {"asked for a person", "asked the same again", "said that it did not help", *ladder._WORDS.values()}
    assert set(ladder.after_reply(any_ticket, any_reading, SENT, DEFAULT).values()) <= known


def test_a_sure_phrase_beside_a_hint() -> None:
    """The surer of two pieces of evidence for one signal counts."""
    hint = Evidence(signal=Signal.SAFETY, quote="a", start=0, end=1, weight=0.5, reason="")
    said = reading(**{**CALM, "evidence": (hint, replace(hint, weight=0.9))})
    after = ticket(messages=(message(), ours(), message(said.text, id=1003)))
    assert Echo.GRAVE in ladder.after_reply(after, said, SENT, DEFAULT)
