"""The main job, end to end: what a customer writes, and what an agent then sees on the ticket."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Stage

CALM = "Hi, where is my order 48213? The tracking page has not moved since Tuesday. Thanks, Ada"
CHARGED = (
    "This is the THIRD time I am writing about order 5512. You promised a refund on Friday and nothing happened. "
    "I am absolutely furious and done with your excuses!"
)
GRIEF = "My husband died last week. Could you please tell me how I close his account? Thank you for your help."
FRAUD = "My card was used in a city I have never visited, three payments since this morning."


def test_a_calm_routine_question_is_answered(stage: Stage) -> None:
    """It gets one public answer that says it is automatic and names the way to a person; the ticket is left pending."""
    ticket = stage.settled(stage.write(CALM, subject="Where is my order?"))
    (reply,) = stage.ours(ticket)
    assert reply["public"]
    assert "automatic" in reply["body"][:300]
    assert "person" in reply["body"][:300]
    assert "https://shop.example/track" in reply["body"]
    assert "{{" not in reply["body"]
    assert "[[" not in reply["body"]
    assert ticket["status"] == "pending"
    assert ticket["fields"]["Attune charge"] == "attune_charge_calm"
    assert {"attune_answered", "attune_intent_order_status", "attune_charge_calm"} <= set(ticket["tags"])


@pytest.mark.parametrize("words", [CHARGED, GRIEF, FRAUD], ids=["charged", "grief", "fraud"])
def test_a_charged_urgent_or_protected_ticket_goes_to_senior_people(stage: Stage, words: str) -> None:
    """No bot speaks; the senior group gets it with raised priority and an internal note that tells the story."""
    ticket = stage.settled(stage.write(words))
    (note,) = stage.ours(ticket)
    assert not note["public"]
    assert ticket["group"] == "Senior Support"
    assert ticket["priority"] in {"high", "urgent"}
    assert ticket["status"] in {"new", "open"}
    for part in ("Wants:", "Start with:", "Macros that fit:"):
        assert part in note["body"]
    assert len(note["body"].split()) <= 150


def test_one_reading_is_one_write(stage: Stage) -> None:
    """Everything that a reading wants stands in one audit: comment, fields, tags, group and priority together."""
    ticket_id = stage.write(CHARGED)
    stage.settled(ticket_id)
    me = stage.parts.desk().self_id
    audits = [one for one in stage.ask(f"tickets/{ticket_id}/audits")["audits"] if one["author_id"] == me]
    assert len(audits) == 1
    changed = {event.get("field_name") for event in audits[0]["events"]}
    assert {"tags", "group_id", "priority"} <= changed


def test_whoever_asks_for_a_person_gets_no_bot(stage: Stage) -> None:
    """After an automated answer, any wording that asks for a person silences the bot and tells the agents."""
    ticket_id = stage.write(CALM)
    stage.settled(ticket_id)
    stage.reply(ticket_id, "that didn't help, can I talk to a real person please")
    ticket = stage.settled(ticket_id, outcomes=2)
    assert [one["public"] for one in stage.ours(ticket)] == [True, False]
    assert "attune_wants_person" in ticket["tags"]
    assert ticket["status"] == "open"


def test_once_a_person_has_answered_the_bot_is_silent(stage: Stage) -> None:
    """A routine question on a ticket that an agent holds stays with the agent."""
    ticket_id = stage.write("Which plans do you offer?", tags=["attune_skip"])
    stage.reply(ticket_id, "Hello, I am looking into it.", author="agent")
    stage.reply(ticket_id, CALM)
    stage.until(lambda: not stage.control("GET", "pending")["pending"], "the deliveries")
    assert not any(one["public"] for one in stage.ours(stage.ticket(ticket_id)))


def test_thanks_need_no_answer(stage: Stage) -> None:
    """A pure thank-you is tagged and left alone."""
    ticket = stage.settled(stage.write("Perfect, that worked. Thank you so much!"))
    assert stage.ours(ticket) == []
    assert "attune_intent_thanks" in ticket["tags"]


def test_a_machine_is_never_answered(stage: Stage) -> None:
    """An out-of-office mail is tagged; nobody answers it and nobody is called."""
    words = "I am out of the office until 12 March with no access to e-mail. This is an automatic reply."
    ticket = stage.settled(stage.write(words, subject="Automatic reply: Out of office"))
    assert stage.ours(ticket) == []
    assert ticket["group"] != "Senior Support"


def test_a_messaging_conversation_is_not_answered(stage: Stage) -> None:
    """Where the API cannot answer properly, the same question is tagged only."""
    ticket = stage.settled(stage.write(CALM, channel="native_messaging"))
    assert not any(one["public"] for one in stage.ours(ticket))
    assert "attune_intent_order_status" in ticket["tags"]


@pytest.mark.parametrize(("same_id", "outcomes"), [(True, 1), (False, 2)])
def test_doubled_deliveries_write_once(stage: Stage, same_id: bool, outcomes: int) -> None:
    """Every delivery sent twice, late and out of order, makes one write: under one id, and under two."""
    faults = {"delivery_duplicate_rate": 1.0, "delivery_delay_s": 0.2, "delivery_shuffle": True}
    stage.control("PUT", "faults", delivery_duplicate_same_id=same_id, **faults)
    try:
        ticket_id = stage.write(CALM)
        stage.until(lambda: not stage.control("GET", "pending")["pending"], "the deliveries")
        ticket = stage.settled(ticket_id, outcomes)
    finally:
        stage.control("PUT", "faults")
    assert len(stage.ours(ticket)) == 1
    assert sum(bool(one["plan"]["actions"]) for one in stage.outcomes(ticket_id)) == 1


def test_a_lost_answer_is_not_a_second_write(stage: Stage) -> None:
    """When Zendesk writes and its answer is lost, the marker on the ticket says that it is done."""
    stage.control("PUT", "faults", api_drop_answer_rate=1.0, only_methods="PUT")
    try:
        ticket_id = stage.write(CALM)
        stage.until(lambda: bool(stage.ours(stage.ticket(ticket_id))), "the reply")
    finally:
        stage.control("PUT", "faults")
    ticket = stage.settled(ticket_id)
    assert len(stage.ours(ticket)) == 1
    assert stage.outcomes(ticket_id)[0]["replied"]


def test_a_correction_is_written_down(stage: Stage) -> None:
    """An agent who changes one of our fields is heard, and the ticket is not touched again."""
    ticket_id = stage.write(CALM)
    stage.settled(ticket_id)
    field = next(one for one in stage.ask("ticket_fields")["ticket_fields"] if one["title"] == "Attune charge")
    agent = next(one for one in stage.ask("users?role=agent")["users"] if one["role"] == "agent")
    token = stage.control("POST", "tokens", user_id=agent["id"])["access_token"]
    _put(stage, token, ticket_id, {"custom_fields": [{"id": field["id"], "value": "attune_charge_mild"}]})
    stage.settled(ticket_id, outcomes=2)
    (row,) = stage.parts.store.corrections(ticket_id)
    assert (row["field"], row["was"], row["is_now"]) == ("charge", "attune_charge_calm", "attune_charge_mild")


def test_solved_and_rated_are_written_down(stage: Stage) -> None:
    """The end of a ticket and what its customer thought of it are recorded as outcomes that change nothing."""
    ticket_id = stage.write(CALM)
    stage.settled(ticket_id)
    stage.reply(ticket_id, "All settled.", author="agent", status="solved")
    stage.control("POST", f"tickets/{ticket_id}/rate", score="good", comment="quick")
    stage.settled(ticket_id, outcomes=3)
    assert {one["kind"] for one in stage.outcomes(ticket_id)} == {"customer_message", "closed", "rated"}


def test_a_withdrawn_token_is_renewed(stage: Stage) -> None:
    """An admin revokes the client's tokens in the middle; the next ticket is attended to all the same."""
    stage.control("POST", "tokens/revoke")
    assert len(stage.ours(stage.settled(stage.write(CALM)))) == 1


