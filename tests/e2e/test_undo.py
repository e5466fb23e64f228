"""Undo, forget and replay as an admin types them, on a desk where everything runs.

They must not look into a part: what stands on the tickets and what the commands say is what counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration import assembly, worker
from integration.cli import console
from integration.model import Field
from integration.worker import Undoer, retention
from integration.worker.loop import PEOPLE_SEEN_AT
from integration.zendesk import Watch
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, CHARGED, acted, admin, audits, tell, unheard, weather

SAMPLES = Path(assembly.ROOT) / "sandbox" / "samples.jsonl"
# What Attune may write on a ticket, comments left aside: those cannot be unsent.
TOUCHED = ("status", "priority", "group_id", "assignee_id", "tags")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables on wide paper, so that no sentence is broken over lines."""
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 400)


def stands(stage: Stage, ticket_id: int) -> bytes:
    """What we may touch, byte for byte as the desk keeps it; without the marker, which stays on purpose."""
    ticket = stage.served.desk.state.get("ticket", ticket_id)
    assert ticket is not None
    marker = stage.parts.desk().fields[Field.MARKER]
    fields = [one for one in ticket["custom_fields"] if one["id"] != marker]
    return json.dumps([*(ticket[name] for name in TOUCHED), fields]).encode()


def attended(stage: Stage, *ticket_ids: int) -> None:
    """Tell of the tickets, and wait until each has its outcome."""
    for ticket_id in ticket_ids:
        tell(stage, ticket_id)
    for ticket_id in ticket_ids:
        stage.settled(ticket_id)


def a_field(stage: Stage, field: Field, value: str | None) -> dict[str, Any]:
    """An update of one of our fields, as an agent makes it."""
    return {"custom_fields": [{"id": stage.parts.desk().fields[field], "value": value}]}


def undone(stage: Stage, ticket_id: int, *more: str) -> str:
    """Undo one ticket; gives what was said, on one line."""
    code, said = stage.flask("undo", "--ticket", str(ticket_id), *more)
    assert code == 0, said
    return " ".join(said.split())


def test_the_run_over_all_samples_is_taken_back(stage: Stage) -> None:
    """After every sample ticket was attended to, one command brings the desk back to the state before."""
    before: dict[int, bytes] = {}
    with weather(stage, delivery_drop_rate=1.0):
        for place, row in enumerate(_samples()):
            more = {"tags": ["vip", "zebra"]} if place % 3 == 0 else {}
            written = {"subject": row.get("subject", ""), "channel": row.get("channel", "email")}
            ticket_id = stage.write(row["body"], **written, thread=row.get("thread") or [], **more)
            before[ticket_id] = stands(stage, ticket_id)
    attended(stage, *before)
    changed = [ticket_id for ticket_id, stood in before.items() if stands(stage, ticket_id) != stood]
    assert len(changed) >= 35
    code, said = stage.flask("undo", "--all", "--dry-run")
    assert code == 0, said
    assert [one for one in changed if stands(stage, one) == before[one]] == []
    code, said = stage.flask("undo", "--all")
    assert code == 0, said
    assert {one: stands(stage, one) for one in before} == before
    assert " 0 cannot be changed, 0 to be tried again" in " ".join(said.split())
    _quiet_afterwards(stage, before)


def _samples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines() if line.strip()]


def _quiet_afterwards(stage: Stage, tickets: Iterable[int]) -> None:
    """Neither the undo itself, nor the catch-up, nor another delivery makes Attune write again."""
    parts, ids = stage.parts, list(tickets)
    once = {one: len(audits(stage, one)) for one in ids}
    rows = {one: len(stage.outcomes(one)) for one in ids}
    worker.catch_up(Watch(parts.session), parts.store, parts.attendant.clock(), parts.enqueue)
    for one in ids:
        tell(stage, one)
    stage.until(lambda: all(len(stage.outcomes(one)) > rows[one] for one in ids), "the second deliveries")
    assert {one: len(audits(stage, one)) for one in ids} == once
    code, said = stage.flask("undo", "--all")
    assert (code, "Nothing to undo" in said) == (0, True)


