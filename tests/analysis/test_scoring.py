"""How cues and the encoder are weighed against each other, with made-up judgements: cues protect, and never less.

It must not need the trained encoder.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.analysis import scoring
from integration.analysis.encoder import GROUPS, Judged, Word
from integration.analysis.finding import Finding
from integration.model import Charge, Intent, Signal, Urgency

CHARGES, URGENCIES = list(Charge), list(Urgency)


def judged(needed: float = 0.02, charged: float = 0.01, critical: float = 0.01, intent: str = "order_status") -> Judged:
    """A judgement of ten characters: calm and routine unless said otherwise."""
    shares = {group: dict.fromkeys(labels, 0.0) for group, labels in GROUPS.items()}
    shares["person"]["needed"] = needed
    shares["charge"] |= {"calm": 0.98 - charged, "mild": 0.02, "charged": charged}
    shares["urgency"] |= {"low": 0.0, "normal": 0.98 - critical, "high": 0.02, "critical": critical}
    shares["sentiment"]["neutral"] = 1.0
    shares["intent"][intent] = 1.0
    return Judged(shares=shares, words=(Word(0, 10, ()),))


def cue(signal: Signal = Signal.BEREAVEMENT, start: int = 2, end: int = 6, **more: object) -> Finding:
    return Finding(**{"signal": signal, "weight": 0.9, "reason": "a reason", "start": start, "end": end, **more})


def scored(of: Judged, *findings: Finding) -> scoring.Scores:
    return scoring.score(of, scoring.heard(of, findings), 0.0, "en", 1.0)


def test_a_turn_of_speech_is_passed_over_where_the_encoder_is_sure() -> None:
    """Only a lesser hint, and only there; a sure phrase always counts, and so does a hint at the grave."""
    grave, hint = cue(hint=True), cue(Signal.MONEY_WORRY, hint=True)
    assert scoring.heard(judged(needed=0.001), [grave]) == [grave]
    assert scoring.heard(judged(needed=0.1), [hint]) == []
    assert scoring.heard(judged(needed=0.4), [hint]) == [hint]
    assert scoring.heard(judged(needed=0.001), [cue()]) == [cue()]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (40, 50)])
def test_the_encoder_cannot_overrule_what_it_did_not_read(start: int, end: int) -> None:
    """Below a signature, earlier in the conversation, outside of what was read."""
    finding = cue(Signal.MONEY_WORRY, start=start, end=end, hint=True)
    assert scoring.heard(judged(needed=0.001), [finding]) == [finding]


def test_words_of_self_harm_always_count_with_all_they_ask_for() -> None:
    """However calm the encoder is, and whatever it takes the message for."""
    finding = cue(Signal.SELF_HARM, charge=Charge.CHARGED, urgency=Urgency.CRITICAL)
    for intent in ("order_status", "auto_reply", "spam"):
        scores = scored(judged(needed=0.001, intent=intent), finding)
        assert (scores.charge, scores.urgency) == (Charge.CHARGED, Urgency.CRITICAL)


def test_a_floor_lifts_as_far_as_is_thinkable() -> None:
    """A phrase of haste does not make a calm question critical; danger needs less to be believed than a date."""
    date, danger = (cue(signal, urgency=Urgency.CRITICAL) for signal in (Signal.DEADLINE, Signal.SAFETY))
    for critical, by_date, by_danger in (
        (0.01, Urgency.NORMAL, Urgency.NORMAL),
        (0.15, Urgency.NORMAL, Urgency.CRITICAL),
        (0.35, Urgency.CRITICAL, Urgency.CRITICAL),
    ):
        of = judged(critical=critical)
        assert (scored(of, date).urgency, scored(of, danger).urgency) == (by_date, by_danger)


def test_whoever_waits_for_a_person_is_in_some_hurry() -> None:
    """A death reported for paperwork, "no rush": normal, and less sure of it than of the rest."""
    of = judged(intent="bereavement")
    of.shares["urgency"] |= {"low": 0.9, "normal": 0.1}  # type: ignore[operator]
    scores = scored(of)
    assert (scores.urgency, scores.confidence["urgency"]) == (Urgency.NORMAL, pytest.approx(0.1))
    how_to = judged(intent="how_to")
    how_to.shares["urgency"] |= {"low": 0.9, "normal": 0.1}  # type: ignore[operator]
    assert scored(how_to).urgency is Urgency.LOW


def test_the_surest_danger_counts_however_calm_the_rest_is() -> None:
    """Gas told as an oddity; a guess at danger leaves the urgency to the encoder."""
    sure, guess = (cue(Signal.SAFETY, weight=weight, urgency=Urgency.CRITICAL) for weight in (1.0, 0.8))
    assert scored(judged(), sure).urgency is Urgency.CRITICAL
    assert scored(judged(), guess).urgency is Urgency.NORMAL


def test_what_was_not_read_to_its_end_is_not_harmless() -> None:
    """However calm the parts are that were read."""
    assert scored(judged()).confidence["harmless"] > 0.9
    assert scored(replace(judged(), whole=False)).confidence["harmless"] <= scoring.NOT_WHOLE


def test_an_address_of_a_machine_is_surer_than_words() -> None:
    """A person may type "do not reply to this mail"; an address is not typed by chance."""
    of = judged()
    of.shares["intent"].update(order_status=0.9, auto_reply=0.1)
    words = cue(Signal.MACHINE, intent=Intent.AUTO_REPLY)
    address = cue(Signal.MACHINE, start=0, end=0, intent=Intent.AUTO_REPLY)
    assert scored(of, words).intent is Intent.ORDER_STATUS
    assert scored(of, address).intent is Intent.AUTO_REPLY


signals = st.sampled_from([s for s in Signal if s is not Signal.MACHINE])
findings = st.builds(
    cue,
    signals,
    weight=st.floats(0, 1),
    hint=st.booleans(),
    charge=st.none() | st.sampled_from(CHARGES),
    urgency=st.none() | st.sampled_from(URGENCIES),
)
shares = st.floats(0, 0.9)


@given(needed=shares, charged=shares, critical=shares, found=st.lists(findings, max_size=4))
def test_a_cue_never_lowers_protection(needed: float, charged: float, critical: float, found: list[Finding]) -> None:
    """Whatever is found, charge, urgency and the doubt are at least those of the encoder alone."""
    of = judged(needed=needed, charged=charged, critical=critical)
    alone, with_cues = scored(of), scored(of, *found)
    assert CHARGES.index(with_cues.charge) >= CHARGES.index(alone.charge)
    assert URGENCIES.index(with_cues.urgency) >= URGENCIES.index(alone.urgency)
    assert with_cues.confidence["harmless"] <= alone.confidence["harmless"]


def test_praise_is_in_no_hurry_but_may_be_irony() -> None:
    """A danger that is told as past does not burn; a sting in the praise and words of self-harm count all the same."""
    praise = judged(needed=0.6, critical=0.01, intent="praise")
    assert scored(praise, cue(Signal.FRAUD, urgency=Urgency.CRITICAL)).urgency is Urgency.NORMAL
    assert scored(praise, cue(Signal.SELF_HARM, urgency=Urgency.CRITICAL)).urgency is Urgency.CRITICAL
    stung = judged(needed=0.6, charged=0.2, intent="praise")
    assert scored(stung).charge is Charge.CALM
    assert scored(stung, cue(Signal.SARCASM, charge=Charge.CHARGED)).charge is Charge.CHARGED


def test_labels_lean_and_leave_to_answer_does_not() -> None:
    """Near the middle the rarer urgency is named; how harmless an answer is stays the plain probability."""
    scores = scored(judged(critical=0.46))
    assert scores.urgency is Urgency.CRITICAL
    assert scores.confidence["harmless"] == pytest.approx(0.52)
    assert scored(judged(critical=0.4)).urgency is Urgency.NORMAL
