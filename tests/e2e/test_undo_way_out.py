"""What an undo makes of a customer's choice on the linked page, on a whole desk: people keep whoever asked for them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from integration.model import Applied, Choice, EventKind, Plan, Ticket, TicketEvent, TryLater
from integration.zendesk.tickets import SETTLED_AFTER
from tests.e2e.conftest import Stage
from tests.e2e.test_way_out import always_open, answered, choices, chosen, post

ONE_DATABASE = True

__all__ = ["always_open"]

RETURN = "How do I return the shoes that I ordered last week? Thanks, Ada"


class Deaf:
    """A desk whose answer to a write is never heard."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def apply(self, plan: Plan, ticket: Ticket) -> Applied:
        """Write, and lose the answer."""
        self._real.apply(plan, ticket)
        raise TryLater("the answer was lost")


def place(stage: Stage, number: int) -> tuple[Any, ...]:
    """Where the ticket stands, and with whom."""
    ticket = stage.ticket(number)
    return tuple(ticket[name] for name in ("status", "assignee_id", "group", "type", "due_at"))


def undo(stage: Stage, *words: str) -> str:
    """Undo; gives what was said, on one line."""
    code, said = stage.flask("undo", *words)
    assert code == 0, said
    return " ".join(said.split())


def test_an_undone_press_leaves_the_ticket_with_people(stage: Stage) -> None:
    """The tag of the request goes, but the ticket stays open, and no bot answers the next question."""
    number, link = answered(stage)
    at = datetime.now(UTC)
    post(link, form=choices(link)["form"], choice="person")
    assert chosen(stage, number)["status"] == "open"
    assert "status: kept, because the customer asked for a person" in undo(stage, "--since", at.isoformat())
    ticket = stage.ticket(number)
    assert (ticket["status"], "attune_wants_person" in ticket["tags"]) == ("open", False)
    before = len(stage.outcomes(number))
    stage.reply(number, RETURN)
    stage.until(lambda: len(stage.outcomes(number)) > before, "the next message")
    assert any("was undone: it stays with people" in why for why in stage.outcomes(number)[-1]["plan"]["silence"])
    assert sum(one["public"] for one in stage.ours(stage.ticket(number))) == 1


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_a_solved_ticket_is_nobodys_again(stage: Stage, lost: bool) -> None:
    """Solving gave the ticket to us; the undo takes it off our name, whether the write's answer was heard or not."""
    number, _link = answered(stage)
    stood = place(stage, number)
    assert stood[1] is None
    at = datetime.now(UTC)
    event = TicketEvent(
        delivery_id=f"solved-{number}", ticket_id=number, kind=EventKind.WAY_OUT, happened_at=at, choice=Choice.SOLVED
    )
    attendant = stage.parts.attendant
    time.sleep(SETTLED_AFTER.total_seconds() + 0.5)  # what is written as a note waits until the ticket has settled
    if lost:
        assert replace(attendant, zendesk=Deaf(attendant.zendesk)).attend(event) is not None
    assert attendant.attend(event) is None
    assert place(stage, number)[:2] == ("solved", stage.parts.desk().self_id)
    undo(stage, "--since", at.isoformat())
    stands = place(stage, number)
    assert stands[:2] == stood[:2]
    assert lost or stands == stood


def test_an_undone_booking_frees_its_time(stage: Stage) -> None:
    """The ticket is no task any more, it waits for people, and somebody else may have the time."""
    number, link = answered(stage)
    found, at = choices(link), datetime.now(UTC)
    assert "Your time is booked" in post(link, choice="time", **found).text
    chosen(stage, number)
    assert place(stage, number)[3] == "task"
    said = undo(stage, "--since", at.isoformat())
    assert "no longer there" not in said
    assert place(stage, number)[3:] == (None, None)
    assert stage.parts.store.booking(number) is None
    _other, other_link = answered(stage)
    form = choices(other_link)["form"]
    assert "Your time is booked" in post(other_link, choice="time", **{**found, "form": form}).text