def test_what_a_person_changed_stays(stage: Stage) -> None:
    """The priority and the reading that an agent set after us are kept, and it is said; all else goes back."""
    ticket_id = unheard(stage, CHARGED, tags=["vip"])
    attended(stage, ticket_id)
    body = {"priority": "low", **a_field(stage, Field.CHARGE, "attune_charge_mild")}
    admin(stage, "PUT", f"tickets/{ticket_id}", ticket=body)
    said = undone(stage, ticket_id)
    for words in ("priority: kept, because somebody changed it to low", "charge: kept", "1 internal note stays"):
        assert words in said
    ticket = stage.ticket(ticket_id)
    assert (ticket["priority"], ticket["group"], sorted(ticket["tags"])) == ("low", None, ["attune_charge_mild", "vip"])
    assert [name for name, value in ticket["fields"].items() if value] == ["Attune charge", "Attune marker"]


def test_a_public_reply_cannot_be_unsent(stage: Stage) -> None:
    """The status goes back to what it was, the reply stays, and the command says so."""
    ticket_id = unheard(stage)
    stood = stands(stage, ticket_id)
    attended(stage, ticket_id)
    assert stage.ticket(ticket_id)["status"] == "pending"
    assert "1 public reply stays: the customer has it" in undone(stage, ticket_id)
    assert stands(stage, ticket_id) == stood
    assert len(stage.ours(stage.ticket(ticket_id))) == 1


def test_whoever_has_taken_the_ticket_keeps_it(stage: Stage) -> None:
    """Taking the group back would send the assignee away, so both stay."""
    ticket_id = unheard(stage, CHARGED)
    attended(stage, ticket_id)
    (bea,) = stage.served.desk.state.find("user", email=stage.senior_email)
    admin(stage, "PUT", f"tickets/{ticket_id}", ticket={"assignee_id": bea["id"]})
    assert "group: kept, because somebody has taken the ticket" in undone(stage, ticket_id)
    ticket = stage.ticket(ticket_id)
    assert (ticket["assignee_id"], ticket["group"]) == (bea["id"], "Senior Support")


def test_two_writes_are_taken_back_in_one_update(stage: Stage) -> None:
    """A ticket that was written twice goes back to before the first, with one update of ours more."""
    ticket_id = unheard(stage)
    stood = stands(stage, ticket_id)
    attended(stage, ticket_id)
    stage.reply(ticket_id, CHARGED)
    stage.settled(ticket_id, outcomes=2)
    assert len(acted(stage, ticket_id)) == 2
    updates = len(audits(stage, ticket_id))
    undone(stage, ticket_id)
    assert len(audits(stage, ticket_id)) == updates + 1
    left, right = json.loads(stands(stage, ticket_id)), json.loads(stood)
    assert left[0] == "open"  # the customer's own answer opened it, which is not ours to take back
    assert left[1:] == right[1:]


def test_a_bot_does_not_answer_where_it_was_undone(stage: Stage) -> None:
    """A calm question that follows on a ticket whose guards were undone is left to people."""
    ticket_id = unheard(stage, "My husband died last week. How do I close his account?")
    attended(stage, ticket_id)
    undone(stage, ticket_id)
    stage.reply(ticket_id, CALM)
    stage.settled(ticket_id, outcomes=2)
    assert not any(one["public"] for one in stage.ours(stage.ticket(ticket_id)))
    assert any("was undone: it stays with people" in why for why in stage.outcomes(ticket_id)[-1]["plan"]["silence"])


@pytest.mark.parametrize(("gone", "why"), [("closed", "is closed"), ("deleted", "was deleted")])
def test_closed_and_deleted_tickets_are_reported_and_not_touched(stage: Stage, gone: str, why: str) -> None:
    """Nothing is written there, the command says why, and it may be tried again."""
    ticket_id = unheard(stage, CHARGED)
    attended(stage, ticket_id)
    if gone == "closed":
        admin(stage, "PUT", f"tickets/{ticket_id}", ticket={"status": "closed"})
    else:
        admin(stage, "DELETE", f"tickets/{ticket_id}")
    updates = len(audits(stage, ticket_id))
    for _ in range(2):
        said = undone(stage, ticket_id)
        assert why in said
        assert "0 of 1 tickets undone, 1 cannot be changed" in said
    assert len(audits(stage, ticket_id)) == updates


