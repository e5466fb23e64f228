"""Autonomy on a desk where everything runs: danger after an answer takes it back, an admin gives it again.

How figures are counted and judged is tested in `tests/test_autonomy.py`; here, that the whole product does it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.cli import console
from integration.model import Intent, Rung
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, tell, unheard

ONE_DATABASE = True

GAS = "Thank you. There is a smell of gas in the flat since this morning and my head hurts, what shall I do?"
ORDER = Intent.ORDER_STATUS


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no table is wrapped."""
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 400)


@pytest.fixture(autouse=True)
def _sending(stage: Stage) -> Iterator[None]:
    """Order status is sent before each test, whatever the one before has done."""
    said(stage, "autonomy", "start")
    said(stage, "autonomy", "set", "order_status", "send", "--because", "for the tests")
    yield
    said(stage, "rules", "pack=")


def said(stage: Stage, *words: str) -> str:
    """What a command says that goes well."""
    code, spoken = stage.flask(*words)
    assert code == 0, spoken
    return spoken


def test_danger_after_an_answer(stage: Stage) -> None:
    """The intent falls before that message is decided; ticket, doctor and table say so; an admin's word lifts it."""
    ticket = stage.settled(stage.write(CALM))
    assert [one["public"] for one in stage.ours(ticket)] == [True]
    stage.reply(ticket["id"], GAS)
    stage.settled(ticket["id"], 2)
    assert stage.parts.store.rules().rung(ORDER) is Rung.DRAFT
    later = stage.settled(stage.write(CALM))
    assert [one["public"] for one in stage.ours(later)] == [False]
    ladder = stage.parts.attendant.ladder
    assert ladder is not None
    stage.until(lambda: ladder.tell() == 1 or bool(notes(stage, ticket["id"])), "the note on the ticket")
    (note,) = notes(stage, ticket["id"])
    assert note["public"] is False
    assert "in danger after an automatic answer" in note["body"]
    assert ladder.tell() == 0
    assert "order_status fell from send to draft" in said(stage, "doctor")
    assert "send → draft by Attune" in said(stage, "autonomy")
    said(stage, "autonomy", "set", "order_status", "send", "--because", "the macro was mended")
    assert "no intent fell back" in said(stage, "doctor")
    again = stage.settled(stage.write(CALM))
    assert [one["public"] for one in stage.ours(again)] == [True]


def notes(stage: Stage, ticket_id: int) -> list[dict[str, object]]:
    """The notes of the ladder's on a ticket."""
    return [one for one in stage.ours(stage.ticket(ticket_id)) if "no longer sends" in str(one["body"])]


def test_a_bad_rating_is_counted(stage: Stage) -> None:
    """The customer rates the solved ticket, the trigger tells us, and the figures know it."""
    ticket = stage.settled(stage.write(CALM))
    stage.control("POST", f"tickets/{ticket['id']}/reply", body="Done.", author="agent", public=False, status="solved")
    stage.settled(ticket["id"], 2)
    stage.control("POST", f"tickets/{ticket['id']}/rate", score="bad")
    stage.settled(ticket["id"], 3)
    ladder = stage.parts.ladder()
    figures = ladder.figures(ORDER, stage.parts.store.rules(), stage.parts.store.autonomy.steps()[ORDER])
    assert (figures.rated_good, figures.rated_bad) == (0, 1)


def test_what_waits_in_the_queue_is_stopped_too(stage: Stage) -> None:
    """A message that came before the stop and is attended to after it is drafted, not answered."""
    ticket_id = unheard(stage)
    said(stage, "autonomy", "stop")
    tell(stage, ticket_id)
    ticket = stage.settled(ticket_id)
    assert [one["public"] for one in stage.ours(ticket)] == [False]


def test_a_pack_is_chosen_at_install(stage: Stage) -> None:
    """The plan shows what it holds back; a dry run changes nothing; afterwards a bank's blocked card is a person's."""
    shown = said(stage, "install", "--dry-run", "--pack", "fintech")
    assert "account look-ups may be answered" in shown
    assert "password_reset: send → draft" in shown
    assert stage.parts.store.rules().pack == ""
    said(stage, "install", "--yes", "--pack", "fintech")
    assert stage.parts.store.rules().pack == "fintech"
    assert "Pack" not in said(stage, "install", "--yes")  # it stays until named anew
    blocked = stage.settled(stage.write("My card is blocked and I am standing at the hospital desk. What can I do?"))
    assert not any(one["public"] for one in stage.ours(blocked))
    assert "attune_protected" in blocked["tags"]
    calm = stage.settled(stage.write("Hello, could you send me a copy of my invoice for March? Thanks, Mary"))
    assert [one["public"] for one in stage.ours(calm)] == [True]
    said(stage, "install", "--yes", "--pack", "none")
    assert stage.parts.store.rules().pack == ""