def test_a_missed_webhook_is_caught_up(stage: Stage) -> None:
    """A message whose webhook never came is found in the export and attended to once."""
    from integration import worker
    from integration.zendesk import Watch

    stage.control("PUT", "faults", delivery_drop_rate=1.0)
    try:
        ticket_id = stage.write(CALM)
    finally:
        stage.control("PUT", "faults")
    assert stage.outcomes(ticket_id) == []
    parts = stage.parts
    stage.until(
        lambda: (
            worker.catch_up(Watch(parts.session), parts.store, parts.attendant.clock(), parts.enqueue) >= 0
            and bool(stage.outcomes(ticket_id))
        ),
        "the catch-up",
    )
    assert len(stage.ours(stage.ticket(ticket_id))) == 1


def test_explain_shows_why(stage: Stage) -> None:
    """`flask explain` shows the reading, the plan and what was done, and changes nothing."""
    ticket_id = stage.write(CHARGED)
    before = stage.settled(ticket_id)
    code, said = stage.flask("explain", str(ticket_id))
    assert code == 0, said
    for word in ("charged", "A bot must not answer this", "What Attune did"):
        assert word in said
    assert stage.ticket(ticket_id)["updated_at"] == before["updated_at"]


def test_the_doctor_finds_nothing_wrong(stage: Stage) -> None:
    """On a fresh installation with everything running, no finding is a problem."""
    code, said = stage.flask("doctor")
    assert code == 0, said
    assert "problem" not in said


def _put(stage: Stage, token: str, ticket_id: int, ticket: dict[str, object]) -> None:
    import requests

    answer = requests.put(
        f"{stage.desk}/api/v2/tickets/{ticket_id}",
        json={"ticket": ticket},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.ok, answer.text