def test_an_edit_in_between_is_looked_at_again(stage: Stage) -> None:
    """A person who changes the ticket just before our update is not overwritten."""
    ticket_id = unheard(stage, CHARGED)
    attended(stage, ticket_id)
    parts, hurried = stage.parts, []

    class Slow:
        """Looks, and is overtaken once."""

        def look(self, number: int) -> Any:
            ticket = parts.restorer.look(number)
            if not hurried:
                hurried.append(number)
                admin(stage, "PUT", f"tickets/{ticket_id}", ticket={"priority": "low"})
            return ticket

        put_back = parts.restorer.put_back

    undoer = Undoer(
        restorer=Slow(),
        journal=parts.store.archive,
        self_id=lambda: parts.desk().self_id,
        clock=assembly.now,
        wait=lambda _s: None,
    )
    found = undoer.undo(parts.store.archive.writes(ticket_id=ticket_id))
    assert found.done
    assert found.undoing.kept == ("priority: kept, because somebody changed it to low",)
    assert stage.ticket(ticket_id)["priority"] == "low"


def test_a_deleted_ticket_leaves_no_reasons_behind(stage: Stage) -> None:
    """The export shows the deletion, and the reasons of the reading go from our books."""
    ticket_id = unheard(stage, CHARGED)
    attended(stage, ticket_id)
    assert acted(stage, ticket_id)[0]["reading"]["evidence"]
    admin(stage, "DELETE", f"tickets/{ticket_id}")
    parts = stage.parts
    watch = Watch(parts.session, gone=lambda ids: parts.store.archive.gone(ids, assembly.now()))
    time.sleep(2.1)  # the deletion is stamped up to a second ahead, and the export is asked once: ten calls a minute
    watch.changed("", assembly.now())
    assert acted(stage, ticket_id)[0]["reading"]["evidence"] == []
    assert acted(stage, ticket_id)[0]["because"] == "the ticket was deleted in Zendesk"


def test_a_person_deleted_in_zendesk_goes_from_our_books(stage: Stage) -> None:
    """No event tells of it: the hourly look at the users' export does, and their outcomes go."""
    mine, other = unheard(stage, CALM, name="Gone Girl"), unheard(stage, CALM)
    attended(stage, mine, other)
    watch, parts = Watch(stage.parts.session), stage.parts
    parts.store.set("people cursor", watch.left("", assembly.now())[1])
    admin(stage, "DELETE", f"users/{stage.ticket(mine)['requester_id']}")
    parts.store.set(PEOPLE_SEEN_AT, "2026-01-01T00:00:00+00:00")
    assert worker.follow_people(watch, parts.store, assembly.now(), parts.enqueue) == 1
    stage.until(lambda: stage.outcomes(mine) == [], "the forgetting")
    assert len(stage.outcomes(other)) == 1


def test_blacked_out_words_take_their_reasons_along(stage: Stage) -> None:
    """Once words of a ticket are blacked out, the next look at it removes the evidence that pointed to them."""
    ticket_id = unheard(stage, CHARGED)
    attended(stage, ticket_id)
    comment = stage.ticket(ticket_id)["comments"][0]
    admin(stage, "PUT", f"tickets/{ticket_id}/comments/{comment['id']}/redact", text="order 5512")
    tell(stage, ticket_id)
    stage.settled(ticket_id, outcomes=2)
    assert acted(stage, ticket_id)[0]["reading"]["evidence"] == []
    assert acted(stage, ticket_id)[0]["reading"]["charge"] == "charged"


@pytest.mark.parametrize("by", ["id", "email"])
def test_a_person_is_forgotten(stage: Stage, by: str) -> None:
    """All that is held of one person goes, in our tables and the queue's; their neighbour's stays."""
    mine, other = unheard(stage, CALM, name=f"Mina Forget {by}"), unheard(stage, CALM)
    attended(stage, mine, other)
    person = stage.ticket(mine)["requester_id"]
    email = f"mina.forget.{by}@customer.example"
    delivery = stage.outcomes(mine)[0]["delivery_id"]
    words = ("forget", "--requester", str(person) if by == "id" else email)
    code, said = stage.flask(*words, "--dry-run")
    assert (code, "Would go: 1 outcomes" in said, len(stage.outcomes(mine))) == (0, True, 1)
    code, said = stage.flask(*words)
    assert code == 0, said
    gone = "Gone: 1 outcomes, 0 corrections, 0 booked times, 0 marks of what came back, 0 wishes, 1 courses, 1 finished"
    assert gone in " ".join(said.split())
    assert "In Zendesk remain" in said
    assert stage.outcomes(mine) == []
    assert stage.parts.remove_events([delivery]) == (0, 0)
    assert len(stage.outcomes(other)) == 1


