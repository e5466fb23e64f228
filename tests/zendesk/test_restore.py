"""Knows what putting a ticket back asks of an account, and what is done where the account refuses some of it.

It must not know what is to be put back, or why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integration.model import Desk, Field, Refused, TryLater, Undoing
from integration.zendesk import ReadyToken, Restorer, Session
from tests.zendesk.loopback import Said, Seen, serving

DESK = Desk(self_id=900, fields={Field.CHARGE: 102, Field.MARKER: 104})
UNDOING = Undoing(ticket_id=42, values={"status": "new", "priority": None, "group_id": None}, tags=frozenset({"vip"}))


class Account:
    """An account with one ticket that takes what `refuses` does not name, and leaves alone what `ignores` names."""

    def __init__(self, refuses: dict[str, Any] | None = None, ignores: dict[str, Any] | None = None) -> None:
        self.ticket: dict[str, Any] = {
            "id": 42,
            "requester_id": 11,
            "status": "pending",
            "priority": "high",
            "group_id": 77,
            "tags": ["attune_senior", "vip"],
            "custom_fields": [],
            "updated_at": "2026-11-21T11:59:00Z",
        }
        self.refuses, self.ignores = refuses or {}, ignores or {}
        self.puts: list[dict[str, Any]] = []

    def answer(self, seen: Seen) -> Said:
        """Show the ticket, or change it as far as the rules go."""
        if seen.method == "GET":
            return Said(json={"ticket": self.ticket})
        sent = json.loads(seen.body)["ticket"]
        self.puts.append(sent)
        if sent.get("updated_stamp", self.ticket["updated_at"]) != self.ticket["updated_at"]:
            return Said(409, {"error": "UpdateConflict"})
        if any(name in sent and sent[name] == value for name, value in self.refuses.items()):
            return Said(422, {"error": "RecordInvalid"})
        self.ticket |= {k: v for k, v in sent.items() if k in self.ticket and (k, v) not in self.ignores.items()}
        self.ticket["updated_at"] = f"2026-11-21T12:00:0{len(self.puts)}Z"
        return Said(json={"ticket": self.ticket})


class Overtaken(Account):
    """A person is always a little faster."""

    def answer(self, seen: Seen) -> Said:
        """Move the ticket just before our update."""
        if seen.method == "PUT":
            self.ticket["updated_at"] = "2026-11-21T11:59:30Z"
        return super().answer(seen)


def put_back(account: Account, undoing: Undoing = UNDOING) -> tuple[str, tuple[str, ...]]:
    """Look, and put back."""
    with serving(account.answer) as served, Session(served.url, ReadyToken(token="t")) as session:
        restorer = Restorer(session, lambda: DESK)
        ticket = restorer.look(42)
        assert ticket is not None
        return restorer.put_back(undoing, ticket)


def test_one_update_puts_everything_back() -> None:
    """A desk that takes it all is written once, and its new version is told."""
    account = Account()
    assert put_back(account) == ("2026-11-21T12:00:01Z", ())
    assert len(account.puts) == 1
    assert (account.ticket["status"], account.ticket["priority"], account.ticket["tags"]) == ("new", None, ["vip"])


@pytest.mark.parametrize(
    ("refuses", "left", "status", "group"),
    [
        ({"priority": None}, ("priority",), "new", None),
        ({"status": "new"}, ("status",), "open", None),
        ({"status": "new", "priority": None}, ("status", "priority"), "open", None),
        ({"group_id": None}, ("group_id",), "new", 77),
        ({"status": "new", "group_id": None, "priority": None}, ("status", "priority", "group_id"), "open", 77),
    ],
)
def test_what_is_refused_is_left_and_the_rest_put_back(
    refuses: dict[str, Any], left: tuple[str, ...], status: str, group: int | None
) -> None:
    """A value that cannot go back costs only itself, and is named; for new, open is the next best."""
    account = Account(refuses=refuses)
    assert put_back(account)[1] == left
    assert (account.ticket["status"], account.ticket["group_id"], account.ticket["tags"]) == (status, group, ["vip"])


def test_a_status_that_is_silently_kept_is_at_least_opened() -> None:
    """Where the answer shows the old status, the ticket is opened: it must not wait for a customer."""
    account = Account(ignores={"status": "new"})
    assert put_back(account) == ("2026-11-21T12:00:02Z", ("status",))
    assert account.ticket["status"] == "open"


def test_nothing_accepted_is_refused() -> None:
    """Where even the tags are refused, the failure is told."""
    with pytest.raises(Refused):
        put_back(Account(refuses={"tags": ["vip"]}))


def test_an_edit_in_between_is_a_conflict() -> None:
    """The version that was looked at goes with the update."""
    account = Overtaken()
    with pytest.raises(TryLater):
        put_back(account)
    assert account.ticket["tags"] == ["attune_senior", "vip"]


@pytest.mark.parametrize(("status", "found"), [(404, None), (403, Refused), (500, TryLater)])
def test_a_ticket_that_is_not_there(status: int, found: type[Exception] | None) -> None:
    """Deleted is None; everything else that goes wrong is a failure with a name."""
    with (
        serving(lambda _seen: Said(status, {"error": "x"})) as served,
        Session(served.url, ReadyToken(token="t")) as session,
    ):
        restorer = Restorer(session, lambda: DESK)
        if found is None:
            assert restorer.look(42) is None
        else:
            with pytest.raises(found):
                restorer.look(42)


def test_a_person_is_found_by_the_whole_address_only() -> None:
    """The search may give others that are like it."""
    rows = [{"id": 1, "email": "ada@example.com.evil"}, {"id": 2, "email": "ADA@example.com"}]
    with (
        serving(lambda _seen: Said(json={"users": rows})) as served,
        Session(served.url, ReadyToken(token="t")) as session,
    ):
        restorer = Restorer(session, lambda: DESK)
        assert restorer.person("ada@example.com") == 2
        with pytest.raises(Refused, match="knows nobody"):
            restorer.person("bea@example.com")
