"""How a conversation is written down for the encoder: plain words, and every character's place kept.

It must not need the encoder itself.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import jsonl
from integration.analysis.transcript import transcript, write


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Where is my order?", "Where is my order?"),
        ("@AcmeCares still nothing", "@user still nothing"),
        ("write to anna@example.com", "write to anna@example.com"),
        ("see https://t.co/ab12Cd34Ef now", "see link now"),
        ("order LW-40821-7 is late", "order number is late"),
        ("it cost 12.50 in 2024", "it cost 12.50 in 2024"),
        ("great 🙄", "great  face with rolling eyes "),
        ("ok 👍🏽", "ok  thumbs up sign "),
        ("I WANT MY MONEY BACK NOW", "I WANT MY MONEY BACK NOW (shouting)"),
        ("send the PDF and the IBAN", "send the PDF and the IBAN"),
        ("", ""),
    ],
)
def test_writes_plain_words(text: str, written: str) -> None:
    """Handles, links, long numbers and emoji by what they are; capitals noted, as the vocabulary has none."""
    assert write(text).text == written


@given(st.text(alphabet="ab @#/:.1234567ÀÉ😡🏽\u200d\ufe0f\n", max_size=80))
def test_every_character_has_a_place(text: str) -> None:
    """Places never run backwards and never leave the text; what was only noted stands for nothing in it."""
    written = write(text)
    assert len(written.places) == len(written.text)
    assert list(written.places) == sorted(written.places)
    assert all(0 <= start <= end <= len(text) for start, end in written.places)


def test_what_led_to_the_message_is_named_by_its_author() -> None:
    """The newest of the earlier messages first, the last four only, internal machinery left out."""
    thread = [{"author": "customer", "body": f"number {i}"} for i in range(4)]
    thread += [{"author": "bot", "body": "Try a reset."}, {"author": "agent", "body": "Did it help?"}]
    ticket, _ = jsonl.ticket({"body": "no", "thread": thread})
    assert transcript(ticket, "no").earlier == (
        "agent: Did it help? bot: Try a reset. customer: number 3 customer: number 2"
    )
