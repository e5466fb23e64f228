"""How often a customer had to come back, from the conversation and the history.

It must not test the newest words.
"""

from __future__ import annotations

import pytest

from integration import jsonl
from integration.analysis.contact import customer_turns, look_back, same_matter
from integration.analysis.phrases import words
from integration.model import Charge, History, Message

C, B = {"author": "customer", "body": "x"}, {"author": "bot", "body": "y"}


def before(*thread: dict[str, str]) -> tuple[Message, ...]:
    """The messages of a thread."""
    return jsonl.ticket({"body": "newest", "thread": list(thread)})[0].messages[:-1]


@pytest.mark.parametrize(("thread", "turns"), [([], 0), ([C], 1), ([C, C, C], 1), ([C, B, C], 2), ([B, C, B], 1)])
def test_counts_turns(thread: list[dict[str, str]], turns: int) -> None:
    """Lines sent in a row are one turn."""
    assert customer_turns(before(*thread)) == turns


def test_the_third_message_is_at_least_mild() -> None:
    """Coming back a third time on the same matter is never calm."""
    (finding,) = look_back(before(C, B, C, B), History(), settled=False, same=True)
    assert finding.charge is Charge.MILD


@pytest.mark.parametrize(("settled", "same"), [(True, True), (False, False)])
def test_thanks_or_a_new_matter_is_no_repeat(settled: bool, same: bool) -> None:
    """Closing the matter, or asking something else, is not coming back."""
    assert look_back(before(C, B, C, B), History(), settled=settled, same=same) == []


def test_the_history_gives_reasons() -> None:
    """Reopens, bad ratings, a long wait and many tickets are each a reason of their own."""
    history = History(tickets_90d=6, reopens=2, bad_ratings=1, days_open=20)
    assert len(look_back((), history, settled=False, same=False)) == 4


def test_an_unknown_history_gives_none() -> None:
    """What is not known is no reason."""
    assert look_back((), History(), settled=False, same=False) == []


def test_the_same_matter_shares_a_word() -> None:
    """Two messages are about one matter when they share a word that carries."""
    newest = words("the parcel I asked about last week has not come to me yet")
    assert same_matter(newest, [words("where is my parcel")])
    assert not same_matter(newest, [words("how do I reset it")])
