"""The trained encoder as it is shipped: its files, its sums, its sameness.

It must not hold figures of quality; bench/reading.py measures those.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration import analysis, jsonl, policy
from integration.analysis import encoder
from integration.analysis.transcript import Transcript, write
from integration.model import Charge

TEXTS = [
    "Where is my order?",
    "I have asked three times and nobody answers. I am done with you.",
    "ok thanks",
    "Hallo, wo bleibt mein Paket? Ich warte seit zwei Wochen!",
    "long letter " * 200,
    "WHERE IS MY ORDER NOW @AcmeCares 😡😡 https://t.co/ab12 LW-40821-7",
]


def judged(text: str, earlier: str = "") -> encoder.Judged:
    return encoder.judge(Transcript(newest=write(text), earlier=earlier))


@pytest.mark.parametrize("text", TEXTS)
def test_shares_are_probabilities(text: str) -> None:
    """Every label has its share; those of a group of which one holds add up to 1."""
    for group, shares in judged(text).shares.items():
        assert set(shares) == set(encoder.GROUPS[group])
        assert all(0 <= share <= 1 for share in shares.values())
        if group not in encoder.FREE:
            assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("text", TEXTS)
def test_words_stand_in_the_text(text: str) -> None:
    """Every piece has its place in the text it was cut from, and its part of every column."""
    words = judged(text).words
    assert words
    for word in words:
        assert 0 <= word.start < word.end <= len(text)
        assert len(word.parts) == len(encoder.COLUMNS)


def test_the_same_text_reads_the_same_on_one_thread_or_eight() -> None:
    """To the last digit, whatever is read beside it."""
    alone = [judged(text).shares for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: judged(text).shares, TEXTS * 8))
    assert together == alone * 8


def test_the_middle_of_a_long_letter_is_read() -> None:
    """Danger between pages of small talk is not thinned by what is around it."""
    calm = "The weather was nice and the garden is doing well this year. " * 12
    alone = judged("The charger caught fire and burned my daughter's hand.").shares["person"]["needed"]
    around = judged(f"{calm} The charger caught fire and burned my daughter's hand. {calm}")
    assert around.shares["person"]["needed"] > min(0.5, alone / 2)
    place = len(calm) + 20
    assert around.saw(place, place + 5)


def test_a_letter_too_long_to_be_read_says_so() -> None:
    """What was left out cannot be vouched for, so no bot answers."""
    assert judged("The weather was nice. " * 100).whole
    assert not judged("The weather was nice. " * 400).whole
    ticket, history = jsonl.ticket({"body": "How do I change my plan? " + "The weather was nice. " * 400})
    assert any("not sure enough" in why for why in policy.may_answer(ticket, analysis.read(ticket, history), history))


def test_what_led_to_a_message_counts() -> None:
    """A "no" after a question is read in the light of the question."""
    assert judged("no").shares != judged("no", "agent: Did the reset help? customer: I am locked out again").shares


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the trained files that a test may harm."""
    copy = tmp_path / "model"
    shutil.copytree(Path(encoder.__file__).parent / "model", copy)
    monkeypatch.setattr(encoder, "files", lambda _package: tmp_path)
    encoder._trained.cache_clear()
    yield copy
    encoder._trained.cache_clear()


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json", "reader.json"])
def test_without_its_files_the_reader_says_so_and_no_bot_answers(shipped: Path, name: str) -> None:
    """Missing: the reading says what to do; it never guesses."""
    (shipped / name).unlink()
    _says_so("cannot be loaded")


def test_a_card_for_other_labels_is_refused(shipped: Path) -> None:
    """A calibration that does not fit the labels is not guessed at."""
    card = json.loads((shipped / "reader.json").read_text(encoding="utf-8"))
    (shipped / "reader.json").write_text(json.dumps({**card, "base": [0.0]}), encoding="utf-8")
    _says_so("cannot be loaded")


@pytest.mark.parametrize("name", ["reader.onnx", "tokenizer.json"])
def test_with_a_changed_file_no_bot_answers(shipped: Path, name: str) -> None:
    """A file that is not the one of the card is not trusted."""
    (shipped / name).write_bytes((shipped / name).read_bytes() + b" ")
    _says_so(f"{name} is not the file that its card names")


def _says_so(why: str) -> None:
    ticket, history = jsonl.ticket({"body": "Where is my order?"})
    reading = analysis.read(ticket, history)
    assert not reading.readable
    assert why in reading.why_unreadable
    assert "install Attune again" in reading.why_unreadable
    assert analysis.fault() == reading.why_unreadable
    assert reading.charge is Charge.CALM
    assert policy.may_answer(ticket, reading, history)