@pytest.mark.parametrize(
    ("who", "code", "why"),
    [("99", 1, "nothing is held of user 99"), ("nobody@customer.example", 1, "knows nobody"), ("Mina", 2, "e-mail")],
)
def test_nobody_unknown_is_forgotten(stage: Stage, who: str, code: int, why: str) -> None:
    """A person whom neither we nor Zendesk know is an error that says so."""
    found, said = stage.flask("forget", "--requester", who)
    assert found == code
    assert why in " ".join(said.split())


def test_what_failed_with_wrong_credentials_is_taken_up_again(stage: Stage) -> None:
    """Events that Zendesk answered 401 have failed outcomes; the doctor counts them, and replay makes them good.

    The worker's own look for missed events may come between, so each outcome is known by its delivery.
    """
    ticket_id = unheard(stage, CALM)

    def outcome(delivery: str) -> str:
        stage.until(lambda: delivery in _reasons(stage, ticket_id), f"the outcome of {delivery}")
        return _reasons(stage, ticket_id)[delivery]

    with weather(stage, api_error_rate=1.0, api_error_status=401):
        delivery = tell(stage, ticket_id)
        assert outcome(delivery).startswith("not possible: Zendesk refused the OAuth client")
    _code, said = stage.flask("doctor")
    assert "flask replay --failed" in " ".join(said.split())
    code, said = stage.flask("replay", "--failed", "--dry-run")
    assert (code, f"replay-1-{delivery}" in _reasons(stage, ticket_id)) == (0, False)
    assert f"replay-1-{delivery}"[:30] in said
    code, said = stage.flask("replay", "--failed")
    assert code == 0, said
    outcome(f"replay-1-{delivery}")
    assert len(stage.ours(stage.ticket(ticket_id))) == 1
    code, said = stage.flask("replay", "--delivery", delivery)
    assert code == 0, said
    outcome(f"replay-2-{delivery}")
    assert len(stage.ours(stage.ticket(ticket_id))) == 1


def _reasons(stage: Stage, ticket_id: int) -> dict[str, str]:
    """Why each outcome of the ticket is as it is, by delivery."""
    return {str(one["delivery_id"]): str(one["because"]) for one in stage.outcomes(ticket_id)}


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("undo",), 2, "--ticket ID, --since WHEN or --all"),
        (("undo", "--all", "--ticket", "1"), 2, "say which"),
        (("undo", "--since", "yesterday"), 2, "yesterday is neither"),
        (("undo", "--ticket", "987654"), 0, "Nothing to undo"),
        (("replay",), 2, "--delivery ID or --failed"),
        (("replay", "--failed", "--delivery", "x"), 2, "say which"),
        (("replay", "--delivery", "unheard-of"), 1, "there is no finished event of this name"),
    ],
)
def test_commands_say_what_they_lack(stage: Stage, words: tuple[str, ...], code: int, why: str) -> None:
    """Wrong words are named; nothing to do is no failure."""
    found, said = stage.flask(*words)
    assert found == code, said
    assert why in " ".join(said.split())


def test_since_takes_back_what_came_after(stage: Stage) -> None:
    """An hour back reaches what was just written; a time ahead reaches nothing."""
    ticket_id = unheard(stage, CHARGED)
    stood = stands(stage, ticket_id)
    attended(stage, ticket_id)
    code, said = stage.flask("undo", "--since", "2100-01-01T00:00:00Z")
    assert (code, "Nothing to undo" in said) == (0, True)
    code, said = stage.flask("undo", "--since", "1h")
    assert code == 0, said
    assert stands(stage, ticket_id) == stood


def test_the_queues_finished_events_go(stage: Stage) -> None:
    """On the real queue: what is finished and old enough goes, each with its steps, and what is younger stays."""
    ticket_id = unheard(stage)
    attended(stage, ticket_id)
    delivery = stage.outcomes(ticket_id)[0]["delivery_id"]
    queue = worker.client(stage.parts.settings.queue_url)
    try:
        stage.until(lambda: queue.list_workflows(workflow_ids=[delivery])[0].status == "SUCCESS", "the queue")
        assert retention.clear(queue, assembly.now() - timedelta(days=1)) == (0, True)
        went, all_of_them = retention.clear(queue, assembly.now() + timedelta(minutes=1))
        assert went >= 1
        assert all_of_them
        assert queue.list_workflows(workflow_ids=[delivery]) == []
    finally:
        queue.destroy()
